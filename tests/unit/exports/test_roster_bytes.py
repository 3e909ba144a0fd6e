"""Any bytes handed in as a roster are a table, or are said to be unreadable."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.people import Standing
from exports import roster_file
from exports.roster_file import Listed, Unreadable


def readable(content: bytes) -> bool:
    """Whether a file has cells; anything but that, or Unreadable, is a fault."""
    try:
        cells = roster_file.table(content)
    except Unreadable:
        return False
    assert all(isinstance(cell, str) for row in cells for cell in row)
    return True


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=400), st.binary(max_size=400).map(lambda rest: b"PK\x03\x04" + rest)))
def test_any_bytes_are_a_table_or_unreadable(content: bytes) -> None:
    readable(content)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), cut=st.integers(0, 200))
def test_a_workbook_with_damaged_bytes_is_a_table_or_unreadable(seed: int, cut: int) -> None:
    whole = roster_file.write([Listed("王芳", "7", "member", "", Standing.FULL, False)], "一组", "xlsx", "zh-CN")
    assert readable(whole)
    chance, damaged = random.Random(seed), bytearray(whole[: len(whole) - cut])
    for _ in range(chance.randrange(1, 20)):
        damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
    readable(bytes(damaged))
