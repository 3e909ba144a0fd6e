"""No text that somebody typed becomes a formula in a spreadsheet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.inert import inert

DANGEROUS = "=+-@\t\r\n"


@given(st.text())
def test_nothing_begins_like_a_formula_and_nothing_is_lost(text: str) -> None:
    made = inert(text)
    assert not made.startswith(tuple(DANGEROUS))
    assert made in (text, "'" + text)


@given(st.text(min_size=1).filter(lambda text: text[0].isalnum()))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize("start", [*DANGEROUS, "＝", "＋", "－", "＠"])
def test_every_start_of_a_formula_is_put_behind_an_apostrophe(start: str) -> None:
    assert inert(f"{start}1+1") == f"'{start}1+1"
