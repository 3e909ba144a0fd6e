"""What `python -m bot check` looks at: the database, SQLite's version, the token, the bot's rights."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from telegram.error import TelegramError

from bot import backups
from bot.running import make_bot
from bot.settings import Settings
from db import migrate
from db.batch import Unavailable
from db.store import is_sqlite, open_store, sqlite_path

# SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode when two connections write or checkpoint at once
# (sqlite.org, "the WAL-reset bug"). We have one writer, so it cannot happen as long as nobody else writes.
WAL_FIXED: Final = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    said: str


async def run(settings: Settings, *, offline: bool = False) -> list[Finding]:
    """Look at everything; a problem with one thing does not keep the others from being seen."""
    findings = [Finding("settings", True, "read, nothing unknown in them")]
    looks: list[Callable[[Settings], Awaitable[list[Finding]]]] = [_database, _backups]
    if not offline:
        looks.append(_telegram)
    for look in looks:
        findings += await look(settings)
    return findings


async def _database(settings: Settings) -> list[Finding]:
    url = settings.database.url
    findings = [_sqlite_version()] if is_sqlite(url) else []
    if is_sqlite(url) and not sqlite_path(url).exists():
        return [*findings, Finding("database", True, "not there yet; `run` or `migrate` makes it")]
    try:
        if is_sqlite(url):
            await asyncio.to_thread(migrate.look_through, sqlite_path(url))
        store = await asyncio.to_thread(open_store, url)
        try:
            current = await store.read(migrate.is_current)
        finally:
            await store.close()
    except migrate.Damaged as damaged:
        return [*findings, Finding("database", False, f"damaged: {damaged}; `python -m bot restore FILE` replaces it")]
    except (Unavailable, OSError, sqlite3.OperationalError) as error:
        return [*findings, Finding("database", False, f"out of reach ({type(error).__name__})")]
    said = "reachable, schema up to date" if current else "schema is old; `python -m bot migrate` brings it up"
    return [*findings, Finding("database", current, said)]


async def _backups(settings: Settings) -> list[Finding]:
    folder = settings.backup.folder
    if folder is None:
        return []
    state = backups.state_of(folder)
    if state.trouble:
        return [Finding("backups", False, state.trouble)]
    if not state.made_at:
        return [Finding("backups", True, "none yet; the first is made within the hour after a start")]
    said = f"made {state.made_at[:16]}; {state.tried} was restored to try it out {state.tried_at[:16]}"
    return [Finding("backups", True, said)]


def _sqlite_version() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= WAL_FIXED:
        return Finding("sqlite", True, version)
    return Finding("sqlite", True, f"{version}: fine as long as no other program writes to the database file")


async def _telegram(settings: Settings) -> list[Finding]:
    token = settings.token()
    if not token:
        return [Finding("telegram", True, "no token: `run` starts the sandbox")]
    try:
        bot = make_bot(settings, token)
        async with bot:
            me = await bot.get_me()
            webhook = await bot.get_webhook_info()
    except (TelegramError, ValueError, OSError) as error:
        return [Finding("telegram", False, f"{type(error).__name__}: look at token, base_url and proxy")]
    findings = [Finding("telegram", True, f"@{me.username}, id {me.id}")]
    if not me.can_join_groups:
        findings.append(Finding("rights", False, "cannot join groups; allow it with BotFather: /setjoingroups"))
    if webhook.url:
        findings.append(Finding("webhook", False, "one is set, so polling gets nothing; deleteWebhook removes it"))
    return findings
