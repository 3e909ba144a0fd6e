"""The organisation: operators appoint admins, admins read the log, nobody else gets in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select
from study_life import StudyLife

from chat import organisation_cards as cards
from db.tables import audit, delivery, unit
from domain.errors import Refusal
from domain.people import Actor
from services import access, organisation, people
from texts import words

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPERATOR, LI = Actor(42, "运维"), Actor(501, "李明")


def appoint(connection: Connection, whom: Actor, key: str = "k", **changes: Any) -> None:
    facts = {
        "is_operator": True,
        "organisation": "机关党委",
        "language": "zh-CN",
        "now": NOW,
        "reply_key": key,
        **changes,
    }
    organisation.appoint_admin(connection, whom.telegram_id, OPERATOR, **facts)


def change(connection: Connection, use_case: Callable[..., None], what: object, *, is_operator: bool = True) -> None:
    use_case(connection, what, OPERATOR, is_operator=is_operator, language="zh-CN", now=NOW, reply_key=f"{use_case}")


def actions(connection: Connection) -> list[str]:
    return list(connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars())


def replies(connection: Connection) -> list[str]:
    query = select(delivery.c.payload).where(delivery.c.kind == "reply").order_by(delivery.c.id)
    rows = connection.execute(query).scalars()
    return [payload["text"] for payload in rows]


def test_an_operator_appoints_an_admin_and_both_are_told(connection: Connection) -> None:
    known = people.start(connection, LI, NOW)
    appoint(connection, LI)
    assert access.require_admin(connection, known.id) == [connection.execute(select(unit.c.id)).scalar_one()]
    assert actions(connection) == ["appoint_admin"]
    assert replies(connection) == ["organisation.admin_appointed", "organisation.you_are_admin"]


def test_appointing_twice_is_logged_once(connection: Connection) -> None:
    people.start(connection, LI, NOW)
    appoint(connection, LI)
    appoint(connection, LI, "again")
    assert actions(connection) == ["appoint_admin"]
    assert replies(connection)[-1] == "organisation.admin_already"


def test_an_operator_who_appoints_themself_is_told_once(connection: Connection) -> None:
    people.start(connection, OPERATOR, NOW)
    appoint(connection, OPERATOR)
    assert replies(connection) == ["organisation.admin_appointed"]


@pytest.mark.parametrize("met", [False, True])
def test_who_never_pressed_start_cannot_be_appointed(connection: Connection, met: bool) -> None:
    if met:
        people.meet(connection, LI, NOW)
    with pytest.raises(Refusal) as refused:
        appoint(connection, LI)
    assert (refused.value.code, refused.value.params) == ("unknown_person", {"number": 501})
    assert connection.execute(select(unit)).first() is None


def test_a_removed_admin_has_no_rights_left(connection: Connection) -> None:
    known = people.start(connection, LI, NOW)
    appoint(connection, LI)
    change(connection, organisation.remove_admin, LI.telegram_id)
    with pytest.raises(Refusal):
        access.require_admin(connection, known.id)
    assert actions(connection) == ["appoint_admin", "remove_admin"]


def test_who_is_no_admin_cannot_be_removed(connection: Connection) -> None:
    people.start(connection, LI, NOW)
    with pytest.raises(Refusal) as refused:
        change(connection, organisation.remove_admin, LI.telegram_id)
    assert refused.value.code == "no_such_admin"


def test_the_root_unit_is_named_in_one_line(connection: Connection) -> None:
    change(connection, organisation.name_unit, "  第一\n机关  党委 ")
    assert organisation.overview(connection, is_operator=True).unit == "第一 机关 党委"
    assert actions(connection) == ["name_unit"]


@pytest.mark.parametrize("name", [" ", "长" * 65])
def test_a_name_has_a_length(connection: Connection, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        change(connection, organisation.name_unit, name)
    assert refused.value.code == "name_too_long"


def test_nobody_but_an_operator_changes_anything(connection: Connection) -> None:
    people.start(connection, LI, NOW)
    appoint(connection, LI)
    for attempt in (
        lambda: appoint(connection, LI, is_operator=False),
        lambda: change(connection, organisation.remove_admin, 501, is_operator=False),
        lambda: change(connection, organisation.name_unit, "别的", is_operator=False),
        lambda: organisation.overview(connection, is_operator=False),
    ):
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.code == "not_operator"
    assert actions(connection) == ["appoint_admin"]


def test_the_overview_shows_admins_by_number_and_counts_groups(connection: Connection) -> None:
    assert organisation.overview(connection, is_operator=True) == organisation.Overview("", (), 0)
    people.start(connection, LI, NOW)
    appoint(connection, LI)
    life = StudyLife(connection)
    life.group(connection.execute(select(unit.c.id)).scalar_one())
    facts = organisation.overview(connection, is_operator=True)
    assert facts == organisation.Overview("机关党委", (organisation.Admin("李明", 501),), 1, facts.unit_id)
    assert facts.unit_id == connection.execute(select(unit.c.id)).scalar_one()
    text = cards.overview(facts, words("en")).text
    assert "<code>501</code>" in text
    assert "1 study group" in text


def act_line(act: organisation.Act) -> str:
    return cards.act_line(act, ZoneInfo("Asia/Shanghai"), words("zh-CN"))


def test_an_act_that_has_no_words_any_more_shows_its_code() -> None:
    assert act_line(organisation.Act(NOW, "<李>", "close")) == "11月24日 周二 20:00 \u2068&lt;李&gt;\u2069：结束学习"
    assert "long_gone" in act_line(organisation.Act(NOW, "7", "long_gone"))


def test_an_act_is_told_with_whom_and_where() -> None:
    text = act_line(organisation.Act(NOW, "李明", "appoint_leader", "<一组>", "王芳"))
    assert text.endswith("任命组长 · \u2068王芳\u2069 · \u2068&lt;一组&gt;\u2069")
