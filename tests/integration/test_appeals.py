"""Appeals: once, with a reason, to somebody else than who declined; and what comes of it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from session_life import RULES, STARTS_AT, Group
from sqlalchemy import Connection, select, update

from chat import appeals_cards, corrections_cards
from db.tables import attendance, audit, correction
from domain.attendance import CLAIMABLE, CORRECTABLE, Status
from domain.errors import Refusal
from domain.people import Actor
from services import appeals, closing, correcting, corrections
from services.appeals import Appeal
from texts import words

METHODS = ("button", "code", "qr", "location", "leader", "closing", "correction", "leaving", "undo", "reopen")

AFTER = STARTS_AT + timedelta(hours=2)
LATER = AFTER + timedelta(hours=1)


class Case:
    """A member whose correction to “present” was declined, and an admin above."""

    def __init__(self, connection: Connection, *, with_admin: bool = True) -> None:
        self.connection = connection
        self.group = Group(connection)
        self.group.start(self.group.member)
        self.admin = self.group.life.person("管理员")
        self.group.start(self.admin)
        if with_admin:
            self.group.life.admin(self.group.unit_id, self.admin)
        session_id = self.group.session()
        leader, member = self.group.leader.actor, self.group.member.actor
        closing.close(connection, session_id, leader, now=AFTER, rules=RULES)
        wanted = CLAIMABLE.index(Status.PRESENT)
        corrections.file(connection, session_id, wanted, member, now=AFTER, rules=RULES)
        self.id = int(connection.execute(select(correction.c.id)).scalar_one())
        correcting.decide(connection, self.id, 0, leader, now=AFTER, rules=RULES)

    def appeal(self, text: str = "我当时在场，手机没电", who: Actor | None = None, now: Any = LATER) -> None:
        appeals.typed(
            self.connection,
            self.id,
            text,
            who or self.group.member.actor,
            reply_key="r:9",
            language="zh-CN",
            now=now,
            rules=RULES,
        )

    def decide(self, who: Actor, change: bool, now: Any = LATER + timedelta(hours=1)) -> Appeal:
        return appeals.decide(self.connection, self.id, who, change=change, now=now, rules=RULES)

    def status(self) -> str:
        query = select(attendance.c.status).where(attendance.c.person_id == self.group.member.id)
        return str(self.connection.execute(query).scalar_one())


@pytest.fixture
def case(connection: Connection) -> Case:
    return Case(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_an_admin_corrects_and_all_are_told(case: Case) -> None:
    case.appeal()
    (asked,) = case.group.deliveries(appeals.REQUEST)
    facts = appeals.request(case.connection, asked.payload, LATER)
    assert facts is not None
    assert "手机没电" in appeals_cards.request(facts).text
    done = case.decide(case.admin.actor, change=True)
    assert (done.settled, done.correction.state) == (True, "accepted")
    assert case.status() == "present"
    told = {row.destination_id for row in case.group.deliveries(appeals.DECIDED)}
    assert case.group.leader_chat in told
    assert len(told) == 2
    assert appeals.request(case.connection, asked.payload, LATER) is None
    case.decide(case.admin.actor, change=False)  # too late: it is decided
    assert case.status() == "present"
    acts = case.connection.execute(select(audit.c.action)).scalars().all()
    assert acts.count("appeal_accepted") == 1
    assert "appeal_declined" not in acts


def test_it_can_be_let_stand_and_is_not_asked_again(case: Case) -> None:
    case.appeal()
    assert case.decide(case.admin.actor, change=False).correction.state == "declined"
    assert case.status() == "absent"
    with refused("appeal_again"):
        case.appeal()


def test_who_declined_it_does_not_decide_nor_whose_it_is(case: Case) -> None:
    case.appeal()
    for actor in (case.group.leader.actor, case.group.member.actor, case.group.outsider.actor):
        with refused("appeal_not_yours"):
            case.decide(actor, change=True)


def test_without_an_admin_another_leader_decides(connection: Connection) -> None:
    case = Case(connection, with_admin=False)
    with refused("appeal_nobody"):
        case.appeal()
    deputy = case.group.life.member(case.group.id, "副组长", "deputy")
    chat_id = case.group.start(deputy)
    case.appeal()
    assert [row.destination_id for row in case.group.deliveries(appeals.REQUEST)] == [chat_id]
    assert case.decide(deputy.actor, change=True).correction.state == "accepted"


def test_what_cannot_be_appealed(case: Case) -> None:
    with refused("correction_gone"):
        case.appeal(who=case.group.outsider.actor)
    with refused("appeal_too_late"):
        case.appeal(now=AFTER + CORRECTABLE + timedelta(seconds=1))
    with refused("appeal_too_long"):
        case.appeal("字" * 301)
    with refused("correction_gone"):
        case.decide(case.admin.actor, change=True)  # nobody has appealed
    case.appeal()
    case.decide(case.admin.actor, change=True)
    with refused("appeal_not_declined"):
        case.appeal()


def test_the_message_that_declines_offers_it(case: Case) -> None:
    (told,) = case.group.deliveries(correcting.DECIDED)
    facts = correcting.decided(case.connection, told.payload, LATER)
    assert facts is not None
    assert [button.data for row in corrections_cards.decided(facts).keyboard for button in row] == [f"appeal:{case.id}"]


def test_an_appeal_of_what_is_declined_no_more_is_decided_by_nobody(case: Case) -> None:
    case.appeal()
    (asked,) = case.group.deliveries(appeals.REQUEST)
    case.connection.execute(update(correction).values(state="withdrawn"))
    assert appeals.request(case.connection, asked.payload, LATER) is None
    with refused("correction_gone"):
        case.decide(case.admin.actor, change=True)
    assert case.status() == "absent"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_whoever_decides_reads_what_happened(case: Case, language: str) -> None:
    case.appeal()
    (asked,) = case.group.deliveries(appeals.REQUEST)
    facts = appeals.request(case.connection, {**asked.payload, "language": language}, LATER)
    assert facts is not None
    assert [(step.how, step.after, step.by, step.is_own) for step in facts.history] == [
        ("closing", "absent", "组长", False),
        ("asked", "present", "李明", True),
        ("declined", "present", "组长", False),
    ]
    spoken, text = words(language), appeals_cards.request(facts).text
    assert spoken("appeals.themselves") in text
    assert spoken("appeals.how_declined", after=spoken("status.present"), before="") in text
    decided = case.decide(case.admin.actor, change=True)
    assert len(decided.history) == 3


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("how", METHODS)
def test_every_way_of_recording_has_its_words(language: str, how: str) -> None:
    said = words(language)(f"appeals.how_{how}", before="A", after="B")
    assert "A → B" in said


def test_the_ways_of_recording_are_all_known() -> None:
    """Each method that a record can be changed by, as the use cases name it."""
    found = set()
    for path in Path(appeals.__file__).parent.glob("*.py"):
        found |= set(
            re.findall(r'(?:method=|"method": |method: str = |^METHOD = )"(\w+)"', path.read_text(), re.MULTILINE)
        )
    assert found <= set(METHODS)
    assert {"button", "closing", "leaving", "undo", "reopen"} <= found
