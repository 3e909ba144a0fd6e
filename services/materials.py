"""Materials of a session: files that stay on Telegram's servers and are sent again by their ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import materials as queries
from domain.errors import Refusal
from domain.names import clean
from domain.people import Actor
from services import deliveries, inputs, people
from services.rules import Rules
from services.session_pages import led, visible
from services.sessions import refresh_card

MATERIAL: Final = "material"
"""The kind of the delivery that sends one, and the input that is waited for."""

PURPOSES: Final = (queries.MATERIAL, queries.MINUTES)
"""What files are for; a button carries the number."""

MOST: Final = 10
"""Files that a session may have for each purpose."""

LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it came in: Telegram's id of it, and the name it has, if any."""

    form: str  # document | photo
    file_id: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a session."""

    id: int
    form: str
    file_id: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Materials:
    """The files of a session."""

    session_id: int
    title: str
    entries: tuple[Entry, ...]
    purpose: int = 0  # a place in PURPOSES


def wait(connection: Connection, session_id: int, purpose: int, actor: Actor, *, now: datetime) -> Materials:
    """From now on a leader's files are taken in for this session.

    Raises Refusal: session_gone, not_leader, unknown_button, materials_full (most).
    """
    found = shown(connection, session_id, purpose, actor)
    if len(found.entries) >= MOST:
        raise Refusal("materials_full", most=MOST)
    inputs.ask(connection, actor.telegram_id, MATERIAL, session_id, purpose, now=now)
    return found


def done(connection: Connection, actor: Actor) -> None:
    """No more files are waited for."""
    inputs.answered(connection, actor.telegram_id)


def add(
    connection: Connection,
    session_id: int,
    purpose: int,
    handed: Handed,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
    rules: Rules,
) -> int:
    """Take a file in; how many there are now. Until there are enough the next one is waited for, as albums come singly.

    Raises Refusal: session_gone, not_leader, materials_full (most).
    """
    row = led(connection, session_id, actor, lock=True)
    count = len(queries.of_session(connection, session_id, _purpose(purpose))) + 1
    if count > MOST:
        raise Refusal("materials_full", most=MOST)
    person = people.meet(connection, actor, now)
    file_name = clean(handed.file_name).replace("/", "_")[:LONGEST_NAME]
    queries.add(connection, session_id, handed.form, handed.file_id, file_name, person.id, now, PURPOSES[purpose])
    if count < MOST:
        inputs.ask(connection, actor.telegram_id, MATERIAL, session_id, purpose, now=now)
    audit.add(connection, now, actor.telegram_id, "add_file", group_id=row.group_id, subject=f"session:{session_id}")
    refresh_card(connection, row, now, rules.live_every)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="materials.added" if file_name else "materials.added_photo",
        values={"file_name": file_name, "total": count, "most": MOST},
        language=language,
        now=now,
        buttons=_after(session_id, purpose, count),
    )
    return count


def _purpose(number: int) -> str:
    if number not in range(len(PURPOSES)):
        raise Refusal("unknown_button")
    return PURPOSES[number]


def _after(session_id: int, purpose: int, count: int) -> list[list[tuple[str, str]]]:
    done_button = ("button.files_done", f"material_done:{session_id}:{purpose}")
    more = ("button.files_more", f"material_add:{session_id}:{purpose}")
    return [[more, done_button]] if count < MOST else [[done_button]]


def shown(connection: Connection, session_id: int, purpose: int, actor: Actor) -> Materials:
    """A session's files for its leaders. Raises Refusal: session_gone, not_leader, unknown_button."""
    row = led(connection, session_id, actor)
    entries = tuple(
        Entry(each.id, each.form, each.file_id, each.file_name)
        for each in queries.of_session(connection, session_id, _purpose(purpose))
    )
    return Materials(session_id, row.title, entries, purpose)


def to_remove(connection: Connection, material_id: int, actor: Actor) -> tuple[Materials, Entry]:
    """The file that is about to be removed. Raises Refusal: file_gone, not_leader."""
    row = queries.find(connection, material_id)
    if row is None:
        raise Refusal("file_gone")
    found = shown(connection, row.session_id, PURPOSES.index(row.purpose), actor)
    return found, next(entry for entry in found.entries if entry.id == material_id)


def remove(connection: Connection, material_id: int, actor: Actor, *, now: datetime, rules: Rules) -> Materials:
    """Take a file off a session. Raises Refusal: file_gone, not_leader."""
    found, _ = to_remove(connection, material_id, actor)
    row = led(connection, found.session_id, actor, lock=True)
    queries.remove(connection, material_id)
    subject = f"session:{row.id}"
    audit.add(connection, now, actor.telegram_id, "remove_file", group_id=row.group_id, subject=subject)
    refresh_card(connection, row, now, rules.live_every)
    return shown(connection, row.id, found.purpose, actor)


def send(
    connection: Connection, session_id: int, actor: Actor, *, reply_key: str, now: datetime, purpose: int = 0
) -> int:
    """Make all files of a session due in somebody's private chat; how many. Those of its minutes are for leaders.

    Raises Refusal: session_gone, not_member, not_leader, no_files.
    """
    (led if purpose else visible)(connection, session_id, actor)
    rows = queries.of_session(connection, session_id, _purpose(purpose))
    if not rows:
        raise Refusal("no_files")
    chat_id = people.chat_id(connection, actor.telegram_id, "private")
    for row in rows:
        deliveries.enqueue(
            connection,
            key=f"{reply_key}:{row.id}",
            kind=MATERIAL,
            destination_id=chat_id,
            payload={"material_id": row.id},
            due_at=now,
            expires_at=now + timedelta(hours=1),
            priority=deliveries.REPLY,
        )
    return len(rows)


def material(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Entry | None:
    """A file that is to be sent; None where it was removed meanwhile."""
    row = queries.find(connection, int(payload["material_id"]))
    return None if row is None else Entry(row.id, row.form, row.file_id, row.file_name)
