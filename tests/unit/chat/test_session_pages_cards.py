"""A session's page, lists and history stay within Telegram's limits, whatever people are called and type."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chat import editing_cards
from chat import session_pages_cards as cards
from chat.fitting import length
from chat.outgoing import Message
from services.editing import Editable
from services.session_pages import Change, History, Own, Page, Replied
from services.sessions import Card
from texts import LANGUAGES, words

STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
MAX_TEXT, MAX_BUTTONS = 4096, 100
CARD = Card(
    session_id=7,
    state="scheduled",
    kind="lesson",
    title="长" * 200,
    place="远" * 100,
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(days=1),
    time_zone="Asia/Shanghai",
    language="en",
    going=1,
    leave=1,
    no_reply=1,
    answerable=True,
    started=False,
    is_reminder=False,
    message_id=77,
    link="https://" + "a" * 492,
    files=10,
    leave_until=STARTS_AT,
    moved_from=STARTS_AT,
)
ANSWERS = (Own("going"), Own("leave", "official", True), Own("leave", "sick", False), Own())
PEOPLE = tuple(Replied(f"{number} " + "名" * 128, ANSWERS[number % 4]) for number in range(200))
PAGE = Page(CARD, 3, "组" * 64, Own("going"), True, True, True, True, True, 12, PEOPLE)
HISTORY = History(
    7,
    CARD.title,
    "Asia/Shanghai",
    tuple(Change(STARTS_AT, "名" * 64, "link", CARD.link, CARD.link) for _ in range(10)),
    0,
    2,
)


def fits(message: Message) -> bool:
    return length(message.text) <= MAX_TEXT and sum(map(len, message.keyboard)) <= MAX_BUTTONS


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_fits_into_a_message(language: str) -> None:
    spoken = words(language)
    editable = Editable(7, CARD.title, CARD.place, CARD.link, STARTS_AT, 90, "Asia/Shanghai", True)
    assert fits(cards.page(PAGE, spoken))
    assert fits(cards.page(PAGE, spoken, asks_reason=True))
    assert fits(cards.history(HISTORY, spoken))
    assert fits(editing_cards.menu(editable, spoken))
    for number in range(8):
        assert fits(cards.people(PAGE, number, spoken))


def test_everybody_stands_on_one_page_of_the_list() -> None:
    texts = "\n".join(cards.people(PAGE, number, words("zh-CN")).text for number in range(7))
    assert all(f"⁨{number} " in texts for number in range(200))


def test_names_stand_on_the_leaders_page_only() -> None:
    assert "名" in cards.page(PAGE, words("zh-CN")).text
    assert "名" not in cards.page(replace(PAGE, is_leader=False), words("zh-CN")).text


def test_a_declined_leave_is_told_apart() -> None:
    assert "请假未批准 50：" in cards.page(PAGE, words("zh-CN")).text
    own = cards.page(replace(PAGE, own=Own("leave", "sick", False)), words("en")).text
    assert "My answer: leave, not approved" in own
