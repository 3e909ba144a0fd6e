"""What is kept of somebody, shown to them as a file; erasing it is services.forgetting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import people as people_queries
from db.queries import privacy as queries
from domain.people import Actor
from services import deliveries, inputs, people

DATA: Final = "my_data"

EXPIRES: Final = timedelta(hours=1)

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything that is kept of somebody, section by section."""

    sections: Mapping[str, Record | list[Record]]
    made_at: datetime
    language: str


def order(connection: Connection, actor: Actor, *, language: str, now: datetime) -> None:
    """Make the file with somebody's data due; a second tap within a minute makes no second file."""
    known = people.start(connection, actor, now)
    assert known.chat_id is not None
    deliveries.enqueue(
        connection,
        key=f"{DATA}:{known.id}:{now:%Y%m%d%H%M}",
        kind=DATA,
        destination_id=known.chat_id,
        payload={"person_id": known.id, "language": language},
        due_at=now,
        expires_at=now + EXPIRES,
        priority=deliveries.REPLY,
    )


def data(connection: Connection, payload: Mapping[str, Any], now: datetime) -> MyData | None:
    """Everything that is kept of somebody; None for who is erased."""
    row = people_queries.by_id(connection, int(payload["person_id"]))
    if row.telegram_id is None:
        return None
    waiting = inputs.awaited(connection, row.telegram_id, now)
    sections: dict[str, Record | list[Record]] = {
        "person": _person(row),
        "memberships": _rows(queries.memberships(connection, row.id)),
        "admin_of": _rows(queries.administered(connection, row.id)),
        "answers": _rows(queries.answers(connection, row.id)),
        "attendance": _rows(queries.attended(connection, row.id)),
        "attendance_changes": _rows(queries.changes(connection, row.id)),
        "corrections": _rows(queries.corrections(connection, row.id)),
        "sessions": _rows(queries.sessions(connection, row.id)),
        "series": _rows(queries.series(connection, row.id)),
        "registered": _rows(queries.registered(connection, row.id)),
        "session_changes": _rows(queries.session_changes(connection, row.id)),
        "marks": _rows(queries.marks(connection, row.id)),
        "drafts": _rows(queries.drafts(connection, row.id)),
        "materials": _rows(queries.materials(connection, row.id)),
        "makeups": _rows(queries.makeups(connection, row.id)),
        "long_leaves": _rows(queries.long_leaves(connection, row.id)),
        "invitations": _rows(queries.invitations(connection, row.id)),
        "swaps": _rows(queries.swaps(connection, row.id)),
        "wrong_codes": _rows(queries.wrong_codes(connection, row.id)),
        "duty_reasons": _rows(queries.duty_reasons(connection, row.id)),
        "proposals": _rows(queries.proposals(connection, row.id)),
        "imports": _rows(queries.imports(connection, row.id)),
        "acts": _rows(queries.acts(connection, row.telegram_id)),
        "messages": _rows(queries.messages(connection, row.chat_id)),
        "awaited": [{"purpose": waiting.purpose}] if waiting is not None else [],
    }
    return MyData(sections, now, str(payload["language"]))


def _person(row: Any) -> Record:
    """Somebody's own row, but for the ids that mean something to the database alone."""
    internal = {"id", "chat_id", "last_group_id", "forgotten_at", "merged_into"}
    return {name: value for name, value in row._mapping.items() if name not in internal}


def _rows(found: Iterable[Any]) -> list[Record]:
    return [dict(row._mapping) for row in found]
