"""The leader's list of people: who can be reached, one person's page, real names, removing, and the weekly line."""

from datetime import timedelta
from functools import partial
from typing import Any

from group_life import (
    BOT,
    HERE,
    LI,
    NOW,
    WANG,
    ZHAO,
    id_of,
    join,
    led_group,
    make_admin,
    message,
    offered,
    refused,
    register,
    role,
    told,
)
from sqlalchemy import Connection, select, update

from chat import roster_cards as cards
from db.tables import chat, delivery, person
from domain.people import Actor
from services import leaders, leaving, people, roster
from services.rules import Rules
from texts import words

SPOKEN = words("zh-CN")


def page(connection: Connection, group_id: int, number: int = 0, reader: Actor = LI) -> roster.Page:
    return roster.page(connection, group_id, number, reader)


def look(connection: Connection, group_id: int, whom: Actor, reader: Actor = LI) -> roster.Person:
    return roster.person(connection, group_id, id_of(connection, whom), reader)


def deputise(connection: Connection, group_id: int, whom: Actor) -> None:
    leaders.set_role(
        connection, group_id, id_of(connection, whom), "deputy", LI, now=NOW, rules=Rules(), reply_key="dep"
    )


def ask(connection: Connection, group_id: int, now: Any = NOW) -> int:
    return roster.ask_to_be_reachable(connection, group_id, LI, bot_username=BOT, now=now)


def name(connection: Connection, group_id: int, whom: Actor, typed: str, by: Actor = LI) -> None:
    roster.name_typed(
        connection,
        group_id,
        id_of(connection, whom),
        typed,
        by,
        language="en",
        now=NOW,
        rules=Rules(),
        reply_key="named",
    )


def remove(connection: Connection, group_id: int, whom: Actor, by: Actor = LI) -> None:
    leaving.remove(connection, group_id, id_of(connection, whom), by, now=NOW, rules=Rules(), reply_key="removed")


def test_never_started_and_blocked_are_both_not_reachable(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    people.start(connection, WANG, NOW)
    connection.execute(update(chat).where(chat.c.telegram_id == WANG.telegram_id).values(state="gone"))
    facts = page(connection, group_id)
    assert (facts.count, facts.unreachable) == (3, 2)
    text = cards.page(facts, SPOKEN).text
    assert "成员 3 人 · 2 人未开启私信" in text


def test_leaders_come_first_and_each_has_words_for_role_and_reach(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    deputise(connection, group_id, ZHAO)
    labels = [row[0].label for row in cards.page(page(connection, group_id), SPOKEN).keyboard[:3]]
    assert [("组长" in labels[0], "可私信" in labels[0]), "副组长" in labels[1]] == [(True, True), True]
    assert labels[2].endswith("未开启私信")


def test_the_list_is_paged(connection: Connection) -> None:
    group_id = led_group(connection, *(Actor(600 + number, f"组员{number}") for number in range(12)))
    first = page(connection, group_id)
    assert (len(first.entries), first.pages, len(page(connection, group_id, 9).entries)) == (10, 2, 3)
    assert f"roster:{group_id}:1" in offered(cards.page(first, SPOKEN))


def test_only_those_who_lead_see_it(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    register(connection, ZHAO, chat_id=HERE - 1)
    for reader in (WANG, ZHAO):
        assert refused(partial(page, connection, group_id, 0, reader)) == "not_leader"
        assert refused(partial(look, connection, group_id, LI, reader)) == "not_leader"
    assert page(connection, group_id, 0, make_admin(connection)).count == 2


def test_somebody_of_another_group_has_no_page_here(connection: Connection) -> None:
    group_id = led_group(connection)
    register(connection, ZHAO, chat_id=HERE - 1)
    assert refused(lambda: look(connection, group_id, ZHAO)) == "person_left"


def test_who_had_their_name_erased_is_not_listed(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    erased = {"name": "", "telegram_id": None, "forgotten_at": NOW}
    wang = id_of(connection, WANG)
    connection.execute(update(person).where(person.c.id == wang).values(**erased))
    assert page(connection, group_id).count == 1
    assert refused(lambda: roster.person(connection, group_id, wang, LI)) == "person_left"


def test_a_persons_page_offers_what_its_reader_may_do(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    deputise(connection, group_id, ZHAO)
    wang = id_of(connection, WANG)

    def buttons(whom: Actor, reader: Actor) -> list[str | None]:
        return offered(cards.person(look(connection, group_id, whom, reader), SPOKEN))

    ids = f"{group_id}:{wang}"
    marks = [f"standing:{ids}:1", f"committee:{ids}:1", f"subgroup:{ids}", f"speaks:{ids}:0"]
    name_it, back = f"name_of:{group_id}:{wang}", f"roster:{group_id}:0"
    assert buttons(WANG, LI) == [
        f"deputy:{group_id}:{wang}:1",
        name_it,
        *marks,
        f"long_for:{ids}",
        f"merge:{ids}:0",
        f"transfer:{ids}:0",
        f"remove_member:{group_id}:{wang}",
        back,
    ]
    assert buttons(WANG, ZHAO) == [name_it, *marks, f"long_for:{ids}", back]
    assert f"long_for:{group_id}:{id_of(connection, LI)}" not in buttons(LI, LI)  # one asks for one's own
    assert f"remove_member:{group_id}:{id_of(connection, LI)}" not in buttons(LI, LI)
    assert f"undeputy:{group_id}:{id_of(connection, LI)}:1" in buttons(LI, make_admin(connection))


def test_a_real_name_stands_in_the_list_and_its_bearer_is_told(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    roster.ask_name(connection, group_id, id_of(connection, WANG), LI, now=NOW)
    name(connection, group_id, WANG, " 王 芳芳\n")
    assert "王 芳芳" in {entry.name for entry in page(connection, group_id).entries}
    assert "王 芳芳" in told(connection, "named", WANG)
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "named")).scalar_one()
    facts = roster.person_page(connection, payload, NOW)
    assert facts is not None
    assert "Joined" in cards.waited(facts).text


def test_a_real_name_is_refused_with_its_reason(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    assert refused(lambda: name(connection, group_id, WANG, "\u2800")) == "name_empty"
    assert refused(lambda: name(connection, group_id, WANG, "名" * 41)) == "name_too_long"
    assert refused(lambda: name(connection, group_id, LI, "李明明", WANG)) == "not_leader"


def test_a_leader_removes_a_member_who_is_told_and_can_come_back(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    remove(connection, group_id, WANG)
    assert role(connection, WANG) is None
    assert "移出" in told(connection, "removed", WANG)
    assert refused(lambda: remove(connection, group_id, WANG)) == "person_left"
    join(connection, group_id, WANG, now=NOW + timedelta(days=1))
    assert role(connection, WANG) == "member"


def test_nobody_removes_a_leader_but_an_admin(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    deputise(connection, group_id, WANG)
    assert refused(lambda: remove(connection, group_id, LI, WANG)) == "may_not_appoint"
    assert refused(lambda: remove(connection, group_id, LI, LI)) == "may_not_appoint"
    remove(connection, group_id, LI, make_admin(connection))
    assert role(connection, LI) is None


def test_the_group_is_asked_once_a_week_with_a_number_and_no_names(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    assert ask(connection, group_id) == 2
    line = message(connection, f"reach:{group_id}:{NOW.isoformat()}")
    assert line.silent
    assert "2 位" in line.text
    assert "王芳" not in line.text
    assert offered(line) == ["https://t.me/study_bot?start=remind_on"]
    assert refused(lambda: ask(connection, group_id, NOW + timedelta(days=6))) == "asked_lately"
    assert ask(connection, group_id, NOW + timedelta(days=7)) == 2


def test_nobody_is_asked_where_everybody_can_be_reached(connection: Connection) -> None:
    group_id = led_group(connection)
    assert refused(lambda: ask(connection, group_id)) == "all_reachable"
