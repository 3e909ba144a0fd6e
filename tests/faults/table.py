"""`make faults`: runs every row of the fault matrix on both databases and prints how each stands."""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from rows import ROWS  # noqa: E402 — found by the path set above

DATABASES = ("sqlite", "postgresql")
_NUMBERS = re.compile(r"test_row_(\d\d)(?:_and_(\d\d))?")


class Results:
    """What became of each row's tests, by database; a test of neither counts for both."""

    def __init__(self) -> None:
        self.outcomes: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One test's phase ended."""
        if report.when == "call" or report.outcome == "failed":
            for row in rows_of(report.nodeid):
                for database in [each for each in DATABASES if each in report.nodeid] or DATABASES:
                    self.outcomes[row][database][report.outcome] += 1
        elif report.when == "setup" and report.outcome == "skipped":
            for row in rows_of(report.nodeid):
                self.outcomes[row]["postgresql" if "postgres" in report.nodeid else "sqlite"]["skipped"] += 1

    def mark(self, row: int, database: str) -> str:
        """How many of a row's tests passed on a database; a cross where one failed, a dash where there is none."""
        found = self.outcomes[row][database]
        if found["failed"] or found["skipped"]:
            return f"✗ {found['failed'] + found['skipped']}"
        return f"✓ {found['passed']}" if found["passed"] else "–"

    def holds(self, row: int) -> bool:
        """Whether a row is shown on both databases, or on the one that its fault is about."""
        marks = [self.mark(row, database) for database in DATABASES]
        return not any(mark.startswith("✗") for mark in marks) and any(mark.startswith("✓") for mark in marks)


def rows_of(node: str) -> list[int]:
    """The rows that a test shows."""
    found = _NUMBERS.search(node)
    named = [int(number) for number in found.groups() if number] if found else []
    bare = node.split("[")[0]
    return named + [number for number, row in ROWS.items() if any(bare.startswith(one) for one in row.elsewhere)]


def main(arguments: list[str]) -> int:
    """Run them, and print the table; the number of rows that do not hold."""
    results = Results()
    elsewhere = sorted({test for row in ROWS.values() for test in row.elsewhere if not test.startswith("tests/faults")})
    pytest.main([str(HERE), *elsewhere, "-q", "--no-header", *arguments], plugins=[results])
    lines = [f"{'#':>3}  {'SQLite':<7} {'PostgreSQL':<11} fault"]
    for number, row in ROWS.items():
        marks = [results.mark(number, database) for database in DATABASES]
        note = f"  (open: {row.open})" if row.open else ""
        lines.append(f"{number:>3}  {marks[0]:<7} {marks[1]:<11} {row.fault} → {row.expected}{note}")
    held = [number for number in ROWS if results.holds(number)]
    lines.append(f"{len(held)} of {len(ROWS)} rows hold")
    sys.stdout.write("\n".join(lines) + "\n")
    return len(ROWS) - len(held) - sum(bool(row.open) for row in ROWS.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
