"""The kind of a session, guessed from the words of its title."""

import re

from chat.dates.numerals import normalise

DEFAULT_KIND = "study"  # what a study group does, when its leader does not say otherwise

# In order: the narrower word first (党小组会 is no 学习小组, 中心组学习 no plain 学习).
_WORDS: tuple[tuple[str, str], ...] = (
    ("centre_group", r"中心组|cent(?:re|er) group"),
    ("lesson", r"党课|party (?:lecture|lesson|class)"),
    ("committee", r"支委|支部委员会|委员会|committee"),
    ("assembly", r"党员大会|支部大会|party assembly|assembly|general meeting"),
    ("subgroup", r"党小组|subgroup|sub-group|party group"),
    ("theme_day", r"党日|theme(?:d)? (?:party )?day|party day"),
    ("joint", r"联席|联合学习|joint"),
    ("contest", r"竞赛|比赛|竞答|contest|competition"),
    ("training", r"培训|轮训|training|workshop"),
    ("study", r"学习|读书|研读|研讨|共读|study|reading|seminar"),
    ("lesson", r"lecture|lesson"),
    ("other", r"其他|参观|调研|团建|志愿|other|visit|volunteer"),
)
_PATTERNS = tuple((kind, re.compile(rf"(?:(?<![a-z])(?=[a-z])|(?![a-z]))(?:{words})")) for kind, words in _WORDS)
_PREFIX = re.compile(r"([^:]{1,24}):")


def kind_of(title: str) -> str:
    """The key of a kind: what stands before a colon counts first (党课：学习原著), then the whole title."""
    text = normalise(title)
    prefix = _PREFIX.match(text)
    return (prefix and _named(prefix[1])) or _named(text) or DEFAULT_KIND


def _named(text: str) -> str | None:
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), None)
