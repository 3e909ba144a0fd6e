"""Changing a published session: proposed, confirmed, kept in its history, undone; alone and from there on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, TYPED, Group, at
from sqlalchemy import Connection, select

from db.queries import drafts as draft_queries
from db.queries import responses as response_queries
from db.tables import audit, series, session_change
from domain.cadence import Cadence
from domain.errors import Refusal
from services import applying, cancelling, editing, moving, responses, scheduling, sessions
from services.applying import Applied
from services.editing import LENGTH, LINK, PLACE, TIME, TITLE, Proposal

MINUTE = timedelta(minutes=1)
LATER = STARTS_AT + timedelta(days=1)
WEEKLY = replace(TYPED, cadence=Cadence.weekly(2).to_rrule())


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def propose(group: Group, session_id: int, field: str, value: Any, now: datetime = NOW) -> Proposal:
    return editing.propose(group.connection, session_id, field, value, group.leader.actor, now=now)


def confirm(group: Group, proposal: Proposal, *, and_later: bool = False, now: datetime = NOW) -> Applied:
    return applying.apply(
        group.connection, proposal.draft_id, group.leader.actor, and_later=and_later, now=now, rules=RULES
    )


def change(group: Group, session_id: int, field: str, value: Any, *, and_later: bool = False) -> int:
    """Propose and confirm; the draft, which takes it back."""
    proposal = propose(group, session_id, field, value)
    assert confirm(group, proposal, and_later=and_later).count
    return proposal.draft_id


def take_back(group: Group, draft_id: int, now: datetime = NOW + 59 * MINUTE / 60) -> int:
    return applying.undo(group.connection, draft_id, group.leader.actor, now=now, rules=RULES)


def answer(group: Group, session_id: int, wanted: str, who: str = "member") -> None:
    actor = getattr(group, who).actor
    responses.answer(group.connection, session_id, actor, group.telegram_id, wanted, at(NOW), now=NOW, rules=RULES)


def history(group: Group) -> list[tuple[str, str, str]]:
    query = select(session_change).order_by(session_change.c.id)
    return [(row.field, row.before, row.after) for row in group.connection.execute(query)]


def pending(group: Group, *kinds: str) -> list[Any]:
    return [row for row in group.deliveries(*kinds) if row.state == "pending"]


def test_nothing_is_changed_before_it_is_confirmed(group: Group) -> None:
    session_id = group.session()
    proposal = propose(group, session_id, PLACE, "五楼报告厅")
    assert (proposal.before, proposal.after, proposal.in_series) == ("三楼会议室", "五楼报告厅", False)
    assert group.sessions()[0].place == "三楼会议室"
    assert confirm(group, proposal).count == 1
    assert group.sessions()[0].place == "五楼报告厅"
    assert history(group) == [("place", "三楼会议室", "五楼报告厅")]
    assert group.connection.execute(select(audit.c.action)).scalars().all()[-1] == "edit"


def test_the_hanging_card_is_edited_and_no_new_one_is_sent(group: Group) -> None:
    session_id = group.session()
    sessions.card_hangs(group.connection, {"session_id": session_id}, 77, NOW)
    change(group, session_id, TITLE, "党课：新的题目")
    (edit,) = [row for row in pending(group, "session_card_live") if row.due_at == NOW]
    facts = sessions.card_edit(group.connection, edit.payload, NOW)
    assert facts is not None
    assert (facts.title, facts.message_id) == ("党课：新的题目", 77)
    assert len(group.deliveries("session_card")) == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (TITLE, " \u202e ", "edit_empty"),
        (TITLE, "长" * 201, "edit_too_long"),
        (PLACE, "长" * 101, "edit_too_long"),
        (PLACE, "三楼会议室", "edit_same"),
        (LINK, "tencent", "edit_bad_link"),
        (TIME, NOW, "edit_past"),
        (TIME, STARTS_AT, "edit_same"),
        (LENGTH, 4, "edit_bad_length"),
        (LENGTH, 24 * 60 + 1, "edit_bad_length"),
    ],
)
def test_what_makes_no_sense_is_refused(group: Group, field: str, value: Any, code: str) -> None:
    session_id = group.session()
    with refused(code):
        propose(group, session_id, field, value)


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_only_leaders_change_confirm_and_undo(group: Group, who: str) -> None:
    session_id, actor = group.session(), getattr(group, who).actor
    proposal = propose(group, session_id, PLACE, "五楼")
    with refused("not_leader"):
        editing.editable(group.connection, session_id, actor, NOW)
    with refused("not_leader"):
        editing.propose(group.connection, session_id, PLACE, "六楼", actor, now=NOW)
    with refused("not_leader"):
        applying.apply(group.connection, proposal.draft_id, actor, and_later=False, now=NOW, rules=RULES)
    confirm(group, proposal)
    with refused("not_leader"):
        applying.undo(group.connection, proposal.draft_id, actor, now=NOW, rules=RULES)
    assert group.sessions()[0].place == "五楼"


def test_of_two_people_editing_one_session_the_second_sees_what_the_first_left(group: Group) -> None:
    session_id = group.session()
    mine, theirs = propose(group, session_id, PLACE, "五楼"), propose(group, session_id, PLACE, "六楼")
    confirm(group, theirs)
    result = confirm(group, mine)
    assert (result.count, result.proposal.outdated) == (0, True)
    assert (result.proposal.before, result.proposal.after) == ("六楼", "五楼")
    assert group.sessions()[0].place == "六楼"
    assert confirm(group, mine).count == 1
    assert history(group) == [("place", "三楼会议室", "六楼"), ("place", "六楼", "五楼")]


def test_a_change_is_confirmed_once_and_a_dropped_one_never(group: Group) -> None:
    session_id = group.session()
    proposal = propose(group, session_id, PLACE, "五楼")
    confirm(group, proposal)
    with refused("edit_gone"):
        confirm(group, proposal)
    dropped = propose(group, session_id, PLACE, "六楼")
    editing.drop(group.connection, dropped.draft_id, group.leader.actor)
    with refused("edit_gone"):
        confirm(group, dropped)
    with refused("edit_gone"):
        confirm(group, Proposal(999, *[None] * 11))  # type: ignore[arg-type]


def test_undo_restores_what_was_for_a_minute(group: Group) -> None:
    session_id = group.session()
    draft_id = change(group, session_id, PLACE, "五楼")
    with refused("undo_too_late"):
        take_back(group, draft_id, NOW + 61 * MINUTE / 60)
    assert take_back(group, draft_id) == session_id
    assert group.sessions()[0].place == "三楼会议室"
    assert history(group)[-1] == ("place", "五楼", "三楼会议室")
    with refused("edit_gone"):
        take_back(group, draft_id)


def test_undo_takes_nothing_of_somebody_else_back(group: Group) -> None:
    session_id = group.session()
    draft_id = change(group, session_id, PLACE, "五楼")
    change(group, session_id, PLACE, "六楼")
    with refused("edit_changed_since"):
        take_back(group, draft_id)
    assert group.sessions()[0].place == "六楼"


def test_a_cancelled_session_is_not_changed(group: Group) -> None:
    session_id = group.session()
    proposal = propose(group, session_id, PLACE, "五楼")
    cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
    with refused("session_gone"):
        confirm(group, proposal)
    assert history(group) == [("state", "scheduled", "cancelled")]


def test_once_somebody_came_only_words_are_changed(group: Group) -> None:
    session_id = group.session()
    moved = propose(group, session_id, TIME, LATER)
    group.life.came(session_id, STARTS_AT, present=group.member)
    assert not editing.editable(group.connection, session_id, group.leader.actor, NOW).timed
    for field, value in ((TIME, LATER), (LENGTH, 60)):
        with refused("edit_time_fixed"):
            propose(group, session_id, field, value)
    with refused("edit_time_fixed"):
        confirm(group, moved)
    change(group, session_id, TITLE, "党课：更正后的题目")
    assert group.sessions()[0].title == "党课：更正后的题目"


def test_another_length_moves_the_end_and_tells_nobody(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, "going")
    change(group, session_id, LENGTH, 30)
    (row,) = group.sessions()
    assert (row.starts_at, row.ends_at, row.closes_at) == (STARTS_AT, STARTS_AT + 30 * MINUTE, STARTS_AT + 30 * MINUTE)
    assert (row.revision, row.late_from) == (1, STARTS_AT + 10 * MINUTE)
    assert [each.expires_at for each in pending(group, "checkin_open")] == [row.closes_at]
    assert len(group.deliveries("session_card")) == 1
    assert pending(group, moving.MOVED_ASK) == []


def test_a_move_replaces_all_that_was_due_and_says_so(group: Group) -> None:
    session_id = group.session()
    sessions.card_hangs(group.connection, {"session_id": session_id}, 77, NOW)
    change(group, session_id, TIME, LATER)
    (row,) = group.sessions()
    assert (row.starts_at, row.ends_at, row.moved_from) == (LATER, LATER + 90 * MINUTE, STARTS_AT)
    assert (row.opens_at, row.closes_at, row.revision) == (LATER - 15 * MINUTE, LATER + 90 * MINUTE, 2)
    assert row.remind_privately_at == LATER - timedelta(days=1)
    assert row.nudge_at == LATER - timedelta(hours=6)
    due = pending(group, "session_card", "group_reminder", "checkin_open")
    assert [(each.kind, each.due_at) for each in due] == [
        ("session_card", NOW),
        ("group_reminder", LATER - timedelta(days=1)),
        ("checkin_open", row.opens_at),
    ]
    assert all(f"session:{session_id}:2:" in each.dedupe_key for each in due)
    card = sessions.card(group.connection, due[0].payload, NOW)
    assert card is not None
    assert (card.moved_from, card.silent) == (STARTS_AT, False)
    (old,) = pending(group, sessions.MOVED_CARD)
    facts = sessions.moved_card(group.connection, old.payload, NOW)
    assert facts is not None
    assert (facts.message_id, facts.starts_at) == (77, LATER)


def test_a_card_that_was_under_way_during_the_move_is_marked_too(group: Group) -> None:
    session_id = group.session()
    (card,) = group.deliveries("session_card")
    change(group, session_id, TIME, LATER)
    sessions.card_hangs(group.connection, card.payload, 78, NOW)
    assert group.sessions()[0].card_message_id is None
    assert [row.payload["message_id"] for row in pending(group, sessions.MOVED_CARD)] == [78]


def test_who_had_answered_is_asked_again_in_private_also_with_an_approved_leave(group: Group) -> None:
    session_id = group.session()
    member_chat = group.start(group.member)
    answer(group, session_id, "leave")
    answer(group, session_id, "going", "leader")
    response_queries.change(group.connection, session_id, group.member.id, approved=True)
    proposal = propose(group, session_id, TIME, LATER)
    assert proposal.answered == 2
    confirm(group, proposal)
    card = sessions.card(group.connection, {"session_id": session_id}, NOW)
    assert card is not None
    assert (card.going, card.leave, card.no_reply) == (0, 0, 2)
    asked = pending(group, moving.MOVED_ASK)
    assert {row.destination_id for row in asked} == {member_chat, group.leader_chat}
    assert all(row.due_at >= NOW + MINUTE for row in asked)
    question = next(row for row in asked if row.destination_id == member_chat)
    facts = moving.moved_ask(group.connection, question.payload, NOW)
    assert facts is not None
    assert (facts.before, facts.starts_at) == (STARTS_AT, LATER)
    answer(group, session_id, "going")
    assert moving.moved_ask(group.connection, question.payload, NOW) is None


def test_who_cannot_be_written_to_reads_the_new_card(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, "going")
    change(group, session_id, TIME, LATER)
    assert pending(group, moving.MOVED_ASK) == []


def test_undoing_a_move_gives_the_answers_back_and_asks_nobody(group: Group) -> None:
    session_id = group.session()
    group.start(group.member)
    answer(group, session_id, "leave")
    response_queries.change(group.connection, session_id, group.member.id, approved=True, reason="sick")
    draft_id = change(group, session_id, TIME, LATER)
    take_back(group, draft_id)
    (row,) = group.sessions()
    assert (row.starts_at, row.moved_from, row.revision) == (STARTS_AT, None, 3)
    found = response_queries.find(group.connection, session_id, group.member.id)
    assert found is not None
    assert (found.answer, found.reason, found.approved) == ("leave", "sick", True)
    assert pending(group, moving.MOVED_ASK) == []
    card = sessions.card(group.connection, pending(group, "session_card")[0].payload, NOW)
    assert card is not None
    assert (card.silent, card.moved_from) == (True, None)


def test_one_of_a_series_is_moved_alone(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    first, second, *others = group.sessions()
    change(group, second.id, TIME, second.starts_at + timedelta(days=2))
    rows = {row.id: row for row in group.sessions()}
    assert rows[second.id].starts_at == second.starts_at + timedelta(days=2)
    assert rows[second.id].nominal_local == second.nominal_local
    assert [rows[row.id].starts_at for row in (first, *others)] == [row.starts_at for row in (first, *others)]
    scheduling.extend_series(group.connection, NOW + timedelta(weeks=4), RULES)
    assert len({row.nominal_local for row in group.sessions()}) == len(group.sessions())


@pytest.mark.parametrize(
    ("field", "value"),
    [(TITLE, "党课：下半年"), (PLACE, ""), (LINK, "https://meeting.example/1"), (LENGTH, 60), (TIME, None)],
)
@pytest.mark.parametrize("number", [0, 2])
def test_this_and_later_changes_the_later_ones_and_those_that_are_planned_next(
    group: Group, field: str, value: Any, number: int
) -> None:
    group.publish(group.draft(WEEKLY))
    before = group.sessions()
    row = before[number]
    by = timedelta(days=1, hours=-2) if field == TIME else timedelta()
    draft_id = change(group, row.id, field, row.starts_at + by if field == TIME else value, and_later=True)
    after = group.sessions()
    assert [each.id for each in after] == [each.id for each in before]
    assert [each.starts_at for each in after] == [
        each.starts_at + (by if place >= number else timedelta()) for place, each in enumerate(before)
    ]
    for place, each in enumerate(after):
        is_changed = editing.value_of(each, field) != editing.value_of(before[place], field)
        assert is_changed == (place >= number)
    scheduling.extend_series(group.connection, NOW + timedelta(weeks=3), RULES)
    extended = group.sessions()
    expected = [each.starts_at for each in after]
    while expected[-1] + timedelta(weeks=1) <= NOW + timedelta(weeks=8):
        expected.append(expected[-1] + timedelta(weeks=1))
    assert [each.starts_at for each in extended] == expected
    if field != TIME:
        assert editing.value_of(extended[-1], field) == str(value)
    if len(extended) > len(after):
        with refused("edit_changed_since"):
            take_back(group, draft_id)


@pytest.mark.parametrize("field", [TITLE, TIME])
def test_undoing_this_and_later_is_as_if_nothing_had_been(group: Group, field: str) -> None:
    group.publish(group.draft(WEEKLY))
    before = group.sessions()
    value = before[1].starts_at + timedelta(days=7) if field == TIME else "党课：下半年"
    draft_id = change(group, before[1].id, field, value, and_later=True)
    assert take_back(group, draft_id) == before[1].id
    after = group.sessions()
    names = ("id", "series_id", "nominal_local", "starts_at", "ends_at", "closes_at", "title", "moved_from", "state")
    assert [[getattr(row, name) for name in names] for row in after] == [
        [getattr(row, name) for name in names] for row in before
    ]
    scheduling.extend_series(group.connection, NOW + timedelta(weeks=2), RULES)
    starts = [row.starts_at for row in group.sessions()]
    assert starts == [STARTS_AT + timedelta(weeks=number) for number in range(6)]


def test_what_was_cancelled_or_held_stays_as_it_is(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    first, second, third, fourth = group.sessions()
    cancelling.cancel(group.connection, second.id, group.leader.actor, and_later=False, now=NOW)
    group.life.came(third.id, third.starts_at, present=group.member)
    change(group, first.id, TIME, first.starts_at + timedelta(days=1), and_later=True)
    rows = {row.id: row for row in group.sessions()}
    moved = timedelta(days=1)
    assert [rows[row.id].starts_at - row.starts_at for row in (first, second, third, fourth)] == [
        moved, timedelta(), timedelta(), moved
    ]  # fmt: skip
    scheduling.extend_series(group.connection, NOW + timedelta(weeks=3), RULES)
    assert len(group.sessions()) == 7


def test_only_the_moved_session_itself_makes_a_sound(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    for number, row in enumerate(group.sessions()):
        sessions.card_hangs(group.connection, {"session_id": row.id}, 100 + number, NOW)
    first = group.sessions()[0]
    change(group, first.id, TIME, first.starts_at + timedelta(days=1), and_later=True)
    cards = pending(group, "session_card")
    assert [(row.session_id == first.id, bool(row.payload.get("silent"))) for row in cards] == [
        (True, False), (False, True), (False, True), (False, True)
    ]  # fmt: skip


def test_a_typed_change_is_echoed_in_private_and_waits_no_longer(group: Group) -> None:
    session_id = group.session()
    number = editing.FIELDS.index(PLACE)
    editing.ask(group.connection, session_id, number, 0, group.leader.actor, now=NOW)
    editing.propose(
        group.connection, session_id, PLACE, "五楼", group.leader.actor, reply_key="r:1", language="en", now=NOW
    )
    (row,) = group.deliveries(editing.ECHO)
    assert row.destination_id == group.leader_chat
    facts = editing.echo(group.connection, row.payload, NOW)
    assert facts is not None
    assert (facts.after, facts.language) == ("五楼", "en")
    confirm(group, facts)
    assert editing.echo(group.connection, row.payload, NOW) is None


def test_an_hour_left_open_can_be_turned_to_the_evening(group: Group) -> None:
    session_id = group.session()
    seven = datetime(2026, 12, 2, 23, 0, tzinfo=UTC)  # 07:00 in Shanghai
    proposal = editing.propose(group.connection, session_id, TIME, seven, group.leader.actor, bare_hour=True, now=NOW)
    assert proposal.other_at == seven + timedelta(hours=12)
    turned = editing.other_half(group.connection, proposal.draft_id, group.leader.actor, now=NOW)
    assert turned.after == (seven + timedelta(hours=12)).isoformat()
    assert TYPED.starts_at == group.sessions()[0].starts_at


def test_what_is_over_is_not_moved_any_more(group: Group) -> None:
    session_id = group.session()
    over = STARTS_AT + 90 * MINUTE
    assert editing.editable(group.connection, session_id, group.leader.actor, over - MINUTE).timed
    assert not editing.editable(group.connection, session_id, group.leader.actor, over).timed


def test_what_undo_needs_is_kept_no_longer_than_undo_lasts(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, "leave")
    draft_id = change(group, session_id, TIME, LATER)
    for now, is_kept in ((NOW + MINUTE, True), (NOW + 2 * MINUTE, False)):
        editing.forget_undone(group.connection, now)
        draft = draft_queries.draft_of(group.connection, draft_id)
        assert draft is not None
        assert ("undo" in draft.facts) is is_kept
    with refused("edit_gone"):
        take_back(group, draft_id)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_edited_no_occurrence_is_lost_or_doubled(group: Group, seed: int) -> None:
    chance = Random(seed)
    group.publish(group.draft(WEEKLY))
    known = [row.id for row in group.sessions()]
    for _ in range(6):
        row = chance.choice(group.sessions())
        moved = row.starts_at + timedelta(days=chance.randint(0, 9), hours=chance.randint(1, 3))
        field, value = chance.choice(
            [(TIME, moved), (TITLE, f"党课：{chance.random()}"), (LENGTH, chance.randint(20, 80))]
        )
        draft_id = change(group, row.id, field, value, and_later=chance.random() < 0.7)
        if chance.random() < 0.3:
            take_back(group, draft_id)
    assert sorted(row.id for row in group.sessions()) == sorted(known)
    living = group.connection.execute(select(series).where(series.c.extend_at.is_not(None))).all()
    assert len(living) == 1  # one series goes on, whatever was split
    scheduling.extend_series(group.connection, NOW + timedelta(weeks=9), RULES)
    rows = sorted(group.sessions(), key=lambda row: row.nominal_local)
    assert len({(row.series_id, row.nominal_local) for row in rows}) == len(rows)
    new = [row.nominal_local for row in rows if row.id not in known]
    last = max(row.nominal_local for row in rows if row.id in known and row.series_id == living[0].id)
    begins = max(last + timedelta(weeks=1), min(new))
    assert new == [begins + timedelta(weeks=number) for number in range(len(new))]
    assert (begins - last).days % 7 == 0
