"""Check-in by a code on the leader's screen: four digits to type in private, or a QR code to scan.

Both follow from a key and the time (domain.codes), so that showing them early, or twice, changes nothing.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import codes as queries
from domain import codes as rule
from domain.attendance import CAME, Moment
from domain.codes import Shown, Verdict
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.people import Actor
from services import checkins, deliveries, people
from services.checkins import Live, OpenSession
from services.closing import led_session
from services.rules import Rules

KEY: Final = "codes"

CODE, CODE_LIVE = "code", "code_live"
"""The message with the digits, and its edits."""

PAGE_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Screen:
    """What a leader's message or page shows: the digits, until when, and how many are there."""

    session_id: int
    live: Live
    code: Shown
    page: str  # the unguessable part of the page's address
    message_id: int = 0


def show(
    connection: Connection, session_id: int, actor: Actor, *, reply_key: str, language: str, now: datetime
) -> None:
    """Show the digits in the leader's private chat from now on. Raises Refusal: session_gone, not_leader,
    checkin_closed.
    """
    row = led_session(connection, session_id, actor)
    if row.state == "closed" or now > row.closes_at:
        raise Refusal("checkin_closed", closes_at=row.closes_at, zone=row.time_zone)
    queries.make_key(connection, KEY)
    chat_id = people.chat_id(connection, actor.telegram_id, "private")
    deliveries.enqueue(
        connection,
        key=reply_key,
        kind=CODE,
        destination_id=chat_id,
        session_id=session_id,
        payload={"session_id": session_id, "language": language, "chat_id": chat_id},
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )


def screen(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Screen | None:
    """What the message shows now; None where the session is cancelled."""
    found = _screen(connection, int(payload["session_id"]), now, str(payload["language"]))
    if found is None or not payload.get("message_id"):
        return found
    return Screen(found.session_id, found.live, found.code, found.page, int(payload["message_id"]))


def of_page(connection: Connection, session_id: int, page: str, now: datetime) -> Screen | None:
    """What the page shows to whoever knows its address; None for every other address."""
    key = queries.key(connection, KEY)
    if key is None or not hmac.compare_digest(_page(key, session_id), page):
        return None
    return _screen(connection, session_id, now, "")


def qr(connection: Connection, session_id: int, now: datetime) -> Shown | None:
    """The token behind the QR code that the page shows now."""
    key = queries.key(connection, KEY)
    return None if key is None else rule.qr_token(key, session_id, now)


def _screen(connection: Connection, session_id: int, now: datetime, language: str) -> Screen | None:
    key = queries.key(connection, KEY)
    payload = {"session_id": session_id, **({"language": language} if language else {})}
    live = checkins.live(connection, payload, now)
    if key is None or live is None:
        return None
    return Screen(session_id, live, rule.code(key, session_id, now), _page(key, session_id))


def _page(key: bytes, session_id: int) -> str:
    return hmac.new(key, f"page:{session_id}".encode(), "sha256").digest()[:PAGE_MAC_BYTES].hex()


def shown(connection: Connection, payload: Mapping[str, Any], message_id: int, now: datetime) -> None:
    """The digits were sent, or brought up to date: the next ones follow when these are over, until check-in closes."""
    found = _screen(connection, int(payload["session_id"]), now, str(payload["language"]))
    if found is None or found.live.state in ("closed", "ended", "reopened"):
        return
    deliveries.enqueue(
        connection,
        key=f"session:{found.session_id}:{CODE}:{payload['chat_id']}:{message_id}:{found.code.until.isoformat()}",
        kind=CODE_LIVE,
        policy=Policy.REPEAT,
        priority=deliveries.LIVE,
        destination_id=int(payload["chat_id"]),
        session_id=found.session_id,
        payload={**payload, "message_id": message_id},
        due_at=max(found.code.until, now + timedelta(seconds=1)),
        expires_at=found.live.closes_at + timedelta(minutes=10),
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What a typed or scanned code came to: `checkin` where it was right, else why not and how many tries are left."""

    outcome: str  # right | wrong | expired | locked | none_open
    checkin: checkins.CheckIn | None = None
    title: str = ""
    tries_left: int = 0


def typed(connection: Connection, text: str, actor: Actor, moment: Moment, *, now: datetime, rules: Rules) -> Tried:
    """Four digits were typed in private: they count for that of one's open sessions whose code they are.

    A wrong one costs a try for each session that is still to check in to; it is kept, so this returns and refuses
    nothing. Refusals are those of `checkins.check_in`.
    """
    open_sessions = [
        one
        for one in checkins.open_now(connection, actor, actor.telegram_id, now)
        if not _is_there(connection, one, actor)
    ]
    key = queries.key(connection, KEY)
    known = people.find(connection, actor.telegram_id)
    if not open_sessions or key is None or known is None:
        return Tried("none_open")
    verdicts = {
        one.id: rule.judge_code(
            key,
            one.id,
            text,
            now,
            wrong=queries.wrong_tries(connection, one.id, known.id),
            not_before=moment.not_before,
        )
        for one in open_sessions
    }
    right = next((one for one in open_sessions if verdicts[one.id] is Verdict.RIGHT), None)
    if right is not None:
        done = checkins.check_in(
            connection, right.id, actor, actor.telegram_id, moment, now=now, rules=rules, method="code"
        )
        return Tried("right", done, right.title)
    if Verdict.EXPIRED in verdicts.values():
        return Tried("expired")
    wrong = [one.id for one in open_sessions if verdicts[one.id] is Verdict.WRONG]
    for session_id in wrong:
        queries.count_wrong(connection, session_id, known.id)
    left = max((rule.tries_left(queries.wrong_tries(connection, one, known.id)) for one in wrong), default=0)
    return Tried("wrong" if left else "locked", tries_left=left)


def _is_there(connection: Connection, session: OpenSession, actor: Actor) -> bool:
    known = people.find(connection, actor.telegram_id)
    return known is not None and queries.status_of(connection, session.id, known.id) in CAME


def scanned(connection: Connection, token: str, actor: Actor, moment: Moment, *, now: datetime, rules: Rules) -> Tried:
    """A QR code was scanned, which opened the private chat. Refusals: link_expired, and those of `check_in`."""
    key = queries.key(connection, KEY)
    found = None if key is None else rule.read_qr(key, token, now, not_before=moment.not_before)
    if found is None:
        raise Refusal("link_expired")
    people.start(connection, actor, now)
    session_id, is_good = found
    if not is_good:
        return Tried("expired")
    done = checkins.check_in(
        connection, session_id, actor, actor.telegram_id, moment, now=now, rules=rules, method="qr"
    )
    return Tried("right", done)
