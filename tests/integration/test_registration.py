"""Registering by one tap, taking it back for a minute, and the first settings step by step."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from group_life import HERE, LI, NOW, WANG, ZHAO, appoint, join, led_group, offered, refused, register, role
from sqlalchemy import Connection, func, insert, select

from chat import registration_cards as cards
from chat.outgoing import Edit, Message
from db.tables import audit, deep_link, delivery, membership, study_group, unit
from domain import zones
from services import groups, inputs, people, registration, setup
from services.rules import Rules
from services.setup import Step, Told
from texts import LANGUAGES, words

SPOKEN = words("zh-CN")
ADMIN, NOBODY = Told(True, False), Told(False, False)
SOON = NOW + timedelta(seconds=30)


def unregister(connection: Connection, group_id: int, actor: Any = LI, **changes: Any) -> None:
    given = {"is_chat_admin": True, "now": SOON, "chat": HERE, **changes}
    registration.unregister(connection, group_id, actor, given.pop("chat"), **given)


def turn(connection: Connection, group_id: int, step: Step, actor: Any = LI, **changes: Any) -> setup.Page:
    given = {"told": ADMIN, "message_id": 80, "now": NOW, **changes}
    return setup.turn(connection, group_id, step, actor, **given)


def choose(connection: Connection, group_id: int, step: Step, choice: int, **changes: Any) -> setup.Page:
    given = {"told": ADMIN, "languages": LANGUAGES, "now": NOW, "rules": Rules(), **changes}
    return setup.choose(connection, group_id, step, choice, LI, **given)


def type_name(connection: Connection, group_id: int, text: str, message_id: int | None = 80) -> None:
    setup.name_typed(
        connection,
        group_id,
        message_id,
        text,
        LI,
        told=ADMIN,
        language="zh-CN",
        now=NOW,
        rules=Rules(),
        reply_key="typed",
    )


def begin(connection: Connection, group_id: int, actor: Any = LI, told: Told = ADMIN) -> None:
    setup.begin(connection, group_id, actor, told=told, language="zh-CN", now=NOW, reply_key="begin")


def page_of(connection: Connection, key: str) -> Message | Edit:
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == key)).scalar_one()
    facts = setup.page(connection, payload, NOW)
    assert facts is not None
    return cards.waited(facts)


def group(connection: Connection) -> Any:
    return connection.execute(select(study_group)).one()


def test_undo_takes_a_registration_back_and_the_chat_can_be_registered_again(connection: Connection) -> None:
    group_id = register(connection)
    unregister(connection, group_id)
    for table in (study_group, membership, deep_link):
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert list(connection.execute(select(audit.c.action)).scalars()) == ["register", "unregister"]
    assert register(connection, token="another", reply_key="again")


def test_the_card_of_a_registration_that_was_undone_is_not_sent(connection: Connection) -> None:
    group_id = register(connection)
    payload = connection.execute(select(delivery.c.payload)).scalar_one()
    unregister(connection, group_id)
    assert groups.card(connection, payload, NOW) is None


def test_undo_is_for_the_registrant_or_a_chat_admin(connection: Connection) -> None:
    group_id = register(connection)
    assert refused(partial(unregister, connection, group_id, WANG, is_chat_admin=False)) == "not_chat_admin"
    unregister(connection, group_id, LI, is_chat_admin=False)  # the registrant may, admin or not


def test_undo_works_for_a_minute(connection: Connection) -> None:
    group_id = register(connection)
    late = NOW + timedelta(seconds=61)
    assert refused(partial(unregister, connection, group_id, now=late)) == "undo_too_late"


def test_undo_of_another_chats_group_is_refused(connection: Connection) -> None:
    group_id = register(connection)
    register(connection, chat_id=HERE - 1)
    assert refused(partial(unregister, connection, group_id, chat=HERE - 1)) == "not_registered"


def test_nothing_is_undone_once_somebody_joined_or_leads(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG)
    assert refused(partial(unregister, connection, group_id)) == "group_in_use"
    other = register(connection, chat_id=HERE - 1)
    groups_of_li = select(membership.c.role).where(membership.c.group_id == other)
    assert connection.execute(groups_of_li).scalar_one() == "member"
    connection.execute(membership.update().where(membership.c.group_id == other).values(role="leader"))
    assert refused(partial(unregister, connection, other, chat=HERE - 1)) == "group_in_use"


def test_the_link_opens_its_group_for_a_day(connection: Connection) -> None:
    group_id = register(connection, token="secret")
    place = setup.linked(connection, "secret", LI, NOW + timedelta(hours=23))
    assert (place.group_id, place.chat_telegram_id, place.leads) == (group_id, HERE, False)
    assert refused(lambda: setup.linked(connection, "secret", LI, NOW + timedelta(hours=25))) == "link_expired"
    assert refused(lambda: setup.linked(connection, "guess", LI, NOW)) == "link_expired"


def test_whoever_is_no_chat_admin_changes_nothing(connection: Connection) -> None:
    group_id = register(connection)
    assert refused(lambda: begin(connection, group_id, WANG, NOBODY)) == "not_chat_admin"
    assert refused(lambda: turn(connection, group_id, Step.ZONE, WANG, told=NOBODY)) == "not_chat_admin"
    assert refused(lambda: choose(connection, group_id, Step.ZONE, 1, told=NOBODY)) == "not_chat_admin"
    assert group(connection).time_zone == "Asia/Shanghai"


def test_after_a_day_only_leaders_go_on(connection: Connection) -> None:
    group_id = register(connection)
    later = NOW + timedelta(days=2)
    assert refused(lambda: turn(connection, group_id, Step.ZONE, now=later)) == "link_expired"
    appoint(connection, LI, LI, is_chat_admin=True)
    assert turn(connection, group_id, Step.ZONE, told=NOBODY, now=later).step is Step.ZONE


def test_a_typed_name_goes_on_in_the_same_message(connection: Connection) -> None:
    group_id = register(connection)
    begin(connection, group_id)
    first = page_of(connection, "begin")
    assert isinstance(first, Message)
    assert "第一学习小组" in first.text
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "begin")).scalar_one()
    setup.page_sent(connection, payload, 80, NOW)
    waiting = inputs.awaited(connection, LI.telegram_id, NOW)
    assert waiting == inputs.Awaited(groups.SETUP_NAME, (group_id, 80))
    type_name(connection, group_id, "  理论\u202e小组  ")
    assert group(connection).name == "理论小组"
    following = page_of(connection, "typed")
    assert isinstance(following, Edit)
    assert following.message_id == 80
    assert "时区" in following.text


def test_a_name_that_was_answered_before_its_question_arrived_is_not_asked_again(connection: Connection) -> None:
    group_id = register(connection)
    begin(connection, group_id)
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "begin")).scalar_one()
    inputs.answered(connection, LI.telegram_id)
    setup.page_sent(connection, payload, 80, NOW)
    assert inputs.awaited(connection, LI.telegram_id, NOW) is None


@pytest.mark.parametrize(("typed", "code"), [("\u200b\u3164", "name_empty"), ("长" * 65, "name_too_long")])
def test_a_name_is_refused_with_its_reason(connection: Connection, typed: str, code: str) -> None:
    group_id = register(connection)
    assert refused(lambda: type_name(connection, group_id, typed)) == code


def test_going_on_without_a_name_waits_for_none(connection: Connection) -> None:
    group_id = register(connection)
    begin(connection, group_id)
    assert turn(connection, group_id, Step.UNIT).step is Step.ZONE  # one unit, no topics: nothing to choose
    assert inputs.awaited(connection, LI.telegram_id, NOW) is None


def test_another_waiting_question_is_left_alone(connection: Connection) -> None:
    group_id = register(connection)
    inputs.ask(connection, LI.telegram_id, "new_title", 7, now=NOW)
    turn(connection, group_id, Step.ZONE)
    assert inputs.awaited(connection, LI.telegram_id, NOW) == inputs.Awaited("new_title", (7,))


def test_units_are_chosen_where_there_are_several_and_paged(connection: Connection) -> None:
    group_id = register(connection)
    made = [
        connection.execute(insert(unit).values(name=f"支部{number}", created_at=NOW).returning(unit.c.id)).scalar_one()
        for number in range(10)
    ]
    first = turn(connection, group_id, Step.UNIT)
    assert (first.step, first.unit_pages, len(first.units)) == (Step.UNIT, 2, 8)
    assert len(turn(connection, group_id, Step.UNIT, unit_page=9).units) == 3
    assert f"setup:{group_id}:1:1" in offered(cards.page(first, SPOKEN))
    following = choose(connection, group_id, Step.UNIT, made[3])
    assert (group(connection).unit_id, following.step) == (made[3], Step.ZONE)
    done = turn(connection, group_id, Step.DONE)
    assert "支部3" in cards.page(done, SPOKEN).text


def test_topics_are_explained_in_forums_only(connection: Connection) -> None:
    group_id = register(connection)
    shown = turn(connection, group_id, Step.UNIT, told=Told(True, True))
    assert shown.step is Step.TOPIC
    assert "/settings" in cards.page(shown, SPOKEN).text


def test_zone_and_language_are_chosen_and_summed_up(connection: Connection) -> None:
    group_id = register(connection)
    tokyo = zones.USUAL.index("Asia/Tokyo")
    before = group(connection).next_board_at
    following = choose(connection, group_id, Step.ZONE, tokyo)
    assert following.step is Step.LANGUAGE
    assert group(connection).next_board_at == before - timedelta(hours=1)  # 08:30 comes earlier in Tokyo
    done = choose(connection, group_id, Step.LANGUAGE, LANGUAGES.index("en"))
    assert (done.step, group(connection).language) == (Step.DONE, "en")
    shown = cards.page(done, SPOKEN)
    assert "Asia/Tokyo" in shown.text or "东京" in shown.text
    assert "English" in shown.text
    assert offered(shown) == [f"setup_lead:{group_id}"]


def test_a_led_group_is_not_offered_for_leading(connection: Connection) -> None:
    group_id = led_group(connection)
    assert offered(cards.page(turn(connection, group_id, Step.DONE), SPOKEN)) == []


@pytest.mark.parametrize(
    ("step", "choice"), [(Step.UNIT, 999), (Step.ZONE, -1), (Step.ZONE, 99), (Step.LANGUAGE, 9), (Step.NAME, 0)]
)
def test_forged_choices_change_nothing(connection: Connection, step: Step, choice: int) -> None:
    group_id = register(connection)
    assert refused(lambda: choose(connection, group_id, step, choice)) == "unknown_button"


def test_a_change_brings_the_card_in_the_group_up_to_date(connection: Connection) -> None:
    group_id = register(connection)
    connection.execute(delivery.update().values(state="sent", message_id=70))
    choose(connection, group_id, Step.LANGUAGE, LANGUAGES.index("en"))
    row = connection.execute(select(delivery).where(delivery.c.kind == groups.CARD_LIVE)).one()
    facts = groups.card(connection, row.payload, NOW)
    assert facts is not None
    assert (facts.message_id, facts.language) == (70, "en")


def test_every_step_has_its_page_in_both_languages(connection: Connection) -> None:
    group_id = register(connection)
    connection.execute(insert(unit).values(name="支部", created_at=NOW))
    for step in Step:
        facts = turn(connection, group_id, step, told=Told(True, True))
        assert facts.step is step
        pages = [cards.page(facts, words(language)).text for language in LANGUAGES]
        assert pages[0] != pages[1]


def test_a_group_that_is_gone_has_no_steps(connection: Connection) -> None:
    group_id = register(connection)
    begin(connection, group_id)
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "begin")).scalar_one()
    unregister(connection, group_id)
    assert setup.page(connection, payload, NOW) is None
    assert refused(lambda: setup.place(connection, group_id, ZHAO)) == "not_registered"
    assert role(connection, LI) is None
    assert people.find(connection, LI.telegram_id) is not None


def lead(connection: Connection, group_id: int, actor: Any, told: Told) -> None:
    place = setup.place(connection, group_id, actor)
    setup.lead(connection, place, actor, told=told, bot_username="study_bot", now=NOW, rules=Rules(), reply_key="lead")


def test_a_chat_admin_takes_the_lead_at_the_end_of_the_steps(connection: Connection) -> None:
    group_id = register(connection)
    lead(connection, group_id, LI, ADMIN)
    assert role(connection, LI) == "leader"
    assert refused(lambda: lead(connection, group_id, WANG, ADMIN)) == "has_leader"


def test_a_stranger_who_forges_the_last_button_learns_no_leaders_name(connection: Connection) -> None:
    group_id = led_group(connection)
    assert refused(lambda: lead(connection, group_id, WANG, NOBODY)) == "not_chat_admin"
