"""Exports: who may have which groups' ledger, and ordering one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import audit
from db.queries import exports as queries
from db.queries import people as people_queries
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.ledger import Ledger
from domain.people import Actor
from domain.scoring import PointRules
from services import access, deliveries, inputs, ledgers, people
from services.point_rules import point_rules
from services.rules import Rules

FORMATS: Final = ("xlsx", "csv")
ALL_GROUPS: Final = 0
"""In a button: every group that the one who taps may export."""

DAYS: Final = "export_days"
"""The input that is waited for: from which day to which."""

DONE: Final = "export_done"

LONGEST: Final = 3660
"""Days of one export."""

EXPIRES = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ExportGroup:
    """A group whose ledger somebody may have."""

    id: int
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """Everything that an export is made of."""

    ledger: Ledger
    rules: PointRules
    groups: tuple[str, ...]
    made_by: str
    made_at: datetime
    zone: str
    language: str
    file_format: str


def choices(connection: Connection, actor: Actor, group_id: int = ALL_GROUPS) -> list[ExportGroup]:
    """The groups that the actor may export, or the one of them that is asked for.

    Leaders have their groups, admins those of their units and below. Raises Refusal `export_not_allowed`.
    """
    allowed = _allowed(connection, actor.telegram_id)
    wanted = allowed if group_id == ALL_GROUPS else allowed & {group_id}
    if not wanted:
        raise Refusal("export_not_allowed")
    return _named(connection, wanted)


@dataclass(frozen=True, slots=True)
class Range:
    """What is being chosen for an export: the group, or all, and the day in its zone."""

    group_id: int
    today: date


def begin(connection: Connection, actor: Actor, group_id: int, now: datetime, rules: Rules) -> Range:
    """Which days? Raises Refusal `export_not_allowed`."""
    groups = choices(connection, actor, group_id)
    return Range(group_id, now.astimezone(ZoneInfo(_zone(groups, rules))).date())


def ask_days(connection: Connection, actor: Actor, group_id: int, *, now: datetime, rules: Rules) -> Range:
    """From now on the days can be typed. Raises Refusal `export_not_allowed`."""
    found = begin(connection, actor, group_id, now, rules)
    inputs.ask(connection, actor.telegram_id, DAYS, group_id, now=now)
    return found


def days_typed(
    connection: Connection,
    actor: Actor,
    group_id: int,
    first: date,
    last: date,
    *,
    reply_key: str,
    language: str,
    now: datetime,
) -> None:
    """The days are known; the format is asked. Raises Refusal: export_not_allowed."""
    choices(connection, actor, group_id)
    inputs.answered(connection, actor.telegram_id)
    numbers = f"{group_id}:{first.toordinal()}:{last.toordinal()}"
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="export.choose_format",
        values={"first": first.isoformat(), "last": last.isoformat()},
        language=language,
        now=now,
        buttons=[[(f"button.format_{name}", f"export_make:{numbers}:{n}") for n, name in enumerate(FORMATS)]],
    )


def _zone(groups: Sequence[ExportGroup], rules: Rules) -> str:
    return groups[0].time_zone if len(groups) == 1 else rules.time_zone


def order(
    connection: Connection,
    actor: Actor,
    group_id: int,
    start: date,
    end: date,
    file_format: int,
    *,
    message_id: int,
    language: str,
    now: datetime,
    rules: Rules,
) -> None:
    """Make an export due in the actor's private chat, and put it on record.

    `message_id` is the message whose button was tapped: a second tap on it makes no second file, and it says how far
    the file is. Raises Refusal: export_not_allowed, unknown_button.
    """
    if file_format not in range(len(FORMATS)) or not 0 <= (end - start).days < LONGEST:
        raise Refusal("unknown_button")
    groups = choices(connection, actor, group_id)
    person = people.start(connection, actor, now)
    if person.chat_id is None:
        raise Refusal("export_private")
    payload = {
        "person_id": person.id,
        "group_ids": [group.id for group in groups],
        "start": start.isoformat(),
        "end": end.isoformat(),
        "zone": _zone(groups, rules),
        "format": FORMATS[file_format],
        "language": language,
        "message_id": message_id,
    }
    is_new = deliveries.enqueue(
        connection,
        key=f"export:{person.id}:{message_id}:{group_id}:{start}:{end}:{file_format}",
        kind="export",
        destination_id=person.chat_id,
        payload=payload,
        due_at=now,
        expires_at=now + EXPIRES,
        policy=Policy.ONCE,
        priority=deliveries.REPLY,
    )
    if is_new:
        _put_on_record(connection, actor, payload, now)


def sent(connection: Connection, payload: Mapping[str, Any], file_message_id: int, now: datetime) -> None:
    """The file is there: the message that said it was being made says so."""
    person = people.by_id(connection, int(payload["person_id"]))
    if person.chat_id is not None and payload.get("message_id"):
        deliveries.enqueue(
            connection,
            key=f"export:{file_message_id}:{DONE}:{person.id}",
            kind=DONE,
            destination_id=person.chat_id,
            payload={"message_id": payload["message_id"], "language": payload["language"]},
            due_at=now,
            expires_at=now + EXPIRES,
            policy=Policy.REPEAT,
            priority=deliveries.LIVE,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """A file was sent; which message said that it was being made."""

    message_id: int
    language: str


def done(_connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Done:
    """The facts of that message."""
    return Done(int(payload["message_id"]), str(payload["language"]))


def _put_on_record(connection: Connection, actor: Actor, payload: Mapping[str, Any], now: datetime) -> None:
    """One row a group, so that the group's own log shows every export of it."""
    for group_id in payload["group_ids"]:
        audit.add(
            connection,
            now,
            actor.telegram_id,
            "export",
            group_id=group_id,
            subject=f"{payload['start']}..{payload['end']} {payload['format']}",
        )


def facts(connection: Connection, payload: Mapping[str, Any], now: datetime, rules: Rules) -> ExportFacts | None:
    """What goes into an export, read when it is sent; None where its requester has no right to it any more."""
    person = people_queries.by_id(connection, int(payload["person_id"]))
    allowed = _allowed(connection, person.telegram_id) & set(payload["group_ids"])
    if not allowed:
        return None
    groups = _named(connection, allowed)
    start, end = date.fromisoformat(payload["start"]), date.fromisoformat(payload["end"])
    return ExportFacts(
        ledger=ledgers.read(connection, groups, start, end, payload["zone"], now, rules),
        rules=point_rules(),
        groups=tuple(group.name for group in groups),
        made_by=ledgers.called(connection, person.id),
        made_at=now,
        zone=payload["zone"],
        language=payload["language"],
        file_format=payload["format"],
    )


def for_operator(
    connection: Connection,
    names: Collection[str],
    start: date,
    end: date,
    file_format: str,
    *,
    now: datetime,
    rules: Rules,
) -> ExportFacts:
    """What goes into an export made on the machine itself: of these groups, or of all where none is named.

    Whoever runs it holds the database file and needs no right of ours. Raises Refusal `no_such_group` (name).
    """
    groups = [group for group in _named(connection, queries.group_ids(connection)) if not names or group.name in names]
    missing = set(names) - {group.name for group in groups}
    if missing or not groups:
        raise Refusal("no_such_group", group=", ".join(sorted(missing)))
    zone = groups[0].time_zone if len(groups) == 1 else rules.time_zone
    return ExportFacts(
        ledger=ledgers.read(connection, groups, start, end, zone, now, rules),
        rules=point_rules(),
        groups=tuple(group.name for group in groups),
        made_by="python -m bot export",
        made_at=now,
        zone=zone,
        language=rules.language,
        file_format=file_format,
    )


def _allowed(connection: Connection, telegram_id: int) -> set[int]:
    person = people.find(connection, telegram_id)
    return set(access.exportable_groups(connection, person.id)) if person else set()


def _named(connection: Connection, groups: Collection[int]) -> list[ExportGroup]:
    return [ExportGroup(row.id, row.name, row.time_zone) for row in queries.group_names(connection, groups)]
