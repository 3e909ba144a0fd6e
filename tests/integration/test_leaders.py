"""Deputies, undoing an appointment, handing over, stepping down: who may, who is told, what the group reads."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from group_life import (
    BOSS,
    BOT,
    HERE,
    LI,
    NOW,
    WANG,
    ZHAO,
    appoint,
    id_of,
    join,
    led_group,
    make_admin,
    message,
    offered,
    part,
    refused,
    register,
    role,
    said,
    told,
)
from sqlalchemy import Connection, func, select, update

from chat import handover_cards, leaders_cards
from db.tables import audit, chat, deep_link, delivery, person
from domain.people import Actor
from services import access, groups, handover, leaders, people, role_notices
from services.rules import Rules
from texts import words

SPOKEN = words("zh-CN")
ACT: dict[str, Any] = {"now": NOW, "rules": Rules()}


def set_role(
    connection: Connection, group_id: int, whom: Actor, wanted: str, by: Actor, key: str = "r"
) -> leaders.Change:
    return leaders.set_role(connection, group_id, id_of(connection, whom), wanted, by, reply_key=key, **ACT)


def offer(connection: Connection, group_id: int, whom: Actor, by: Actor = LI, key: str = "o") -> handover.Candidate:
    return handover.offer(connection, group_id, id_of(connection, whom), by, reply_key=key, **ACT)


def accept(connection: Connection, group_id: int, who: Actor, of: Actor = LI, **changes: Any) -> handover.Done:
    given = {**ACT, "bot_username": BOT, "reply_key": "acc", **changes}
    return handover.accept(connection, group_id, id_of(connection, of), who, **given)


def take_back(connection: Connection, group_id: int, whom: Actor, by: Actor, **changes: Any) -> leaders.Named:
    given = {**ACT, "reply_key": "tb", "chat": HERE, **changes}
    return leaders.take_back(connection, group_id, id_of(connection, whom), by, given.pop("chat"), **given)


def step_down(connection: Connection, group_id: int, who: Actor, key: str = "sd") -> handover.Done:
    return handover.step_down(connection, group_id, who, reply_key=key, **ACT)


def actions(connection: Connection) -> list[str]:
    return list(connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars())


def refreshed(connection: Connection) -> int:
    """How many menus are to be set anew."""
    return connection.execute(select(func.count()).where(delivery.c.kind == "menu")).scalar_one()


def test_a_leader_appoints_a_deputy_who_is_told_in_private_and_gets_the_menu(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    before = refreshed(connection)
    change = set_role(connection, group_id, WANG, "deputy", LI)
    assert (change.role, change.repeated, role(connection, WANG)) == ("deputy", False, "deputy")
    assert "副组长" in told(connection, "r", WANG)
    assert refreshed(connection) == before + 1
    assert actions(connection)[-1] == "appoint_deputy"
    assert set_role(connection, group_id, WANG, "deputy", LI, key="again").repeated


def test_a_deputy_changes_no_roles(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    set_role(connection, group_id, WANG, "deputy", LI)
    for act in (
        partial(set_role, connection, group_id, ZHAO, "deputy", WANG),
        partial(set_role, connection, group_id, WANG, "member", WANG),
        partial(offer, connection, group_id, ZHAO, WANG),
        partial(leaders.choice, connection, group_id, 0, WANG, deputies_too=False),
    ):
        assert refused(act) == "may_not_appoint"
    assert refused(lambda: appoint(connection, ZHAO, WANG)) == "has_leader"


def test_strangers_and_leaders_of_other_groups_change_no_roles(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    register(connection, ZHAO, chat_id=HERE - 1)
    connection.execute(update(person).where(person.c.telegram_id == 503).values(name="赵强"))
    assert refused(lambda: set_role(connection, group_id, WANG, "deputy", ZHAO)) == "may_not_appoint"
    assert refused(lambda: set_role(connection, group_id, WANG, "deputy", Actor(999, "谁"))) == "not_member"
    assert refused(lambda: leaders.page(connection, group_id, ZHAO, NOW)) == "not_member"


def test_an_admin_dismisses_a_leader_and_a_leader_does_not(connection: Connection) -> None:
    group_id = led_group(connection)
    appoint(connection, WANG, LI)
    assert refused(lambda: set_role(connection, group_id, WANG, "member", LI)) == "may_not_appoint"
    set_role(connection, group_id, WANG, "member", make_admin(connection))
    assert (role(connection, WANG), actions(connection)[-1]) == ("member", "dismiss_leader")
    set_role(connection, group_id, LI, "member", BOSS, key="last")
    assert "没有组长" in said(connection, "last:line")


def test_who_left_cannot_be_appointed(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    part(connection, WANG)
    assert refused(lambda: set_role(connection, group_id, WANG, "deputy", LI)) == "person_left"


def test_an_appointment_is_undone_within_a_minute_by_whoever_made_it(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG)
    appoint(connection, WANG, LI, is_chat_admin=True)
    assert f"unlead:{group_id}:{id_of(connection, WANG)}" in offered(message(connection, "a"))
    assert message(connection, "a").silent
    assert refused(lambda: take_back(connection, group_id, WANG, ZHAO)) == "may_not_appoint"
    late = NOW + timedelta(seconds=61)
    assert refused(lambda: take_back(connection, group_id, WANG, LI, now=late)) == "undo_too_late"
    assert take_back(connection, group_id, WANG, LI).name == "王芳"
    assert role(connection, WANG) == "member"
    assert refused(lambda: take_back(connection, group_id, WANG, LI)) == "undo_too_late"


@pytest.mark.parametrize("before", ["deputy", None])
def test_undo_makes_somebody_again_what_they_were(connection: Connection, before: str | None) -> None:
    group_id = led_group(connection)
    if before is not None:
        join(connection, group_id, WANG)
        set_role(connection, group_id, WANG, before, LI)
    appoint(connection, WANG, LI)
    take_back(connection, group_id, WANG, LI)
    assert role(connection, WANG) == before


def test_undo_from_another_chat_is_forged(connection: Connection) -> None:
    group_id = led_group(connection)
    appoint(connection, WANG, LI)
    register(connection, chat_id=HERE - 1)
    assert refused(lambda: take_back(connection, group_id, WANG, LI, chat=HERE - 1)) == "not_registered"


def test_handing_over_takes_effect_when_it_is_accepted(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    offer(connection, group_id, WANG)
    assert (role(connection, LI), role(connection, WANG)) == ("leader", "member")
    question = message(connection, f"o:offer:to:{id_of(connection, WANG)}")
    li = id_of(connection, LI)
    assert offered(question) == [f"hand_accept:{group_id}:{li}", f"hand_decline:{group_id}:{li}"]
    assert leaders.page(connection, group_id, LI, NOW).invited == "王芳"
    accept(connection, group_id, WANG)
    assert (role(connection, LI), role(connection, WANG)) == ("deputy", "leader")
    assert "副组长" in told(connection, "acc", LI)
    line = message(connection, "acc:line")
    assert line.silent
    assert "接替" in line.text
    assert refused(lambda: accept(connection, group_id, WANG)) == "handover_over"


def test_whoever_cannot_be_reached_cannot_be_asked_and_the_leader_reads_how(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    shown = handover_cards.ask_handover(handover.candidate(connection, group_id, id_of(connection, WANG), LI), SPOKEN)
    assert "点“开始”" in shown.text
    assert offered(shown) == [f"hand:{group_id}"]
    assert refused(lambda: offer(connection, group_id, WANG)) == "cannot_be_asked"
    people.start(connection, WANG, NOW)
    connection.execute(update(chat).where(chat.c.telegram_id == WANG.telegram_id).values(state="gone"))
    assert refused(lambda: offer(connection, group_id, WANG)) == "cannot_be_asked"


def test_an_invitation_ends_after_a_week_or_when_it_is_withdrawn(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    offer(connection, group_id, WANG)
    late = NOW + timedelta(days=7, seconds=1)
    assert refused(lambda: accept(connection, group_id, WANG, now=late)) == "handover_over"
    handover.withdraw(connection, group_id, LI, now=NOW)
    assert refused(lambda: accept(connection, group_id, WANG)) == "handover_over"
    assert refused(lambda: handover.withdraw(connection, group_id, LI, now=NOW)) == "handover_over"


def test_a_second_invitation_replaces_the_first(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    for somebody in (WANG, ZHAO):
        people.start(connection, somebody, NOW)
    offer(connection, group_id, WANG)
    offer(connection, group_id, ZHAO, key="o2")
    assert refused(lambda: accept(connection, group_id, WANG)) == "handover_over"
    accept(connection, group_id, ZHAO)
    assert role(connection, ZHAO) == "leader"


def test_only_whoever_was_asked_accepts(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    people.start(connection, WANG, NOW)
    offer(connection, group_id, WANG)
    assert refused(lambda: accept(connection, group_id, ZHAO)) == "handover_over"


def test_who_declines_changes_nothing_and_the_leader_is_told(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    offer(connection, group_id, WANG)
    handover.decline(connection, group_id, id_of(connection, LI), WANG, reply_key="d", **ACT)
    assert "没有接受" in told(connection, "d", LI)
    assert (role(connection, LI), role(connection, WANG)) == ("leader", "member")
    assert refused(lambda: accept(connection, group_id, WANG)) == "handover_over"


def test_an_invitation_of_somebody_who_leads_no_longer_is_void(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    offer(connection, group_id, WANG)
    step_down(connection, group_id, LI)
    assert refused(lambda: accept(connection, group_id, WANG)) == "handover_over"
    tokens = select(func.count()).where(deep_link.c.purpose == "handover")
    assert connection.execute(tokens).scalar_one() == 0


def test_who_was_asked_and_left_does_not_lead(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    offer(connection, group_id, WANG)
    part(connection, WANG)
    assert refused(lambda: accept(connection, group_id, WANG)) == "not_member"


def test_the_last_leader_who_steps_down_leaves_a_way_to_lead(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    connection.execute(update(delivery).where(delivery.c.kind == groups.CARD).values(message_id=70))
    step_down(connection, group_id, LI)
    assert role(connection, LI) == "member"
    line = message(connection, "sd:line")
    assert (line.silent, offered(line)) == (True, [f"lead:{group_id}:1"])
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.kind == groups.CARD_LIVE)).scalar_one()
    card = groups.card(connection, payload, NOW)
    assert card is not None
    assert card.leaders == ()
    assert refused(lambda: step_down(connection, group_id, LI)) == "leads_nothing"


def test_who_holds_no_role_is_not_asked_whether_to_step_down(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    for somebody in (WANG, make_admin(connection)):
        assert refused(partial(handover.before_stepping_down, connection, group_id, somebody, NOW)) == "leads_nothing"
    assert handover.before_stepping_down(connection, group_id, LI, NOW).leads


def test_who_leads_on_hears_of_a_step_down_and_the_group_nothing(connection: Connection) -> None:
    group_id = led_group(connection)
    appoint(connection, WANG, LI)
    step_down(connection, group_id, WANG)
    assert "卸任" in told(connection, "sd", LI)
    assert connection.execute(select(delivery.c.id).where(delivery.c.dedupe_key == "sd:line")).first() is None


def test_a_leader_who_leaves_the_chat_leaves_a_way_to_lead(connection: Connection) -> None:
    group_id = led_group(connection)
    part(connection, LI)
    assert offered(message(connection, f"part:{LI.telegram_id}:line")) == [f"lead:{group_id}:1"]


def test_the_page_offers_what_its_reader_may_do(connection: Connection) -> None:
    group_id = led_group(connection, WANG, ZHAO)
    set_role(connection, group_id, WANG, "deputy", LI)

    def buttons(reader: Actor) -> list[str | None]:
        return offered(leaders_cards.page(leaders.page(connection, group_id, reader, NOW), SPOKEN))

    wang = id_of(connection, WANG)
    assert buttons(LI) == [
        f"deputies:{group_id}:0",
        f"undeputy:{group_id}:{wang}",
        f"hand:{group_id}",
        f"step_down:{group_id}",
        f"manage:{group_id}",
    ]
    assert buttons(WANG) == [f"step_down:{group_id}", f"manage:{group_id}"]
    assert buttons(ZHAO) == []
    assert buttons(make_admin(connection)) == [
        f"deputies:{group_id}:0",
        f"undeputy:{group_id}:{wang}",
        f"manage:{group_id}",
    ]


def test_a_change_just_made_can_be_undone_on_its_page(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    change = set_role(connection, group_id, WANG, "deputy", LI)
    shown = leaders_cards.page(leaders.page(connection, group_id, LI, NOW), SPOKEN, change)
    assert offered(shown)[0] == f"undeputy:{group_id}:{id_of(connection, WANG)}"


def test_many_members_are_paged_to_choose_from(connection: Connection) -> None:
    group_id = led_group(connection, *(Actor(600 + number, f"组员{number}") for number in range(9)))
    first = leaders.choice(connection, group_id, 0, LI, deputies_too=False)
    assert (len(first.people), first.pages) == (8, 2)
    assert len(leaders.choice(connection, group_id, 7, LI, deputies_too=False).people) == 1
    assert f"deputies:{group_id}:1" in offered(leaders_cards.pick_deputy(first, SPOKEN))


def test_notices_speak_the_language_of_their_reader(connection: Connection) -> None:
    register(connection)
    alex = Actor(700, "Alex", "en-GB")
    people.start(connection, alex, NOW)
    appoint(connection, alex, LI, is_chat_admin=True)
    assert "You now lead" in told(connection, "a", alex)
    assert "组长：" in said(connection, "a")
    people.choose_language(connection, alex, "zh-CN", NOW)
    appoint(connection, WANG, alex, key="b")
    step_down(connection, access.group_of_chat(connection, HERE).id, WANG)
    assert "已卸任" in told(connection, "sd", alex)


def test_a_notice_waits_for_the_end_of_quiet_hours(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    people.start(connection, WANG, NOW)
    night = NOW.replace(hour=16)  # midnight in Shanghai
    wang = id_of(connection, WANG)
    leaders.set_role(connection, group_id, wang, "deputy", LI, now=night, rules=Rules(), reply_key="n")
    row = connection.execute(select(delivery).where(delivery.c.dedupe_key == f"n:to:{wang}")).one()
    assert row.due_at == night + timedelta(hours=8)
    assert row.expires_at == row.due_at + role_notices.LASTS
