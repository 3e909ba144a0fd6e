"""What may not have arrived is asked about and sent again at most once; what came too late is told in one message."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from study_life import Somebody, StudyLife

from chat import unsent_cards as cards
from chat.outgoing import Button
from db.tables import audit, chat, delivery, membership, person, study_group
from domain.deliveries import Policy
from domain.errors import Refusal
from services import deliveries, unsent
from services.deliveries import Claim
from services.rules import Rules

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)  # Wednesday, 12:00 in Shanghai
NIGHT = datetime(2026, 12, 2, 15, tzinfo=UTC)  # 23:00
BOARD: dict[str, Any] = {"kind": "leaderboard", "policy": Policy.ONCE}


class Unit:
    """A group with a leader, a deputy and a member, another group beside it, and an admin above both."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        life = self.life = StudyLife(connection)
        self.unit = life.unit()
        self.group, self.other = life.group(self.unit), life.group(self.unit, "第二学习小组")
        self.leader = self.start(life.member(self.group, "李明", "leader"))
        self.deputy = self.start(life.member(self.group, "王芳", "deputy"))
        self.member = self.start(life.member(self.group, "赵强"))
        self.stranger = self.start(life.member(self.other, "周伟", "leader"))
        self.admin = self.start(life.person("陈静"))
        life.admin(self.unit, self.admin)

    def start(self, somebody: Somebody) -> Somebody:
        chat_id = self.life.row(chat, telegram_id=somebody.actor.telegram_id, kind="private")
        self.connection.execute(update(person).where(person.c.id == somebody.id).values(chat_id=chat_id))
        return somebody

    def home(self, somebody: Somebody) -> int:
        query = select(person.c.chat_id).where(person.c.id == somebody.id)
        return int(self.connection.execute(query).scalar_one())

    def chat_of(self, group_id: int) -> int:
        query = select(study_group.c.chat_id).where(study_group.c.id == group_id)
        return int(self.connection.execute(query).scalar_one())

    def due(self, key: str, kind: str, destination: int, policy: Policy = Policy.RESEND, **values: Any) -> None:
        facts = {"payload": {"group_id": self.group, "week_start": "2026-11-23"}, "due_at": NOON, **values}
        facts = {"expires_at": NOON + timedelta(hours=1), **facts}
        deliveries.enqueue(self.connection, key=key, kind=kind, destination_id=destination, policy=policy, **facts)

    def claim(self, now: datetime = NOON) -> Claim:
        (claimed,) = deliveries.claim(self.connection, "me", now, timedelta(minutes=1), 1, ())
        assert deliveries.fence(self.connection, claimed, "me", now, timedelta(minutes=1))
        return claimed

    def lost(self, key: str = "board:1", **values: Any) -> int:
        """A message whose answer never came; its id."""
        self.due(key, **{"destination": self.chat_of(self.group), **BOARD, **values})
        claimed = self.claim()
        unsent.unknown(self.connection, claimed, "me", "no answer", NOON)
        return claimed.id

    def rows(self, kind: str) -> Sequence[Any]:
        return self.connection.execute(select(delivery).where(delivery.c.kind == kind).order_by(delivery.c.id)).all()

    def state(self, delivery_id: int) -> str:
        return str(self.connection.execute(select(delivery.c.state).where(delivery.c.id == delivery_id)).scalar_one())

    def skip(self, now: datetime, rules: Rules | None = None) -> None:
        unsent.skip_expired(self.connection, now, rules or Rules())

    def digest(self, row: Any) -> str:
        return bare(cards.expired(unsent.expired(self.connection, row.payload, NOON)).text)


@pytest.fixture
def unit(connection: Connection) -> Unit:
    return Unit(connection)


def bare(text: str) -> str:
    """Without the signs that keep a name from turning the text around it."""
    return text.replace("\u2068", "").replace("\u2069", "")


def labels(keyboard: tuple[tuple[Button, ...], ...]) -> list[tuple[str, str | None]]:
    return [(button.label, button.data) for row in keyboard for button in row]


def test_who_leads_the_group_is_asked_once_whether_a_board_arrived(unit: Unit) -> None:
    lost = unit.lost()
    assert unit.state(lost) == "unconfirmed"
    asked = unit.rows(unsent.UNCONFIRMED)
    assert [row.destination_id for row in asked] == [unit.home(unit.leader), unit.home(unit.deputy)]
    unsent.tell_unconfirmed(unit.connection, [lost], NOON)
    assert len(unit.rows(unsent.UNCONFIRMED)) == 2
    facts = unsent.notice(unit.connection, asked[0].payload, NOON)
    assert facts is not None
    message = cards.notice(facts)
    assert "第一学习小组第48周学习榜可能没有发到群里" in bare(message.text)
    assert labels(message.keyboard) == [
        ("🔁 再发一次", f"send_again:{lost}"),
        ("已经看到", f"is_there:{lost}"),
    ]


def test_where_no_leader_can_be_written_to_the_admin_is_asked(unit: Unit) -> None:
    gone = select(person.c.chat_id).where(person.c.id.in_([unit.leader.id, unit.deputy.id]))
    unit.connection.execute(update(chat).where(chat.c.id.in_(gone)).values(state="gone"))
    unit.lost()
    assert [row.destination_id for row in unit.rows(unsent.UNCONFIRMED)] == [unit.home(unit.admin)]


def test_who_ordered_a_file_is_asked_in_the_language_of_the_order(unit: Unit) -> None:
    home = unit.home(unit.leader)
    unit.lost("export:1", kind="export", destination=home, payload={"language": "en", "person_id": unit.leader.id})
    (asked,) = unit.rows(unsent.UNCONFIRMED)
    assert asked.destination_id == home
    facts = unsent.notice(unit.connection, asked.payload, NOON)
    assert facts is not None
    assert cards.notice(facts).text.startswith("❓ What you asked for may not have arrived")


def test_what_a_dead_process_was_sending_is_asked_about_too(unit: Unit) -> None:
    unit.due("board:1", destination=unit.chat_of(unit.group), **BOARD)
    unit.claim()
    assert unsent.recover(unit.connection, NOON, owner="another", all_of_others=True) == 1
    assert len(unit.rows(unsent.UNCONFIRMED)) == 2


def test_what_is_sent_again_by_itself_is_not_asked_about(unit: Unit) -> None:
    unit.lost("reminder:1", kind="group_reminder", policy=Policy.RESEND)
    assert unit.rows(unsent.UNCONFIRMED) == []
    again = unit.claim()
    unsent.unknown(unit.connection, again, "me", "no answer", NOON)
    assert unit.state(again.id) == "unconfirmed"
    assert unit.rows(unsent.UNCONFIRMED) == []


def test_it_is_sent_again_once_whoever_presses_how_often(unit: Unit) -> None:
    lost = unit.lost()
    unsent.send_again(unit.connection, lost, unit.leader.actor, now=NOON)
    for presser in (unit.leader, unit.deputy, unit.admin):
        with pytest.raises(Refusal, match="unconfirmed_settled"):
            unsent.send_again(unit.connection, lost, presser.actor, now=NOON)
        with pytest.raises(Refusal, match="unconfirmed_settled"):
            unsent.is_there(unit.connection, lost, presser.actor)
    first, second = unit.rows("leaderboard")
    assert (second.state, second.policy, second.destination_id) == ("pending", "once", first.destination_id)
    assert second.payload == first.payload
    assert all(unsent.notice(unit.connection, row.payload, NOON) is None for row in unit.rows(unsent.UNCONFIRMED))
    (act,) = unit.connection.execute(select(audit)).all()
    assert (act.action, act.actor_id, act.subject) == ("send_again", unit.leader.actor.telegram_id, "leaderboard")


def test_the_second_may_be_lost_like_the_first(unit: Unit) -> None:
    unsent.send_again(unit.connection, unit.lost(), unit.leader.actor, now=NOON)
    unit.connection.execute(update(delivery).where(delivery.c.kind == unsent.UNCONFIRMED).values(state="sent"))
    again = unit.claim()
    assert again.kind == "leaderboard"
    unsent.unknown(unit.connection, again, "me", "no answer", NOON)
    assert len(unit.rows(unsent.UNCONFIRMED)) == 4
    unsent.send_again(unit.connection, again.id, unit.deputy.actor, now=NOON)
    assert len(unit.rows("leaderboard")) == 3


def test_what_is_there_is_not_sent_again(unit: Unit) -> None:
    lost = unit.lost()
    unsent.is_there(unit.connection, lost, unit.deputy.actor)
    assert unit.state(lost) == "sent"
    with pytest.raises(Refusal, match="unconfirmed_settled"):
        unsent.send_again(unit.connection, lost, unit.leader.actor, now=NOON)


def test_only_whom_it_concerns_may_answer(unit: Unit) -> None:
    lost = unit.lost()
    file = unit.lost("export:1", kind="export", destination=unit.home(unit.member))
    reminder = unit.lost("reminder:1", kind="group_reminder", policy=Policy.RESEND)
    refused: list[tuple[int, Somebody, str]] = [
        (lost, unit.member, "not_leader"),
        (lost, unit.stranger, "not_leader"),
        (file, unit.leader, "unknown_button"),
        (file, unit.admin, "unknown_button"),
        (reminder, unit.leader, "unknown_button"),
        (10**9, unit.leader, "unknown_button"),
    ]
    for number, somebody, code in refused:
        with pytest.raises(Refusal, match=code):
            unsent.send_again(unit.connection, number, somebody.actor, now=NOON)
        with pytest.raises(Refusal, match=code):
            unsent.is_there(unit.connection, number, somebody.actor)
    assert unit.state(lost) == unit.state(file) == "unconfirmed"


def test_a_right_that_is_gone_is_no_right(unit: Unit) -> None:
    lost = unit.lost()
    unit.connection.execute(update(membership).where(membership.c.person_id == unit.leader.id).values(role="member"))
    with pytest.raises(Refusal, match="not_leader"):
        unsent.send_again(unit.connection, lost, unit.leader.actor, now=NOON)


def test_after_two_weeks_it_is_no_news(unit: Unit) -> None:
    lost = unit.lost()
    with pytest.raises(Refusal, match="unconfirmed_too_old"):
        unsent.send_again(unit.connection, lost, unit.leader.actor, now=NOON + timedelta(days=15))


def test_after_an_outage_each_leader_is_told_once_what_expired(unit: Unit) -> None:
    starts_at = NOON + timedelta(minutes=30)
    session = unit.life.session(unit.group, starts_at, unit.leader, state="scheduled")
    of_other = unit.life.session(unit.other, starts_at, unit.stranger, state="scheduled", title="别组的")
    place, other_place = unit.chat_of(unit.group), unit.chat_of(unit.other)
    unit.due("card", "session_card", place, session_id=session)
    unit.due("reminder", "group_reminder", place, session_id=session)
    unit.due("checkin", "checkin_open", place, session_id=session)
    for somebody in (unit.member, unit.deputy):
        unit.due(f"private:{somebody.id}", "private_reminder", unit.home(somebody), session_id=session)
    unit.due("reply", "reply", unit.home(unit.member))
    unit.due("counter", "checkin_live", place, Policy.REPEAT, session_id=session)
    unit.due("board", destination=place, **BOARD)
    unit.due("other", "group_reminder", other_place, session_id=of_other)
    later = NOON + timedelta(days=3)
    unit.skip(later)
    unit.skip(later + timedelta(seconds=1))
    assert {row.state for row in unit.rows("private_reminder")} == {"skipped"}
    digests = unit.rows(unsent.EXPIRED)
    assert [row.destination_id for row in digests] == [
        unit.home(each) for each in (unit.leader, unit.deputy, unit.stranger)
    ]
    assert unit.digest(digests[0]).splitlines() == [
        "⏳ 这些消息过了时间，没有发出（机器人当时不在线，或发送受阻）：",
        "",
        "<b>第一学习小组</b>",
        "· 学习通知：12月2日 周三 12:30 <b>学习原著</b>",
        "· 群提醒：12月2日 周三 12:30 <b>学习原著</b>",
        "· 签到消息：12月2日 周三 12:30 <b>学习原著</b>",
        "· 私信提醒（2 人）：12月2日 周三 12:30 <b>学习原著</b>",
        "· 每周学习榜",
        "",
        "不会补发。需要时请在群里说一声。",
    ]
    assert "别组的" in unit.digest(digests[2])
    assert "别组的" not in unit.digest(digests[0])


def test_a_long_list_is_cut_and_counted(unit: Unit) -> None:
    for number in range(20):
        session = unit.life.session(unit.group, NOON + timedelta(hours=number), unit.leader, state="scheduled")
        unit.due(f"card:{number}", "session_card", unit.chat_of(unit.group), session_id=session)
    unit.skip(NOON + timedelta(days=3))
    said = unit.digest(unit.rows(unsent.EXPIRED)[0])
    assert said.count("学习通知") == unsent.SHOWN
    assert "还有 8 项。" in said


def test_nothing_is_told_of_chats_that_threw_the_bot_out(unit: Unit) -> None:
    session = unit.life.session(unit.group, NOON, unit.leader, state="scheduled")
    unit.due("card", "session_card", unit.chat_of(unit.group), session_id=session)
    unit.connection.execute(update(chat).where(chat.c.id == unit.chat_of(unit.group)).values(state="gone"))
    unit.skip(NOON + timedelta(days=3))
    assert unit.rows(unsent.EXPIRED) == []
    assert unit.rows("session_card")[0].state == "skipped"


def test_a_digest_does_not_come_at_night(unit: Unit) -> None:
    session = unit.life.session(unit.group, NOON, unit.leader, state="scheduled")
    unit.due("card", "session_card", unit.chat_of(unit.group), session_id=session)
    unit.skip(NIGHT)
    assert unit.rows(unsent.EXPIRED)[0].due_at > NIGHT + timedelta(hours=6)


def test_what_was_not_due_yet_or_is_still_of_use_is_left_alone(unit: Unit) -> None:
    session = unit.life.session(unit.group, NOON, unit.leader, state="scheduled")
    unit.due("card", "session_card", unit.chat_of(unit.group), session_id=session)
    unit.skip(NOON + timedelta(minutes=59))
    assert unit.rows("session_card")[0].state == "pending"
    assert unit.rows(unsent.EXPIRED) == []
