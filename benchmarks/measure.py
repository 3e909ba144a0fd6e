"""One run of one contender: start it, feed it, watch its process, stop it, count what it kept."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from benchmarks import seed
from benchmarks.contenders import FIRST_PERSON, Contender, Place

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "data" / "benchmarks"
START_LIMIT = 60.0
STOP_LIMIT = 30.0
RUN_LIMIT = 300.0
SETTLE = 1.0  # seconds after the first poll and after the last answer, so that work done late is counted too
ONE_AT_A_TIME_WITH_LATENCY = 400
NewDatabase = Callable[[], str]
Event = dict[str, Any]  # what the server told
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Result:
    """What one run showed; `fault` says in a sentence what went wrong, empty if nothing did."""

    contender: str
    updates: int
    answered: int = 0
    duplicates: int = 0
    redelivered: int = 0
    rate: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_ms: float = 0.0
    idle_mib: float = 0.0
    peak_mib: float = 0.0
    start_s: float = 0.0
    rows: int | None = None
    share_of_limit: float = 0.0  # of the 30 messages a second that Telegram takes
    refused: int = 0  # messages answered with a 429
    seconds: float = 0.0  # of a case, which is no bot under load
    fault: str = ""

    @property
    def measured(self) -> bool:
        """Whether it gave figures at all."""
        return self.rate > 0 or self.seconds > 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class FailedRunError(Exception):
    """A run that gave no figures; its text says why."""


class ServerProcess:
    """The Bot API stand-in's standard input and output."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def order(self, do: str, **details: Any) -> None:
        """Send it one order."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **details}).encode() + b"\n")

    async def expect(self, event: str, limit: float) -> Event | None:
        """Read until it tells of `event`; None if that takes longer than `limit` seconds."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(limit):
                async for line in self._process.stdout:
                    told: Event = json.loads(line)
                    if told["event"] == event:
                        return told
        except TimeoutError:
            return None
        raise FailedRunError("the benchmark's server ended unexpectedly")


async def run_once(contender: Contender, updates: int, new_postgres: NewDatabase | None = None) -> Result:
    """Measure one contender once, in a fresh directory on disk; a failed run is a result too.

    `new_postgres` makes an empty PostgreSQL database for a contender that wants one.
    """
    updates = min(contender.updates, updates) if contender.messages(1) else contender.updates or updates
    if contender.latency_ms and contender.one_at_a_time:
        updates = min(updates, ONE_AT_A_TIME_WITH_LATENCY)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix=f"{contender.name}-") as directory:
        url = f"sqlite:///{Path(directory) / 'bench.db'}"
        try:
            if contender.postgres:
                if new_postgres is None:
                    raise FailedRunError("PostgreSQL's server is not installed")
                url = await asyncio.to_thread(new_postgres)
            return await _run_in(Path(directory), url, contender, updates)
        except FailedRunError as fault:
            return Result(contender.name, updates, fault=str(fault))


async def _run_in(directory: Path, url: str, contender: Contender, updates: int) -> Result:
    async with _server(contender.latency_ms) as server:
        listening = await server.expect("listening", START_LIMIT)
        if listening is None:
            raise FailedRunError("the benchmark's server did not start")
        people = range(FIRST_PERSON, FIRST_PERSON + updates)
        place = Place(f"http://127.0.0.1:{listening['port']}", directory, url, people)
        try:
            data = await asyncio.to_thread(contender.prepare, place)
        except Exception as fault:
            raise FailedRunError(f"not prepared: {fault}") from fault
        await _load(server, contender, updates, data)
        figures = await _watch(server, contender, place, directory / "log.txt")
        rows = await asyncio.to_thread(_count, contender, place) if contender.count else None
    return Result(contender.name, rows=rows, fault=_judge(figures, rows, updates), **figures)


def _count(contender: Contender, place: Place) -> int:
    try:
        return seed.count(place.database_url, contender.count)
    except (sqlite3.Error, DBAPIError) as fault:
        raise FailedRunError(f"its rows could not be counted: {fault}") from fault


async def _load(server: ServerProcess, contender: Contender, updates: int, data: str) -> None:
    scenario = contender.scenario.value
    server.order(
        "load",
        scenario=scenario,
        first_person=FIRST_PERSON,
        count=updates,
        data=data,
        first=contender.first(),
        pace=contender.pace,
        messages=contender.messages(updates),
    )
    if await server.expect("loaded", START_LIMIT) is None:
        raise FailedRunError("the updates could not be prepared in time")


async def _watch(server: ServerProcess, contender: Contender, place: Place, log: Path) -> dict[str, Any]:
    started = time.monotonic()
    async with _bot(contender, place, log) as bot:
        first_poll = await _while_alive(bot, server.expect("first_poll", START_LIMIT))
        if first_poll is None:
            raise FailedRunError(f"it never polled; its last words: {_last_line(log)}")
        await asyncio.sleep(SETTLE)
        idle, cpu_before = _memory(bot.pid, "VmRSS"), _cpu_seconds(bot.pid)
        server.order("release")
        await _while_alive(bot, server.expect("done", RUN_LIMIT))
        if bot.returncode is not None:
            raise FailedRunError(f"it ended in the middle; its last words: {_last_line(log)}")
        await asyncio.sleep(SETTLE)
        cpu, peak = _cpu_seconds(bot.pid) - cpu_before, _memory(bot.pid, "VmHWM")
    server.order("report")
    report = await server.expect("report", START_LIMIT)
    if report is None or not report["answered"]:
        raise FailedRunError(f"nothing was answered; its last words: {_last_line(log)}")
    figures = {key: value for key, value in report.items() if key not in ("event", "calls")}
    return figures | {
        "cpu_ms": cpu * 1000 / report["answered"],
        "idle_mib": idle,
        "peak_mib": peak,
        "start_s": first_poll["at"] - started,
    }


async def _while_alive(bot: Process, event: Coroutine[Any, Any, Event | None]) -> Event | None:
    """Wait for the server to tell something, or for the bot to end (None), whichever comes first."""
    told, ended = asyncio.create_task(event), asyncio.create_task(bot.wait())
    await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if told.done():
        return told.result()
    told.cancel()
    return None


def _judge(figures: dict[str, Any], rows: int | None, people: int) -> str:
    faults = []
    if figures["answered"] != figures["updates"]:
        faults.append(f"answered only {figures['answered']} of {figures['updates']}")
    if rows is not None and rows != people:
        faults.append(f"kept {rows} rows of {people}")
    if figures.get("refused"):
        faults.append(f"earned {figures['refused']} times a 429")
    return "; ".join(faults)


@asynccontextmanager
async def _server(latency_ms: float) -> AsyncIterator[ServerProcess]:
    command = [sys.executable, "-m", "benchmarks.telegram_server", str(latency_ms)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        yield ServerProcess(process)
    finally:
        await _stop(process)


@asynccontextmanager
async def _bot(contender: Contender, place: Place, log: Path) -> AsyncIterator[Process]:
    """Run the bot with no settings but the contender's own, and stop it as a service manager would."""
    inherited = {k: v for k, v in os.environ.items() if not k.upper().startswith(("BOT__", "BOT_CONFIG", "BENCH_"))}
    environment = inherited | contender.environment(place)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *contender.command(), cwd=ROOT, env=environment, stdin=DEVNULL, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            await _stop(process)


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_LIMIT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, its threads and the children it has waited for."""
    after_name = _proc(pid, "stat").rpartition(")")[2].split()
    return sum(map(int, after_name[11:15])) / _TICKS


def _memory(pid: int, field: str) -> float:
    """A line of /proc/PID/status in MiB: VmRSS is resident now, VmHWM was resident at most."""
    for line in _proc(pid, "status").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def _proc(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        raise FailedRunError("it ended in the middle") from None


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "(none)"
