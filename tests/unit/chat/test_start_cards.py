"""The first page and help: short, in both languages, with nothing that is not this person's to use."""

from datetime import UTC, datetime

import pytest

from chat.feature import Command
from chat.start_cards import CATEGORIES, greeting, help_categories, help_in_group, help_page, reminders
from handlers.registry import all_features
from services.deliveries import moment_value
from services.starting import FirstPage
from texts import LANGUAGES, words

WAYS_ON = [
    [("button.add_to_group", "https://t.me/study_bot?startgroup=new")],
    [("button.mine", "mine"), ("button.language", "lang")],
]
COMMANDS = [command for feature in all_features().values() for command in feature.commands]


async def _nothing(_update: object, _context: object) -> None:
    """What a command of this test does."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_shows_the_number_to_copy_and_three_ways_on(language: str) -> None:
    message = greeting(FirstPage("start.greeting", {"number": 4711}, WAYS_ON), words(language))
    assert "<code>4711</code>" in message.text
    assert [button.data or button.url for row in message.keyboard for button in row] == [
        "https://t.me/study_bot?startgroup=new",
        "mine",
        "lang",
    ]


def test_a_member_reads_what_comes_next() -> None:
    at = moment_value(datetime(2026, 12, 2, 11, 0, tzinfo=UTC), "Asia/Shanghai")
    values = {"number": 1, "title": "学习<原著>", "at": at}
    message = greeting(FirstPage("start.greeting_next", values, WAYS_ON), words("zh-CN"))
    assert "下一次：12月2日 周三 19:00 <b>学习&lt;原著&gt;</b>" in message.text


@pytest.mark.parametrize(("on", "data"), [(True, "remind:0"), (False, "remind:1")])
def test_private_reminders_can_always_be_switched_back(on: bool, data: str) -> None:
    assert reminders(on, words("en")).keyboard[0][0].data == data


def test_help_shows_the_categories_in_which_there_is_something() -> None:
    commands = [Command("me", _nothing, category="mine"), Command("today", _nothing)]
    message = help_categories(commands, words("zh-CN"))
    assert [button.data for row in message.keyboard for button in row] == ["help:0", "help:1"]


def test_a_page_of_help_lists_its_commands_in_the_order_of_the_menu_with_the_words_that_mean_them() -> None:
    commands = [Command("help", _nothing, order=95), Command("start", _nothing, order=5), Command("new", _nothing)]
    blocks = help_page([*commands, Command("me", _nothing, category="mine")], "study", words("zh-CN")).text.split(
        "\n\n"
    )
    assert [block.split()[0] for block in blocks[1:]] == ["/start", "/help", "/new"]
    assert blocks[1].splitlines()[1] == "<i>也可直接发：开始、首页</i>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_stands_on_a_page_of_help_and_no_page_is_too_long(language: str) -> None:
    spoken = words(language)
    pages = {category: help_page(COMMANDS, category, spoken) for category in CATEGORIES}
    assert all(len(page.text) <= 4096 for page in pages.values())
    for command in COMMANDS:
        assert f"/{command.name} " in pages[command.category].text
    assert all(page.keyboard[-1][0].data == "help" for page in pages.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_in_a_group_leads_to_the_private_one(language: str) -> None:
    message = help_in_group([Command("help", _nothing)], "study_bot", words(language))
    assert message.silent
    assert message.keyboard[0][0].url == "https://t.me/study_bot?start=help"
