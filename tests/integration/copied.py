"""A database that is copied, and the commands that copy it and put copies back."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result
from forgotten import forget_at_once
from open_session import engine_of
from sqlalchemy import Connection, select

from bot.__main__ import main
from bot.backups import Backups, State, state_of
from bot.settings import Backup
from db import migrate
from db.store import Store, open_store
from db.tables import delivery, person
from domain.people import Actor
from services import people

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)
CANARY = "金丝雀同志"
WORD = "correct horse"


def add(url: str, number: int, name: str = CANARY) -> None:
    def begin(connection: Connection) -> None:
        people.start(connection, Actor(number, name), NOON)

    within(url, begin)


def within(url: str, work: object) -> object:
    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            return work(connection)  # type: ignore[operator]
    finally:
        engine.dispose()


def names(url: str) -> list[str]:
    found = within(url, lambda c: list(c.execute(select(person.c.name).order_by(person.c.id)).scalars()))
    assert isinstance(found, list)
    return found


class Room:
    """A database with one person, its settings, and a folder for copies."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder, self.now = url, folder, NOON
        self.backup: dict[str, object] = {"folder": folder, "keep": 2}
        migrate.upgrade(url)
        add(url, 7)

    def look(self) -> State:
        self.try_to_look()
        return state_of(self.folder)

    def try_to_look(self) -> None:
        settings = Backup(**self.backup)  # type: ignore[arg-type]

        async def once() -> None:
            store: Store = open_store(self.url)
            try:
                await Backups(self.url, settings, [7], store, lambda: self.now, lambda: None).look()
            finally:
                await store.close()

        asyncio.run(once())

    def told(self) -> list[str]:
        found = within(self.url, lambda c: [row.payload["text"] for row in c.execute(select(delivery)).all()])
        assert isinstance(found, list)
        return found


def call(*arguments: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=said)


def erase(url: str, number: int) -> None:
    within(url, lambda c: forget_at_once(c, Actor(number, ""), NOON))
