"""The minutes of a session: host, speaker, recorder, agenda, decisions, evidence, and who looked through them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import materials as material_queries
from db.queries import minutes as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.names import clean
from domain.people import Actor
from services import access, deliveries, inputs, people, rota
from services.rules import Rules

TEXT: Final = "minutes_text"
"""What is waited for: the agenda or the decisions, typed."""

ROLES: Final = ("host", "speaker", "recorder")
"""What somebody can be in a session; a button carries the number, and the column is `<role>_id`."""

FIELDS: Final = ("agenda", "decisions")
"""The parts that are typed; a button carries the number."""

LONGEST: Final = 1500
"""Characters of an agenda or of decisions: two of them fit into one message."""

SHOWN: Final = 8
"""People on one page of who can be chosen."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """A session's minutes as one reads them; empty names and texts are not filled in yet."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    host: str
    speaker: str
    recorder: str
    agenda: str
    decisions: str
    files: int
    reviewer: str
    reviewed_at: datetime | None
    may_review: bool


def page(connection: Connection, session_id: int, actor: Actor) -> Minutes:
    """The minutes for a leader or for their recorder. Raises Refusal: session_gone, not_leader."""
    row, person_id = _writable(connection, session_id, actor, lock=False)
    return _page(connection, row, person_id)


def _page(connection: Connection, row: Any, person_id: int) -> Minutes:
    called = queries.names(connection, [row.host_id, row.speaker_id, row.recorder_id, row.reviewed_by])
    return Minutes(
        row.id,
        row.title,
        row.starts_at,
        row.time_zone,
        called.get(row.host_id, ""),
        called.get(row.speaker_id, ""),
        called.get(row.recorder_id, ""),
        row.agenda,
        row.decisions,
        len(material_queries.of_session(connection, row.id, material_queries.MINUTES)),
        called.get(row.reviewed_by, ""),
        row.reviewed_at,
        may_review=row.reviewed_at is None
        and person_id != row.recorder_id
        and bool(row.agenda or row.decisions)
        and access.is_leader(connection, person_id, row.group_id),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Who may be chosen to be something in a session: a page of ids and names."""

    session_id: int
    title: str
    role: int  # a place in ROLES
    people: tuple[tuple[int, str], ...]
    page: int
    pages: int


def choice(connection: Connection, session_id: int, role: int, page: int, actor: Actor) -> Choice:
    """The people of a session to choose from. Raises Refusal: session_gone, not_leader, unknown_button."""
    row, _ = _writable(connection, session_id, actor, lock=False)
    if role not in range(len(ROLES)):
        raise Refusal("unknown_button")
    pages = max(1, -(-queries.count_choosable(connection, session_id) // SHOWN))
    page = min(max(page, 0), pages - 1)
    found = queries.choosable(connection, session_id, SHOWN, page * SHOWN)
    return Choice(session_id, row.title, role, tuple((each.id, each.name) for each in found), page, pages)


def choose(
    connection: Connection, session_id: int, role: int, person_id: int, actor: Actor, *, now: datetime, rules: Rules
) -> Minutes:
    """Somebody was the host, the speaker or the recorder; 0: nobody. Minutes that were looked through are so no more.

    Raises Refusal: session_gone, not_leader, unknown_button, not_on_list.
    """
    row, _ = _writable(connection, session_id, actor)
    if role not in range(len(ROLES)):
        raise Refusal("unknown_button")
    if person_id and not queries.is_choosable(connection, session_id, person_id):
        raise Refusal("not_on_list")
    return _change(connection, row, actor, now, rules, **{f"{ROLES[role]}_id": person_id or None})


def ask(connection: Connection, session_id: int, field: int, actor: Actor, *, now: datetime) -> Minutes:
    """From now on the agenda or the decisions can be typed. Refusals: session_gone, not_leader, unknown_button."""
    row, person_id = _writable(connection, session_id, actor, lock=False)
    if field not in range(len(FIELDS)):
        raise Refusal("unknown_button")
    inputs.ask(connection, actor.telegram_id, TEXT, session_id, field, now=now)
    return _page(connection, row, person_id)


def typed(
    connection: Connection,
    session_id: int,
    field: int,
    text: str,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
    rules: Rules,
) -> None:
    """The agenda or the decisions were typed; the minutes are one tap away.

    Raises Refusal: session_gone, not_leader, too_long (limit, length).
    """
    row, _ = _writable(connection, session_id, actor)
    kept = "\n".join(line for line in map(clean, text.splitlines()) if line)
    if len(kept) > LONGEST:
        raise Refusal("minutes_too_long", limit=LONGEST, length=len(kept))
    _change(connection, row, actor, now, rules, **{FIELDS[field]: kept})
    inputs.answered(connection, actor.telegram_id)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text=f"minutes.kept_{FIELDS[field]}",
        language=language,
        now=now,
        buttons=[[("button.minutes", f"minutes:{session_id}")]],
    )


def review(connection: Connection, session_id: int, actor: Actor, *, now: datetime) -> Minutes:
    """A leader has looked through minutes that somebody else wrote down; a second time changes nothing.

    Raises Refusal: session_gone, not_leader, minutes_own (whoever recorded them), minutes_empty.
    """
    row, person_id = _writable(connection, session_id, actor)
    access.require_leader(connection, person_id, row.group_id)
    if row.reviewed_at is None:
        if person_id == row.recorder_id:
            raise Refusal("minutes_own")
        if not (row.agenda or row.decisions):
            raise Refusal("minutes_empty")
        session_queries.change_session(connection, session_id, reviewed_by=person_id, reviewed_at=now)
        _note(connection, row, actor, "review_minutes", now)
    return _page(connection, session_queries.session(connection, session_id), person_id)


def _change(connection: Connection, row: Any, actor: Actor, now: datetime, rules: Rules, **values: Any) -> Minutes:
    if any(getattr(row, name) != value for name, value in values.items()):
        session_queries.change_session(connection, row.id, **values, reviewed_by=None, reviewed_at=None)
        _note(connection, row, actor, "minutes", now)
        if "speaker_id" in values:
            rota.change(connection, row, row.speaker_id, now, rules)
    known = people.find(connection, actor.telegram_id)
    return _page(connection, session_queries.session(connection, row.id), known.id if known else 0)


def _note(connection: Connection, row: Any, actor: Actor, action: str, now: datetime) -> None:
    audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=f"session:{row.id}")


def _writable(connection: Connection, session_id: int, actor: Actor, *, lock: bool = True) -> tuple[Any, int]:
    """The session and who acts: those who lead its group, and whoever keeps its minutes."""
    row = session_queries.session(connection, session_id, lock=lock)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if not (person_id and person_id == row.recorder_id):
        access.require_leader(connection, person_id, row.group_id)
    return row, person_id
