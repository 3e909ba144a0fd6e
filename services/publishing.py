"""A draft becomes a session or a series, and for a minute that can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit
from db.queries import drafts as queries
from db.queries import duties as duty_queries
from db.queries import sessions as session_queries
from domain.cadence import Occurrence
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.people import Actor
from services import deliveries, people, scheduling
from services.audiences import audience_of
from services.draft_changes import proposed, store
from services.drafts import (
    Echo,
    Typed,
    authorised,
    echo_of,
    facts_of,
    is_complete,
    published_at,
    revision_of,
    typed_of,
)
from services.rules import Rules
from services.undo import UNDO_WITHIN

TAKEN_BACK = "session_taken_back"

PUBLISHED, AGAIN, CHANGED, PASSED = "published", "again", "changed", "passed"
"""What a tap on ⟦发布⟧ led to: it is published; it was already; it was changed meanwhile; its time has passed."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a draft that was to be published, and how it stands now."""

    outcome: str
    echo: Echo


def publish(
    connection: Connection,
    draft_id: int,
    actor: Actor,
    *,
    revision: int | None = None,
    rules: Rules,
    now: datetime,
) -> Published:
    """Make a draft a session, or a series of them; a second time changes nothing.

    Whoever leads or administers the group may, not only who typed it. `revision` is the state of the draft that
    was seen: where somebody has changed it since, it is shown first. One whose time has passed gets another proposed.
    Raises Refusal: draft_gone, not_leader, session_doubled.
    """
    row = authorised(connection, draft_id, actor)
    if row.state == "dropped" or not is_complete(row.facts):
        raise Refusal("draft_gone")
    typed = typed_of(row.facts)
    if row.state == "published":
        return Published(AGAIN, echo_of(connection, row, now))
    if revision is not None and revision != revision_of(row.facts):
        return Published(CHANGED, echo_of(connection, row, now))
    if typed.starts_at <= now:
        other = proposed(typed, row.time_zone, now)
        return Published(PASSED, store(connection, row, other, now, passed=typed.starts_local))
    queries.lock_group(connection, row.group_id)
    _require_single(connection, row, typed)
    _publish(connection, row, typed, actor, rules, now)
    return Published(PUBLISHED, echo_of(connection, queries.draft_of(connection, draft_id), now))


def _require_single(connection: Connection, row: Any, typed: Typed) -> None:
    """Two drafts of the same are one session. Raises Refusal `session_doubled`."""
    for other in queries.starting_at(connection, row.group_id, typed.starts_at):
        if _folded(other.title) == _folded(typed.title):
            raise Refusal("session_doubled", title=other.title[:40], starts_at=other.starts_at, zone=row.time_zone)


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _publish(connection: Connection, row: Any, typed: Typed, actor: Actor, rules: Rules, now: datetime) -> None:
    person = people.meet(connection, actor, now)
    session_id, series_id = _schedule(connection, row, typed, person.id, rules, now)
    done = {"at": now.isoformat(), "session_id": session_id, "series_id": series_id}
    facts = facts_of(typed, revision=revision_of(row.facts)) | {"published": done}
    queries.change_draft(connection, row.id, state="published", facts=facts)
    subject = f"session:{session_id}"
    audit.add(connection, now, actor.telegram_id, "publish", group_id=row.group_id, subject=subject)


def _schedule(
    connection: Connection, row: Any, typed: Typed, person_id: int, rules: Rules, now: datetime
) -> tuple[int | None, int | None]:
    """The session of a draft, or the first of its series, and that series; their ids."""
    group = duty_queries.group(connection, row.group_id)
    whom = audience_of(connection, group, typed, person_id, rules)
    plan = scheduling.Plan(
        row.group_id,
        row.chat_id,
        person_id,
        typed.kind,
        typed.title,
        typed.place,
        timedelta(minutes=typed.minutes),
        link=typed.link,
        leads=scheduling.leads_of(row, rules),
        audience=whom.audience.value,
        subgroup=whom.subgroup,
        also_kind=typed.also_kind,
        invited=typed.invited,
        groups=typed.groups,
    )
    at, rule = Occurrence(typed.starts_local, typed.starts_at), typed.rule
    if rule is None:
        return scheduling.schedule_session(connection, plan, at, announce_now=True, now=now, rules=rules), None
    first = scheduling.start_series(connection, plan, rule, at, row.time_zone, now=now, rules=rules)
    return first, queries.series_of(connection, first)


def undo(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """Take a publishing back within a minute: nothing more is sent, what the group got is deleted, the draft is open.

    Nobody is told, because the message about it goes too. A second time changes nothing.
    Raises Refusal: draft_gone, not_leader, publish_undo_too_late, cancel_too_late (somebody has checked in).
    """
    row = authorised(connection, draft_id, actor)
    if row.state == "open" and is_complete(row.facts):
        return echo_of(connection, row, now)
    done_at = published_at(row.facts)
    if row.state != "published" or done_at is None:
        raise Refusal("draft_gone")
    if now > done_at + UNDO_WITHIN:
        raise Refusal("publish_undo_too_late")
    done = row.facts["published"]
    for session in queries.published_sessions(connection, done["session_id"], done["series_id"]):
        take_back(connection, session.id, now)
    if done["series_id"] is not None:
        session_queries.change_series(connection, done["series_id"], extend_at=None)
    facts = facts_of(typed_of(row.facts), revision=revision_of(row.facts) + 1)
    queries.change_draft(connection, draft_id, state="open", facts=facts)
    subject = f"session:{done['session_id']}"
    audit.add(connection, now, actor.telegram_id, "unpublish", group_id=row.group_id, subject=subject)
    return echo_of(connection, queries.draft_of(connection, draft_id), now)


def take_back(connection: Connection, session_id: int, now: datetime) -> None:
    """A session that was just published is none: nothing more is sent, and what its groups got is deleted.

    Raises Refusal `cancel_too_late` where somebody has checked in.
    """
    if session_queries.anybody_came(connection, session_id):
        raise Refusal("cancel_too_late")
    deliveries.cancel_for_session(connection, session_id)
    session_queries.change_session(connection, session_id, state="cancelled", remind_privately_at=None, nudge_at=None)
    for message_id, chat_id in queries.messages_of(connection, session_id):
        deliveries.enqueue(
            connection,
            key=f"session:{session_id}:{TAKEN_BACK}:{message_id}:{chat_id}",
            kind=TAKEN_BACK,
            policy=Policy.REPEAT,
            priority=deliveries.REPLY,
            destination_id=chat_id,
            payload={"message_id": message_id},
            due_at=now,
            expires_at=now + timedelta(days=1),
        )


def taken_back(_connection: Connection, payload: Mapping[str, Any], _now: datetime) -> int:
    """The message that is deleted."""
    return int(payload["message_id"])
