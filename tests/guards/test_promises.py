"""Each sentence that the READMEs promise stands word for word in docs/reliability.md, beside its tests."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTIONS = {"README.md": "What is promised", "README.zh-CN.md": "保证什么"}


def promised(page: str) -> str:
    """The points of the section, as one line without emphasis."""
    text = (ROOT / page).read_text(encoding="utf-8")
    section = text.partition(f"## {SECTIONS[page]}\n")[2].partition("\n## ")[0]
    points = re.findall(r"^- .*(?:\n  .*)*", section, re.MULTILINE)
    assert len(points) >= 5
    return " ".join(plain(point[2:]) for point in points)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("**", "")).strip()


def rows() -> list[tuple[str, str, str]]:
    """The table of docs/reliability.md: the sentence in both languages, and what shows it."""
    text = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    table = text.partition("## Sentence by sentence\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return [(plain(cells[0]), plain(cells[1]), cells[2]) for cells in lines[1:]]


@pytest.mark.parametrize(("page", "column"), [("README.md", 0), ("README.zh-CN.md", 1)])
def test_every_sentence_is_in_the_table_and_every_row_in_the_readme(page: str, column: int) -> None:
    left = promised(page)
    for row in rows():
        assert row[column] in left, f"{page} does not say (any more): {row[column]}"
        left = left.replace(row[column], " ", 1)
    left = re.sub(r"Check-ins\.|签到：", " ", left)  # headings of points
    assert not left.strip(), f"{page} promises more than is shown: {left.strip()}"


def test_what_is_promised_is_shown_by_tests() -> None:
    for english, _, shown in rows():
        named = re.findall(r"`(tests/[\w/.]+)", shown)
        assert named or shown == "promises nothing", english
        assert all((ROOT / name).exists() for name in named)
