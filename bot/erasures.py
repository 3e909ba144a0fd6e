"""The list of who was erased, kept beside backups, so that restoring an older one brings nobody back.

It holds numbers of rows and times, nothing that leads to a person by itself.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.settings import Settings
from db.store import is_sqlite, open_store, read_once, sqlite_path
from services import forgetting
from services.forgetting import Erased, Wanted

NAME: Final = "erased.list"


def read_list(folder: Path) -> set[Erased]:
    """What the list in a folder says; nothing where there is none."""
    path = folder / NAME
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    fields = [line.split() for line in lines if line and not line.startswith("#")]
    return {Erased(int(row), datetime.fromisoformat(made), datetime.fromisoformat(at)) for row, made, at in fields}


def add_to_list(folder: Path, gone: Iterable[Erased]) -> None:
    """Add to the list in a folder, readable by its owner only; what stands there stays."""
    everybody = sorted(read_list(folder) | set(gone))
    lines = ["# Rows of people that were erased, applied again after a restore: row, made, erased."]
    lines += [f"{row} {made.isoformat()} {at.isoformat()}" for row, made, at in everybody]
    fresh = folder / f"{NAME}.new"
    number = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    fresh.replace(folder / NAME)


async def known_here(settings: Settings) -> list[Erased] | None:
    """Who was erased, as the database says that is there now; None where it cannot be read."""
    url = settings.database.url
    if is_sqlite(url) and not sqlite_path(url).exists():
        return []
    try:
        return await read_once(url, forgetting.erased)
    except Exception:  # damaged, older than the list, or away: the restore must not fail for it
        return None


async def apply(settings: Settings, gone: Iterable[Erased]) -> int:
    """Erase those again in the database that was restored; how many."""
    rules, everybody = settings.domain_rules(), sorted(set(gone))
    store = open_store(settings.database.url)
    try:
        return await store.write(lambda connection: forgetting.erase_again(connection, everybody, rules))
    finally:
        await store.close()


async def wanted_here(settings: Settings) -> Wanted:
    """Who is leaving and who stays, as the database says that is there now; nothing where it cannot be read."""
    url = settings.database.url
    if is_sqlite(url) and not sqlite_path(url).exists():
        return {}
    try:
        return await read_once(url, forgetting.wanted)
    except Exception:  # damaged, of before there were days to undo it, or away
        return {}


async def leave_again(settings: Settings, former: Wanted, now: datetime) -> int:
    """Have those leave who were leaving before the restore; how many have the days anew."""
    rules, store = settings.domain_rules(), open_store(settings.database.url)
    try:
        return await store.write(lambda connection: forgetting.leave_again(connection, former, now, rules))
    finally:
        await store.close()
