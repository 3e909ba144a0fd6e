"""SQL of the outbox."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, false, func, literal, select, true, update

from db.queries.inbox import insert_of, upsert
from db.tables import chat, delivery, group_topic, membership, person, study_group
from db.tables.metadata import Instant

_UNDER_WAY = ("claimed", "sending")


def real_now(connection: Connection) -> datetime:
    """The database's own clock: leases of several machines compare by it, and no test moves it."""
    if connection.dialect.name == "postgresql":
        moment: datetime = connection.execute(select(func.clock_timestamp(type_=Instant()))).scalar_one()
        return moment
    return datetime.now(UTC)


def insert(connection: Connection, **values: Any) -> bool:
    """Add a delivery unless its key is there; whether it was added."""
    statement = upsert(connection)(delivery).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(delivery.c.id)).scalar() is not None


@cache
def _refreshing(dialect: str) -> Any:
    """The upsert of `refresh`, built once: building it costs more than running it."""
    columns = ("dedupe_key", "kind", "policy", "priority", "destination_id", "session_id", "payload", "state")
    moments = ("due_at", "next_at", "expires_at")
    statement = insert_of(dialect)(delivery).values({name: bindparam(name) for name in (*columns, *moments)})
    under_way = delivery.c.state.in_(_UNDER_WAY)
    waits = delivery.c.state == "pending"
    now = bindparam("now", type_=Instant())
    paced = case(
        (delivery.c.sent_at > bindparam("paced_from", type_=Instant()), bindparam("paced_to", type_=Instant())),
        else_=now,
    )
    return statement.on_conflict_do_update(
        index_elements=["dedupe_key"],
        set_={
            "state": case((under_way, delivery.c.state), else_="pending"),
            "again": case((under_way, true()), else_=false()),
            "next_at": case((under_way | waits, delivery.c.next_at), else_=paced),
            "payload": statement.excluded.payload,
            "expires_at": statement.excluded.expires_at,
            "attempt": case((under_way | waits, delivery.c.attempt), else_=0),
        },
        # One that waits already is left alone: a burst of check-ins writes this row once.
        where=~(waits & (delivery.c.expires_at >= statement.excluded.expires_at)),
    )


def refresh(connection: Connection, *, values: dict[str, Any], now: datetime, every: timedelta) -> None:
    """Add a live edit, or make the one there is due again, no sooner than `every` after it was last sent."""
    moments = {"now": now, "paced_from": now - every, "paced_to": now + every}
    connection.execute(_refreshing(connection.dialect.name), {**values, **moments})


def waiting(connection: Connection, dedupe_key: str) -> Any | None:
    """What is to be sent under a key and was not taken for it yet; locked."""
    query = select(delivery.c.id, delivery.c.payload).where(
        delivery.c.dedupe_key == dedupe_key, delivery.c.state == "pending"
    )
    return connection.execute(query.with_for_update()).one_or_none()


def change_payload(connection: Connection, delivery_id: int, payload: Mapping[str, Any]) -> None:
    """What a delivery says."""
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(payload=dict(payload)))


def cancel(
    connection: Connection, session_id: int, kinds: Collection[str] | None, destination_id: int | None = None
) -> None:
    """Cancel what is not sent yet; with a destination, only what is for that chat."""
    statement = update(delivery).where(
        delivery.c.session_id == session_id, delivery.c.state.in_(("pending", "claimed"))
    )
    if kinds is not None:
        statement = statement.where(delivery.c.kind.in_(kinds))
    if destination_id is not None:
        statement = statement.where(delivery.c.destination_id == destination_id)
    connection.execute(statement.values(state="cancelled"))


def skip_past_due(connection: Connection, now: datetime, kept_policy: str) -> int:
    """Skip what is due or under way, other than of this policy; how many."""
    under_way = delivery.c.state.in_(_UNDER_WAY)
    past = (delivery.c.state == "pending") & (delivery.c.next_at <= now)
    return connection.execute(
        update(delivery)
        .where(under_way | past, delivery.c.policy != kept_policy)
        .values(state="skipped", last_error="restored", owner=None, lease_until=None)
    ).rowcount


def due(
    connection: Connection, now: datetime, limit: int, busy: Collection[int], shares: Collection[tuple[int, int]] = ()
) -> Sequence[Any]:
    """What is due for chats that are reachable and free, the most urgent first, one a chat.

    Each of `shares` (index, count) leaves all but every count-th chat to others.
    """
    waiting = (
        select(
            delivery.c.id,
            func.row_number()
            .over(
                partition_by=delivery.c.destination_id,
                order_by=(delivery.c.priority, delivery.c.next_at, delivery.c.id),
            )
            .label("turn"),
        )
        .join(chat, chat.c.id == delivery.c.destination_id)
        .where(delivery.c.state == "pending", delivery.c.next_at <= now, chat.c.state == "active")
        .where(chat.c.telegram_id.not_in(busy) if busy else true())
        .where(*(delivery.c.destination_id % count == index for index, count in shares if count > 1))
        .subquery()
    )
    statement = (
        select(delivery, chat.c.telegram_id)
        .join(chat, chat.c.id == delivery.c.destination_id)
        .where(delivery.c.id.in_(select(waiting.c.id).where(waiting.c.turn == 1)), delivery.c.state == "pending")
        .order_by(delivery.c.priority, delivery.c.next_at, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=delivery)
    )
    return connection.execute(statement).all()


def take(connection: Connection, ids: Sequence[int], owner: str, lease_until: datetime) -> None:
    """Mark deliveries as this owner's until the lease ends."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id.in_(ids))
        .values(state="claimed", owner=owner, lease_until=lease_until, attempt=delivery.c.attempt + 1, again=False)
    )


def _held(delivery_id: int, owner: str, attempt: int) -> Any:
    return (delivery.c.id == delivery_id) & (delivery.c.owner == owner) & (delivery.c.attempt == attempt)


def hold(connection: Connection, delivery_id: int, owner: str, attempt: int, real: datetime, lease: timedelta) -> None:
    """Begin the lease of what is claimed anew, where it is alive."""
    connection.execute(
        update(delivery)
        .where(_held(delivery_id, owner, attempt), delivery.c.state == "claimed", delivery.c.lease_until > real)
        .values(lease_until=real + lease)
    )


def begin_sending(
    connection: Connection,
    delivery_id: int,
    owner: str,
    attempt: int,
    now: datetime,
    real: datetime,
    lease: timedelta,
) -> bool:
    """claimed → sending, where it is still held, alive, wanted and of use."""
    statement = (
        update(delivery)
        .where(
            _held(delivery_id, owner, attempt),
            delivery.c.state == "claimed",
            delivery.c.lease_until > real,
            delivery.c.expires_at >= now,
        )
        .values(state="sending", lease_until=real + lease)
    )
    return connection.execute(statement).rowcount == 1


def settle_sent(
    connection: Connection, delivery_id: int, owner: str, attempt: int, message_id: int, now: datetime
) -> bool:
    """sending → sent, or due again where it was asked for anew meanwhile."""
    statement = (
        update(delivery)
        .where(_held(delivery_id, owner, attempt), delivery.c.state == "sending")
        .values(
            state=case((delivery.c.again, "pending"), else_="sent"),
            next_at=case((delivery.c.again, literal(now + timedelta(seconds=6), Instant())), else_=delivery.c.next_at),
            again=False,
            owner=None,
            lease_until=None,
            message_id=message_id,
            sent_at=now,
            last_error=None,
        )
    )
    return connection.execute(statement).rowcount == 1


def settle(connection: Connection, delivery_id: int, owner: str, attempt: int, **values: Any) -> bool:
    """Let go of a held delivery with what became of it."""
    statement = (
        update(delivery)
        .where(_held(delivery_id, owner, attempt), delivery.c.state.in_(_UNDER_WAY))
        .values(owner=None, lease_until=None, **values)
    )
    return connection.execute(statement).rowcount == 1


def abandoned(connection: Connection, real: datetime, survivor: str | None) -> Sequence[Any]:
    """What is under way with an ended lease, or of anybody but the survivor."""
    gone = delivery.c.lease_until <= real if survivor is None else delivery.c.owner != survivor
    return connection.execute(
        select(delivery).where(delivery.c.state.in_(_UNDER_WAY), gone).with_for_update(skip_locked=True)
    ).all()


def release(connection: Connection, delivery_id: int, state: str, next_at: datetime | None, uncertain: bool) -> None:
    """Put an abandoned delivery where it belongs."""
    values: dict[str, Any] = {"state": state, "uncertain": uncertain, "owner": None, "lease_until": None}
    if next_at is not None:
        values["next_at"] = next_at
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(**values))


def rekey_chat(connection: Connection, old_telegram_id: int, new_telegram_id: int) -> None:
    """Give a chat's row its new number, unless another row has it."""
    taken = connection.execute(select(chat.c.id).where(chat.c.telegram_id == new_telegram_id)).scalar()
    if taken is None:
        connection.execute(
            update(chat).where(chat.c.telegram_id == old_telegram_id).values(telegram_id=new_telegram_id)
        )


def next_due(connection: Connection) -> datetime | None:
    """The earliest next_at of what waits."""
    return connection.execute(select(func.min(delivery.c.next_at)).where(delivery.c.state == "pending")).scalar()


def set_thread(connection: Connection, dedupe_key: str, thread_id: int) -> None:
    """A delivery to a group goes to this topic."""
    in_groups = select(chat.c.id).where(chat.c.kind == "group")
    connection.execute(
        update(delivery)
        .where(delivery.c.dedupe_key == dedupe_key, delivery.c.destination_id.in_(in_groups))
        .values(thread_id=thread_id)
    )


def drop_thread(connection: Connection, delivery_id: int) -> None:
    """A delivery goes to no topic of its own any more."""
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(thread_id=None))


def topic_of(connection: Connection, destination_id: int, purpose: str) -> int | None:
    """The topic that a purpose has in the group of a chat."""
    query = (
        select(group_topic.c.thread_id)
        .join(study_group, study_group.c.id == group_topic.c.group_id)
        .where(study_group.c.chat_id == destination_id, group_topic.c.purpose == purpose)
    )
    return connection.execute(query).scalar()


def forget_topic(connection: Connection, destination_id: int, thread_id: int) -> list[str]:
    """No purpose of the group in this chat has this topic any more; those that had."""
    groups = select(study_group.c.id).where(study_group.c.chat_id == destination_id)
    statement = delete(group_topic).where(group_topic.c.group_id.in_(groups), group_topic.c.thread_id == thread_id)
    return list(connection.execute(statement.returning(group_topic.c.purpose)).scalars())


def leaders_of_chat(connection: Connection, destination_id: int) -> Sequence[Any]:
    """The leaders of a chat's group who can be reached, with the language to speak to them in."""
    return connection.execute(
        select(
            person.c.chat_id,
            func.coalesce(person.c.language, study_group.c.language).label("language"),
            study_group.c.name.label("group_name"),
        )
        .join(membership, membership.c.person_id == person.c.id)
        .join(study_group, study_group.c.id == membership.c.group_id)
        .join(chat, chat.c.id == person.c.chat_id)
        .where(
            study_group.c.chat_id == destination_id,
            membership.c.role == "leader",
            membership.c.left_at.is_(None),
            chat.c.state == "active",
        )
    ).all()
