"""Minutes: who may write and review them, what is kept, and that a change asks for another look."""

from datetime import timedelta

import pytest
from session_life import NOW, RULES, STARTS_AT, Group
from sqlalchemy import Connection, select, update

from chat import minutes_cards
from db.queries import materials as material_queries
from db.tables import audit, delivery, membership, study_session
from domain.errors import Refusal
from domain.people import Actor
from services import inputs, materials, minutes
from services.minutes import LONGEST, ROLES, TEXT, Minutes
from texts import words

AFTER = STARTS_AT + timedelta(hours=2)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


@pytest.fixture
def session_id(group: Group) -> int:
    return group.session()


def choose(group: Group, session_id: int, role: str, person_id: int, actor: Actor | None = None) -> Minutes:
    number = ROLES.index(role)
    by = actor or group.leader.actor
    return minutes.choose(group.connection, session_id, number, person_id, by, now=AFTER, rules=RULES)


def write(
    group: Group, session_id: int, text: str, field: int = 0, actor: Actor | None = None, key: str = "r:9"
) -> None:
    minutes.typed(
        group.connection,
        session_id,
        field,
        text,
        actor or group.leader.actor,
        reply_key=key,
        language="zh-CN",
        now=AFTER,
        rules=RULES,
    )


def code(caught: pytest.ExceptionInfo[Refusal]) -> str:
    return caught.value.code


def test_leaders_fill_in_who_did_what(group: Group, session_id: int) -> None:
    choose(group, session_id, "host", group.leader.id)
    choose(group, session_id, "speaker", group.member.id)
    facts = choose(group, session_id, "recorder", group.member.id)
    assert (facts.host, facts.speaker, facts.recorder) == ("组长", "李明", "李明")
    assert choose(group, session_id, "host", 0).host == ""
    with pytest.raises(Refusal) as caught:
        choose(group, session_id, "host", group.outsider.id)
    assert code(caught) == "not_on_list"


def test_members_do_not_write_minutes_but_their_recorder_does(group: Group, session_id: int) -> None:
    with pytest.raises(Refusal) as caught:
        minutes.page(group.connection, session_id, group.member.actor)
    assert code(caught) == "not_leader"
    choose(group, session_id, "recorder", group.member.id)
    write(group, session_id, "一、通报情况\n\n  二、讨论安排 ", actor=group.member.actor)
    assert minutes.page(group.connection, session_id, group.member.actor).agenda == "一、通报情况\n二、讨论安排"
    reply = group.connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == "r:9")).scalar_one()
    assert reply["text"] == "minutes.kept_agenda"
    with pytest.raises(Refusal) as caught:
        minutes.review(group.connection, session_id, group.member.actor, now=AFTER)
    assert code(caught) == "not_leader"


def test_somebody_else_reviews_and_a_change_asks_for_another_look(group: Group, session_id: int) -> None:
    choose(group, session_id, "recorder", group.leader.id)
    deputy = group.life.member(group.id, "副组长", "deputy")
    with pytest.raises(Refusal) as caught:
        minutes.review(group.connection, session_id, deputy.actor, now=AFTER)
    assert code(caught) == "minutes_empty"
    write(group, session_id, "同意", field=1)
    with pytest.raises(Refusal) as caught:
        minutes.review(group.connection, session_id, group.leader.actor, now=AFTER)
    assert code(caught) == "minutes_own"
    assert not minutes.page(group.connection, session_id, group.leader.actor).may_review
    assert minutes.page(group.connection, session_id, deputy.actor).may_review
    facts = minutes.review(group.connection, session_id, deputy.actor, now=AFTER)
    assert (facts.reviewer, facts.reviewed_at, facts.may_review) == ("副组长", AFTER, False)
    later = minutes.review(group.connection, session_id, deputy.actor, now=AFTER + timedelta(days=1))
    assert later.reviewed_at == AFTER
    write(group, session_id, "同意", field=1, key="r:10")  # nothing has changed
    assert minutes.page(group.connection, session_id, deputy.actor).reviewed_at == AFTER
    write(group, session_id, "同意，另行报告", field=1, key="r:11")
    assert minutes.page(group.connection, session_id, deputy.actor).reviewed_at is None
    acts = group.connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert acts.count("review_minutes") == 1


def test_too_much_is_refused_and_still_waited_for(group: Group, session_id: int) -> None:
    minutes.ask(group.connection, session_id, 0, group.leader.actor, now=AFTER)
    with pytest.raises(Refusal) as caught:
        write(group, session_id, "字" * (LONGEST + 1))
    assert code(caught) == "minutes_too_long"
    waiting = inputs.awaited(group.connection, group.leader.actor.telegram_id, AFTER)
    assert waiting is not None
    assert (waiting.purpose, waiting.numbers) == (TEXT, (session_id, 0))
    write(group, session_id, "字" * LONGEST)
    assert inputs.awaited(group.connection, group.leader.actor.telegram_id, AFTER) is None


def test_evidence_is_kept_apart_from_what_is_handed_out(group: Group, session_id: int) -> None:
    handed = materials.Handed("photo", "AgAC", "")
    materials.add(
        group.connection,
        session_id,
        1,
        handed,
        group.leader.actor,
        reply_key="r:1",
        language="zh-CN",
        now=AFTER,
        rules=RULES,
    )
    assert minutes.page(group.connection, session_id, group.leader.actor).files == 1
    assert material_queries.of_session(group.connection, session_id) == []
    with pytest.raises(Refusal) as caught:
        materials.send(group.connection, session_id, group.member.actor, reply_key="r:2", now=AFTER)
    assert code(caught) == "no_files"
    with pytest.raises(Refusal) as caught:
        materials.send(group.connection, session_id, group.member.actor, reply_key="r:2", now=AFTER, purpose=1)
    assert code(caught) == "not_leader"
    assert materials.send(group.connection, session_id, group.leader.actor, reply_key="r:2", now=AFTER, purpose=1) == 1


def test_forged_numbers_and_cancelled_sessions_are_refused(group: Group, session_id: int) -> None:
    leader = group.leader.actor
    for act in (
        lambda: minutes.choice(group.connection, session_id, 3, 0, leader),
        lambda: minutes.ask(group.connection, session_id, 2, leader, now=NOW),
        lambda: materials.shown(group.connection, session_id, 2, leader),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert code(caught) == "unknown_button"
    group.connection.execute(update(study_session).values(state="cancelled"))
    with pytest.raises(Refusal) as caught:
        minutes.page(group.connection, session_id, leader)
    assert code(caught) == "session_gone"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_full_minutes_fit_into_a_message(group: Group, session_id: int, language: str) -> None:
    group.connection.execute(update(membership).values(committee=True))
    for number in range(20):
        group.life.member(group.id, f"组员{number:02}" + "长" * 60)
    for field in (0, 1):
        write(group, session_id, "议" * LONGEST, field=field, key=f"r:{20 + field}")
    facts = minutes.page(group.connection, session_id, group.leader.actor)
    assert len(minutes_cards.page(facts, words(language)).text) <= 4096
    choice = minutes.choice(group.connection, session_id, 0, 99, group.leader.actor)
    assert (choice.page, choice.pages) == (2, 3)
    assert len(minutes_cards.choice(choice, words(language)).keyboard) == 6 + 2
    assert "议" in minutes_cards.ask(facts, 1, words(language)).text
