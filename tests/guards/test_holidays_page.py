"""Keeps the form of the holidays file in docs/plan.md true, and the known holidays named in both languages."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot import holidays
from bot.settings import WrongSettings, load
from domain.holidays import parse
from texts import LANGUAGES, words

PAGE = Path(__file__).parents[2] / "docs" / "plan.md"


def example() -> str:
    found = re.search(
        r"<!-- an example of holidays.file -->\n```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    return found[1]


def test_the_example_is_a_holidays_file(tmp_path: Path) -> None:
    found = parse(tomllib.loads(example()))
    assert found.knows(2027)
    assert found.is_free(date(2027, 1, 3))
    assert found.is_shifted(date(2027, 1, 9))
    path = tmp_path / "holidays.toml"
    path.write_text(example(), encoding="utf-8")
    both = holidays.with_file(path)
    assert both.is_free(date(2027, 1, 1))
    assert both.name(date(2026, 10, 1)) == "national_day"
    assert both.is_shifted(date(2026, 9, 20))


def test_known_holidays_have_names() -> None:
    keys = {day.name for day in holidays.known().days.values()}
    for language in LANGUAGES:
        assert all(words(language).has(f"holiday.{key}") for key in keys)


def test_a_wrong_file_is_told_with_all_its_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "holidays.toml"
    path.write_text("year = [2027]\n[[holiday]]\nfrom = 2027-01-03\nto = 2027-01-01\n", encoding="utf-8")
    monkeypatch.setenv("BOT__HOLIDAYS__FILE", str(path))
    with pytest.raises(WrongSettings) as caught:
        load()
    assert len([line for line in caught.value.lines if line.startswith("holidays.file: ")]) == 3
    monkeypatch.setenv("BOT__HOLIDAYS__FILE", str(tmp_path / "none.toml"))
    with pytest.raises(WrongSettings, match=r"holidays\.file"):
        load()
