"""The leader's messages after a session, and what the group's message shows of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat import checkins_cards
from chat import closing_cards as cards
from chat.outgoing import Keyboard
from domain.attendance import Status
from services.checkins import Live
from services.closing import Closing, Reopening
from services.marking import Addable, Changed, Entry, Sheet, ToMark
from texts import LANGUAGES, words

OPENS_AT = datetime(2026, 12, 2, 10, 45, tzinfo=UTC)
CLOSES_AT = datetime(2026, 12, 2, 12, 30, tzinfo=UTC)
COUNTS: dict[str, Any] = dict.fromkeys(
    ("expected", "present", "late", "left_early", "excused", "absent", "sitting_in", "unrecorded", "uncertain"), 0
)
LIVE = Live(7, "党课", "ended", OPENS_AT, CLOSES_AT, "Asia/Shanghai", "zh-CN", 77, **COUNTS)


def sheet(people: int, *, closed: bool = False, addable: int = 0) -> Sheet:
    entries = tuple(Entry(n, f"组员{n}", Status.UNRECORDED, False, False) for n in range(people))
    return Sheet(7, "党课", closed, entries, addable)


def data(keyboard: Keyboard) -> list[str | None]:
    return [button.data for row in keyboard for button in row]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["open", "late", "ended", "reopened", "closed"])
def test_the_groups_message_has_one_button_in_every_state(state: str, language: str) -> None:
    shown = checkins_cards.edited(replace(LIVE, state=state, language=language))
    verb = "checkin" if state in ("open", "late") else "correction"
    assert data(shown.keyboard) == [f"{verb}:7"]
    assert "党课" in shown.text


def test_a_list_turns_its_pages_and_keeps_its_place() -> None:
    shown = cards.sheet(sheet(20), 1, False, words("zh-CN"))
    assert data(shown.keyboard)[0] == "person:7:8:0:1"
    assert data(shown.keyboard)[-4:] == ["sheet:7:0:0", "sheet:7:2:0", "sheet:7:0:1", "close:7"]
    assert data(cards.sheet(sheet(20), 9, False, words("zh-CN")).keyboard)[0] == "person:7:16:0:2"


def test_a_mark_is_undone_from_the_place_where_it_was_made() -> None:
    shown = cards.sheet(sheet(20), 1, True, words("zh-CN"), undo=3)
    assert shown.keyboard[0][0].data == "unmark:7:3:1:1"
    person = ToMark(7, "党课", 3, "李明", Status.ABSENT)
    assert data(cards.statuses(person, True, 1, words("zh-CN")).keyboard)[-1] == "sheet:7:1:1"
    assert data(cards.statuses(person, True, 1, words("zh-CN")).keyboard)[0] == "mark:7:3:0:1:1"


def test_members_can_be_added_where_there_are_any_and_a_closed_list_reopened() -> None:
    assert data(cards.sheet(sheet(1, closed=True, addable=2), 0, True, words("en")).keyboard)[1:] == [
        "add_person:7:0",
        "reopen:7",
    ]
    assert "add_person:7:0" not in data(cards.sheet(sheet(1), 0, True, words("en")).keyboard)
    page = cards.addable(Addable(7, "党课", ((3, "李明"),), 0, 2), words("en"))
    assert data(page.keyboard) == ["person:7:3:1", "add_person:7:1", "sheet:7:0:1"]
    assert "Every member" in cards.addable(Addable(7, "党课", (), 0, 1), words("en")).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_asked_about_says_how_many_it_concerns(language: str) -> None:
    spoken = words(language)
    closing = cards.confirm_close(Closing(LIVE, absent=4), spoken)
    assert "4" in closing.text
    assert data(closing.keyboard) == ["close_yes:7", "close_no:7"]
    reopening = cards.confirm_reopen(Reopening(LIVE, at_once=False, unrecorded=5), spoken)
    assert "5" in reopening.text
    assert data(reopening.keyboard) == ["reopen_yes:7", "reopen_no:7"]


def test_in_a_group_the_closed_message_leads_to_no_list() -> None:
    now = CLOSES_AT + timedelta(hours=1)
    closed = replace(LIVE, state="closed", closed_at=CLOSES_AT)
    in_group = cards.standing(closed, words("zh-CN"), now, in_private=False)
    assert data(in_group.keyboard) == ["reopen:7"]
    private = cards.standing(closed, words("zh-CN"), now, in_private=True)
    assert data(private.keyboard) == ["sheet:7:0:1", "reopen:7"]
    assert data(cards.standing(LIVE, words("zh-CN"), now, in_private=True).keyboard) == ["close:7"]


def test_a_changed_record_is_told_from_what_to_what_and_how_to_object() -> None:
    facts = Changed(7, "<党课>", CLOSES_AT, "Asia/Shanghai", "第一学习小组", "zh-CN", Status.ABSENT, Status.PRESENT)
    message = cards.changed(facts)
    assert "缺勤 → 出勤" in message.text
    assert "&lt;党课&gt;" in message.text
    assert data(message.keyboard) == ["correction:7"]
