"""Copies that are made by themselves: one a day into a folder, the oldest removed, and once a week one is tried out."""

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

import services.backups
from bot import erasures
from bot.settings import Backup
from chat.context import Store
from db import copies, sealing
from db.store import is_sqlite
from services import forgetting

log = structlog.get_logger(__name__)

TRIED_EVERY: Final = timedelta(days=7)
LEFT_OVER: Final = timedelta(days=1)
STATE: Final = "tried.json"

OURS: Final = re.compile(r"\d{4}-\d\d-\d\d\.(sqlite3|dump)(\.age)?")
"""What a copy made by itself is called; nothing else in the folder is ever removed but what a killed process left."""


@dataclass(frozen=True, slots=True)
class State:
    """How the copies stand; moments are ISO 8601, `trouble` is empty where all is well."""

    made_at: str = ""
    tried_at: str = ""
    people: int = 0  # rows of people when it was made
    tried: str = ""  # the file that was restored to try it out
    trouble: str = ""


def state_of(folder: Path) -> State:
    """What was written down at the last look; an empty state where there was none, or none that can be read."""
    path = folder / STATE
    try:
        return State(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else State()
    except (ValueError, TypeError):  # as if nothing had been tried: then it is tried at once
        return State()


def _keep(folder: Path, state: State) -> None:
    fresh = folder / f"{STATE}.new"
    fresh.write_text(json.dumps(asdict(state)), encoding="utf-8")
    fresh.replace(folder / STATE)


class Backups:
    """Looks, whenever it is called, whether a copy or a trial is due; everything long happens off the event loop."""

    def __init__(
        self,
        url: str,
        settings: Backup,
        operators: Collection[int],
        store: Store,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._url, self._settings, self._operators = url, settings, operators
        self._store, self._now, self._wake = store, now, wake

    def standing(self) -> State | None:
        """How the copies stand; None where none are made by themselves."""
        folder = self._settings.folder
        return None if folder is None else state_of(folder)

    async def look(self) -> None:
        """Make today's copy and try one out, where they are due. Operators are told of trouble, once a day."""
        folder = self._settings.folder
        if folder is None:
            return
        before = State()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            before = state_of(folder)
            after = await self._work(folder, before)
        except (copies.CopyFailed, OSError) as error:
            after = replace(before, trouble=str(error))
        except Exception as error:  # the database is away, or a fault of ours: as bad as no copy
            after = replace(before, trouble=type(error).__name__)
        try:
            _keep(folder, after)
        except OSError as error:  # the disk is full, most likely: operators have to hear of it all the same
            after = replace(after, trouble=after.trouble or str(error))
        if after.trouble:
            log.error("backup_failed", why=after.trouble)
            await self._tell(after.trouble)

    async def _work(self, folder: Path, state: State) -> State:
        now, secret, url = self._now(), self._settings.secret(), self._url
        form = "sqlite3" if is_sqlite(url) else "dump"
        target = folder / f"{now:%Y-%m-%d}.{form}{sealing.SUFFIX if secret else ''}"
        await asyncio.to_thread(_remove_left_over, folder, now)
        if not target.exists():
            gone = await self._store.read(forgetting.erased)
            people = await self._store.read(services.backups.people)
            await asyncio.to_thread(copies.backup, url, target, secret)
            await asyncio.to_thread(erasures.add_to_list, folder, gone)
            await asyncio.to_thread(_remove_oldest, folder, self._settings.keep)
            state = replace(state, made_at=now.isoformat(), people=len(people))
            log.info("backup_made", file=target.name)
        if not state.trouble and state.tried_at and now - datetime.fromisoformat(state.tried_at) < TRIED_EVERY:
            return state
        people = await self._store.read(services.backups.people)
        found = await asyncio.to_thread(copies.try_out, url, target, secret, services.backups.people)
        if found is not None and not (found <= people and len(found) >= state.people):
            raise copies.CopyFailed(f"{target.name} does not hold who was there when it was made")
        how = "restored and read" if found is not None else "its table of contents was read"
        log.info("backup_tried", file=target.name, how=how)
        return replace(state, tried_at=now.isoformat(), tried=target.name, trouble="")

    async def _tell(self, why: str) -> None:
        now, operators = self._now(), self._operators
        await self._store.write(lambda connection: services.backups.tell(connection, operators, why, now))
        self._wake()


def _remove_oldest(folder: Path, keep: int) -> None:
    for each in sorted(each for each in folder.iterdir() if OURS.fullmatch(each.name))[:-keep]:
        each.unlink()


def _remove_left_over(folder: Path, now: datetime) -> None:
    """What a process that was killed at its copy left a day ago; it may hold everything in the clear."""
    for each in folder.glob(f"{copies.ROOM}*"):
        if each.stat().st_mtime < (now - LEFT_OVER).timestamp():
            shutil.rmtree(each, ignore_errors=True)
