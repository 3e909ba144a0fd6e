"""Groups: who may register a chat, join, lead; and what becomes of a chat that moves or is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from group_life import HERE, LI, NOW, WANG, ZHAO, appoint, join, make_admin, offered, part, register, role, said, told
from sqlalchemy import Connection, func, select, update

from chat import groups_cards as cards
from chat.outgoing import Message
from db.tables import audit, chat, delivery, membership, person, study_group, unit
from domain.errors import Refusal
from services import access, deliveries, groups, leaders, menus, people, starting
from services.rules import Rules


def posted(connection: Connection, key: str, now: datetime = NOW) -> Message:
    """The group's card as it is sent, or edited into place."""
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == key)).scalar_one()
    facts = groups.card(connection, payload, now)
    assert facts is not None
    return cards.card(facts)


def test_a_registered_chat_is_a_group_of_the_organisation(connection: Connection) -> None:
    group_id = register(connection)
    group = connection.execute(select(study_group)).one()
    assert (group.id, group.name, group.language, group.time_zone) == (
        group_id,
        "第一学习小组",
        "zh-CN",
        "Asia/Shanghai",
    )
    assert group.next_board_at == datetime(2026, 11, 30, 0, 30, tzinfo=UTC)  # Monday 08:30 there
    assert connection.execute(select(unit.c.name)).scalar_one() == "机关党委"
    assert role(connection, LI) == "member"
    assert connection.execute(select(audit.c.action, audit.c.actor_id)).one() == ("register", 501)
    assert "第一学习小组" in posted(connection, f"reply:1:{HERE}").text


def test_the_card_offers_to_join_to_lead_and_private_reminders(connection: Connection) -> None:
    group_id = register(connection)
    later = NOW + timedelta(days=2)
    reminders = "https://t.me/study_bot?start=remind_on"
    card = f"reply:1:{HERE}"
    assert offered(posted(connection, card, later)) == [f"join:{group_id}", f"lead:{group_id}", reminders]
    appoint(connection, WANG, LI, is_chat_admin=True)
    assert offered(posted(connection, card, later)) == [f"join:{group_id}", reminders]


def test_the_card_offers_settings_for_a_day_and_undo_for_a_minute(connection: Connection) -> None:
    group_id = register(connection, token="secret")
    card, setup, undo = f"reply:1:{HERE}", "https://t.me/study_bot?start=reg_secret", f"unregister:{group_id}"
    assert offered(posted(connection, card))[-2:] == [setup, undo]
    assert undo not in offered(posted(connection, card, NOW + timedelta(seconds=61)))
    assert offered(posted(connection, card, NOW + timedelta(hours=23)))[-1] == setup


def test_the_card_loses_its_undo_button_when_the_minute_is_over(connection: Connection) -> None:
    register(connection)
    payload = connection.execute(select(delivery.c.payload)).scalar_one()
    groups.card_sent(connection, payload, 70, NOW)
    row = connection.execute(select(delivery).where(delivery.c.kind == groups.CARD_LIVE)).one()
    assert row.due_at == NOW + timedelta(seconds=61)
    facts = groups.card(connection, row.payload, row.due_at)
    assert facts is not None
    assert not facts.undoable


def test_joining_brings_the_card_that_was_tapped_up_to_date(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG)
    row = connection.execute(select(delivery).where(delivery.c.kind == groups.CARD_LIVE)).one()
    facts = groups.card(connection, row.payload, NOW)
    assert facts is not None
    assert (facts.members, facts.message_id) == (2, 70)
    assert cards.edited(facts).message_id == 70


def test_who_leaves_the_chat_is_no_member_and_no_leader(connection: Connection) -> None:
    group_id = register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    part(connection, WANG)
    person_id = connection.execute(select(person.c.id).where(person.c.telegram_id == 502)).scalar_one()
    assert not access.is_leader(connection, person_id, group_id)
    appoint(connection, ZHAO, LI, is_chat_admin=True, key="b")
    assert role(connection, ZHAO) == "leader"


@pytest.mark.parametrize("registered", [False, True])
def test_a_stranger_who_leaves_changes_nothing(connection: Connection, registered: bool) -> None:
    if registered:
        register(connection)
    part(connection, ZHAO)
    assert connection.execute(select(membership).where(membership.c.left_at.is_not(None))).first() is None


def test_groups_share_one_root_unit(connection: Connection) -> None:
    register(connection)
    register(connection, chat_id=HERE - 1)
    assert connection.execute(select(func.count()).select_from(unit)).scalar_one() == 1


def test_only_a_chat_admin_registers_and_nothing_is_left_behind(connection: Connection) -> None:
    with pytest.raises(Refusal) as refused:
        register(connection, is_chat_admin=False)
    assert refused.value.code == "not_chat_admin"
    assert connection.execute(select(func.count()).select_from(chat)).scalar_one() == 0


def test_a_chat_is_registered_once(connection: Connection) -> None:
    register(connection)
    with pytest.raises(Refusal) as refused:
        register(connection, WANG, reply_key="other")
    assert (refused.value.code, refused.value.params) == ("already_registered", {"group": "第一学习小组"})


def test_joining_twice_changes_nothing(connection: Connection) -> None:
    group_id = register(connection)
    first = join(connection, group_id, WANG)
    second = join(connection, group_id, WANG)
    assert (first.repeated, second.repeated) == (False, True)
    assert not first.reachable
    assert connection.execute(select(func.count()).select_from(membership)).scalar_one() == 2


def test_whoever_turned_private_reminders_on_is_not_told_how(connection: Connection) -> None:
    group_id = register(connection)
    people.set_private_reminders(connection, WANG, True, NOW)
    assert join(connection, group_id, WANG).reachable


def test_a_forged_button_from_another_chat_joins_nobody(connection: Connection) -> None:
    group_id = register(connection)
    register(connection, chat_id=HERE - 1)
    for elsewhere in (HERE - 1, WANG.telegram_id):
        with pytest.raises(Refusal) as refused:
            join(connection, group_id, WANG, elsewhere)
        assert refused.value.code == "not_registered"
    assert role(connection, WANG) is None


def test_who_left_comes_back_as_a_member_not_as_leader(connection: Connection) -> None:
    group_id = register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    connection.execute(update(membership).values(left_at=NOW))
    join(connection, group_id, WANG)
    assert role(connection, WANG) == "member"


def test_a_chat_admin_appoints_the_first_leader_and_no_second(connection: Connection) -> None:
    register(connection)
    assert appoint(connection, WANG, LI, is_chat_admin=True) == leaders.Appointed("王芳", repeated=False)
    assert role(connection, WANG) == "leader"
    assert "王芳" in said(connection, "a")
    with pytest.raises(Refusal) as refused:
        appoint(connection, ZHAO, LI, is_chat_admin=True, key="b")
    assert (refused.value.code, refused.value.params) == ("has_leader", {"leader": "王芳"})
    assert role(connection, ZHAO) is None


def test_who_is_no_chat_admin_appoints_nobody(connection: Connection) -> None:
    register(connection)
    with pytest.raises(Refusal) as refused:
        appoint(connection, WANG, WANG, is_chat_admin=False)
    assert refused.value.code == "not_chat_admin"


def test_a_leader_appoints_another_without_being_chat_admin(connection: Connection) -> None:
    register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    appoint(connection, ZHAO, WANG, is_chat_admin=False, key="b")
    assert (role(connection, WANG), role(connection, ZHAO)) == ("leader", "leader")


def test_an_admin_of_the_unit_appoints_a_leader(connection: Connection) -> None:
    register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    appoint(connection, ZHAO, make_admin(connection), is_chat_admin=False, key="b")
    assert role(connection, ZHAO) == "leader"


def test_appointing_a_leader_again_is_neither_told_nor_logged_twice(connection: Connection) -> None:
    register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    assert appoint(connection, WANG, WANG, is_chat_admin=False, key="b").repeated
    actions = list(connection.execute(select(audit.c.action)).scalars())
    assert actions == ["register", "appoint_leader"]
    assert connection.execute(select(delivery.c.id).where(delivery.c.dedupe_key == "b")).first() is None


def test_a_volunteer_needs_the_groups_own_button(connection: Connection) -> None:
    group_id = register(connection)
    facts: dict[str, Any] = {
        "is_chat_admin": True,
        "message_id": 70,
        "bot_username": "study_bot",
        "now": NOW,
        "rules": Rules(),
        "reply_key": "v",
    }
    with pytest.raises(Refusal):
        leaders.volunteer(connection, group_id + 1, WANG, HERE, **facts)
    leaders.volunteer(connection, group_id, WANG, HERE, **facts)
    assert role(connection, WANG) == "leader"


def test_a_leader_who_started_the_bot_hears_of_it_in_private(connection: Connection) -> None:
    register(connection)
    people.start(connection, WANG, NOW)
    appoint(connection, WANG, LI, is_chat_admin=True)
    assert "第一学习小组" in told(connection, "a", WANG)


@pytest.mark.parametrize(("is_chat_admin", "mentions"), [(False, False), (True, True)])
def test_the_greeting_says_what_an_admin_bot_can_read(
    connection: Connection, is_chat_admin: bool, mentions: bool
) -> None:
    groups.greet(connection, HERE, 7, is_chat_admin=is_chat_admin, language="zh-CN", now=NOW)
    key = connection.execute(select(delivery.c.dedupe_key)).scalar_one()
    assert ("全部消息" in said(connection, key)) is mentions


def test_one_coming_is_greeted_once_and_a_return_again(connection: Connection) -> None:
    for update_id in (7, 7, 9):
        groups.greet(connection, HERE, update_id, is_chat_admin=False, language="en", now=NOW)
    assert connection.execute(select(func.count()).select_from(delivery)).scalar_one() == 2


def test_a_bot_that_comes_back_to_its_group_is_reachable_and_asks_for_nothing(connection: Connection) -> None:
    register(connection)
    groups.lose(connection, HERE)
    assert connection.execute(select(chat.c.state)).scalar_one() == "gone"
    groups.greet(connection, HERE, 8, is_chat_admin=False, language="zh-CN", now=NOW)
    assert connection.execute(select(chat.c.state)).scalar_one() == "active"
    payload = connection.execute(select(delivery.c.payload).order_by(delivery.c.id.desc()).limit(1)).scalar_one()
    assert (payload["text"], payload["buttons"]) == ("groups.back", [])


def test_losing_an_unknown_chat_is_nothing(connection: Connection) -> None:
    groups.lose(connection, HERE)
    assert connection.execute(select(func.count()).select_from(chat)).scalar_one() == 0


@pytest.mark.parametrize("greeted_first", [False, True])
def test_a_group_keeps_everything_when_it_becomes_a_supergroup(connection: Connection, greeted_first: bool) -> None:
    group_id = register(connection)
    new = -1001234567
    if greeted_first:
        groups.greet(connection, new, 7, is_chat_admin=False, language="zh-CN", now=NOW)
    groups.move(connection, HERE, new)
    assert access.group_of_chat(connection, new).id == group_id
    numbers = list(connection.execute(select(chat.c.telegram_id)).scalars())
    assert numbers == [new]
    claimed = deliveries.claim(connection, "me", NOW + groups.GREETING_DELAY, Rules().live_every, 5, [])
    assert [one.telegram_id for one in claimed] == [new]


@pytest.mark.parametrize("lost_first", [False, True])
def test_a_supergroup_that_grew_from_a_group_is_not_greeted_as_new(connection: Connection, lost_first: bool) -> None:
    register(connection)
    if lost_first:
        groups.lose(connection, HERE)
    groups.move(connection, HERE, -1001234567)
    groups.greet(connection, -1001234567, 7, is_chat_admin=False, language="zh-CN", now=NOW)
    assert list(connection.execute(select(delivery.c.kind)).scalars()) == [groups.CARD]
    assert connection.execute(select(chat.c.state)).scalar_one() == "active"


def test_moving_onto_another_registered_group_takes_nothing_over(connection: Connection) -> None:
    register(connection)
    other = register(connection, chat_id=-1001234567)
    groups.move(connection, HERE, -1001234567)
    assert access.group_of_chat(connection, -1001234567).id == other


def test_start_greets_with_the_number_and_makes_a_person_reachable(connection: Connection) -> None:
    starting.start(connection, LI, bot_username="study_bot", language="zh-CN", now=NOW, reply_key="s")
    known = people.find(connection, LI.telegram_id)
    assert known is not None
    assert known.chat_id is not None
    assert "<code>501</code>" in said(connection, "s")


def test_the_reminder_link_is_the_consent_and_can_be_taken_back(connection: Connection) -> None:
    starting.allow_reminders(connection, LI, language="en", now=NOW, reply_key="s")
    known = people.find(connection, LI.telegram_id)
    assert known is not None
    assert (known.private_reminders, known.chat_id is not None) == (True, True)
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.kind == "reply")).scalar_one()
    assert payload["buttons"] == [[["button.reminders_off", "remind:0"]]]


def test_help_is_cut_to_what_somebody_may_do(connection: Connection) -> None:
    assert menus.audiences(connection, WANG, is_operator=False) == {"all"}
    register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    assert menus.audiences(connection, WANG, is_operator=False) == {"all", "leader"}
    assert menus.audiences(connection, ZHAO, is_operator=True) == {"all", "admin", "operator"}
