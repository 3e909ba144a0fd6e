"""A group of the sandbox that is registered already, with its leader and members, for talks about other things."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from study_life import StudyLife
from talk import Talk

from db.tables import chat, membership, person, study_group, unit
from sandbox.client import Json

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


async def settle(talk: Talk, group: Json, roles: dict[str, Json]) -> int:
    """Register the group with these people, `{"leader": li, "member": wang}`; our id of it."""

    def write(connection: Connection) -> int:
        life = StudyLife(connection)
        unit_id = connection.execute(select(unit.c.id)).scalar() or life.unit()
        chat_id = connection.execute(select(chat.c.id).where(chat.c.telegram_id == group["id"])).scalar()
        chat_id = chat_id or life.row(chat, telegram_id=group["id"], kind="group")
        values: dict[str, Any] = {"unit_id": unit_id, "chat_id": chat_id, "name": group["title"]}
        values |= {"language": "zh-CN", "time_zone": "Asia/Shanghai", "created_at": LONG_AGO}
        group_id = life.row(study_group, **values)
        for role, somebody in roles.items():
            person_id = connection.execute(select(person.c.id).where(person.c.telegram_id == somebody["id"])).scalar()
            name = somebody["first_name"]
            person_id = person_id or life.row(person, telegram_id=somebody["id"], name=name, created_at=LONG_AGO)
            connection.execute(
                insert(membership).values(group_id=group_id, person_id=person_id, role=role, joined_at=LONG_AGO)
            )
        return group_id

    return await talk.bot.store.write(write)
