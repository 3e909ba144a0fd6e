"""Settings: from file and environment, and everything that is wrong with them at once."""

from pathlib import Path

import pytest

from bot.settings import WrongSettings, load


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOT_CONFIG", raising=False)
    return tmp_path


def test_without_anything_there_are_defaults() -> None:
    settings = load()
    assert settings.token() == ""
    assert settings.database.url == "sqlite:///data/bot.sqlite3"
    assert settings.domain_rules().board_weekday == 0


@pytest.mark.parametrize("text", ["1,2", "[1,2]", " 1 , 2 "])
def test_operators_from_the_environment(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BOT__OPERATORS", text)
    assert load().operators == [1, 2]


def test_the_environment_goes_before_the_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "config.toml").write_text(
        '[telegram]\ntoken = "1:file"\nbase_url = "http://127.0.0.1:9/"\n', encoding="utf-8"
    )
    monkeypatch.setenv("BOT__TELEGRAM__TOKEN", "2:environment")
    settings = load()
    assert settings.token() == "2:environment"
    assert settings.telegram.base_url == "http://127.0.0.1:9"


def test_the_file_can_be_named(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "other.toml").write_text("operators = [7]\n", encoding="utf-8")
    monkeypatch.setenv("BOT_CONFIG", str(elsewhere / "other.toml"))
    assert load().operators == [7]
    with pytest.raises(WrongSettings, match="no such file"):
        load(elsewhere / "missing.toml")


def test_the_token_can_stand_in_a_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "token.txt").write_text("3:file\n", encoding="utf-8")
    monkeypatch.setenv("BOT__TELEGRAM__TOKEN_FILE", "token.txt")
    assert load().token() == "3:file"


def test_everything_wrong_is_told_at_once_by_name(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "config.toml").write_text(
        'colour = "red"\n[telegram]\nbase = "x"\nproxy = "ftp://x"\n[organisation]\ntime_zone = "Mars/Base"\n'
        '[database]\nurl = "mysql://x"\n[rules]\nboard_weekday = 8\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("BOT__TELEGRAMM__TOKEN", "1:x")
    monkeypatch.setenv("BOT__LOG__COLOUR", "1")
    with pytest.raises(WrongSettings) as wrong:
        load()
    named = {line.split(":")[0] for line in wrong.value.lines}
    assert named == {
        "colour",
        "telegram.base",
        "telegram.proxy",
        "organisation.time_zone",
        "database.url",
        "rules.board_weekday",
        "BOT__TELEGRAMM__TOKEN",
        "log.colour",
    }


def test_a_file_that_is_no_toml_is_told(elsewhere: Path) -> None:
    (elsewhere / "config.toml").write_text("operators = [", encoding="utf-8")
    with pytest.raises(WrongSettings, match=r"config\.toml"):
        load()


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__TELEGRAM__TOKEN", "123456:canary-token")
    monkeypatch.setenv("BOT__TELEGRAM__PROXY", "socks5://user:canary@127.0.0.1:1")
    assert "canary" not in repr(load())
