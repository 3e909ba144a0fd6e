"""Fills the folder of a sandbox that does not run: people and their groups, without anything the bot would hear of."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox import acts, cast, groups
from sandbox.store import Store
from sandbox.world import BOT_USERNAME, World


@dataclass(frozen=True, slots=True)
class StagedGroup:
    """A group to be made: its title, who makes it, and who else is in it, by name."""

    title: str
    creator: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """The numbers of what was made, by name and title."""

    people: dict[str, int]
    groups: dict[str, int]
    bot_username: str = BOT_USERNAME


async def stage(token: str, folder: Path, names: Iterable[str], wanted: Iterable[StagedGroup], language: str) -> Staged:
    """Make these people, who have all pressed Start, and these groups, with the bot as an admin of each.

    Raises FileExistsError where the folder has people already, DirectoryInUseError while a sandbox uses it.
    """
    store = Store(folder)
    store.open()
    try:
        world = World(token, store)
        if world.load():
            raise FileExistsError(folder)
        cast.name_bot(world, language)
        made = _make(world, names, wanted, language)
    finally:
        await store.close()
    return made


def _make(world: World, names: Iterable[str], wanted: Iterable[StagedGroup], language: str) -> Staged:
    people = {name: acts.new_person(world, name, language_code=language) for name in names}
    for person in people.values():
        person.started = True
        world.keep_person(person)
    found = {}
    for each in wanted:
        creator = people[each.creator]
        group = groups.create(world, creator, each.title, [people[name] for name in each.members])
        groups.add(world, group, world.bot, creator)
        groups.promote(world, group, world.bot, creator)
        found[each.title] = group.id
    # The bot is told by its database what it would hear of now.
    world.updates.confirm(world.updates.last_id + 1)
    return Staged({name: person.id for name, person in people.items()}, found)
