"""The steps of an export: which group, which days, which format, and what comes of it."""

from collections.abc import Sequence

from chat.callback_data import pack
from chat.outgoing import Button, Message
from domain.ledger import Ledger
from domain.periods import PERIODS
from services.exports import ALL_GROUPS, FORMATS, ExportFacts, ExportGroup
from texts import Words

PAGE = 20
"""Groups on a page of the list."""

UNSAFE_IN_FILE_NAMES = frozenset('/\\:*?"<>|')
LONGEST_GROUP_NAME = 40


def choose_group(groups: Sequence[ExportGroup], page: int, words: Words) -> Message:
    """Which group? All together is a choice too."""
    page = min(max(page, 0), (len(groups) - 1) // PAGE)
    rows = [
        (Button(group.name[:60], pack("export_group", group.id)),) for group in groups[page * PAGE : (page + 1) * PAGE]
    ]
    rows.append((Button(words("button.export_all", count=len(groups)), pack("export_group", ALL_GROUPS)),))
    turns = [
        Button(words(f"button.export_{key}"), pack("export_page", to))
        for key, to in (("earlier", page - 1), ("later", page + 1))
        if 0 <= to * PAGE < len(groups)
    ]
    return Message(words.html("export.choose_group"), (*rows, *([tuple(turns)] if turns else [])))


def choose_period(group_id: int, words: Words) -> Message:
    """Which days?"""
    buttons = [
        Button(words(f"button.period_{period}"), pack("export_period", group_id, number))
        for number, period in enumerate(PERIODS)
    ]
    return Message(words.html("export.choose_period"), (tuple(buttons[:2]), tuple(buttons[2:])))


def choose_format(group_id: int, period: int, words: Words) -> Message:
    """Which format? The tap on it makes the file."""
    buttons = [
        Button(words(f"button.format_{name}"), pack("export_make", group_id, period, number))
        for number, name in enumerate(FORMATS)
    ]
    return Message(
        words.html("export.choose_format", period=words(f"button.period_{PERIODS[period]}")), (tuple(buttons),)
    )


def being_made(words: Words) -> Message:
    """The last step's message, while the file is made."""
    return Message(words.html("export.being_made"))


def caption(facts: ExportFacts, words: Words) -> str:
    """What is said under the file: how much, of what, who made it, and that this is on record."""
    ledger = facts.ledger
    size = words.html("export.ready", people=len(ledger.people), sessions=len(ledger.sessions))
    made = words.html(
        "export.origin",
        scope=_scope(facts, words),
        start=str(ledger.start),
        end=str(ledger.end),
        made_by=facts.made_by,
    )
    return f"{size}\n{made}"


def file_name(facts: ExportFacts, words: Words) -> str:
    """考勤_第一学习小组_2026-11-01_2026-11-30.xlsx, in the requester's language, with nothing a disk refuses."""
    ledger: Ledger = facts.ledger
    scope = "".join(char for char in _scope(facts, words) if char.isprintable() and char not in UNSAFE_IN_FILE_NAMES)
    stem = words(
        "export.file",
        scope=scope.strip(" .")[:LONGEST_GROUP_NAME] or "-",
        start=ledger.start,
        end=ledger.end,
    )
    return f"{stem}.{facts.file_format}"


def _scope(facts: ExportFacts, words: Words) -> str:
    if len(facts.groups) == 1:
        return facts.groups[0]
    return words("export.many_groups", count=len(facts.groups))
