"""Scheduling step by step in private: each answer fills in a draft, until it is whole and echoed like a typed line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import drafts as queries
from domain import schedule
from domain.cadence import is_in_gap, to_instant
from domain.errors import Refusal
from domain.links import is_link
from domain.people import Actor
from services import access, draft_changes, inputs, people
from services.drafts import ECHO, LINE, Echo, Typed, TypedTime, answer, authorised, echo_of, facts_of, is_complete
from services.rules import Rules

STEP = "draft_step"

KINDS: Final = (
    "study",
    "assembly",
    "committee",
    "subgroup",
    "lesson",
    "theme_day",
    "centre_group",
    "training",
    "joint",
    "contest",
    "other",
)
"""The kinds of session, in the order in which they are offered."""

STEPS: Final = ("kind", "title", "day", "clock", "place", "link")
"""What is asked, in this order; the link only of what is held online."""

TYPED_AT: Final = {
    "title": "plan_title",
    "day": "plan_day",
    "clock": "plan_time",
    "place": "plan_place",
    "link": "plan_link",
}
"""What is waited for at a step; at the first one it is a whole line."""

PLACES: Final = 3
"""How many of a group's last places are offered."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked next, and what is known so far."""

    draft_id: int
    step: str
    group_name: str
    group_language: str
    time_zone: str
    known: Mapping[str, Any]  # kind, title, day, clock … as JSON holds them
    places: tuple[str, ...]
    today: date
    now: datetime
    language: str = ""

    @property
    def day(self) -> date | None:
        """The day that was chosen."""
        return date.fromisoformat(self.known["day"]) if self.known.get("day") else None


def begin(connection: Connection, group_id: int, actor: Actor, *, now: datetime) -> Step:
    """Begin to schedule for a group; a whole line may be typed too. Raises Refusal `not_leader`."""
    person = people.meet(connection, actor, now)
    access.require_leader(connection, person.id, group_id)
    access.remember(connection, person.id, group_id)
    offered = list(queries.last_places(connection, group_id, PLACES))
    draft_id = queries.add_draft(connection, group_id, person.id, {"plan": {}, "places": offered}, now)
    inputs.ask(connection, actor.telegram_id, LINE, now=now)
    return _step(queries.draft_of(connection, draft_id), now)


def begin_and_ask(
    connection: Connection, group_id: int, actor: Actor, *, reply_key: str, language: str, now: datetime
) -> None:
    """The same, with the first question as a new message. Raises Refusal `not_leader`."""
    people.start(connection, actor, now)
    step = begin(connection, group_id, actor, now=now)
    answer(connection, STEP, step.draft_id, actor.telegram_id, reply_key, language, now)


def step(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Step | None:
    """The facts of the message that asks; None once everything is known or the draft is dropped."""
    row = queries.draft_of(connection, int(payload["draft_id"]))
    return None if row is None or not _is_plan(row) else _step(row, now, str(payload["language"]))


def asked(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Step:
    """What is being asked. Raises Refusal: draft_gone, step_done, not_leader."""
    return _step(_plan(connection, draft_id, actor, lock=False), now)


def choose_kind(
    connection: Connection, draft_id: int, number: int, actor: Actor, *, rules: Rules, now: datetime
) -> Step | Echo:
    """A kind by its place in KINDS. Raises Refusal: unknown_button, draft_gone, step_done, not_leader."""
    if not 0 <= number < len(KINDS):
        raise Refusal("unknown_button")
    return _know(connection, draft_id, actor, {"kind": KINDS[number]}, rules, now)


def choose_title(
    connection: Connection, draft_id: int, title: str, actor: Actor, *, rules: Rules, now: datetime
) -> Step | Echo:
    """⟦用类型名⟧: the kind's own name. Raises Refusal: draft_gone, step_done, not_leader."""
    return _know(connection, draft_id, actor, {"title": title}, rules, now)


def choose_day(
    connection: Connection, draft_id: int, day: date, actor: Actor, *, rules: Rules, now: datetime
) -> Step | Echo:
    """A day. Raises Refusal: day_past, draft_gone, step_done, not_leader."""
    row = _plan(connection, draft_id, actor, lock=False)
    if day < now.astimezone(ZoneInfo(row.time_zone)).date():
        raise Refusal("day_past")
    return _know(connection, draft_id, actor, {"day": day.isoformat()}, rules, now)


def choose_clock(
    connection: Connection, draft_id: int, clock: time, actor: Actor, *, rules: Rules, now: datetime
) -> Step | Echo:
    """A time of the day. Raises Refusal: session_past, draft_gone, step_done, not_leader."""
    row = _plan(connection, draft_id, actor, lock=False)
    day = row.facts["plan"].get("day")
    if day is None:
        raise Refusal("step_done")
    starts_at = to_instant(datetime.combine(date.fromisoformat(day), clock), ZoneInfo(row.time_zone))
    if starts_at <= now:
        raise Refusal("session_past", starts_at=starts_at, zone=row.time_zone)
    return _know(connection, draft_id, actor, {"clock": clock.isoformat("minutes")}, rules, now)


def choose_place(
    connection: Connection, draft_id: int, number: int, online: str, actor: Actor, *, rules: Rules, now: datetime
) -> Step | Echo:
    """One of the last places from 1 on, 0 none, -1 online, which `online` says in the group's words.

    Raises Refusal: unknown_button, draft_gone, step_done, not_leader.
    """
    offered = _plan(connection, draft_id, actor, lock=False).facts["places"]
    if not -1 <= number <= len(offered):
        raise Refusal("unknown_button")
    if number == -1:
        return _know(connection, draft_id, actor, {"place": online, "online": True}, rules, now)
    return _know(connection, draft_id, actor, {"place": offered[number - 1] if number else ""}, rules, now)


def no_link(connection: Connection, draft_id: int, actor: Actor, *, rules: Rules, now: datetime) -> Step | Echo:
    """Online, and the link follows later or elsewhere. Raises Refusal: draft_gone, step_done, not_leader."""
    return _know(connection, draft_id, actor, {"link": ""}, rules, now)


def type_text(
    connection: Connection,
    draft_id: int,
    name: str,
    text: str,
    online: str,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    rules: Rules,
    now: datetime,
) -> None:
    """A title, place or link was typed; what is asked next is a new message.

    Raises Refusal: no_title, too_long, bad_link, draft_gone, step_done, not_leader.
    """
    text = draft_changes.checked(f"draft_{name}", text)
    known: dict[str, Any] = {name: text}
    if name == "place" and is_link(text):
        known = {"place": online, "link": text}
    _tell(connection, _know(connection, draft_id, actor, known, rules, now), actor, reply_key, language, now)


def type_when(
    connection: Connection,
    draft_id: int,
    when: TypedTime,
    actor: Actor,
    *,
    timed: bool,
    reply_key: str,
    language: str,
    rules: Rules,
    now: datetime,
) -> None:
    """A day or a time was typed; `timed` tells whether a time was said, which then is not asked for.

    Raises Refusal: draft_gone, step_done, not_leader.
    """
    known: dict[str, Any] = {"day": when.starts_local.date().isoformat()}
    known |= {name: value for name in ("minutes", "cadence") if (value := getattr(when, name))}
    if timed:
        known |= {"clock": when.starts_local.time().isoformat("minutes"), "bare_hour": when.bare_hour}
    _tell(connection, _know(connection, draft_id, actor, known, rules, now), actor, reply_key, language, now)


def _tell(
    connection: Connection, result: Step | Echo, actor: Actor, reply_key: str, language: str, now: datetime
) -> None:
    kind = STEP if isinstance(result, Step) else ECHO
    answer(connection, kind, result.draft_id, actor.telegram_id, reply_key, language, now)


def _know(
    connection: Connection, draft_id: int, actor: Actor, known: Mapping[str, Any], rules: Rules, now: datetime
) -> Step | Echo:
    """Something more is known: the next question, or the echo of the whole draft."""
    row = _plan(connection, draft_id, actor, lock=True)
    plan = {**row.facts["plan"], **known}
    following = _next(plan)
    if following is not None:
        queries.change_draft(connection, draft_id, facts={**row.facts, "plan": plan})
        inputs.answered(connection, actor.telegram_id)
        if following in TYPED_AT:
            inputs.ask(connection, actor.telegram_id, TYPED_AT[following], draft_id, now=now)
        return _step(queries.draft_of(connection, draft_id), now)
    queries.change_draft(connection, draft_id, facts=facts_of(_typed(plan, row.time_zone, rules)))
    inputs.answered(connection, actor.telegram_id)
    return echo_of(connection, queries.draft_of(connection, draft_id), now)


def _next(plan: Mapping[str, Any]) -> str | None:
    """The first step that is not answered yet; None once all are."""
    return next((name for name in STEPS if name not in plan and (name != "link" or plan.get("online"))), None)


def _typed(plan: Mapping[str, Any], time_zone: str, rules: Rules) -> Typed:
    local = datetime.combine(date.fromisoformat(plan["day"]), time.fromisoformat(plan["clock"]))
    zone = ZoneInfo(time_zone)
    return Typed(
        plan["title"],
        plan["kind"],
        plan["place"],
        local,
        to_instant(local, zone),
        plan.get("minutes") or schedule.minutes(rules.session_length),
        plan.get("cadence"),
        bool(plan.get("bare_hour")),
        is_in_gap(local, zone),
        plan.get("link", ""),
    )


def _is_plan(row: Any) -> bool:
    return row.state == "open" and "plan" in row.facts


def _plan(connection: Connection, draft_id: int, actor: Actor, *, lock: bool) -> Any:
    """A draft that is being filled in, of a group that the actor leads."""
    row = authorised(connection, draft_id, actor, lock=lock)
    if _is_plan(row):
        return row
    raise Refusal("step_done" if row.state == "open" and is_complete(row.facts) else "draft_gone")


def _step(row: Any, now: datetime, language: str = "") -> Step:
    plan = row.facts["plan"]
    return Step(
        row.id,
        _next(plan) or STEPS[0],
        row.group_name,
        row.language,
        row.time_zone,
        plan,
        tuple(row.facts["places"]),
        now.astimezone(ZoneInfo(row.time_zone)).date(),
        now,
        language,
    )
