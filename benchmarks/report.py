"""From runs to medians, and from medians to the tables that people read."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from os import cpu_count, getloadavg
from statistics import median

from benchmarks.goals import GOALS
from benchmarks.measure import Result

_FIGURES = (
    "rate",
    "p50_ms",
    "p99_ms",
    "cpu_ms",
    "idle_mib",
    "peak_mib",
    "start_s",
    "share_of_limit",
    "seconds",
)
_HEAD = (
    "bot",
    "updates/s",
    "p50 ms",
    "p99 ms",
    "CPU ms/update",
    "idle MiB",
    "peak MiB",
    "start s",
    "rows",
)
_MEASURED_LIBRARIES = ("python-telegram-bot", "aiogram", "SQLAlchemy", "aiosqlite")


def medians(results: Iterable[Result]) -> dict[str, Result]:
    """Take each figure's median over a contender's good runs; a fault of any run is kept."""
    runs: dict[str, list[Result]] = {}
    for result in results:
        runs.setdefault(result.contender, []).append(result)
    return {name: _median(of_one) for name, of_one in runs.items()}


def _median(runs: Sequence[Result]) -> Result:
    good = [run for run in runs if run.measured] or runs
    figures = {name: median(getattr(run, name) for run in good) for name in _FIGURES}
    counts = {name: max(getattr(run, name) for run in runs) for name in ("duplicates", "redelivered", "refused")}
    faults = list(dict.fromkeys(run.fault for run in runs if run.fault))
    return replace(good[-1], **figures, **counts, fault="; ".join(faults))


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out as a Markdown table whose columns also line up in a terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def figures_table(by_name: Mapping[str, Result]) -> str:
    """Every contender's medians."""
    bots = [result for result in by_name.values() if not result.seconds]
    return table([_HEAD, *map(_figures_row, bots)]) if bots else ""


def cases_table(by_name: Mapping[str, Result]) -> str:
    """What was measured without a bot under load."""
    cases = [result for result in by_name.values() if result.seconds]
    rows = [
        (one.contender, f"{one.seconds * 1000:.2f}", f"{one.peak_mib:.1f}" if one.peak_mib else "–") for one in cases
    ]
    return table([("case", "ms", "more MiB"), *rows]) if rows else ""


def _figures_row(result: Result) -> tuple[str, ...]:
    if not result.rate:
        return (result.contender, *["–"] * 8)
    return (
        result.contender,
        f"{result.rate:.0f}",
        f"{result.p50_ms:.0f}",
        f"{result.p99_ms:.0f}",
        f"{result.cpu_ms:.2f}",
        f"{result.idle_mib:.0f}",
        f"{result.peak_mib:.0f}",
        f"{result.start_s:.2f}",
        "–" if result.rows is None else f"{result.rows}/{result.updates}",
    )


def remarks(by_name: Mapping[str, Result]) -> str:
    """One line for each contender that did not do all of its work, or did some of it twice."""
    lines = []
    for result in by_name.values():
        if result.fault:
            lines.append(f"{result.contender}: {result.fault}")
        if result.duplicates:
            lines.append(f"{result.contender}: {result.duplicates} answered twice")
    return "".join(f"{line}\n" for line in lines)


def goals_table(by_name: Mapping[str, Result]) -> str:
    """Every goal, with the value that this run measured."""
    rows: list[Sequence[str]] = [("figure", "of", "against", "measured", "goal", "reached")]
    measured = {name: result for name, result in by_name.items() if result.measured}
    for goal in GOALS:
        value = goal.value(measured)
        told, reached = (
            ("–", "–") if value is None else (f"{value:.2f}{goal.unit}", "yes" if goal.reached(value) else "no")
        )
        rows.append((goal.title, goal.contender, goal.against or "–", told, goal.bound(), reached))
    return table(rows)


def heading(updates: int, rounds: int) -> str:
    """What was measured, and on what."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _MEASURED_LIBRARIES)
    return (
        f"{updates} updates at once, {rounds} round(s) side by side, medians\n"
        f"{cpu_count()} cores, load {getloadavg()[0]:.1f} when it began, "
        f"CPython {platform.python_version()}, {libraries}"
    )
