"""`python -m bot export`: a ledger written to a file on this machine, without the chat."""

import asyncio
import os
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from pathlib import Path

import services.exports
from bot.settings import Settings
from db.batch import Unavailable
from db.store import is_sqlite, read_once, sqlite_path
from domain.errors import Refusal
from exports.making import FORMATS, make
from jobs.exports import order_of

READ = 0.3
"""The share of the work that reading is, about."""


class CannotExport(Exception):
    """No file was written; the message says why."""


async def run(
    settings: Settings,
    target: Path,
    start: date,
    end: date,
    groups: Collection[str],
    told: Callable[[float], None] = lambda _share: None,
) -> str:
    """Write the file, readable by its owner only; what to tell of it. `told` is given the share that is done.

    Raises CannotExport.

    It is not put into the audit log: it only reads, so that it can run beside the bot, and whoever runs it holds
    the database itself.
    """
    file_format = target.suffix.lstrip(".").lower()
    if file_format not in FORMATS:
        raise CannotExport(f"{target}: the name must end in .xlsx or .csv")
    if start > end:
        raise CannotExport(f"--from {start} is after --to {end}")
    url = settings.database.url
    if is_sqlite(url) and not sqlite_path(url).exists():
        raise CannotExport(f"there is no database at {sqlite_path(url)}")
    try:
        facts = await read_once(
            url,
            lambda connection: services.exports.for_operator(
                connection, groups, start, end, file_format, now=datetime.now(UTC), rules=settings.domain_rules()
            ),
        )
    except Refusal as refusal:
        named = refusal.params.get("group")
        raise CannotExport(f"there is no group named {named}" if named else "no group is registered yet") from None
    except Unavailable as error:
        raise CannotExport("the database is out of reach") from error
    told(READ)
    content = make(order_of(facts), lambda share: told(READ + (1 - READ) * share))
    await asyncio.to_thread(_write, target, content)
    told(1.0)
    ledger = facts.ledger
    return f"{target}: {len(ledger.sessions)} sessions, {len(ledger.people)} people, {len(ledger.records)} records"


def _write(target: Path, content: bytes) -> None:
    try:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CannotExport(f"{target} exists; nothing was overwritten") from None
    except OSError as error:
        raise CannotExport(f"{target}: {error.strerror}") from None
    with os.fdopen(number, "wb") as file:
        file.write(content)
