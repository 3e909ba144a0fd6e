"""Why a period of the plan was missed: said by a person, never judged; it stands in the plan and in the ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from db.queries import audit
from db.queries import radar as queries
from domain.errors import Refusal
from domain.kinds import Kind
from domain.names import clean
from domain.people import Actor
from domain.plan import PlanPeriod
from domain.radar import LOOK_BACK
from services import access, deliveries, duties, inputs, people
from services.duties import GroupPlan, Line, Reason
from services.rules import Rules

REASONS: Final = ("busy", "few", "holiday", "merged", "other")
"""工作冲突 人员不齐 节假日 并入其他活动 其他; a button carries the place."""

NOTE: Final = "duty_reason_note"

LONGEST: Final = 200

KINDS: Final = tuple(Kind)


class Where(NamedTuple):
    """A period of a plan as a button carries it: line by its place and kind, and the period's first day."""

    line: int
    kind: int  # a place in KINDS, so that a plan whose lines have changed is noticed
    first: int  # date.toordinal


@dataclass(frozen=True, slots=True)
class Missed:
    """A period with something missing, and the reason that was given."""

    where: Where
    line: Line
    period: PlanPeriod
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Misses:
    """The periods of a group's plan that were missed, the latest first, without a reason before those with one."""

    group_id: int
    group_name: str
    year: int
    entries: tuple[Missed, ...]


def misses(connection: Connection, group_id: int, actor: Actor, now: datetime, rules: Rules) -> Misses:
    """What was missed this year. Raises Refusal: not_leader."""
    _require(connection, group_id, actor)
    return _misses(*_plans(connection, group_id, now, rules))


def missed(connection: Connection, group_id: int, where: Where, actor: Actor, now: datetime, rules: Rules) -> Missed:
    """One of them. Raises Refusal: not_leader, reason_gone (it was held, or the plan asks for something else now)."""
    _require(connection, group_id, actor)
    return _found(connection, group_id, where, now, rules)


def give(
    connection: Connection,
    group_id: int,
    where: Where,
    reason: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> Missed:
    """Say why; another reason takes the place of the first, and a note stays. Refusals as `missed`, unknown_button."""
    if reason not in range(len(REASONS)):
        raise Refusal("unknown_button")
    _require(connection, group_id, actor)
    found = _found(connection, group_id, where, now, rules)
    note = found.reason.note if found.reason else ""
    _put(connection, group_id, found, REASONS[reason], note, actor, now)
    return _found(connection, group_id, where, now, rules)


def withdraw(
    connection: Connection, group_id: int, where: Where, actor: Actor, *, now: datetime, rules: Rules
) -> Missed:
    """No reason is given any more. Refusals as `missed`."""
    _require(connection, group_id, actor)
    found = _found(connection, group_id, where, now, rules)
    if found.reason is not None:
        queries.remove_reason(connection, group_id, found.line.subgroup, found.line.kind.value, found.period.first)
        _note(connection, group_id, found, "withdraw_reason", actor, now)
    return _found(connection, group_id, where, now, rules)


def ask_note(
    connection: Connection, group_id: int, where: Where, actor: Actor, *, now: datetime, rules: Rules
) -> Missed:
    """From now on a note can be typed. Refusals as `missed`."""
    _require(connection, group_id, actor)
    found = _found(connection, group_id, where, now, rules)
    inputs.ask(connection, actor.telegram_id, NOTE, group_id, *where, now=now)
    return found


def note_typed(
    connection: Connection,
    group_id: int,
    where: Where,
    text: str,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
    rules: Rules,
) -> None:
    """A note was typed. Refusals as `missed`, and reason_too_long (limit, length)."""
    _require(connection, group_id, actor)
    note = clean(text)
    if len(note) > LONGEST:
        raise Refusal("reason_too_long", limit=LONGEST, length=len(note))
    found = _found(connection, group_id, where, now, rules)
    reason = found.reason.reason if found.reason else REASONS[-1]
    _put(connection, group_id, found, reason, note, actor, now)
    inputs.answered(connection, actor.telegram_id)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="radar.note_kept",
        language=language,
        now=now,
        buttons=[[("button.to_reasons", f"reasons:{group_id}")]],
    )


def _put(
    connection: Connection, group_id: int, found: Missed, reason: str, note: str, actor: Actor, now: datetime
) -> None:
    if found.reason == Reason(reason, note):
        return
    queries.put_reason(
        connection,
        group_id=group_id,
        subgroup=found.line.subgroup,
        kind=found.line.kind.value,
        first_day=found.period.first,
        reason=reason,
        note=note,
        given_by=people.meet(connection, actor, now).id,
        given_at=now,
    )
    _note(connection, group_id, found, "give_reason", actor, now)


def _note(connection: Connection, group_id: int, found: Missed, action: str, actor: Actor, now: datetime) -> None:
    subject = f"kind:{found.line.kind.value}"
    audit.add(connection, now, actor.telegram_id, action, group_id=group_id, subject=subject)


def _require(connection: Connection, group_id: int, actor: Actor) -> None:
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)


def _plans(connection: Connection, group_id: int, now: datetime, rules: Rules) -> list[GroupPlan]:
    """The plan of this year and, as long as its misses are told of, that of the last one before it."""
    plan = duties.year(connection, group_id, now.year, now, rules)
    today = plan.today
    years = sorted({(today - LOOK_BACK).year, today.year})
    return [plan if year == plan.year else duties.year(connection, group_id, year, now, rules) for year in years]


def _misses(*plans: GroupPlan) -> Misses:
    """What was missed, what lacks its reason first, then the latest; of a year before only what lacks it."""
    plan = plans[-1]
    entries = [
        Missed(Where(number, KINDS.index(line.kind), period.first.toordinal()), line, period, each.reason(line, period))
        for each in plans
        for number, line in enumerate(each.lines)
        for period in line.periods
        if period.missing and (period.over or each.reason(line, period))
        if each is plan or each.reason(line, period) is None
    ]
    entries.sort(key=lambda one: (one.reason is not None, -one.period.last.toordinal(), one.where))
    return Misses(plan.group_id, plan.group_name, plan.year, tuple(entries))


def _found(connection: Connection, group_id: int, where: Where, now: datetime, rules: Rules) -> Missed:
    try:
        first = date.fromordinal(where.first)
    except (ValueError, OverflowError) as error:
        raise Refusal("unknown_button") from error
    if not 2000 <= first.year < 2200:
        raise Refusal("unknown_button")
    plan = duties.year(connection, group_id, first.year, now, rules)
    if where.line in range(len(plan.lines)) and where.kind in range(len(KINDS)):
        line = plan.lines[where.line]
        for period in line.periods:
            if line.kind is KINDS[where.kind] and period.first == first and period.missing:
                return Missed(where, line, period, plan.reason(line, period))
    raise Refusal("reason_gone")
