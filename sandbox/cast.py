"""The ready-made cast of a new sandbox: six people and one group, none of them with a role in the bot."""

from dataclasses import dataclass
from typing import Final

from sandbox import acts, groups
from sandbox.world import World

CHINESE, ENGLISH = "zh-hans", "en"


@dataclass(frozen=True, slots=True)
class Cast:
    """The names: the bot's, the group's, its members' (the first made it), an outsider's, and a foreign member's."""

    language: str
    bot: str
    group: str
    members: tuple[str, ...]
    outsider: str
    guest: tuple[str, str, str, str]  # first name, last name, username, language


_CASTS: Final = {
    CHINESE: Cast(
        CHINESE,
        "学习助手",
        "第一学习小组",
        ("李明", "王芳", "赵强", "陈静"),
        "周伟",
        ("Alex", "Reed", "alex_reed", ENGLISH),
    ),
    ENGLISH: Cast(
        ENGLISH,
        "Study Helper",
        "Study Group One",
        ("Grace", "Henry", "Irene", "Jack"),
        "Walter",
        ("Ming", "Li", "li_ming", CHINESE),
    ),
}


def name_bot(world: World, language: str) -> None:
    """Call the bot as its users would."""
    world.bot.first_name = world.names["name|"] = _cast(language).bot


def settle(world: World, language: str = CHINESE) -> None:
    """Put the cast on an empty stage. The creator adds the bot last; it hears of it on its first poll."""
    name_bot(world, language)
    cast = _cast(language)
    creator, *members = [acts.new_person(world, name, language_code=cast.language) for name in cast.members]
    acts.new_person(world, cast.outsider, language_code=cast.language)
    first, last, username, spoken = cast.guest
    guest = acts.new_person(world, first, last_name=last, username=username, language_code=spoken)
    group = groups.create(world, creator, cast.group, [*members, guest])
    groups.add(world, group, world.bot, creator)


def _cast(language: str) -> Cast:
    return _CASTS[ENGLISH if language.lower().startswith("en") else CHINESE]
