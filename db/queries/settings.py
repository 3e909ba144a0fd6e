"""SQL of a group's settings and of the topics of its forum."""

from typing import Any

from sqlalchemy import Connection, delete, select, update

from db.queries.inbox import upsert
from db.tables import group_topic, study_group


def change_group(connection: Connection, group_id: int, **values: Any) -> None:
    """Change columns of a group."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(**values))


def topics(connection: Connection, group_id: int) -> dict[str, int]:
    """The topic of each purpose that has one."""
    query = select(group_topic.c.purpose, group_topic.c.thread_id).where(group_topic.c.group_id == group_id)
    return {row.purpose: row.thread_id for row in connection.execute(query)}


def set_topic(connection: Connection, group_id: int, purpose: str, thread_id: int) -> None:
    """A purpose goes to this topic from now on."""
    statement = upsert(connection)(group_topic).values(group_id=group_id, purpose=purpose, thread_id=thread_id)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["group_id", "purpose"], set_={"thread_id": thread_id})
    )


def clear_topics(connection: Connection, group_id: int) -> None:
    """Everything goes to the general topic."""
    connection.execute(delete(group_topic).where(group_topic.c.group_id == group_id))
