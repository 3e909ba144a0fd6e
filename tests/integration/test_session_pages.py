"""A session seen by one person: the alert, the page, the group's list, its files, its calendar entry; and its noise."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from session_life import NOW, RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, update

from chat import session_pages_cards as cards
from chat.outgoing import Document, Message, Photo
from db.tables import person, study_group, study_session
from domain.errors import Refusal
from exports.calendar import calendar_file
from jobs.registry import all_jobs
from services import (
    applying,
    calendars,
    cancelling,
    closing,
    deliveries,
    editing,
    inputs,
    leaves,
    materials,
    responses,
    session_pages,
    sessions,
)
from services.materials import Handed
from texts import words

MINUTE = timedelta(minutes=1)
FILE = Handed("document", "file-id-1", "学习提纲.pdf")


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def hand_in(group: Group, session_id: int, handed: Handed = FILE, key: str = "r:1") -> int:
    return materials.add(
        group.connection,
        session_id,
        0,
        handed,
        group.leader.actor,
        reply_key=key,
        language="zh-CN",
        now=NOW,
        rules=RULES,
    )


def page(group: Group, session_id: int, who: str, now: datetime = NOW) -> session_pages.Page:
    return session_pages.page(group.connection, session_id, getattr(group, who).actor, now)


def data(message: Message) -> list[str]:
    return [str(button.data) for row in message.keyboard for button in row]


def test_a_member_sees_the_facts_and_their_own_answer_and_nobody_elses(group: Group) -> None:
    session_id = group.session()
    leaves.take(group.connection, session_id, 1, group.leader.actor, at(NOW), now=NOW, rules=RULES)
    shown = cards.page(page(group, session_id, "member"), words("zh-CN"))
    assert "地点：三楼会议室" in shown.text
    assert "我的回复：未回复" in shown.text
    assert "参加 0 · 请假 1 · 未回复 1" in shown.text
    assert "组长" not in shown.text
    assert "病假" not in shown.text
    assert data(shown) == [f"page_going:{session_id}", f"page_why:{session_id}", f"calendar:{session_id}", "today"]


def test_a_leader_sees_who_answered_what_and_what_they_may_do(group: Group) -> None:
    session_id = group.session()
    leaves.take(group.connection, session_id, 1, group.member.actor, at(NOW), now=NOW, rules=RULES)
    shown = cards.page(page(group, session_id, "leader"), words("zh-CN"), cards.FROM_LIST)
    assert "请假 1：⁨李明⁩（病假）" in shown.text
    assert "未回复 1：⁨组长⁩" in shown.text
    verbs = ("edit", "material_add", "minutes", "cancel")
    assert {f"{verb}:{session_id}" for verb in verbs} <= set(data(shown))
    assert data(shown)[-1] == f"sessions_of:{group.id}"
    assert f"sheet:{session_id}:0:0" not in data(shown)
    opened = cards.page(page(group, session_id, "leader", STARTS_AT), words("en"))
    assert f"sheet:{session_id}:0:0" in data(opened)
    assert f"page_going:{session_id}" not in data(opened)


def test_an_admin_who_is_no_member_sees_the_leaders_page_and_answers_nothing(group: Group) -> None:
    session_id = group.session()
    group.life.admin(group.unit_id, group.outsider)
    shown = cards.page(page(group, session_id, "outsider"), words("en"))
    assert "My answer" not in shown.text
    assert f"edit:{session_id}" in data(shown)
    assert data(shown)[-1] == f"sessions_of:{group.id}"


def test_a_page_is_for_the_group_alone(group: Group) -> None:
    session_id = group.session()
    with refused("not_member"):
        page(group, session_id, "outsider")
    with refused("session_gone"):
        page(group, session_id + 1, "member")
    for leader_only in (
        lambda: session_pages.history(group.connection, session_id, 0, group.member.actor),
        lambda: session_pages.of_group(group.connection, group.id, 0, group.member.actor, NOW),
        lambda: materials.shown(group.connection, session_id, 0, group.member.actor),
        lambda: materials.wait(group.connection, session_id, 0, group.member.actor, now=NOW),
    ):
        with refused("not_leader"):
            leader_only()
    for members_only in (
        lambda: calendars.entry(group.connection, session_id, group.outsider.actor, RULES),
        lambda: materials.send(group.connection, session_id, group.outsider.actor, reply_key="r", now=NOW),
    ):
        with refused("not_member"):
            members_only()


def test_details_are_told_in_the_groups_chat_and_to_members_elsewhere(group: Group) -> None:
    session_id = group.session()
    connection, stranger = group.connection, group.outsider.actor
    assert session_pages.details(connection, session_id, stranger, group.telegram_id, NOW).own.answer is None
    with refused("session_gone"):
        session_pages.details(connection, session_id, stranger, stranger.telegram_id, NOW)
    responses.answer(
        connection, session_id, group.member.actor, group.telegram_id, "going", at(NOW), now=NOW, rules=RULES
    )
    found = session_pages.details(connection, session_id, group.member.actor, -42, NOW)
    assert found.own.answer == "going"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_an_alert_fits_and_names_nobody(group: Group, language: str) -> None:
    session_id = group.session()
    hand_in(group, session_id)
    values = {"title": "长" * 200, "place": "远" * 100, "leave_until": STARTS_AT - timedelta(hours=2)}
    group.connection.execute(update(study_session).values(moved_from=NOW, **values))
    leaves.take(group.connection, session_id, 0, group.member.actor, at(NOW), now=NOW, rules=RULES)
    facts = session_pages.details(group.connection, session_id, group.member.actor, group.telegram_id, NOW)
    text = cards.alert(facts, words(language))
    assert len(text) <= cards.ALERT
    assert "李明" not in text
    assert "📎" in text


def test_a_card_of_a_cancelled_session_says_where_to_look(group: Group) -> None:
    session_id = group.session()
    cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
    facts = session_pages.details(group.connection, session_id, group.member.actor, group.telegram_id, NOW)
    assert "/today" in cards.alert(facts, words("zh-CN"))


def test_the_groups_list_has_what_comes_first_and_then_what_is_over(group: Group) -> None:
    coming = group.session()
    over = group.life.session(group.id, NOW - timedelta(days=3), group.leader)
    older = group.life.session(group.id, NOW - timedelta(days=9), group.leader, state="cancelled")
    found = session_pages.of_group(group.connection, group.id, 0, group.leader.actor, NOW)
    assert [(entry.id, entry.state) for entry in found.entries] == [
        (coming, "coming"), (over, "over"), (older, "cancelled")
    ]  # fmt: skip
    assert data(cards.sessions(found, words("en")))[-1] == f"manage:{group.id}"
    for number in range(8):
        group.life.session(group.id, NOW - timedelta(days=20 + number), group.leader)
    second = session_pages.of_group(group.connection, group.id, 99, group.leader.actor, NOW)
    assert (second.page, second.pages, len(second.entries)) == (1, 2, 3)


def test_the_history_says_who_when_and_what(group: Group) -> None:
    session_id = group.session()
    for number in range(11):
        proposal = editing.propose(
            group.connection, session_id, editing.PLACE, f"{number} 楼", group.leader.actor, now=NOW
        )
        applying.apply(group.connection, proposal.draft_id, group.leader.actor, and_later=False, now=NOW, rules=RULES)
    facts = session_pages.history(group.connection, session_id, 0, group.leader.actor)
    shown = cards.history(facts, words("zh-CN"))
    assert "11月24日 周二 17:00 ⁨组长⁩ · 地点：9 楼 → 10 楼" in shown.text
    assert data(shown) == [f"session_history:{session_id}:1", f"session:{session_id}"]
    assert page(group, session_id, "leader").changed == 11


def test_files_are_counted_on_the_card_sent_by_their_ids_and_removed(group: Group) -> None:
    session_id = group.session()
    member_chat = group.start(group.member)
    assert hand_in(group, session_id) == 1
    assert hand_in(group, session_id, Handed("photo", "photo-id", ""), "r:2") == 2
    card = sessions.card(group.connection, {"session_id": session_id}, NOW)
    assert card is not None
    assert card.files == 2
    sent = materials.send(group.connection, session_id, group.member.actor, reply_key="r:3", now=NOW)
    rows = group.deliveries(materials.MATERIAL)
    assert (sent, {row.destination_id for row in rows}) == (2, {member_chat})
    kind = all_jobs()["materials"].kinds[materials.MATERIAL]
    rendered = [kind.render(kind.facts(group.connection, row.payload, NOW)) for row in rows]
    assert rendered == [Document("学习提纲.pdf", "file-id-1"), Photo("photo-id")]
    first, _ = materials.shown(group.connection, session_id, 0, group.leader.actor).entries
    left = materials.remove(group.connection, first.id, group.leader.actor, now=NOW, rules=RULES)
    assert [entry.file_id for entry in left.entries] == ["photo-id"]
    with refused("file_gone"):
        materials.remove(group.connection, first.id, group.leader.actor, now=NOW, rules=RULES)
    assert kind.facts(group.connection, rows[0].payload, NOW) is None


def test_there_is_room_for_ten_files_and_each_next_one_is_waited_for(group: Group) -> None:
    session_id, leader = group.session(), group.leader.actor
    materials.wait(group.connection, session_id, 0, leader, now=NOW)
    for number in range(materials.MOST):
        assert inputs.awaited(group.connection, leader.telegram_id, NOW) is not None
        inputs.answered(group.connection, leader.telegram_id)
        hand_in(group, session_id, Handed("document", f"id-{number}", "a/b\u202e.pdf"), f"r:{number}")
    assert inputs.awaited(group.connection, leader.telegram_id, NOW) is None
    assert materials.shown(group.connection, session_id, 0, leader).entries[0].file_name == "a_b.pdf"
    with refused("materials_full"):
        hand_in(group, session_id, key="r:x")
    with refused("materials_full"):
        materials.wait(group.connection, session_id, 0, leader, now=NOW)
    some = materials.shown(group.connection, session_id, 0, leader).entries[0]
    with refused("not_leader"):
        materials.remove(group.connection, some.id, group.member.actor, now=NOW, rules=RULES)


def entry_of(group: Group, session_id: int) -> Any:
    entry = calendars.entry(group.connection, session_id, group.member.actor, RULES)
    file = Calendar.from_ical(calendar_file([entry], "study_bot.t.me", NOW))
    assert file["method"] == "PUBLISH"
    (event,) = file.walk("VEVENT")
    return event


def test_the_calendar_entry_follows_the_session(group: Group) -> None:
    session_id = group.session()
    group.connection.execute(update(study_session).values(link="https://meeting.example/1"))
    group.connection.execute(update(person).where(person.c.id == group.member.id).values(lead_minutes=30))
    event = entry_of(group, session_id)
    uid = event["uid"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (STARTS_AT, STARTS_AT + 90 * MINUTE)
    assert (event["summary"], event["location"], event["sequence"]) == ("党课：学习原著", "三楼会议室", 1)
    assert (event["url"], event["status"]) == ("https://meeting.example/1", "CONFIRMED")
    (alarm,) = event.walk("VALARM")
    assert alarm["trigger"].dt == -30 * MINUTE
    moved = STARTS_AT + timedelta(days=1)
    proposal = editing.propose(group.connection, session_id, editing.TIME, moved, group.leader.actor, now=NOW)
    applying.apply(group.connection, proposal.draft_id, group.leader.actor, and_later=False, now=NOW, rules=RULES)
    event = entry_of(group, session_id)
    assert (event["uid"], event["sequence"], event["dtstart"].dt) == (uid, 2, moved)
    cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
    event = entry_of(group, session_id)
    assert (event["uid"], event["status"], event.walk("VALARM")) == (uid, "CANCELLED", [])


def heard(group: Group, until: datetime) -> list[str]:
    """The kinds of messages that sound in the group until then, each sent when it is due, as the ticker would."""
    connection, loud = group.connection, []
    kinds = {name: kind for job in all_jobs().values() for name, kind in job.kinds.items()}
    numbers = iter(range(100, 999))
    while claims := deliveries.claim(connection, "test", until, timedelta(minutes=1), 1, ()):
        (claim,) = claims
        kind, now = kinds[claim.kind], max(claim.due_at, NOW)
        facts = kind.facts_now(connection, claim.payload, now, RULES)
        if facts is None or not deliveries.fence(connection, claim, "test", now, timedelta(minutes=1)):
            deliveries.skip(connection, claim, "test", "not wanted")
            continue
        message, number = kind.rendered(facts, RULES), next(numbers)
        if claim.destination_id == group.chat_row and isinstance(message, Message) and not message.silent:
            loud.append(claim.kind)
        deliveries.sent(connection, claim, "test", number, now)
        if kind.sent is not None:
            kind.sent(connection, claim.payload, number, now)
    return loud


def test_a_session_sounds_in_its_group_at_most_twice_in_its_life(group: Group) -> None:
    session_id = group.session()
    group.start(group.member)
    loud = heard(group, NOW)
    assert loud == ["session_card"]
    responses.answer(
        group.connection, session_id, group.member.actor, group.telegram_id, "going", at(NOW), now=NOW, rules=RULES
    )
    hand_in(group, session_id)
    proposal = editing.propose(group.connection, session_id, editing.PLACE, "五楼", group.leader.actor, now=NOW)
    applying.apply(group.connection, proposal.draft_id, group.leader.actor, and_later=False, now=NOW, rules=RULES)
    loud += heard(group, STARTS_AT - timedelta(hours=20))
    assert loud == ["session_card", "group_reminder"]
    loud += heard(group, STARTS_AT)
    closing.ask_to_close(group.connection, STARTS_AT + 91 * MINUTE, RULES)
    loud += heard(group, STARTS_AT + timedelta(hours=3))
    assert loud == ["session_card", "group_reminder"]
    assert {"checkin_open", "session_card_live", "close_prompt"} <= {
        row.kind for row in group.deliveries("checkin_open", "session_card_live", "close_prompt") if row.state == "sent"
    }


def test_cancelling_sounds_in_the_reminders_place_and_after_it_only_in_private(group: Group) -> None:
    session_id = group.session()
    member_chat = group.start(group.member)
    heard(group, STARTS_AT - timedelta(hours=20))
    responses.answer(
        group.connection, session_id, group.member.actor, group.telegram_id, "going", at(NOW), now=NOW, rules=RULES
    )
    late = STARTS_AT - timedelta(hours=2)
    cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=late)
    assert heard(group, late) == []
    (told,) = group.deliveries(cancelling.CANCELLED_TOLD)
    assert (told.destination_id, told.state) == (member_chat, "sent")


def test_cancelled_before_the_reminder_the_group_hears_it(group: Group) -> None:
    session_id = group.session()
    heard(group, NOW)
    cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
    assert heard(group, NOW) == [cancelling.CANCELLED]
    assert group.deliveries(cancelling.CANCELLED_TOLD) == []


@pytest.mark.parametrize(("quiet", "silent"), [((None, None), False), ((18 * 60, 20 * 60), True), ((0, 0), False)])
def test_a_reminder_in_the_groups_quiet_hours_makes_no_sound(
    group: Group, quiet: tuple[int | None, int | None], silent: bool
) -> None:
    group.session()
    group.connection.execute(update(study_group).values(quiet_from=quiet[0], quiet_to=quiet[1]))
    (row,) = group.deliveries("group_reminder")
    facts = sessions.reminder(group.connection, row.payload, STARTS_AT - timedelta(days=1))  # 19:00 there
    assert facts is not None
    assert facts.silent is silent


def test_a_later_card_of_a_series_is_silent(group: Group) -> None:
    session_id = group.session()
    facts = sessions.card(group.connection, {"session_id": session_id, "silent": True}, NOW)
    assert facts is not None
    assert facts.silent
