"""The line a leader types after /new: when, what and where, in any order."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chat.dates.errors import DateError
from chat.dates.kinds import kind_of
from chat.dates.numerals import compiled, normalise
from chat.dates.reading import QUOTED, Span, read_tokens
from chat.dates.tokens import Token
from chat.dates.when import LONGEST_TEXT, Known, resolve
from domain.cadence import Cadence
from domain.links import LONGEST_LINK, is_link

LONGEST_TITLE = 200  # characters
LONGEST_PLACE = 100

_PLACE = compiled(
    r"(?P<open>[(\[【])?\s*"
    r"(?:(?<![a-z\d])@\s*|(?:会议)?地点\s*(?::|是|在)\s*|(?<![a-z\d])(?:at|place|venue|location):\s*)"
)
_BRACKETS = {"(": ")", "[": "]", "【": "】"}
# The first word of a place is never read as a date (@3号楼), save for a time glued to it.
_FIRST_WORD = compiled(r'"[^"]*"|“[^“”]*”|[^\s,;|。]+?(?=\d{1,2}:\d\d|[\s,;|。]|$)')
_REST_OF_PLACE = compiled(r"[^,;|。\n]*")
_EMPTY_BRACKETS = compiled(r"[(（【\[]\s*[,，、/·]?\s*[)）】\]]")
_DOUBLED = compiled(r"([:：,，;；、|])(?:\s*[,，;；、|。:：-])+")
_SPACE_BEFORE = compiled(r"\s+(?=[,，;；、。])")
# A web address ends where a sentence goes on; the sign of a place before it belongs to it.
_LEADS_TO_LINK = r"(?:[@＠]\s*|(?:会议|线上|在线)?(?:链接|网址)\s*[:：]\s*|(?<![A-Za-z\d])[Ll]ink:\s*)?"
_LINK = compiled(
    rf"{_LEADS_TO_LINK}(?P<link>(?<![A-Za-z\d])[A-Za-z][A-Za-z\d+.-]*://[^\s<>\"“”《》「」，。；、（）【】]+)"
)
_EDGES = " \t\n\u3000\u00a0@＠,，;；、。|:：-—–~～·."


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as typed: times as in `When`, `title` with its kind's words, `place` and `link` empty if unsaid."""

    starts_local: datetime
    starts_at: datetime
    minutes: int | None
    cadence: Cadence | None
    title: str
    kind: str
    place: str
    link: str
    bare_hour: bool
    in_gap: bool
    spans: tuple[Span, ...]


def parse_line(text: str, *, now: datetime, zone: ZoneInfo, instead: datetime | None = None) -> SessionLine:
    """Read a line such as 下周三19:00 党课：学习原著 @三楼会议室, seen from `now` (aware) in `zone`.

    What is neither time nor place nor a web address is the title; text between quotation marks (《》 “” 「」) is
    never read as a time. `instead` (naive) is taken for the moment of a line whose own has passed.
    Raises DateError; the caller echoes what was read before anything is published.
    """
    if len(text) > LONGEST_TEXT:
        raise DateError("too_long", field="text", length=len(text), limit=LONGEST_TEXT)
    text, link = _without_link(text)
    plain = normalise(text)
    named = _find_place(plain)
    tokens = read_tokens(plain, (named.start, named.word[1]) if named else (0, 0))
    when = resolve(text, tokens, now, zone, Known(instead=instead))
    title, place = _title_and_place(text, plain, tokens, named)
    for field, words, limit in (("title", title, LONGEST_TITLE), ("place", place, LONGEST_PLACE)):
        if len(words) > limit:
            raise DateError("too_long", field=field, length=len(words), limit=limit)
    if not title:
        raise DateError("no_title")
    return SessionLine(
        when.starts_local,
        when.starts_at,
        when.minutes,
        when.cadence,
        title,
        kind_of(title),
        place,
        link,
        when.bare_hour,
        when.in_gap,
        when.spans,
    )


def _without_link(text: str) -> tuple[str, str]:
    """The text with blanks where the link of an online session stands, and that link. Raises DateError."""
    found = _LINK.search(text)
    if found is None:
        return text, ""
    link = found["link"].rstrip(".,;:!?)]")
    if not is_link(link):
        raise DateError("bad_link", limit=LONGEST_LINK)
    end = found.start("link") + len(link)
    return text[: found.start()] + " " * (end - found.start()) + text[end:], link


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a place is named: from its sign over its first word, at most to `limit` (its closing bracket)."""

    start: int
    word: Span
    limit: int

    def end(self, plain: str, times: list[Span]) -> int:
        """The place goes on to the next separator or time; one in quotation marks ends with them."""
        if plain[self.word[0]] in '"“':
            return self.word[1]
        rest = _REST_OF_PLACE.match(plain, self.word[1], self.limit)
        end = rest.end() if rest else self.word[1]
        return min([end, *(start for start, _ in times if start >= self.word[1])])


def _find_place(plain: str) -> _Place | None:
    quoted = [match.span() for match in QUOTED.finditer(plain)]
    for mark in _PLACE.finditer(plain):
        closing = plain.find(_BRACKETS[mark["open"]], mark.end()) if mark["open"] else -1
        limit = closing if closing >= 0 else len(plain)
        word = _FIRST_WORD.match(plain, mark.end(), limit)
        if word and not any(start < mark.start() < end for start, end in quoted):
            return _Place(mark.start(), word.span(), limit)
    return None


def _title_and_place(text: str, plain: str, tokens: list[Token], place: _Place | None) -> tuple[str, str]:
    """What is left when times and place are cut out; if nothing is, the place is its first word only."""
    times = [(token.start, token.end) for token in tokens]
    if place is None:
        return _without(text, times), ""
    for end in (place.end(plain, times), place.word[1]):
        closing = end == place.limit < len(plain)
        title = _without(text, [*times, (place.start, end + closing)])
        if title:
            break
    return title, text[place.word[0] : end].strip(_EDGES + '"“”＂')


def _without(text: str, spans: list[Span]) -> str:
    """The text without the spans, tidied up where they were."""
    kept, position = [], 0
    for start, end in sorted(spans):
        kept.append(text[position:start])
        position = max(position, end)
    rest = " ".join([*kept, text[position:]])
    rest = _EMPTY_BRACKETS.sub(" ", rest)
    rest = _DOUBLED.sub(r"\1", " ".join(rest.split()))
    rest = _SPACE_BEFORE.sub("", rest)
    return _without_torn_brackets(rest.strip(_EDGES).removeprefix("的").strip(_EDGES))


def _without_torn_brackets(title: str) -> str:
    """Without a bracket at an end whose other half went with a time or the place."""
    opening, closing = tuple("(（【["), tuple(")）】]")
    if title.startswith(closing):
        title = title[1:]
    torn = title.endswith(closing) and not any(sign in title for sign in opening)
    if torn or title.endswith(opening):
        title = title[:-1]
    return title.strip(_EDGES)
