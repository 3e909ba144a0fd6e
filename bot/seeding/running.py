"""`python -m bot seed`: makes the people and chats in the sandbox's folder, and plays the year into the database."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from bot import launcher
from bot.seeding import cast as casts
from bot.seeding.year import DAYS_BACK, Stage, Year
from bot.settings import Settings
from db.queries import seeding as queries
from db.store import open_store

YEAR: Final = DAYS_BACK
MONTH: Final = 31
"""Days back from now."""


class CannotSeed(Exception):
    """Why there is nothing that could be seeded, in a sentence that says what to do."""


async def run(
    settings: Settings,
    language: str,
    now: datetime,
    cast: casts.Cast | None = None,
    days: int = YEAR,
    *,
    weekly: bool = False,
    told: Callable[[float], None] = lambda _share: None,
) -> str:
    """Seed, and say what was made; with the cast of the language unless another is given; `weekly` as in Year.

    `told` is given the share of the time that is played, now and then, by another thread. Raises CannotSeed where that
    would mix with what is there already.
    """
    if settings.token() or settings.sandbox.url:
        raise CannotSeed("the year is for trying things out: take telegram.token and sandbox.url out of the settings")
    cast, store = cast or casts.read(language), open_store(settings.database.url)
    try:
        if not await store.read(queries.is_empty):
            raise CannotSeed("the database is not empty; name another one in database.url, or remove the old one")
        titles = [(group.name, group.leader, group.members) for group in cast.groups]
        try:
            staged = await launcher.stage(settings.sandbox, cast.people, titles, language)
        except FileExistsError:
            folder = settings.sandbox.folder
            raise CannotSeed(
                f"the sandbox has people already: remove {folder}, or name another one in sandbox.folder"
            ) from None
        stage = Stage(staged.people, staged.groups, staged.bot_username)
        played = partial(Year, now=now, language=language, rules=settings.domain_rules(), days=days, weekly=weekly)
        made = await store.write(lambda c: played(c, cast, stage).play(told))
    finally:
        await store.close()
    counts = ", ".join(f"{number} {name}" for name, number in made.items())
    return f"seeded {counts}. `make run` shows them; {cast.groups[0].leader} leads the branch and administers the unit"
