"""The fault matrix is whole: each row has its tests, or says why not, and no test names a row that is none."""

import re
from pathlib import Path

from rows import ROWS

ROOT = Path(__file__).parents[2]


def test_every_row_is_shown_or_says_why_not() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "faults").glob("test_*.py"))
    named = {
        int(number) for pair in re.findall(r"def test_row_(\d\d)(?:_and_(\d\d))?", text) for number in pair if number
    }
    assert sorted(ROWS) == list(range(1, 51))
    assert named <= set(ROWS)
    for number, row in ROWS.items():
        assert (number in named or bool(row.elsewhere)) != bool(row.open), number


def test_tests_that_are_named_exist() -> None:
    for row in ROWS.values():
        for test in row.elsewhere:
            path, _, name = test.partition("::")
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8") if name else (ROOT / path).is_file()
