"""The command: run the contenders in turn, several rounds, and print figures, ratios and goals."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks import report
from benchmarks.cases.running import CASES, Case, run_case
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.measure import SCRATCH, NewDatabase, Result, run_once

QUICK = 1000
WHOLE = 5000
Measured = Contender | Case
ALL: tuple[Measured, ...] = (*CONTENDERS, *CASES)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    names = [one.name for one in ALL]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"one round of {QUICK}: a first idea in a few minutes")
    parser.add_argument("--updates", type=int, metavar="N", help=f"how many people press at once ({WHOLE})")
    parser.add_argument("--rounds", type=int, metavar="R", help="runs of each, of which the median counts (3)")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"any of {', '.join(names)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every run's figures here")
    options = parser.parse_args(arguments)
    if options.updates is None:
        options.updates = QUICK if options.quick else WHOLE
    if options.rounds is None:
        options.rounds = 1 if options.quick else 3
    if options.updates < 1 or options.rounds < 1:
        parser.error("--updates and --rounds begin at 1")
    return options


async def measure(
    chosen: Sequence[Measured], updates: int, rounds: int, new_postgres: NewDatabase | None
) -> list[Result]:
    """Run all of them once a round, so that a slow minute of the machine meets each of them alike."""
    results = []
    for number in range(1, rounds + 1):
        for one in chosen:
            if isinstance(one, Case):
                outcome = await run_case(one, min(updates / WHOLE, 1.0))
            else:
                outcome = [await run_once(one, updates, new_postgres)]
            results += outcome
            for result in outcome:
                told = result.fault or (f"{result.rate:.0f}/s" if result.rate else f"{result.seconds:.4f} s")
                print(f"round {number}/{rounds}  {result.contender}: {told}", file=sys.stderr, flush=True)
    return results


@contextmanager
def _postgres(chosen: Sequence[Measured]) -> Iterator[NewDatabase | None]:
    """A server for those who want one, where it is installed; gives what makes an empty database on it."""
    servers = importlib.import_module("tests.postgres_server")  # by name: type checks know it as a top-level module
    if servers.find_binaries() is None or not any(isinstance(one, Contender) and one.postgres for one in chosen):
        yield None
        return
    SCRATCH.mkdir(parents=True, exist_ok=True)
    server, numbers = servers.PostgresServer(SCRATCH), count(1)
    server.start()

    def new() -> str:
        name = f"bench{next(numbers)}"
        server.create_database(name)
        return str(server.url(name))

    try:
        yield new
    finally:
        server.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 whatever the figures are, for this is a report and not a test."""
    options = parse(arguments)
    heading = report.heading(options.updates, options.rounds)
    chosen = [one for one in ALL if not options.only or one.name in options.only]
    with _postgres(chosen) as new_postgres:
        results = asyncio.run(measure(chosen, options.updates, options.rounds, new_postgres))
    by_name = report.medians(results)
    print(heading, end="\n\n")
    for part in (report.figures_table(by_name), report.cases_table(by_name), report.remarks(by_name)):
        print(part, end="\n\n")
    print(report.goals_table(by_name))
    if options.json:
        content = {"rounds": options.rounds, "runs": [result.as_json() for result in results]}
        options.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return 0
