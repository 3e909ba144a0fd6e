"""Time zones and names as people type them."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import names, zones


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("北京", "Asia/Shanghai"),
        ("Beijing", "Asia/Shanghai"),
        (" 东京 ", "Asia/Tokyo"),
        ("new york", "America/New_York"),
        ("San Francisco", "America/Los_Angeles"),
        ("buenos_aires", "America/Argentina/Buenos_Aires"),
        ("istanbul", "Europe/Istanbul"),
        ("utc", "UTC"),
    ],
)
def test_a_city_or_a_name_is_found(text: str, zone: str) -> None:
    assert zones.find(text) == zone


@pytest.mark.parametrize("text", ["", "乌鲁木齐", "cordoba", "GMT+8", "../../etc/passwd", "小城", "/", "Asia"])
def test_what_is_unknown_or_could_be_several_is_not_guessed(text: str) -> None:
    assert zones.find(text) is None


def test_every_zone_that_can_be_found_exists() -> None:
    for zone in {*zones.USUAL, *zones._CITIES}:
        assert ZoneInfo(zone).key == zone
        assert zones.find(zone) == zone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  李\n明 ", "李 明"),
        ("\u202egnim\u202c", "gnim"),
        ("a\x00b\x1b", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that the script needs
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u200b\u200d", ""),
        ("\u2067 \u2069", ""),
        ("a \u2066 b", "a b"),
    ],
)
def test_a_name_keeps_its_letters_and_loses_what_cannot_be_seen(text: str, name: str) -> None:
    assert names.clean(text) == name


@given(st.text())
def test_a_clean_name_stays_as_it_is_and_on_one_line(text: str) -> None:
    clean = names.clean(text)
    assert names.clean(clean) == clean
    assert len(clean.splitlines()) <= 1
