"""A room of the sandbox whose messages wait in the outbox, a job that sends them, and looks at how they stand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot_stage import BotStage
from sqlalchemy import Connection, func, insert, select

from chat.outgoing import Message, Outgoing
from db.tables import chat, delivery
from domain.deliveries import Policy
from jobs.job import Job, Kind
from sandbox.client import Json
from services import deliveries

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)


class Notes:
    """A job whose messages say what their payload says."""

    def __init__(self) -> None:
        self.unwanted: set[str] = set()
        self.broken = False
        self.sent: list[int] = []
        self.jobs = {"notes": Job({"note": Kind(self._facts, self._render, self._note_sent)})}

    def _facts(self, _connection: Connection, payload: Mapping[str, Any], _now: datetime) -> str | None:
        text: str = payload["text"]
        return None if text in self.unwanted else text

    def _render(self, text: str) -> Outgoing:
        if self.broken:
            raise LookupError("cannot be rendered")
        return Message(text)

    def _note_sent(self, _connection: Connection, _payload: Mapping[str, Any], message_id: int, _now: datetime) -> None:
        self.sent.append(message_id)


class Room:
    """A group of the sandbox, known to the bot."""

    def __init__(self, stage: BotStage, group: Json, row: int) -> None:
        self._stage = stage
        self.group = group
        self.row = row

    async def enqueue(self, text: str, policy: Policy = Policy.RESEND, **values: Any) -> None:
        facts: dict[str, Any] = {"due_at": NOON, "expires_at": NOON + timedelta(hours=1), **values}
        await self._stage.store.write(
            lambda c: deliveries.enqueue(
                c,
                key=text,
                kind=values.pop("kind", "note"),
                destination_id=self.row,
                payload={"text": text},
                policy=policy,
                **{name: value for name, value in facts.items() if name != "kind"},
            )
        )

    async def accepted(self) -> list[str]:
        """The texts that the server has accepted for this group."""
        entries = await self._stage.sandbox.accepted("sendMessage", self.group)
        return [entry["params"]["text"] for entry in entries]


async def room(stage: BotStage, kind: str = "supergroup", *, is_forum: bool = False) -> Room:
    li = await stage.sandbox.person("李明")
    group = await stage.sandbox.new_group(li, "小组", [], type=kind, is_forum=is_forum, with_bot=True)
    row = await stage.store.write(
        lambda c: int(
            c.execute(insert(chat).values(telegram_id=group["id"], kind="group").returning(chat.c.id)).scalar_one()
        )
    )
    return Room(stage, group, row)


def is_in(text: str, *states: str) -> Any:
    """A query for the delivery once it is in one of the states."""

    def query(connection: Connection) -> Any:
        row = connection.execute(select(delivery).where(delivery.c.dedupe_key == text)).one()
        return row if row.state in states else None

    return query


def tried(text: str, times: int) -> Any:
    """A query for the delivery once it waits again after so many attempts."""

    def query(connection: Connection) -> Any:
        row = connection.execute(select(delivery).where(delivery.c.dedupe_key == text)).one()
        return row if row.state == "pending" and row.attempt == times else None

    return query


def at_least_sent(number: int) -> Any:
    """A query that is true once so many deliveries are sent."""
    count = select(func.count()).where(delivery.c.state == "sent")
    return lambda connection: connection.execute(count).scalar_one() >= number
