"""A session that is being scheduled: the draft of a typed line, and what its echo says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import drafts as queries
from db.queries import people as people_queries
from domain import schedule
from domain.cadence import Cadence, Occurrence, occurrences, to_instant
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, inputs, people
from services.undo import UNDO_WITHIN

ECHO, CHOOSE = "session_echo", "session_choose_group"

LINE: Final = "new_line"
"""What is waited for after a line that could not be read: a better one."""

DATES_SHOWN: Final = 5
"""Dates of a series in its echo."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A session as a leader wants it; `cadence` is a rule as `Cadence` writes it, None where it does not recur."""

    title: str
    kind: str
    place: str
    starts_local: datetime
    starts_at: datetime
    minutes: int
    cadence: str | None
    bare_hour: bool
    in_gap: bool
    link: str = ""
    audience: str = ""  # domain.kinds.Attendees; empty: as the kind says
    subgroup: str = ""
    also_kind: str | None = None
    invited: tuple[int, ...] = ()  # people's ids
    groups: tuple[int, ...] = ()  # the ids of other groups that hold it too

    @property
    def rule(self) -> Cadence | None:
        """How it recurs."""
        return None if self.cadence is None else Cadence.from_rrule(self.cadence)

    @property
    def ends_at(self) -> datetime:
        """The instant it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class TypedTime:
    """A time as it was typed: `minutes` and `cadence` are None where they were not said.

    `passed` is the wall-clock time that was named where that has passed; the others then say what is proposed.
    """

    starts_local: datetime
    starts_at: datetime
    minutes: int | None
    cadence: str | None
    bare_hour: bool
    in_gap: bool
    passed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A group somebody may schedule for, its time zone and its language."""

    group_id: int
    name: str
    time_zone: str
    language: str = ""


def places(connection: Connection, actor: Actor, chat_telegram_id: int) -> list[Place]:
    """Where somebody may schedule: in a group's chat only there, in private the groups they lead.

    Raises Refusal: not_registered, not_leader, leads_no_group.
    """
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if chat_telegram_id < 0:
        group = access.group_of_chat(connection, chat_telegram_id)
        access.require_leader(connection, person_id, group.id)
        return [_place(group)]
    led = access.leads(connection, person_id)
    if not led:
        raise Refusal("leads_no_group")
    return [_place(group) for group in led]


def _place(group: Any) -> Place:
    return Place(group.id, group.name, group.time_zone, group.language)


def add(
    connection: Connection,
    group_id: int,
    actor: Actor,
    chat_telegram_id: int,
    typed: Typed,
    *,
    reply_key: str,
    language: str,
    now: datetime,
    passed: datetime | None = None,
) -> int:
    """Keep a draft and echo it where it was typed; its id. Raises Refusal `not_leader`.

    `passed` is the wall-clock time that the line named where that has passed; `typed` then holds the one proposed.
    """
    person = people.meet(connection, actor, now)
    access.require_leader(connection, person.id, group_id)
    draft_id = queries.add_draft(connection, group_id, person.id, facts_of(typed, passed=passed), now)
    if chat_telegram_id > 0:
        stop_waiting_for_line(connection, actor, now)
    answer(connection, ECHO, draft_id, chat_telegram_id, reply_key, language, now)
    return draft_id


def add_unplaced(
    connection: Connection, actor: Actor, text: str, *, reply_key: str, language: str, now: datetime
) -> int:
    """Keep a line whose group is still to be chosen, in private, and ask for it. Raises Refusal `leads_no_group`."""
    person = people.meet(connection, actor, now)
    led = access.leads(connection, person.id)
    if not led:
        raise Refusal("leads_no_group")
    draft_id = queries.add_draft(connection, led[0].id, person.id, {"text": text}, now)
    stop_waiting_for_line(connection, actor, now)
    answer(connection, CHOOSE, draft_id, actor.telegram_id, reply_key, language, now)
    return draft_id


def wait_for_line(connection: Connection, actor: Actor, *, now: datetime) -> None:
    """A line could not be read: the next text in this private chat is a better one."""
    inputs.ask(connection, actor.telegram_id, LINE, now=now)


def stop_waiting_for_line(connection: Connection, actor: Actor, now: datetime) -> None:
    """A line was read, or none is wanted any more."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == LINE:
        inputs.answered(connection, actor.telegram_id)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A line whose group is being chosen: what was typed, when, and for whom it is to be read."""

    text: str
    typed_at: datetime
    place: Place


def unplaced(connection: Connection, draft_id: int, group_id: int, actor: Actor) -> Unplaced:
    """A line as typed, for the group that was chosen. Raises Refusal: draft_gone, not_leader."""
    row = queries.draft_of(connection, draft_id)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None or row.person_id != known.id or "text" not in row.facts:
        raise Refusal("draft_gone")
    group = next((group for group in access.leads(connection, known.id) if group.id == group_id), None)
    if group is None:
        access.require_leader(connection, known.id, group_id)
        raise Refusal("draft_gone")
    return Unplaced(row.facts["text"], row.created_at, _place(group))


def place_draft(
    connection: Connection,
    draft_id: int,
    group_id: int,
    actor: Actor,
    typed: Typed,
    *,
    now: datetime,
    passed: datetime | None = None,
) -> "Echo":
    """The group is chosen and the line read. Raises Refusal: draft_gone, not_leader."""
    unplaced(connection, draft_id, group_id, actor)
    access.remember(connection, people.meet(connection, actor, now).id, group_id)
    queries.change_draft(connection, draft_id, group_id=group_id, facts=facts_of(typed, passed=passed))
    return echo_of(connection, load(connection, draft_id), now)


@dataclass(frozen=True, slots=True)
class Clash:
    """A session of the same group at the same time."""

    title: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Echo:
    """A draft as it was understood; `other_at` is the other half of the day where that may have been meant.

    `revision` goes up with each change, so that nobody publishes what they have not seen. `passed` is the wall-clock
    time that was named and has passed; the draft then holds the one proposed instead.
    """

    draft_id: int
    state: str  # open | published | dropped
    group_name: str
    typed: Typed
    time_zone: str
    dates: tuple[datetime, ...]
    other_at: datetime | None
    language: str = ""
    revision: int = 0
    passed: datetime | None = None
    clash: Clash | None = None
    far: bool = False
    undoable: bool = False
    in_group: bool = False


def echo(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Echo | None:
    """The facts of the message that echoes a draft; None once it is dropped."""
    row = load(connection, int(payload["draft_id"]))
    if row.state == "dropped":
        return None
    in_group = bool(payload.get("in_group", False))
    return echo_of(connection, row, now, str(payload["language"]), in_group=in_group)


def shown(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """A draft that is still open, to look at or to change. Raises Refusal: draft_gone, draft_published, not_leader."""
    row, _ = opened(connection, draft_id, actor, lock=False)
    return echo_of(connection, row, now)


def show_again(
    connection: Connection, draft_id: int, actor: Actor, *, reply_key: str, language: str, now: datetime
) -> None:
    """Echo an open draft in private. Raises Refusal: draft_gone, draft_published, not_leader."""
    people.start(connection, actor, now)
    opened(connection, draft_id, actor, lock=False)
    answer(connection, ECHO, draft_id, actor.telegram_id, reply_key, language, now)


@dataclass(frozen=True, slots=True)
class Choice:
    """The groups a typed line may be meant for."""

    draft_id: int
    places: tuple[Place, ...]
    language: str


def choice(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Choice | None:
    """The facts of the message that asks for the group; None once it is chosen."""
    row = queries.draft_of(connection, int(payload["draft_id"]))
    if row is None or "text" not in row.facts:
        return None
    found = tuple(_place(group) for group in access.leads(connection, row.person_id))
    return Choice(row.id, found, str(payload["language"]))


def answer(
    connection: Connection, kind: str, draft_id: int, chat_telegram_id: int, key: str, language: str, now: datetime
) -> None:
    """Answer with a message about a draft; it is rendered as the draft then stands."""
    in_group = chat_telegram_id < 0
    deliveries.enqueue(
        connection,
        key=key,
        kind=kind,
        destination_id=people_queries.chat_id(connection, chat_telegram_id, "group" if in_group else "private"),
        payload={"draft_id": draft_id, "language": language, "in_group": in_group},
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )


def authorised(connection: Connection, draft_id: int, actor: Actor, *, lock: bool = True) -> Any:
    """A draft of a group that the actor leads, locked. Raises Refusal: draft_gone, not_leader."""
    row = queries.draft_of(connection, draft_id, lock=lock)
    if row is None:
        raise Refusal("draft_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    return row


def opened(connection: Connection, draft_id: int, actor: Actor, *, lock: bool = True) -> tuple[Any, Typed]:
    """A draft that can still be changed. Raises Refusal: draft_gone, draft_published, not_leader."""
    row = authorised(connection, draft_id, actor, lock=lock)
    if row.state == "published":
        raise Refusal("draft_published")
    if row.state != "open" or not is_complete(row.facts):
        raise Refusal("draft_gone")
    return row, typed_of(row.facts)


def load(connection: Connection, draft_id: int) -> Any:
    """A draft, whoever asks. Raises Refusal `draft_gone`."""
    row = queries.draft_of(connection, draft_id)
    if row is None or not is_complete(row.facts):
        raise Refusal("draft_gone")
    return row


def echo_of(connection: Connection, row: Any, now: datetime, language: str = "", *, in_group: bool = False) -> Echo:
    """What the echo of a complete draft says now."""
    typed, zone = typed_of(row.facts), ZoneInfo(row.time_zone)
    dates = tuple(at.starts_at for at in next_dates(typed, zone, now))
    other = to_instant(schedule.other_half(typed.starts_local), zone)
    done_at = published_at(row.facts)
    passed = row.facts.get("passed")
    is_open = row.state == "open"
    return Echo(
        row.id,
        row.state,
        row.group_name,
        typed,
        row.time_zone,
        dates,
        other if typed.bare_hour and other > now else None,
        language,
        revision_of(row.facts),
        datetime.fromisoformat(passed) if passed and is_open else None,
        _clash(connection, row.group_id, typed, dates) if is_open else None,
        is_open and typed.starts_at > now + schedule.FAR,
        row.state == "published" and done_at is not None and now <= done_at + UNDO_WITHIN,
        in_group,
    )


def next_dates(typed: Typed, zone: ZoneInfo, now: datetime) -> list[Occurrence]:
    """The dates of a series that its echo shows; none where it does not recur."""
    rule = typed.rule
    return [] if rule is None else list(occurrences(rule, typed.starts_local, zone, now, count=DATES_SHOWN))


def _clash(connection: Connection, group_id: int, typed: Typed, dates: tuple[datetime, ...]) -> Clash | None:
    length = timedelta(minutes=typed.minutes)
    spans = [(start, start + length) for start in (typed.starts_at, *dates)]
    row = queries.overlapping(connection, group_id, spans)
    return None if row is None else Clash(row.title, row.starts_at)


# What a draft holds is JSON: the fields of `Typed`, and beside them what became of it.


def is_complete(facts: Mapping[str, Any]) -> bool:
    """Whether everything is known that a session needs; a line without its group, or half a plan, is not."""
    return "starts_local" in facts


def facts_of(typed: Typed, *, revision: int = 0, passed: datetime | None = None) -> dict[str, Any]:
    """A draft as JSON holds it."""
    values: dict[str, Any] = {name: getattr(typed, name) for name in Typed.__dataclass_fields__}
    values |= {"revision": revision} | ({"passed": passed} if passed else {})
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def typed_of(facts: Mapping[str, Any]) -> Typed:
    """The session that a draft holds."""
    read = {name: facts[name] for name in Typed.__dataclass_fields__ if name in facts}
    read |= {name: datetime.fromisoformat(facts[name]) for name in ("starts_local", "starts_at")}
    read["starts_at"] = read["starts_at"].astimezone(UTC)
    read |= {name: tuple(facts[name]) for name in ("invited", "groups") if name in facts}
    if "cadence" not in facts:  # drafts of the first release counted weeks
        weeks = facts.get("weeks")
        weekday = read["starts_local"].weekday()
        read["cadence"] = Cadence.weekly(weekday, interval=weeks).to_rrule() if weeks else None
    return Typed(**read)


def revision_of(facts: Mapping[str, Any]) -> int:
    """How often a draft was changed."""
    return int(facts.get("revision", 0))


def published_at(facts: Mapping[str, Any]) -> datetime | None:
    """When a draft was published; None while it is not."""
    done = facts.get("published")
    return datetime.fromisoformat(done["at"]) if done else None
