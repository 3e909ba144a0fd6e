"""The leader's hub: which group, what waits there, and who may see it."""

from datetime import timedelta
from functools import partial

from group_life import BOT, HERE, LI, NOW, WANG, ZHAO, id_of, led_group, make_admin, offered, refused, register
from sqlalchemy import Connection, select, update
from study_life import Somebody, StudyLife

from chat import manage_cards as cards
from db.tables import delivery, membership, person, response
from services import manage, people
from services.manage import Hub, Picker
from texts import words

SPOKEN = words("zh-CN")


def lead_too(connection: Connection, *chat_ids: int) -> list[int]:
    """李明 leads these groups as well."""
    made = [register(connection, chat_id=chat_id, title=f"小组{chat_id}") for chat_id in chat_ids]
    connection.execute(update(membership).where(membership.c.group_id.in_(made)).values(role="leader"))
    return made


def hub(connection: Connection) -> Hub:
    found = manage.look(connection, 0, LI, NOW)
    assert isinstance(found, Hub)
    return found


def test_who_leads_one_group_comes_to_its_hub(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    shown = cards.hub(hub(connection), SPOKEN)
    assert "还没有安排学习" in shown.text
    assert offered(shown) == [
        f"plan_new:{group_id}",
        f"sessions_of:{group_id}",
        f"leaves:{group_id}",
        f"corrections:{group_id}",
        f"roster:{group_id}:0",
        f"leaders:{group_id}",
        f"makeups_of:{group_id}:0",
        f"plan_y:{group_id}:0",
        "rota",
        f"calendar_group:{group_id}",
        f"group_settings:{group_id}",
    ]
    labels = [button.label for row in shown.keyboard for button in row]
    assert labels[2:5] == ["请假审批", "更正申请", "成员（2）"]


def test_the_hub_tells_what_comes_next_and_what_waits(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    life = StudyLife(connection)
    li = Somebody(id_of(connection, LI), LI)
    session_id = life.session(group_id, NOW + timedelta(days=1), li, title="学习原著", state="scheduled")
    life.session(group_id, NOW + timedelta(days=2), li, title="以后的", state="scheduled")
    life.session(group_id, NOW - timedelta(days=2), li, title="以前的")
    life.session(group_id, NOW + timedelta(hours=1), li, title="取消的", state="cancelled")
    leave = {"session_id": session_id, "person_id": id_of(connection, WANG), "answer": "leave", "answered_at": NOW}
    connection.execute(response.insert().values(**leave))
    shown = cards.hub(hub(connection), SPOKEN)
    assert "学习原著" in shown.text
    assert shown.keyboard[1][0].label == "请假审批（1）"


def test_several_groups_are_offered_with_the_last_chosen_one_first(connection: Connection) -> None:
    group_id = led_group(connection)
    second, third = lead_too(connection, HERE - 1, HERE - 2)
    manage.choose(connection, third, LI, now=NOW)
    found = manage.look(connection, 0, LI, NOW)
    assert isinstance(found, Picker)
    assert found.groups[0].id == third
    assert {group.id for group in found.groups} == {group_id, second, third}
    assert not manage.choose(connection, second, LI, now=NOW).only
    assert offered(cards.hub(manage.choose(connection, second, LI, now=NOW), SPOKEN))[-1] == "manage_list"


def test_many_groups_are_paged(connection: Connection) -> None:
    led_group(connection)
    lead_too(connection, *(HERE - number for number in range(1, 10)))
    found = manage.look(connection, 5, LI, NOW)
    assert isinstance(found, Picker)
    assert (found.page, found.pages, len(found.groups)) == (1, 2, 2)


def test_the_hub_is_for_those_who_lead(connection: Connection) -> None:
    group_id = led_group(connection, WANG)
    register(connection, ZHAO, chat_id=HERE - 1)
    assert refused(lambda: manage.look(connection, 0, WANG, NOW)) == "leads_no_group"
    for somebody in (WANG, ZHAO):
        assert refused(partial(manage.choose, connection, group_id, somebody, now=NOW)) == "not_leader"
        assert refused(partial(manage.here, connection, HERE, somebody)) == "not_leader"
    boss = make_admin(connection)
    assert manage.choose(connection, group_id, boss, now=NOW).group_id == group_id
    assert manage.here(connection, HERE, LI) == group_id


def test_the_link_in_the_group_opens_the_hub_and_makes_its_reader_reachable(connection: Connection) -> None:
    group_id = led_group(connection)
    connection.execute(update(person).values(chat_id=None))
    manage.open_link(connection, group_id, LI, language="en", now=NOW, reply_key="m")
    known = people.find(connection, LI.telegram_id)
    assert known is not None
    assert known.chat_id is not None
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "m")).scalar_one()
    shown = manage.page(connection, payload, NOW)
    assert shown is not None
    assert "Managing" in cards.waited(shown).text
    link = cards.way_in(group_id, BOT, SPOKEN).keyboard[0][0].url
    assert link == f"https://t.me/study_bot?start=manage_{group_id}"


def test_a_hub_that_waited_is_not_sent_to_who_leads_no_longer(connection: Connection) -> None:
    group_id = led_group(connection)
    manage.open_link(connection, group_id, LI, language="en", now=NOW, reply_key="m")
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "m")).scalar_one()
    connection.execute(update(membership).values(role="member"))
    assert manage.page(connection, payload, NOW) is None
    assert (
        refused(lambda: manage.open_link(connection, group_id, LI, language="en", now=NOW, reply_key="m2"))
        == "not_leader"
    )
