"""Check-in by code, QR code and place; leaving early; the leader's digits that change by themselves."""

import re
from datetime import timedelta
from typing import Any

import pytest
from session_life import RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, select

from chat import codes_cards
from db.queries import codes as queries
from db.tables import attendance, attendance_change, code_try, study_session
from domain import codes as rule
from domain.errors import Refusal
from domain.places import Position
from services import closing, codes, leaving_early, venues
from services.codes import Tried

OPEN = STARTS_AT - timedelta(minutes=10)
SQUARE = Position(39.9056, 116.3912)


class Hall:
    """A session that is open for check-in, with the key behind its codes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        self.group.start(self.group.member)
        self.session = self.group.session()
        self.key = queries.make_key(connection, codes.KEY)

    def code(self, now: Any = OPEN) -> str:
        return rule.code(self.key, self.session, now).text

    def wrong(self, now: Any = OPEN) -> str:
        """Digits that are no code of these minutes."""
        near = {rule.code(self.key, self.session, now + timedelta(minutes=m)).text for m in range(-8, 3)}
        return next(text for text in (f"{number:04}" for number in range(10_000)) if text not in near)

    def type(self, text: str, now: Any = OPEN, not_before: Any = None) -> Tried:
        actor = self.group.member.actor
        return codes.typed(self.connection, text, actor, at(now, not_before), now=now, rules=RULES)

    def record(self) -> tuple[str, str] | None:
        query = select(attendance.c.status, attendance.c.method)
        row = self.connection.execute(query.where(attendance.c.person_id == self.group.member.id)).one_or_none()
        return None if row is None else (row.status, row.method)


@pytest.fixture
def hall(connection: Connection) -> Hall:
    return Hall(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_the_digits_of_the_minute_check_in(hall: Hall) -> None:
    tried = hall.type(hall.code())
    assert tried.outcome == "right"
    assert hall.record() == ("present", "code")
    assert hall.type(hall.code()).outcome == "none_open"  # there is nothing left to check in to


def test_the_last_code_is_good_a_little_longer_and_an_old_one_costs_no_try(hall: Hall) -> None:
    later = rule.code(hall.key, hall.session, OPEN).until
    assert hall.type(hall.code(), later + rule.GRACE + timedelta(seconds=1)).outcome == "expired"
    assert hall.connection.execute(select(code_try)).all() == []
    assert hall.type(hall.code(), later + timedelta(seconds=10)).outcome == "right"


def test_after_five_wrong_ones_even_the_right_one_is_refused(hall: Hall) -> None:
    outcomes = [hall.type(hall.wrong()) for _ in range(5)]
    assert [(tried.outcome, tried.tries_left) for tried in outcomes] == [
        ("wrong", 4),
        ("wrong", 3),
        ("wrong", 2),
        ("wrong", 1),
        ("locked", 0),
    ]
    assert hall.type(hall.code()).outcome == "locked"
    assert hall.record() is None


def test_a_code_typed_while_the_bot_was_down_counts_from_then(hall: Hall) -> None:
    typed_at, read_at = OPEN, OPEN + timedelta(minutes=5)
    assert hall.type(hall.code(typed_at), read_at, not_before=typed_at - timedelta(seconds=30)).outcome == "right"


def test_outsiders_and_early_people_have_nothing_open(hall: Hall) -> None:
    actor = hall.group.outsider.actor
    tried = codes.typed(hall.connection, hall.code(), actor, at(OPEN), now=OPEN, rules=RULES)
    assert tried.outcome == "none_open"
    early = STARTS_AT - timedelta(hours=1)
    assert hall.type(hall.code(early), early).outcome == "none_open"


def scan(hall: Hall, token: str, now: Any = OPEN, actor: Any = None) -> Tried:
    who = actor or hall.group.member.actor
    return codes.scanned(hall.connection, token, who, at(now), now=now, rules=RULES)


def test_a_scanned_code_checks_in_while_it_is_shown(hall: Hall) -> None:
    shown = codes.qr(hall.connection, hall.session, OPEN)
    assert shown is not None
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,62}", shown.text)
    assert scan(hall, shown.text, OPEN + timedelta(minutes=2)).outcome == "expired"
    assert hall.record() is None
    assert scan(hall, shown.text).outcome == "right"
    assert hall.record() == ("present", "qr")
    with refused("link_expired"):
        scan(hall, "1-1-forged")
    with refused("not_member"):
        scan(hall, shown.text, actor=hall.group.outsider.actor)


def test_showing_a_code_early_blocks_nobody_later(hall: Hall) -> None:
    early = STARTS_AT - timedelta(hours=2)
    shown = codes.qr(hall.connection, hall.session, early)
    assert shown is not None
    with refused("too_early"):
        scan(hall, shown.text, early)
    assert scan(hall, codes.qr(hall.connection, hall.session, OPEN).text).outcome == "right"  # type: ignore[union-attr]


def test_the_leaders_digits_change_by_themselves_until_it_is_over(hall: Hall) -> None:
    leader = hall.group.leader
    codes.show(hall.connection, hall.session, leader.actor, reply_key="r:1", language="zh-CN", now=OPEN)
    (row,) = hall.group.deliveries(codes.CODE)
    facts = codes.screen(hall.connection, row.payload, OPEN)
    assert facts is not None
    message = codes_cards.shown(facts, "https://study.example.org")
    assert hall.code() in message.text
    assert message.keyboard[0][0].url == f"https://study.example.org/s/{hall.session}/{facts.page}"
    codes.shown(hall.connection, row.payload, 77, OPEN)
    (edit,) = hall.group.deliveries(codes.CODE_LIVE)
    assert edit.due_at == rule.code(hall.key, hall.session, OPEN).until
    following = codes.screen(hall.connection, edit.payload, edit.due_at)
    assert following is not None
    edited = codes_cards.edited(following)
    assert edited.message_id == 77
    assert hall.code(edit.due_at) in edited.text
    over = STARTS_AT + timedelta(hours=3)
    codes.shown(hall.connection, edit.payload, 77, over)
    assert len(hall.group.deliveries(codes.CODE_LIVE)) == 1
    ended = codes.screen(hall.connection, edit.payload, over)
    assert ended is not None
    assert "签到已结束" in codes_cards.edited(ended).text
    with refused("not_leader"):
        member = hall.group.member.actor
        codes.show(hall.connection, hall.session, member, reply_key="r:2", language="zh-CN", now=OPEN)
    with refused("checkin_closed"):
        codes.show(hall.connection, hall.session, leader.actor, reply_key="r:3", language="zh-CN", now=over)


def test_the_page_opens_for_who_knows_its_address(hall: Hall) -> None:
    payload = {"session_id": hall.session, "language": "zh-CN"}
    page = codes.screen(hall.connection, payload, OPEN)
    assert page is not None
    assert len(page.page) == 32
    assert codes.of_page(hall.connection, hall.session, page.page, OPEN) is not None
    assert codes.of_page(hall.connection, hall.session, page.page[::-1], OPEN) is None
    assert codes.of_page(hall.connection, hall.session + 1, page.page, OPEN) is None


def locate(hall: Hall, where: Position, now: Any = OPEN) -> Any:
    return venues.check_in(hall.connection, where, hall.group.member.actor, at(now), now=now, rules=RULES)


def test_who_shares_a_place_near_the_venue_is_there(hall: Hall) -> None:
    leader = hall.group.leader.actor
    with refused("no_venue_open"):
        locate(hall, SQUARE)
    venues.look(hall.connection, hall.session, leader, now=OPEN)
    assert venues.sent(hall.connection, hall.session, SQUARE, leader).metres == 200
    assert venues.set_radius(hall.connection, hall.session, 0, leader).metres == 100
    with refused("not_near"):
        locate(hall, Position(39.95, 116.3912))
    locate(hall, Position(39.9060, 116.3912, unsure=20))
    assert hall.record() == ("present", "location")
    kept = hall.connection.execute(select(study_session.c.venue_latitude, study_session.c.venue_metres)).one()
    assert tuple(kept) == (39.9056, 100)  # the place of the session; nobody's own is anywhere
    venues.clear(hall.connection, hall.session, leader)
    with refused("no_venue_open"):
        locate(hall, SQUARE)


def test_only_leaders_set_the_place(hall: Hall) -> None:
    member = hall.group.member.actor
    with refused("not_leader"):
        venues.sent(hall.connection, hall.session, SQUARE, member)
    with refused("unknown_button"):
        venues.set_radius(hall.connection, hall.session, 0, hall.group.leader.actor)


def leave(hall: Hall, now: Any) -> None:
    leaving_early.leave(hall.connection, hall.session, hall.group.member.actor, now=now, rules=RULES)


def test_leaving_early_is_kept_and_can_be_taken_back(hall: Hall) -> None:
    during = STARTS_AT + timedelta(minutes=30)
    with refused("not_checked_in"):
        leave(hall, during)
    hall.type(hall.code())
    with refused("not_running"):
        leave(hall, OPEN)
    leave(hall, during)
    leave(hall, during)
    assert hall.record() == ("left_early", "code")  # how they came stays
    member = hall.group.member.actor
    leaving_early.undo(hall.connection, hall.session, member, now=during + timedelta(seconds=60), rules=RULES)
    assert hall.record() == ("present", "code")
    leave(hall, during + timedelta(minutes=5))
    with refused("undo_too_late"):
        late = during + timedelta(minutes=7)
        leaving_early.undo(hall.connection, hall.session, member, now=late, rules=RULES)
    closing.close(
        hall.connection, hall.session, hall.group.leader.actor, now=STARTS_AT + timedelta(hours=2), rules=RULES
    )
    assert hall.record() == ("left_early", "code")
    history = select(attendance_change.c.after).where(attendance_change.c.person_id == hall.group.member.id)
    after = hall.connection.execute(history.order_by(attendance_change.c.id)).scalars().all()
    assert after == ["present", "left_early", "present", "left_early"]
