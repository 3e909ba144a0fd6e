"""A person's own command menu: what it shows follows their language and what they may do."""

from typing import Any

import pytest
from forgotten import forget_at_once
from session_life import NOW, Group
from sqlalchemy import Connection, select

from bot import menus as bot_menus
from chat.feature import GROUP, PRIVATE, Command
from chat.outgoing import Menu
from db.tables import delivery
from domain.people import Actor
from handlers.registry import all_features
from services import leaders, menus, organisation, people, starting
from services.rules import Rules
from texts import words

COMMANDS = [command for feature in all_features().values() for command in feature.commands]
LI = Actor(9001, "李明", "zh-hans")
ALEX = Actor(9002, "Alex", "en")


def start(connection: Connection, actor: Actor, language: str) -> None:
    starting.start(
        connection, actor, bot_username="study_bot", language=language, now=NOW, reply_key=f"start:{actor.telegram_id}"
    )


def waiting(connection: Connection, actor: Actor) -> Any:
    """The delivery that sets somebody's menu."""
    known = people.find(connection, actor.telegram_id)
    assert known is not None
    query = select(delivery).where(delivery.c.kind == menus.MENU, delivery.c.destination_id == known.chat_id)
    return connection.execute(query).one()


def shown(connection: Connection, actor: Actor, operators: frozenset[int] = frozenset()) -> dict[str, str]:
    """Somebody's menu as it is sent."""
    kind = bot_menus.job(COMMANDS, operators).kinds[menus.MENU]
    facts = kind.facts(connection, waiting(connection, actor).payload, NOW)
    assert facts is not None
    made = kind.render(facts)
    assert isinstance(made, Menu)
    return dict(made.commands)


def test_whoever_starts_gets_a_menu_in_the_language_of_their_telegram(connection: Connection) -> None:
    start(connection, ALEX, "en")
    start(connection, LI, "zh-CN")
    assert shown(connection, ALEX)["help"] == words("en")("command.help")
    assert shown(connection, LI)["help"] == words("zh-CN")("command.help")
    assert {"new", "export", "org"}.isdisjoint(shown(connection, LI))


def test_the_menu_follows_the_language_that_is_chosen(connection: Connection) -> None:
    start(connection, LI, "zh-CN")
    starting.choose_language(connection, LI, "en", now=NOW)
    assert shown(connection, LI)["settings"] == "Settings"
    start(connection, LI, "en")  # pressing Start again changes nothing of it
    assert shown(connection, LI)["settings"] == "Settings"


def test_a_leader_gets_the_commands_of_leaders_and_loses_them_when_forgotten(connection: Connection) -> None:
    group = Group(connection)
    start(connection, LI, "zh-CN")
    before = shown(connection, LI)
    leaders.appoint(
        connection,
        LI,
        group.leader.actor,
        group.telegram_id,
        is_chat_admin=False,
        bot_username="study_bot",
        now=NOW,
        rules=Rules(),
        reply_key="appoint",
    )
    row = waiting(connection, LI)
    assert (row.state, row.destination_id) == ("pending", people.start(connection, LI, NOW).chat_id)
    after = shown(connection, LI)
    assert set(after) - set(before) >= {"new", "export"}
    forget_at_once(connection, LI, NOW)
    assert menus.reader(connection, row.payload, frozenset()) is None


def test_an_admin_gets_the_commands_of_admins_and_loses_them_when_removed(connection: Connection) -> None:
    start(connection, LI, "zh-CN")
    facts: dict[str, Any] = {"is_operator": True, "language": "zh-CN", "now": NOW}
    operator = Actor(1, "运维")
    organisation.appoint_admin(
        connection, LI.telegram_id, operator, organisation="机关党委", reply_key="appoint", **facts
    )
    assert "admin" in menus.audiences(connection, LI, is_operator=False)
    assert set(shown(connection, LI)) >= {c.name for c in COMMANDS if c.audience == "admin" and PRIVATE in c.where}
    organisation.remove_admin(connection, LI.telegram_id, operator, reply_key="remove", **facts)
    assert menus.audiences(connection, LI, is_operator=False) == {"all"}
    assert {c.audience for c in COMMANDS if c.name in shown(connection, LI)} == {"all"}


def test_an_operator_sees_what_operators_and_admins_see(connection: Connection) -> None:
    start(connection, LI, "zh-CN")
    commands = shown(connection, LI, frozenset({LI.telegram_id}))
    wanted = {c.name for c in COMMANDS if c.audience in ("all", "admin", "operator") and PRIVATE in c.where}
    assert set(commands) == wanted


def test_asking_for_a_menu_again_and_again_sends_it_once(connection: Connection) -> None:
    start(connection, LI, "zh-CN")
    person_id = people.meet(connection, LI, NOW).id
    for _ in range(3):
        menus.refresh(connection, person_id, NOW)
    rows = connection.execute(select(delivery.c.id).where(delivery.c.kind == menus.MENU)).all()
    assert len(rows) == 1


def test_who_has_never_pressed_start_gets_no_menu(connection: Connection) -> None:
    person_id = people.meet(connection, LI, NOW).id
    menus.refresh(connection, person_id, NOW)
    assert connection.execute(select(delivery.c.id)).all() == []


async def _nothing(_update: object, _context: object) -> None:
    """What a command of this test does."""


@pytest.mark.parametrize(
    ("where", "audiences", "names"),
    [
        (GROUP, ("all",), ["b", "a"]),
        (PRIVATE, ("all",), ["c", "a"]),
        (PRIVATE, ("all", "leader"), ["c", "b", "a"]),
    ],
)
def test_a_groups_menu_is_the_same_for_all_and_a_private_one_ones_own(
    where: str, audiences: tuple[str, ...], names: list[str]
) -> None:
    commands = [
        Command("help", _nothing, order=3),
        Command("new", _nothing, order=2, audience="leader"),
        Command("me", _nothing, where=(PRIVATE,), order=1),
        Command("leader", _nothing, where=()),
    ]
    letters = {"help": "a", "new": "b", "me": "c"}
    made = bot_menus.menu(commands, where, words("zh-CN"), audiences)
    assert [letters[command.command] for command in made] == names
