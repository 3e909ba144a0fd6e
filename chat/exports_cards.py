"""The steps of an export: which group, which days, which format, and what comes of it."""

from collections.abc import Sequence
from datetime import date, timedelta

from chat import days_calendar
from chat.callback_data import pack
from chat.drafts_cards import rows_of
from chat.outgoing import Button, Edit, Message
from domain.ledger import Ledger
from domain.periods import period_of
from services.exports import ALL_GROUPS, FORMATS, Done, ExportFacts, ExportGroup, Range
from texts import Words, choose
from texts import words as words_of

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


def choose_days(facts: Range, words: Words) -> Message:
    """Which days? The usual ones, or any from a calendar; they can be typed too."""
    buttons = [
        Button(words(f"button.days_{key}"), pack("export_days", facts.group_id, first.toordinal(), last.toordinal()))
        for key, (first, last) in _usual(facts.today).items()
    ]
    month = days_calendar.month_of(facts.today)
    own = Button(words("button.days_own"), pack("export_cal", facts.group_id, 0, month))
    return Message(words.html("export.choose_period"), (*rows_of(buttons, 2), (own,)))


def _usual(today: date) -> dict[str, tuple[date, date]]:
    """The days that are mostly asked for."""
    month, quarter = period_of(today, "month"), period_of(today, "quarter")
    half = date(today.year, 1 if today.month <= 6 else 7, 1)
    return {
        "week": period_of(today, "week"),
        "month": month,
        "last_month": period_of(month[0] - timedelta(days=1), "month"),
        "quarter": quarter,
        "last_quarter": period_of(quarter[0] - timedelta(days=1), "quarter"),
        "half": (half, date(today.year, 6, 30) if today.month <= 6 else date(today.year, 12, 31)),
        "year": period_of(today, "year"),
        "last_year": period_of(date(today.year - 1, 1, 1), "year"),
    }


def calendar(group_id: int, first: date | None, month: int, words: Words) -> Message:
    """A month to choose the first day from, then the last one."""
    begins = days_calendar.begins(month)
    chosen = first.toordinal() if first else 0
    rows = days_calendar.rows(
        month,
        lambda day: _day(group_id, first, day, words),
        lambda number: pack("export_cal", group_id, chosen, number),
        words,
    )
    key = "export.first_day" if first is None else "export.last_day"
    text = words.html(key, year=begins.year, month=words.month(begins), first=first.isoformat() if first else "")
    return Message(text, (*rows, (Button(words("button.back"), pack("export_group", group_id)),)))


def _day(group_id: int, first: date | None, day: date, words: Words) -> Button:
    if first is None:
        return Button(str(day.day), pack("export_cal", group_id, day.toordinal(), days_calendar.month_of(day)))
    label = f"[{day.day}]" if day == first else str(day.day)
    if day < first:  # another first day
        return Button(label, pack("export_cal", group_id, day.toordinal(), days_calendar.month_of(day)))
    return Button(label, pack("export_days", group_id, first.toordinal(), day.toordinal()))


def choose_format(group_id: int, first: date, last: date, words: Words) -> Message:
    """Which format? The tap on it makes the file."""
    buttons = [
        Button(
            words(f"button.format_{name}"),
            pack("export_make", group_id, first.toordinal(), last.toordinal(), number),
        )
        for number, name in enumerate(FORMATS)
    ]
    text = words.html("export.choose_format", first=first.isoformat(), last=last.isoformat())
    return Message(text, (tuple(buttons), (Button(words("button.back"), pack("export_group", group_id)),)))


def done(facts: Done) -> Edit:
    """The same message once the file is there."""
    return Edit(facts.message_id, words_of(choose(facts.language)).html("export.done"))


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
