"""Lays the attendance ledger out in tables: sessions, records, people, and a note of where they come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.attendance import Status
from domain.ledger import (
    Counts,
    HeldSession,
    Ledger,
    PersonLine,
    PlanRow,
    Record,
    SessionLine,
    overall,
    overall_rate,
    person_lines,
    session_lines,
)
from domain.scoring import PointRules
from exports.sheet import Column, Form, Row, Sheet, Value
from texts import Words

_COUNTED = (
    Status.PRESENT,
    Status.LATE,
    Status.LEFT_EARLY,
    Status.EXCUSED,
    Status.ABSENT,
    Status.UNRECORDED,
    Status.SITTING_IN,
)
"""The statuses that have a column: all but the last make up who was expected."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made an export, when, and of what: said in the file itself. `made_at` is shown in `zone`."""

    made_by: str
    made_at: datetime
    zone: str
    groups: tuple[str, ...]


def sheets(ledger: Ledger, rules: PointRules, origin: Origin, words: Words) -> Iterator[Sheet]:
    """The tables of a workbook, in their order."""
    yield sessions_sheet(ledger, words)
    yield records_sheet(ledger, words)
    yield people_sheet(ledger, rules, words)
    yield plan_sheet(ledger, words)
    yield note_sheet(ledger, rules, origin, words)


def sessions_sheet(ledger: Ledger, words: Words) -> Sheet:
    """会议台账: a line for each session, and the sums."""
    lines, counts = session_lines(ledger), overall(ledger)
    columns = [
        *_columns(words, _NUMBER, ("no", 6)),
        *_columns(words, _TEXT, ("unit", 16), ("group", 16), ("kind", 14), ("title", 28)),
        *_columns(words, Form.DATE, ("date", 12)),
        *_columns(words, Form.TIME, ("starts", 8), ("ends", 8)),
        *_columns(words, _TEXT, ("place", 14), ("host", 10), ("speaker", 12), ("recorder", 10), ("state", 10)),
        *_columns(words, _NUMBER, ("expected", 7), ("came", 7), ("voters", 10), ("voters_there", 10)),
        *_status_columns(words),
        *_columns(words, Form.RATE, ("rate", 9)),
        *_columns(words, _TEXT, ("missing", 30), ("agenda", 30), ("decisions", 30)),
        *_columns(words, _NUMBER, ("to_make_up", 8), ("made_up", 8)),
        *_columns(words, _TEXT, ("evidence", 10), ("reviewer", 10)),
    ]
    totals: list[Value] = [None, words("export.total"), *(None,) * 11]
    totals += [counts.expected, counts.came]
    totals += [sum(line.voters for line in lines), sum(line.voters_there for line in lines)]
    totals += [*_numbers(counts), overall_rate(ledger), None, None, None]
    totals += [sum(line.to_make_up for line in lines), sum(line.made_up for line in lines), None, None]
    rows = (_session_row(number, line, ledger, words) for number, line in enumerate(lines, start=1))
    return Sheet(words("export.sheet.sessions"), tuple(columns), rows, tuple(totals))


def _session_row(number: int, line: SessionLine, ledger: Ledger, words: Words) -> Row:
    session, counts = line.session, line.counts
    starts = _local(session.starts_at, session)
    return (
        number,
        session.unit,
        session.group,
        words(f"export.kind.{session.kind}"),
        session.title,
        starts.date(),
        starts.time(),
        _local(session.ends_at, session).time(),
        session.place or None,
        ledger.people.get(session.host_id or 0),
        ledger.people.get(session.speaker_id or 0),
        ledger.people.get(session.recorder_id or 0),
        words("export.state.closed" if session.closed else "export.state.open"),
        counts.expected,
        counts.came,
        line.voters,
        line.voters_there,
        *_numbers(counts),
        line.rate,
        _missing(line, ledger, words) or None,
        session.agenda or None,
        session.decisions or None,
        line.to_make_up,
        line.made_up,
        words("export.files", count=session.evidence) if session.evidence else None,
        ledger.people.get(session.reviewer_id or 0),
    )


def plan_sheet(ledger: Ledger, words: Words) -> Sheet:
    """计划完成情况: each period of each group's plan, and why something was missed."""
    columns = [
        *_columns(words, _NUMBER, ("no", 6)),
        *_columns(words, _TEXT, ("unit", 18), ("group", 20), ("kind", 16), ("subgroup", 14), ("period", 14)),
        *_columns(words, _NUMBER, ("due", 7), ("held", 7), ("planned", 7), ("lacking", 7)),
        *_columns(words, Form.RATE, ("kept_rate", 9)),
        *_columns(words, _TEXT, ("plan_state", 10), ("why", 16), ("remark", 40)),
    ]
    due, held = sum(row.due for row in ledger.plan), sum(min(row.held, row.due) for row in ledger.plan)
    totals: list[Value] = [None, words("export.total"), None, None, None, None, due]
    totals += [sum(row.held for row in ledger.plan), sum(row.planned for row in ledger.plan)]
    totals += [sum(row.missing for row in ledger.plan), held / due if due else None, None, None, None]
    rows = (_plan_row(number, row, words) for number, row in enumerate(ledger.plan, start=1))
    return Sheet(words("export.sheet.plan"), tuple(columns), rows, tuple(totals))


def _plan_row(number: int, row: PlanRow, words: Words) -> Row:
    period = words("export.month", year=row.first.year, month=row.first.month)
    if row.every == "quarter":
        period = words("export.quarter", year=row.first.year, number=(row.first.month + 2) // 3)
    return (
        number,
        row.unit,
        row.group,
        words(f"export.kind.{row.kind}"),
        row.subgroup or None,
        period,
        row.due,
        row.held,
        row.planned,
        row.missing,
        min(row.held, row.due) / row.due if row.due else None,
        words(f"export.plan.{row.state}"),
        words(f"duty_reason.{row.reason}") if row.reason else None,
        row.note or None,
    )


def records_sheet(ledger: Ledger, words: Words) -> Sheet:
    """签到明细: a line for each person at each session."""
    columns = [
        *_columns(words, _NUMBER, ("no", 8)),
        *_columns(words, _TEXT, ("group", 18)),
        *_columns(words, Form.DATE, ("date", 12)),
        *_columns(words, Form.TIME, ("starts", 8)),
        *_columns(words, _TEXT, ("title", 32), ("name", 14), ("status", 12)),
        *_columns(words, Form.MOMENT, ("at", 20)),
        *_columns(words, _TEXT, ("method", 12), ("walk_in", 10), ("uncertain", 12), ("reason", 12)),
    ]
    return Sheet(words("export.sheet.records"), tuple(columns), _record_rows(ledger, words))


def _record_rows(ledger: Ledger, words: Words) -> Iterator[Row]:
    sessions = {session.id: _of_session(session) for session in ledger.sessions}
    said = _remembered(words)
    for number, record in enumerate(ledger.records, start=1):
        zone, about = sessions[record.session_id]
        yield (
            number,
            *about,
            ledger.people[record.person_id],
            said(f"status.{record.status.value}"),
            record.at.astimezone(zone).replace(tzinfo=None, microsecond=0) if record.at else None,
            said(f"export.method.{record.method}") if record.method else None,
            said("export.yes") if record.walk_in else None,
            said("export.yes") if record.time_uncertain else None,
            said(f"export.reason.{record.reason}") if record.reason else None,
        )


def _of_session(session: HeldSession) -> tuple[ZoneInfo, Row]:
    """What every record of a session repeats."""
    starts = _local(session.starts_at, session)
    return ZoneInfo(session.zone), (session.group, starts.date(), starts.time(), session.title)


def people_sheet(ledger: Ledger, rules: PointRules, words: Words) -> Sheet:
    """人员: a line for each person, and the sums; what is not kept yet (notes, tests) stays empty."""
    lines = person_lines(ledger, rules)
    counts = overall(ledger)
    columns = [
        *_columns(words, _NUMBER, ("no", 6)),
        *_columns(words, _TEXT, ("name", 14), ("standing", 10), ("group", 24)),
        *_columns(words, _NUMBER, ("to_attend", 8)),
        *_status_columns(words),
        *_columns(words, _NUMBER, ("makeup", 8)),
        *_columns(words, Form.RATE, ("rate", 9)),
        *_columns(words, Form.HOURS, ("hours", 8)),
        *_columns(words, _NUMBER, ("led", 9), ("notes", 9), ("test", 9), ("points", 8), ("rank", 8)),
        *_columns(words, _TEXT, ("remark", 16)),
    ]
    totals: list[Value] = [None, words("export.total"), None, None, counts.expected, *_numbers(counts)]
    totals += [sum(line.made_up for line in lines), overall_rate(ledger), sum(line.minutes for line in lines) / 60]
    totals += [sum(line.led for line in lines), None, None, sum(line.points for line in lines), None, None]
    rows = (_person_row(number, line, words) for number, line in enumerate(lines, start=1))
    return Sheet(words("export.sheet.people"), tuple(columns), rows, tuple(totals))


def _person_row(number: int, line: PersonLine, words: Words) -> Row:
    return (
        number,
        line.name,
        words(f"export.standing.{line.standing}") if line.standing else None,
        words("export.between").join(line.groups),
        line.counts.expected,
        *_numbers(line.counts),
        line.made_up,
        line.rate,
        line.minutes / 60,
        line.led,
        None,
        None,
        line.points,
        line.rank,
        None,
    )


def note_sheet(ledger: Ledger, rules: PointRules, origin: Origin, words: Words) -> Sheet:
    """说明: who made this, when, of which days and groups, and by which rules."""
    made_at = origin.made_at.astimezone(ZoneInfo(origin.zone)).replace(tzinfo=None, microsecond=0)
    versions = {table.version for day in (ledger.start, ledger.end) if (table := rules.on(day))}
    values = {
        "made_by": origin.made_by,
        "made_at": f"{made_at:%Y-%m-%d %H:%M} ({origin.zone})",
        "range": f"{ledger.start} – {ledger.end}",
        "filter": words("export.between").join(origin.groups),
        "sessions": str(len(ledger.sessions)),
        "people": str(len(ledger.people)),
        "records": str(len(ledger.records)),
        "rate_rule": words("export.note.rate_rule.text"),
        "points_rule": words("export.note.points_rule.text", versions="–".join(map(str, sorted(versions)))),
    }
    columns = (Column(words("export.note.item"), 18), Column(words("export.note.content"), 90))
    rows = ((words(f"export.note.{item}"), value) for item, value in values.items())
    return Sheet(words("export.sheet.note"), columns, rows)


_TEXT = Form.TEXT
_NUMBER = Form.NUMBER


def _columns(words: Words, form: Form, *named: tuple[str, int]) -> list[Column]:
    return [Column(words(f"export.column.{name}"), width, form) for name, width in named]


def _status_columns(words: Words) -> list[Column]:
    return [Column(words(f"status.{status.value}"), 8, _NUMBER) for status in _COUNTED]


def _numbers(counts: Counts) -> list[int]:
    return [counts[status] for status in _COUNTED]


def _missing(line: SessionLine, ledger: Ledger, words: Words) -> str:
    return words("export.between").join(_absence(record, ledger, words) for record in line.missing)


def _absence(record: Record, ledger: Ledger, words: Words) -> str:
    name = ledger.people[record.person_id]
    if record.status is Status.ABSENT:
        return name
    reason = words(f"export.reason.{record.reason}") if record.reason else words("status.excused")
    return words("export.absence", name=name, reason=reason)


def _local(moment: datetime, session: HeldSession) -> datetime:
    return moment.astimezone(ZoneInfo(session.zone)).replace(tzinfo=None)


def _remembered(words: Words) -> Callable[[str], str]:
    """The words, each looked up once: a long table says the same few over and over."""
    known: dict[str, str] = {}

    def say(key: str) -> str:
        if key not in known:
            known[key] = words(key)
        return known[key]

    return say
