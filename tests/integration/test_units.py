"""Units: the tree, who may change it, where groups belong, and what is written down about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select, update
from study_life import Somebody, StudyLife

from chat import units_cards as cards
from chat.outgoing import Message
from db.queries import audit as audit_queries
from db.tables import audit, chat, delivery, person, study_group, unit_admin
from domain.errors import Refusal
from domain.people import Actor
from services import units
from texts import words

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPERATOR = Actor(42, "运维")


@dataclass
class Town:
    """机关党委 with two branches, each of one group; `boss` administers all, `branch_admin` the first branch."""

    life: StudyLife
    root: int
    first: int
    second: int
    group: int
    boss: Somebody
    branch_admin: Somebody

    def reachable(self, somebody: Somebody) -> Somebody:
        connection = self.life._connection
        chat_id = self.life.row(chat, telegram_id=somebody.actor.telegram_id, kind="private")
        connection.execute(update(person).where(person.c.id == somebody.id).values(chat_id=chat_id))
        return somebody


@pytest.fixture
def town(connection: Connection) -> Town:
    life = StudyLife(connection)
    root = life.unit()
    first, second = life.unit("第一党支部", root), life.unit("第二党支部", root)
    group = life.group(first, "青年理论组")
    made = Town(life, root, first, second, group, life.person("主管"), life.person("支书"))
    for somebody, unit_id in ((made.boss, root), (made.branch_admin, first)):
        life.admin(unit_id, made.reachable(somebody))
    return made


def refusal(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        use_case(*arguments, **named)
    return refused.value.code


def typed(
    connection: Connection, unit_id: int, act: int, text: str, actor: Actor, *, is_operator: bool = False
) -> None:
    units.name_typed(
        connection,
        unit_id,
        act,
        text,
        actor,
        is_operator=is_operator,
        reply_key=f"{unit_id}:{act}:{text}",
        language="zh-CN",
        now=NOW,
    )


def actions(connection: Connection) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in connection.execute(select(audit).order_by(audit.c.id))]


def test_a_page_shows_what_is_right_below_and_counts_everything(connection: Connection, town: Town) -> None:
    town.life.member(town.group, "李明")
    town.life.group(town.root, "直属组")
    page = units.page(connection, town.root, town.boss.actor, is_operator=False)
    assert page.path == ("机关党委",)
    assert [each.name for each in page.units] == ["第一党支部", "第二党支部"]
    assert [each.name for each in page.groups] == ["直属组"]
    assert (page.all_groups, page.people, page.is_root, page.parent_id) == (2, 1, True, 0)
    assert [each.name for each in page.admins] == ["主管"]


def test_an_admin_of_a_branch_does_not_get_above_it(connection: Connection, town: Town) -> None:
    page = units.page(connection, town.first, town.branch_admin.actor, is_operator=False)
    assert page.path == ("机关党委", "第一党支部")
    assert page.parent_id == 0
    for unit_id in (town.root, town.second, 99):
        assert refusal(units.page, connection, unit_id, town.branch_admin.actor, is_operator=False) == "not_admin"
    assert [each.name for each in units.top(connection, town.branch_admin.actor)] == ["第一党支部"]
    assert [each.name for each in units.top(connection, town.boss.actor)] == ["机关党委"]


def test_who_administers_nothing_opens_nothing_and_the_operator_everything(connection: Connection, town: Town) -> None:
    li = town.life.member(town.group, "李明", role="leader")
    assert refusal(units.page, connection, town.first, li.actor, is_operator=False) == "not_admin"
    assert refusal(units.top, connection, Actor(9, "生人")) == "not_admin"
    assert units.page(connection, town.second, OPERATOR, is_operator=True).parent_id == town.root


def test_a_unit_is_added_renamed_and_removed_and_all_is_written_down(connection: Connection, town: Town) -> None:
    typed(connection, town.second, units.ADD, "  青年  小组 ", town.boss.actor)
    page = units.page(connection, town.second, town.boss.actor, is_operator=False)
    (added,) = page.units
    assert added.name == "青年 小组"
    typed(connection, added.id, units.RENAME, "青年学习中心", town.boss.actor)
    again = refusal(units.remove, connection, town.second, town.boss.actor, is_operator=False, now=NOW)
    assert again == "unit_not_empty"
    above = units.remove(connection, added.id, town.boss.actor, is_operator=False, now=NOW)
    assert (above.id, above.units) == (town.second, ())
    subject = f"unit:{added.id}"
    assert actions(connection) == [("add_unit", subject), ("name_unit", subject), ("remove_unit", subject)]


def test_names_beside_each_other_differ_and_fit(connection: Connection, town: Town) -> None:
    boss = town.boss.actor
    assert refusal(typed, connection, town.root, units.ADD, "第一党支部", boss) == "unit_exists"
    assert refusal(typed, connection, town.second, units.RENAME, "第一党支部", boss) == "unit_exists"
    typed(connection, town.first, units.RENAME, "第一党支部", boss)
    typed(connection, town.first, units.ADD, "第一党支部", boss)
    for text in ("", "字" * 65):
        assert refusal(typed, connection, town.root, units.ADD, text, boss) == "name_too_long"


def test_the_tree_ends_at_its_depth(connection: Connection, town: Town) -> None:
    deepest = town.second
    for number in range(units.DEEPEST - 2):
        deepest = town.life.unit(f"{number}级", deepest)
    asked = refusal(units.ask_name, connection, deepest, units.ADD, town.boss.actor, is_operator=False, now=NOW)
    assert asked == "unit_too_deep"
    moved = refusal(units.move, connection, town.first, deepest, town.boss.actor, is_operator=False, now=NOW)
    assert moved == "unit_too_deep"


def test_a_subtree_is_moved_whole_and_never_deeper_than_the_tree_may_be(connection: Connection, town: Town) -> None:
    deepest = town.second
    for number in range(units.DEEPEST - 3):
        deepest = town.life.unit(f"{number}级", deepest)
    town.life.unit("班组", town.first)
    moved = refusal(units.move, connection, town.first, deepest, town.boss.actor, is_operator=False, now=NOW)
    assert moved == "unit_too_deep"


def test_a_unit_moves_but_never_into_itself(connection: Connection, town: Town) -> None:
    below = town.life.unit("班组", town.first)
    boss = town.boss.actor
    into_itself = (units.move, connection, town.first)
    for parent in (town.first, below):
        assert refusal(*into_itself, parent, boss, is_operator=False, now=NOW) == "unit_in_itself"
    assert refusal(units.move, connection, town.root, town.first, boss, is_operator=False, now=NOW) == "unit_is_root"
    targets = units.unit_targets(connection, town.first, 0, boss, is_operator=False)
    assert [each.name for each in targets.units] == ["第二党支部"]
    page = units.move(connection, town.first, town.second, boss, is_operator=False, now=NOW)
    assert page.path == ("机关党委", "第二党支部", "第一党支部")
    units.move(connection, town.first, town.second, boss, is_operator=False, now=NOW)
    assert actions(connection) == [("move_unit", f"unit:{town.first}")]


def test_the_admin_of_a_branch_moves_nothing_out_of_it(connection: Connection, town: Town) -> None:
    actor = town.branch_admin.actor
    assert refusal(units.move, connection, town.first, town.second, actor, is_operator=False, now=NOW) == "not_admin"
    moved = refusal(units.move_group, connection, town.group, town.second, actor, is_operator=False, now=NOW)
    assert moved == "not_admin"


def test_a_group_goes_to_another_unit_with_all_it_has(connection: Connection, town: Town) -> None:
    boss = town.boss.actor
    targets = units.group_targets(connection, town.group, 0, boss, is_operator=False)
    assert [each.name for each in targets.units] == ["机关党委", "第二党支部"]
    page = units.move_group(connection, town.group, town.second, boss, is_operator=False, now=NOW)
    assert [each.name for each in page.groups] == ["青年理论组"]
    query = select(study_group.c.unit_id).where(study_group.c.id == town.group)
    assert connection.execute(query).scalar_one() == town.second
    assert refusal(units.group_targets, connection, 99, 0, boss, is_operator=False) == "not_admin"


def test_many_targets_are_turned_over(connection: Connection, town: Town) -> None:
    for number in range(20):
        town.life.unit(f"单位{number:02}", town.root)
    last = units.group_targets(connection, town.group, 99, town.boss.actor, is_operator=False)
    assert (last.page, last.pages, len(last.units)) == (2, 3, 6)


def test_an_admin_is_found_by_name_or_number_and_told(connection: Connection, town: Town) -> None:
    li = town.reachable(town.life.person("李明"))
    town.life.person("李强，没按过开始")
    found = units.candidates(connection, town.first, "李", town.boss.actor, is_operator=False)
    assert found == [units.Named(li.id, "李明")]
    by_number = units.candidates(connection, town.first, str(li.actor.telegram_id), town.boss.actor, is_operator=False)
    assert by_number == found
    for text in ("%", "1", "", "9" * 30):
        code = refusal(units.candidates, connection, town.first, text, town.boss.actor, is_operator=False)
        assert code == "nobody_found"
    for _ in range(2):
        page = units.appoint(connection, town.first, li.id, town.boss.actor, is_operator=False, now=NOW)
    assert [each.name for each in page.admins] == ["支书", "李明"]
    assert actions(connection) == [("appoint_admin", f"person:{li.id}")]
    replies = connection.execute(select(delivery.c.payload).where(delivery.c.kind == "reply")).scalars().all()
    assert [payload["text"] for payload in replies] == ["units.you_are_admin"]


def test_nobody_dismisses_themselves_or_the_last(connection: Connection, town: Town) -> None:
    boss = town.boss
    assert refusal(units.dismiss, connection, town.root, boss.id, boss.actor, is_operator=False, now=NOW) == "own_admin"
    second = town.reachable(town.life.person("副主管"))
    units.appoint(connection, town.root, second.id, boss.actor, is_operator=False, now=NOW)
    units.dismiss(connection, town.root, boss.id, second.actor, is_operator=False, now=NOW)
    rows = connection.execute(select(unit_admin.c.person_id).where(unit_admin.c.unit_id == town.root)).scalars().all()
    assert rows == [second.id]
    units.dismiss(connection, town.root, second.id, OPERATOR, is_operator=True, now=NOW)
    assert units.page(connection, town.root, OPERATOR, is_operator=True).admins == ()


def test_the_log_of_a_unit_has_what_is_below_it_and_nothing_else(connection: Connection, town: Town) -> None:
    life = town.life
    foreign = life.group(town.second, "别的组")
    li = life.member(town.group, "李明")
    session_id = life.session(town.group, NOW, li)
    for number in range(25):
        audit_queries.add(connection, NOW, li.actor.telegram_id, f"act{number}", group_id=town.group)
    audit_queries.add(connection, NOW, 777, "close", group_id=town.group, subject=f"session:{session_id}x3")
    audit_queries.add(connection, NOW, 777, "name_unit", unit_id=town.first, subject=f"person:{li.id}")
    audit_queries.add(connection, NOW, 777, "secret", group_id=foreign)
    audit_queries.add(connection, NOW, 777, "secret", unit_id=town.second)
    reader = town.branch_admin.actor
    first = units.acts(connection, town.first, 0, reader, is_operator=False)
    assert [(act.actor, act.action, act.group, act.subject) for act in first.acts[:3]] == [
        ("777", "name_unit", "", "李明"),
        ("777", "close", "青年理论组", "学习原著"),
        ("李明", "act24", "青年理论组", ""),
    ]
    assert first.more
    pages = [units.acts(connection, town.first, number, reader, is_operator=False) for number in range(3)]
    assert [len(page.acts) for page in pages] == [10, 10, 7]
    assert not pages[2].more
    assert "secret" not in {act.action for page in pages for act in page.acts}
    assert refusal(units.acts, connection, town.root, 0, reader, is_operator=False) == "not_admin"
    text = cards.acts(first, ZoneInfo("Asia/Shanghai"), words("zh-CN")).text
    assert "\u2068第一党支部\u2069" in text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_page_escapes_names_and_offers_only_what_can_be_done(
    connection: Connection, town: Town, language: str
) -> None:
    town.life.unit("<b>", town.first)
    for number in range(12):
        town.life.group(town.first, f"{number}组")
    spoken = words(language)
    facts = units.page(connection, town.first, town.boss.actor, is_operator=False)
    first, last = cards.page(facts, spoken), cards.page(facts, spoken, 9)
    assert "unit_move" in verbs(first)
    assert "unit_remove" not in verbs(first)
    assert (verbs(first).count("unit_group"), verbs(last).count("unit_group")) == (11, 2)
    empty = cards.page(units.page(connection, town.second, town.boss.actor, is_operator=False), spoken)
    assert "unit_remove" in verbs(empty)
    assert "支书" in cards.admins(facts, spoken).keyboard[0][0].label


def verbs(message: Message) -> list[str]:
    return [button.data.split(":")[0] for row in message.keyboard for button in row if button.data]
