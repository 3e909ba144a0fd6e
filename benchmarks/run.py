"""The command: run the contenders in turn, several rounds, and print figures and ratios."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.measure import Result, run_once


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    names = [contender.name for contender in CONTENDERS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--updates", type=int, default=5000, metavar="N", help="how many people press at once")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="runs of each, of which the median counts")
    parser.add_argument("--latency-ms", type=float, default=0.0, metavar="L", help="added to every API answer")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"any of {', '.join(names)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every run's figures here")
    options = parser.parse_args(arguments)
    if options.updates < 1 or options.rounds < 1 or options.latency_ms < 0:
        parser.error("--updates and --rounds begin at 1, --latency-ms at 0")
    return options


async def measure(contenders: Sequence[Contender], updates: int, rounds: int, latency_ms: float) -> list[Result]:
    """Run all contenders once a round, so that a slow minute of the machine meets each of them alike."""
    results = []
    for number in range(1, rounds + 1):
        for contender in contenders:
            result = await run_once(contender, updates, latency_ms)
            results.append(result)
            outcome = result.fault or f"{result.rate:.0f}/s"
            print(f"round {number}/{rounds}  {contender.name}: {outcome}", file=sys.stderr, flush=True)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 whatever the figures are, for this is a report and not a test."""
    options = parse(arguments)
    heading = report.heading(options.updates, options.rounds, options.latency_ms)
    contenders = [one for one in CONTENDERS if not options.only or one.name in options.only]
    results = asyncio.run(measure(contenders, options.updates, options.rounds, options.latency_ms))
    by_name = report.medians(results)
    print(heading, end="\n\n")
    print(report.figures_table(by_name))
    print(report.remarks(by_name))
    print(report.goals_table(by_name, options.latency_ms))
    if options.json:
        runs = [result.as_json() for result in results]
        content = {"latency_ms": options.latency_ms, "rounds": options.rounds, "runs": runs}
        options.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return 0
