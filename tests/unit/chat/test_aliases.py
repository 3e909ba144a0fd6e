"""Words that mean a command: found as people write them, and only where they begin a text."""

import pytest

from chat.aliases import Aliases, aliases_of
from handlers.registry import all_features
from texts import LANGUAGES

NAMES = [command.name for feature in all_features().values() for command in feature.commands]
ALIASES = Aliases(NAMES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("签到", ("checkin", "")),
        (" 签到。", ("checkin", "")),
        ("打卡！", ("checkin", "")),
        ("/签到", ("checkin", "")),
        ("／签到", ("checkin", "")),
        ("Check  IN", ("checkin", "")),
        ("新建 下周三 19:00\n党课", ("new", "下周三 19:00\n党课")),
        ("新建\u3000下周三19:00 党课", ("new", "下周三19:00 党课")),
        ("NEW session Wed 7pm Reading", ("new", "Wed 7pm Reading")),
        ("今天 有什么", ("today", "有什么")),
        ("今天有什么", None),
        ("我要签到", None),
        ("签到了", None),
        ("", None),
        ("。！", None),
        ("/", None),
        ("new", None),
        ("ﬁnd", None),
    ],
)
def test_word_for_a_command(text: str, found: tuple[str, str] | None) -> None:
    assert ALIASES.find(text) == found


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_every_command_leads_to_it(name: str) -> None:
    for language in LANGUAGES:
        for alias in aliases_of(name, language):
            assert ALIASES.find(alias) == (name, "")
            assert ALIASES.find(f"{alias} 什么") == (name, "什么")


def test_one_word_cannot_mean_two_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.aliases.aliases_of", lambda _command, _language: ["签到"])
    with pytest.raises(ValueError, match="签到"):
        Aliases(["checkin", "today"])
