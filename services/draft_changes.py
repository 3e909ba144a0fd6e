"""What the buttons and answers around a draft change of it, before it is published."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import drafts as queries
from domain import schedule
from domain.cadence import Cadence, Form, fitting, is_in_gap, occurrences, to_instant
from domain.errors import Refusal
from domain.links import LONGEST_LINK, is_link
from domain.people import Actor
from services import inputs
from services.drafts import (
    ECHO,
    Echo,
    Typed,
    TypedTime,
    answer,
    authorised,
    echo_of,
    facts_of,
    is_complete,
    opened,
    revision_of,
    stop_waiting_for_line,
    typed_of,
)

TITLE, PLACE, LINK, TIME = "draft_title", "draft_place", "draft_link", "draft_time"
"""What is waited for where something of a draft is typed."""

LONGEST: Final = {TITLE: 200, PLACE: 100}
"""Characters."""

LONGEST_SESSION: Final = 24 * 60
"""Minutes."""


def turn_half(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """Move a draft to the other half of its day.

    Raises Refusal: draft_gone, draft_published, not_leader, session_past.
    """
    row, typed = opened(connection, draft_id, actor)
    return _at(connection, row, typed, schedule.other_half(typed.starts_local), now, bare=typed.bare_hour)


def set_day(connection: Connection, draft_id: int, day: date, actor: Actor, *, now: datetime) -> Echo:
    """Move a draft to another day; its rule goes with it. Refusals as `turn_half`."""
    row, typed = opened(connection, draft_id, actor)
    local = datetime.combine(day, typed.starts_local.time())
    return _at(connection, row, typed, local, now, bare=typed.bare_hour)


def set_clock(connection: Connection, draft_id: int, clock: time, actor: Actor, *, now: datetime) -> Echo:
    """Move a draft to another time of its day. Refusals as `turn_half`."""
    row, typed = opened(connection, draft_id, actor)
    return _at(connection, row, typed, datetime.combine(typed.starts_local.date(), clock), now, bare=False)


def accept(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """⟦是⟧: the time proposed instead of one that had passed. Refusals as `drafts.opened`."""
    row, typed = opened(connection, draft_id, actor)
    return store(connection, row, typed if typed.starts_at > now else proposed(typed, row.time_zone, now), now)


def set_form(connection: Connection, draft_id: int, form: int, actor: Actor, *, now: datetime) -> Echo:
    """Choose how a draft recurs (a `Form`; 0: not). Raises Refusal: draft_gone, draft_published, not_leader,
    unknown_button (a form that does not fit its day).
    """
    row, typed = opened(connection, draft_id, actor)
    rule: Cadence | None = None
    if form:
        rule = fitting(Form(form), typed.starts_local.date()) if form in set(Form) else None
        if rule is None:
            raise Refusal("unknown_button")
    return store(connection, row, replace(typed, cadence=rule.to_rrule() if rule else None), now)


def set_minutes(connection: Connection, draft_id: int, minutes: int, actor: Actor, *, now: datetime) -> Echo:
    """Choose how long it lasts. Raises Refusal: draft_gone, draft_published, not_leader, bad_duration."""
    row, typed = opened(connection, draft_id, actor)
    if not 0 < minutes <= LONGEST_SESSION:
        raise Refusal("bad_duration", minutes=minutes, limit=LONGEST_SESSION)
    return store(connection, row, replace(typed, minutes=minutes), now)


def ask(connection: Connection, draft_id: int, purpose: str, actor: Actor, *, now: datetime) -> None:
    """Wait in private for something of a draft to be typed. Raises Refusal: draft_gone, draft_published, not_leader."""
    opened(connection, draft_id, actor, lock=False)
    inputs.ask(connection, actor.telegram_id, purpose, draft_id, now=now)


def look(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """⟦返回⟧: nothing is waited for any more. Raises Refusal: draft_gone, draft_published, not_leader."""
    row, _ = opened(connection, draft_id, actor, lock=False)
    stop_waiting(connection, draft_id, actor, now)
    return echo_of(connection, row, now)


def set_text(
    connection: Connection,
    draft_id: int,
    purpose: str,
    text: str,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
) -> None:
    """Something of a draft was typed in private; the draft is echoed anew.

    Raises Refusal: draft_gone, draft_published, not_leader, no_title, too_long, bad_link.
    """
    row, typed = opened(connection, draft_id, actor)
    store(connection, row, _with_text(typed, purpose, checked(purpose, text)), now)
    answer(connection, ECHO, draft_id, actor.telegram_id, reply_key, language, now)


def checked(purpose: str, text: str) -> str:
    """A typed title, place or link in one line. Raises Refusal: no_title, too_long, bad_link."""
    text = " ".join(text.split())
    if purpose == LINK and not is_link(text):
        raise Refusal("bad_link", limit=LONGEST_LINK)
    if purpose == TITLE and not text:
        raise Refusal("no_title")
    limit = LONGEST.get(purpose, LONGEST_LINK)
    if len(text) > limit:
        raise Refusal("too_long", length=len(text), limit=limit)
    return text


def _with_text(typed: Typed, purpose: str, text: str) -> Typed:
    if purpose == TITLE:
        return replace(typed, title=text)
    if purpose == LINK:
        return replace(typed, link=text)
    # A web address typed for the place is the link.
    return replace(typed, link=text) if is_link(text) else replace(typed, place=text)


def leave_out(connection: Connection, draft_id: int, purpose: str, actor: Actor, *, now: datetime) -> Echo:
    """⟦去掉⟧: without a place, or without a link. Refusals as `drafts.opened`."""
    row, typed = opened(connection, draft_id, actor)
    stop_waiting(connection, draft_id, actor, now)
    return store(connection, row, replace(typed, place="") if purpose == PLACE else replace(typed, link=""), now)


def set_when(
    connection: Connection,
    draft_id: int,
    when: TypedTime,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
) -> None:
    """A time was typed in private; the draft is echoed anew. Refusals as `drafts.opened`."""
    row, typed = opened(connection, draft_id, actor)
    changed = replace(
        typed,
        starts_local=when.starts_local,
        starts_at=when.starts_at,
        minutes=when.minutes or typed.minutes,
        cadence=when.cadence or _following(typed, when.starts_local),
        bare_hour=when.bare_hour,
        in_gap=when.in_gap,
    )
    store(connection, row, changed, now, passed=when.passed)
    answer(connection, ECHO, draft_id, actor.telegram_id, reply_key, language, now)


def drop(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> None:
    """Nothing is to come of a draft, whole or half. Raises Refusal: draft_gone, draft_published, not_leader."""
    row = authorised(connection, draft_id, actor)
    if row.state == "published":
        raise Refusal("draft_published")
    queries.change_draft(connection, draft_id, state="dropped")
    stop_waiting(connection, draft_id, actor, now)
    if not is_complete(row.facts):
        stop_waiting_for_line(connection, actor, now)


def stop_waiting(connection: Connection, draft_id: int, actor: Actor, now: datetime) -> None:
    """Wait no longer for what was to be typed for this draft; something else goes on being waited for."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose.startswith(("draft_", "plan_")) and waiting.numbers == (draft_id,):
        inputs.answered(connection, actor.telegram_id)


def proposed(typed: Typed, time_zone: str, now: datetime) -> Typed:
    """The same at the next time like it that lies ahead: the next one of its rule, else a week or weeks later."""
    zone = ZoneInfo(time_zone)
    rule = typed.rule or Cadence.weekly(typed.starts_local.weekday())
    at = next(iter(occurrences(rule, typed.starts_local, zone, now)))
    return replace(typed, starts_local=at.nominal_local, starts_at=at.starts_at)


def store(connection: Connection, row: Any, typed: Typed, now: datetime, *, passed: datetime | None = None) -> Echo:
    """Keep a draft as it is now."""
    facts = facts_of(typed, revision=revision_of(row.facts) + (typed != typed_of(row.facts)), passed=passed)
    queries.change_draft(connection, row.id, facts=facts)
    return echo_of(connection, queries.draft_of(connection, row.id), now)


def _at(connection: Connection, row: Any, typed: Typed, local: datetime, now: datetime, *, bare: bool) -> Echo:
    zone = ZoneInfo(row.time_zone)
    starts_at = to_instant(local, zone)
    if starts_at <= now:
        raise Refusal("session_past", starts_at=starts_at, zone=row.time_zone)
    moved = replace(
        typed,
        starts_local=local,
        starts_at=starts_at,
        bare_hour=bare,
        in_gap=is_in_gap(local, zone),
        cadence=_following(typed, local),
    )
    return store(connection, row, moved, now)


def _following(typed: Typed, local: datetime) -> str | None:
    """The rule of a draft for another day; it stays as it is where that day has it too."""
    rule, day = typed.rule, local.date()
    if rule is None or rule.falls_on(day):
        return typed.cadence
    return rule.following(day).to_rrule()
