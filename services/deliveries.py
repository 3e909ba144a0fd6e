"""The outbox: what is to be sent is written with the fact that makes it due, and sent from there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import deliveries as queries
from db.queries import people
from domain.deliveries import Next, Policy, State, after_refusal, after_unknown

# Lower goes first: answers to people, then what is due by the clock, then live counters.
REPLY, DUE, LIVE = 10, 50, 90

REPLY_EXPIRES = timedelta(hours=1)


def enqueue(
    connection: Connection,
    *,
    key: str,
    kind: str,
    destination_id: int,
    payload: Mapping[str, Any],
    due_at: datetime,
    expires_at: datetime,
    policy: Policy = Policy.RESEND,
    priority: int = DUE,
    session_id: int | None = None,
) -> bool:
    """Make a delivery due; False where one with this key exists already, which then stays as it is."""
    return queries.insert(
        connection,
        dedupe_key=key,
        kind=kind,
        policy=policy.value,
        priority=priority,
        destination_id=destination_id,
        session_id=session_id,
        payload=dict(payload),
        due_at=due_at,
        next_at=due_at,
        expires_at=expires_at,
    )


def gather(
    connection: Connection,
    *,
    key: str,
    kind: str,
    destination_id: int,
    payload: Mapping[str, Any],
    gathered: Sequence[Any],
    due_at: datetime,
    expires_at: datetime,
) -> bool:
    """Add to what one message is to say (its payload's `gathered`), making it due where it is not yet.

    False where it is on its way already, so that nothing was added. What waits is locked until the transaction ends:
    it cannot be taken for sending between the look at it and the change.
    """
    whole = {**payload, "gathered": list(gathered)}
    if enqueue(
        connection,
        key=key,
        kind=kind,
        destination_id=destination_id,
        payload=whole,
        due_at=due_at,
        expires_at=expires_at,
    ):
        return True
    waiting = queries.waiting(connection, key)
    if waiting is None:
        return False
    known = waiting.payload["gathered"]
    more = [each for each in gathered if each not in known]
    queries.change_payload(connection, waiting.id, {**waiting.payload, "gathered": known + more})
    return True


def reply(
    connection: Connection,
    *,
    key: str,
    chat_id: int,
    text: str,
    language: str,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    buttons: Collection[Collection[tuple[str, str]]] = (),
    lasts: timedelta = REPLY_EXPIRES,
) -> None:
    """Make a reply due, for as long as it `lasts`: `text` is a key of texts/, `values` are its plain values.

    `key` is the context's reply_key (add a suffix for a second one); `chat_id` is our row of the chat; each of
    `buttons` is a row of (key of its label, data, or a link that starts with https:). Values may be strings, numbers,
    and moments as `{"at": ISO time, "zone": name, "as": "when" | "date" | "day" | "time"}` (see `moment_value`).
    """
    enqueue(
        connection,
        key=key,
        kind="reply",
        destination_id=chat_id,
        payload={
            "text": text,
            "values": dict(values or {}),
            "language": language,
            "buttons": [[list(button) for button in row] for row in buttons],
        },
        due_at=now,
        expires_at=now + lasts,
        priority=REPLY,
    )


def moment_value(at: datetime, zone: str, form: str = "when") -> dict[str, str]:
    """A moment as a reply's payload holds it; it is put into words when it is sent."""
    return {"at": at.isoformat(), "zone": zone, "as": form}


def refresh(
    connection: Connection,
    *,
    key: str,
    kind: str,
    destination_id: int,
    payload: Mapping[str, Any],
    now: datetime,
    every: timedelta,
    expires_at: datetime,
    session_id: int | None = None,
) -> None:
    """Ask for a live message to be edited: many requests become one edit, at most one `every` so long.

    A request that comes while an edit is under way leads to another edit, so the final state always arrives.
    """
    queries.refresh(
        connection,
        every=every,
        now=now,
        values={
            "dedupe_key": key,
            "kind": kind,
            "policy": Policy.REPEAT.value,
            "priority": LIVE,
            "destination_id": destination_id,
            "session_id": session_id,
            "payload": dict(payload),
            "due_at": now,
            "next_at": now,
            "expires_at": expires_at,
            "state": State.PENDING.value,
        },
    )


def answer_in_topic(connection: Connection, key: str, thread_id: int) -> None:
    """What answers a message in a topic of a forum goes to that topic."""
    queries.set_thread(connection, key, thread_id)


def thread_for(connection: Connection, claimed: "Claim", purpose: str | None) -> int | None:
    """The topic that a message goes to: where it answers, else the one of its purpose in that group, if any."""
    if claimed.thread_id is not None or purpose is None:
        return claimed.thread_id
    return queries.topic_of(connection, claimed.destination_id, purpose)


def topic_gone(connection: Connection, claimed: "Claim", owner: str, thread_id: int, now: datetime) -> None:
    """A topic was deleted or closed: what had it as its topic goes to the general one from now on, this too.

    The leaders who can be reached are told once.
    """
    purposes = queries.forget_topic(connection, claimed.destination_id, thread_id)
    queries.drop_thread(connection, claimed.id)
    _settle(connection, claimed, owner, Next(State.PENDING, now, claimed.uncertain), "topic gone")
    if not purposes:
        return
    for leader in queries.leaders_of_chat(connection, claimed.destination_id):
        reply(
            connection,
            key=f"topic:{claimed.destination_id}:{thread_id}:gone:{leader.chat_id}",
            chat_id=leader.chat_id,
            text="groups.topic_gone",
            values={"group_name": leader.group_name},
            language=leader.language,
            now=now,
        )


def cancel_for_session(
    connection: Connection, session_id: int, kinds: Collection[str] | None = None, destination_id: int | None = None
) -> None:
    """No more of a session is sent: of these kinds, to this chat, or at all; what is under way ends at its fence."""
    queries.cancel(connection, session_id, kinds, destination_id)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process holds for the length of its lease."""

    id: int
    kind: str
    policy: Policy
    destination_id: int
    telegram_id: int
    payload: Mapping[str, Any]
    due_at: datetime
    expires_at: datetime
    attempt: int
    uncertain: bool
    thread_id: int | None = None


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    busy: Collection[int],
    shares: Collection[tuple[int, int]] = (),
) -> list[Claim]:
    """Take up to `limit` due deliveries, at most one a chat, none for the `busy` chats (Telegram's numbers).

    Only chats in every one of `shares` are this owner's (services.replicas).

    What has expired is to be skipped before (services.unsent). The lease runs by the database's own clock.
    """
    rows = queries.due(connection, now, limit, busy, shares)
    if not rows:
        return []
    queries.take(connection, [row.id for row in rows], owner, queries.real_now(connection) + lease)
    return [
        Claim(
            row.id,
            row.kind,
            Policy(row.policy),
            row.destination_id,
            row.telegram_id,
            row.payload,
            row.due_at,
            row.expires_at,
            row.attempt + 1,
            row.uncertain,
            row.thread_id,
        )
        for row in rows
    ]


def skip(connection: Connection, claimed: Claim, owner: str, reason: str) -> None:
    """What it was to say is no longer wanted."""
    queries.settle(
        connection,
        claimed.id,
        owner,
        claimed.attempt,
        state=State.SKIPPED.value,
        last_error=reason,
        again=False,
    )


def hold(connection: Connection, claimed: Claim, owner: str, lease: timedelta) -> None:
    """It takes long to make: the lease begins anew, unless it has ended."""
    queries.hold(connection, claimed.id, owner, claimed.attempt, queries.real_now(connection), lease)


def fence(connection: Connection, claimed: Claim, owner: str, now: datetime, lease: timedelta) -> bool:
    """The last look before the request goes out: still ours, the lease alive, not cancelled, not expired.

    The lease begins anew, for the request to end within it.
    """
    real = queries.real_now(connection)
    return queries.begin_sending(connection, claimed.id, owner, claimed.attempt, now, real, lease)


def sent(connection: Connection, claimed: Claim, owner: str, message_id: int, now: datetime) -> bool:
    """Telegram has it. False: somebody else has settled this delivery meanwhile."""
    return queries.settle_sent(connection, claimed.id, owner, claimed.attempt, message_id, now)


def unknown(connection: Connection, claimed: Claim, owner: str, reason: str, now: datetime) -> Next:
    """Telegram may have it."""
    following = after_unknown(claimed.policy, claimed.uncertain, claimed.attempt, now)
    _settle(connection, claimed, owner, following, reason)
    return following


def later(connection: Connection, claimed: Claim, owner: str, seconds: float, reason: str, now: datetime) -> None:
    """Telegram does not have it and may take it later."""
    _settle(connection, claimed, owner, after_refusal(claimed.uncertain, seconds, now), reason)


def rejected(connection: Connection, claimed: Claim, owner: str, reason: str, destination_gone: bool) -> None:
    """Telegram will not take it; a destination that is gone gets nothing more until it is back."""
    _settle(connection, claimed, owner, Next(State.REJECTED, uncertain=claimed.uncertain), reason)
    if destination_gone:
        people.change_chat(connection, claimed.destination_id, state="gone")


def moved(connection: Connection, claimed: Claim, owner: str, new_telegram_id: int, now: datetime) -> None:
    """The group became a supergroup: one number changes, and the message is due again at once."""
    rekey_chat(connection, claimed.telegram_id, new_telegram_id)
    _settle(connection, claimed, owner, Next(State.PENDING, now, claimed.uncertain), "moved")


def rekey_chat(connection: Connection, old_telegram_id: int, new_telegram_id: int) -> None:
    """A group has a new number; a row that exists under it already keeps it, and takes nothing over."""
    queries.rekey_chat(connection, old_telegram_id, new_telegram_id)


def recover(connection: Connection, now: datetime, *, owner: str, all_of_others: bool) -> dict[int, State]:
    """Take back what a process that is gone held; what became of each, by its id.

    Claimed is certainly unsent; sending may have been accepted. `all_of_others` is for a database that only one
    process can have open: whoever else held something is gone. Else only ended leases are taken.
    """
    rows = queries.abandoned(connection, queries.real_now(connection), owner if all_of_others else None)
    became = {}
    for row in rows:
        if row.state == State.CLAIMED:
            following = Next(State.PENDING, now, row.uncertain)
        else:
            following = after_unknown(Policy(row.policy), row.uncertain, row.attempt, now)
        queries.release(connection, row.id, following.state.value, following.next_at, following.uncertain)
        became[row.id] = following.state
    return became


def skip_past_due(connection: Connection, now: datetime) -> int:
    """After a restore: what fell due before `now` may have been sent since the copy was made; how many were skipped.

    Edits stay: they bring what hangs in a chat up to date, and repeating one does no harm.
    """
    return queries.skip_past_due(connection, now, Policy.REPEAT.value)


def next_due(connection: Connection) -> datetime | None:
    """When the next delivery is due; None where nothing waits."""
    return queries.next_due(connection)


def _settle(connection: Connection, claimed: Claim, owner: str, following: Next, reason: str) -> None:
    values: dict[str, Any] = {
        "state": following.state.value,
        "uncertain": following.uncertain,
        "last_error": reason,
    }
    if following.next_at is not None:
        values["next_at"] = following.next_at
    queries.settle(connection, claimed.id, owner, claimed.attempt, **values)
