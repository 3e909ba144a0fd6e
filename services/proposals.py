"""⟦一键排期⟧: dates for what a plan still lacks, looked at and changed before anything is scheduled."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import audit
from db.queries import drafts as draft_queries
from db.queries import duties as duty_queries
from db.queries import proposals as queries
from domain import schedule
from domain.auto_schedule import Manner, Meeting, Proposal, Schedule, Unplaced, gaps, habits, propose, together
from domain.cadence import Occurrence, to_instant
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.kinds import Kind
from domain.leaderboards import midnight
from domain.people import Actor
from domain.plan import in_quarter
from services import access, deliveries, duties, people, publishing, scheduling
from services.audiences import audience_of
from services.drafts import Typed
from services.rules import Rules
from services.undo import UNDO_WITHIN, require_in_time

TOLD: Final = "plan_told"
"""The message that tells the group what was scheduled: one for all of it."""

LOOK_BACK: Final = timedelta(days=366)
"""How far back a group's habits are read from."""

SOON: Final = timedelta(days=7)
"""Sessions within this time get their card at once; the others with their reminder, so that a group reads no flood."""


@dataclass(frozen=True, slots=True)
class Item:
    """A proposed session: local wall-clock time, why then, and the days it has to be within."""

    kind: str
    subgroup: str
    at: datetime  # naive
    minutes: int
    reason: str  # domain.auto_schedule.Reason, or "chosen"
    first: date
    last: date
    quarterly: bool

    @property
    def day(self) -> date:
        """Its day."""
        return self.at.date()


@dataclass(frozen=True, slots=True)
class Lacking:
    """What found no date: how many of a kind, in which days, and why."""

    kind: str
    subgroup: str
    first: date
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Proposed dates as they stand; nothing is scheduled while the state is open."""

    id: int
    group_id: int
    group_name: str
    group_language: str
    time_zone: str
    state: str  # open | published | dropped
    revision: int
    year: int
    quarter: int  # 0: the whole year
    items: tuple[Item, ...]
    lacking: tuple[Lacking, ...]
    unknown_years: tuple[int, ...]
    undoable: bool
    now: datetime

    @property
    def today(self) -> date:
        """The group's own day."""
        return self.now.astimezone(ZoneInfo(self.time_zone)).date()


def begin(
    connection: Connection, group_id: int, year: int, quarter: int, actor: Actor, *, now: datetime, rules: Rules
) -> Preview:
    """Propose dates for the rest of a year, or of one of its quarters.

    Raises Refusal: not_leader, unknown_button, nothing_missing.
    """
    person = people.meet(connection, actor, now)
    access.require_leader(connection, person.id, group_id)
    group = duty_queries.group(connection, group_id)
    if group is None or quarter not in range(5) or not 2000 <= year < 2200:
        raise Refusal("unknown_button")
    plan = duties.plan_of(connection, group, year, now, rules)
    found = _proposed(connection, group, plan, quarter, now, rules)
    if not found["items"] and not found["lacking"]:
        raise Refusal("nothing_missing")
    proposal_id = queries.add(connection, group_id, person.id, {**found, "year": year, "quarter": quarter}, now)
    return _preview(queries.find(connection, proposal_id), now)


def _proposed(
    connection: Connection, group: Any, plan: duties.GroupPlan, quarter: int, now: datetime, rules: Rules
) -> dict[str, Any]:
    """The dates as JSON holds them: first what all attend, then each subgroup's beside it."""
    zone = ZoneInfo(group.time_zone)
    end = midnight(date(plan.year + 1, 1, 1), zone)
    known = [_meeting(row, zone) for row in queries.meetings(connection, group.id, now - LOOK_BACK, end)]
    days = {line.kind: line.rule.day for line in plan.lines if line.rule.day is not None}
    manner = Manner(habits(known, days, rules.habit), rules.habit, rules.session_length, together=together(known))
    earliest = plan.today + timedelta(days=1)
    items: list[Item] = []
    lacking: list[Lacking] = []
    taken = list(known)
    for subgroup in dict.fromkeys(line.subgroup for line in plan.lines):
        periods = [period for line in plan.lines if line.subgroup == subgroup for period in line.periods]
        wanted = in_quarter(periods, quarter) if quarter else periods
        found: Schedule = propose(gaps(wanted), manner, rules.holidays, taken, earliest)
        items += [_item(proposal, subgroup, plan) for proposal in found.proposals]
        lacking += [_lacking(unplaced, subgroup) for unplaced in found.unplaced]
        taken += [Meeting(proposal.kind, proposal.starts, proposal.ends) for proposal in found.proposals]
    items.sort(key=lambda item: item.at)
    unknown = rules.holidays.unknown_years(earliest, max((item.day for item in items), default=earliest))
    return {
        "items": [_stored(item) for item in items],
        "lacking": [_stored(one) for one in lacking],
        "unknown_years": list(unknown),
    }


def _meeting(row: Any, zone: ZoneInfo) -> Meeting:
    local = [moment.astimezone(zone).replace(tzinfo=None, fold=0) for moment in (row.starts_at, row.ends_at)]
    return Meeting(Kind(row.kind), *local)


def _item(proposal: Proposal, subgroup: str, plan: duties.GroupPlan) -> Item:
    rule = next(line.rule for line in plan.lines if (line.kind, line.subgroup) == (proposal.kind, subgroup))
    return Item(
        proposal.kind.value,
        subgroup,
        proposal.starts,
        schedule.minutes(proposal.ends - proposal.starts),
        proposal.reason.value,
        proposal.gap.first,
        proposal.gap.last,
        quarterly=rule.every == "quarter",
    )


def _lacking(unplaced: Unplaced, subgroup: str) -> Lacking:
    gap = unplaced.gap
    return Lacking(gap.kind.value, subgroup, gap.first, unplaced.count, unplaced.why.value)


def shown(connection: Connection, proposal_id: int, actor: Actor, now: datetime) -> Preview:
    """The dates as they stand. Raises Refusal: proposal_gone, not_leader."""
    return _preview(_authorised(connection, proposal_id, actor, lock=False), now)


def item_of(preview: Preview, number: int, revision: int) -> Item:
    """A date by its place. Raises Refusal: proposal_gone, proposal_changed (it was changed since it was seen)."""
    if preview.state != "open":
        raise Refusal("proposal_gone")
    if revision != preview.revision or number not in range(len(preview.items)):
        raise Refusal("proposal_changed")
    return preview.items[number]


def set_day(
    connection: Connection, proposal_id: int, number: int, revision: int, day: date, actor: Actor, *, now: datetime
) -> Preview:
    """Hold it on another day of its period, also on a holiday. Refusals as `item_of`, not_leader, day_outside."""
    row = _authorised(connection, proposal_id, actor)
    preview = _preview(row, now)
    item = item_of(preview, number, revision)
    if not item.first <= day <= item.last or day <= now.astimezone(ZoneInfo(row.time_zone)).date():
        raise Refusal("day_outside", first=item.first.isoformat(), last=item.last.isoformat())
    changed = replace(item, at=datetime.combine(day, item.at.time()), reason="chosen")
    return _change(connection, row, preview, number, changed, now)


def set_clock(
    connection: Connection, proposal_id: int, number: int, revision: int, clock: time, actor: Actor, *, now: datetime
) -> Preview:
    """Hold it at another time of its day. Refusals as `item_of`, not_leader."""
    row = _authorised(connection, proposal_id, actor)
    preview = _preview(row, now)
    item = item_of(preview, number, revision)
    changed = replace(item, at=datetime.combine(item.day, clock), reason="chosen")
    return _change(connection, row, preview, number, changed, now)


def leave_out(
    connection: Connection, proposal_id: int, number: int, revision: int, actor: Actor, *, now: datetime
) -> Preview:
    """⟦去掉⟧: it is not scheduled; the plan still lacks it. Refusals as `item_of`, not_leader."""
    row = _authorised(connection, proposal_id, actor)
    preview = _preview(row, now)
    item_of(preview, number, revision)
    return _change(connection, row, preview, number, None, now)


def drop(connection: Connection, proposal_id: int, actor: Actor, *, now: datetime) -> Preview:
    """⟦不排了⟧: nothing is scheduled. Raises Refusal: proposal_gone, not_leader."""
    row = _authorised(connection, proposal_id, actor)
    if row.state == "published":
        raise Refusal("proposal_gone")
    queries.change(connection, proposal_id, state="dropped")
    return _preview(queries.find(connection, proposal_id), now)


def publish(
    connection: Connection,
    proposal_id: int,
    revision: int,
    actor: Actor,
    title_of: Callable[[Item], str],
    *,
    now: datetime,
    rules: Rules,
) -> Preview:
    """Schedule all of it at once, or nothing; a second time changes nothing.

    `revision` is what was seen, `title_of` says what a session is called, in the group's words. The group is told in
    one message, once it can no longer be undone. Raises Refusal: proposal_gone, proposal_changed, not_leader.
    """
    row = _authorised(connection, proposal_id, actor)
    preview = _preview(row, now)
    if preview.state == "published":
        return preview
    if preview.state != "open" or not preview.items:
        raise Refusal("proposal_gone")
    if revision != preview.revision or any(_instant(item, preview) <= now for item in preview.items):
        raise Refusal("proposal_changed")
    draft_queries.lock_group(connection, row.group_id)
    person = people.meet(connection, actor, now)
    group = duty_queries.group(connection, row.group_id)
    made = [_schedule(connection, row, group, item, title_of(item), person.id, now, rules) for item in preview.items]
    facts = {**row.facts, "published": {"at": now.isoformat(), "sessions": [one for one in made if one is not None]}}
    queries.change(connection, proposal_id, state="published", facts=facts)
    audit.add(
        connection, now, actor.telegram_id, "publish_plan", group_id=row.group_id, subject=f"proposal:{proposal_id}"
    )
    _tell(connection, row, now)
    return _preview(queries.find(connection, proposal_id), now)


def _schedule(
    connection: Connection, row: Any, group: Any, item: Item, title: str, person_id: int, now: datetime, rules: Rules
) -> int | None:
    starts_at = to_instant(item.at, ZoneInfo(row.time_zone))
    typed = Typed(title, item.kind, "", item.at, starts_at, item.minutes, None, False, False, subgroup=item.subgroup)
    whom = audience_of(connection, group, typed, person_id, rules)
    plan = scheduling.Plan(
        row.group_id,
        row.chat_id,
        person_id,
        item.kind,
        title,
        "",
        timedelta(minutes=item.minutes),
        leads=scheduling.leads_of(row, rules),
        audience=whom.audience.value,
        subgroup=whom.subgroup,
    )
    at = Occurrence(item.at, starts_at)
    return scheduling.schedule_session(connection, plan, at, announce_now=starts_at <= now + SOON, now=now, rules=rules)


def _tell(connection: Connection, row: Any, now: datetime) -> None:
    deliveries.enqueue(
        connection,
        key=f"proposal:{row.id}:{row.revision}:{TOLD}",
        kind=TOLD,
        destination_id=row.chat_id,
        payload={"proposal_id": row.id, "revision": row.revision},
        due_at=now + UNDO_WITHIN,
        expires_at=now + timedelta(days=3),
        policy=Policy.ONCE,
        priority=deliveries.DUE,
    )


def told(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Preview | None:
    """What the group is told of: the dates that were published; None where that was undone."""
    row = queries.find(connection, int(payload["proposal_id"]))
    if row is None or row.state != "published" or row.revision != payload["revision"]:
        return None
    return _preview(row, now)


def undo(connection: Connection, proposal_id: int, actor: Actor, *, now: datetime) -> Preview:
    """Take a publishing back within a minute, all of it: the dates are open again. A second time changes nothing.

    Raises Refusal: proposal_gone, not_leader, undo_too_late, cancel_too_late (somebody has checked in).
    """
    row = _authorised(connection, proposal_id, actor)
    if row.state == "open":
        return _preview(row, now)
    done = row.facts.get("published")
    if row.state != "published" or done is None:
        raise Refusal("proposal_gone")
    require_in_time(datetime.fromisoformat(done["at"]), now)
    for session_id in done["sessions"]:
        publishing.take_back(connection, session_id, now)
    facts = {name: value for name, value in row.facts.items() if name != "published"}
    queries.change(connection, proposal_id, state="open", facts=facts, revision=row.revision + 1)
    audit.add(
        connection, now, actor.telegram_id, "unpublish_plan", group_id=row.group_id, subject=f"proposal:{proposal_id}"
    )
    return _preview(queries.find(connection, proposal_id), now)


def _authorised(connection: Connection, proposal_id: int, actor: Actor, *, lock: bool = True) -> Any:
    row = queries.find(connection, proposal_id, lock=lock)
    if row is None:
        raise Refusal("proposal_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    return row


def _change(
    connection: Connection, row: Any, preview: Preview, number: int, item: Item | None, now: datetime
) -> Preview:
    items = [*preview.items[:number], *([item] if item else []), *preview.items[number + 1 :]]
    items.sort(key=lambda each: each.at)
    facts = {**row.facts, "items": [_stored(each) for each in items]}
    queries.change(connection, row.id, facts=facts, revision=row.revision + 1)
    return _preview(queries.find(connection, row.id), now)


def _preview(row: Any, now: datetime) -> Preview:
    facts, done = row.facts, row.facts.get("published")
    return Preview(
        row.id,
        row.group_id,
        row.group_name,
        row.language,
        row.time_zone,
        row.state,
        row.revision,
        facts["year"],
        facts["quarter"],
        tuple(_read_item(each) for each in facts["items"]),
        tuple(Lacking(**{**each, "first": date.fromisoformat(each["first"])}) for each in facts["lacking"]),
        tuple(facts["unknown_years"]),
        undoable=done is not None and now <= datetime.fromisoformat(done["at"]) + UNDO_WITHIN,
        now=now,
    )


def _instant(item: Item, preview: Preview) -> datetime:
    return to_instant(item.at, ZoneInfo(preview.time_zone))


def _stored(fact: Item | Lacking) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(fact).items()}


def _read_item(stored: Mapping[str, Any]) -> Item:
    days = {name: date.fromisoformat(stored[name]) for name in ("first", "last")}
    return Item(**{**stored, **days, "at": datetime.fromisoformat(stored["at"])})
