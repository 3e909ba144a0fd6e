"""Runs a case in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE
from dataclasses import dataclass

from benchmarks.measure import ROOT, SCRATCH, Result


@dataclass(frozen=True)
class Case:
    """A module of this folder, and the names that it measures."""

    name: str
    measures: tuple[str, ...]


CASES = (
    Case("board", ("board_ours", "board_sql", "small_board_ours", "small_board_sql")),
    Case("export", ("export_ours", "export_xlsxwriter")),
)


async def run_case(case: Case, share: float) -> list[Result]:
    """Measure everything of a case once; what failed is a result too."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix=f"{case.name}-") as folder:
        command = [sys.executable, "-m", f"benchmarks.cases.{case.name}", folder, str(share)]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
        told, complaints = await process.communicate()
    if process.returncode:
        last = (complaints.decode(errors="replace").strip().splitlines() or ["(nothing)"])[-1]
        return [Result(name, 0, fault=last[:200]) for name in case.measures]
    return [Result(updates=0, **figures) for figures in json.loads(told)]
