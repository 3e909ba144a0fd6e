"""Sandbox, bot and control as processes of their own, so that one can be killed and the others live."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.client import SandboxClient

ROOT = Path(__file__).parents[2]
TOKEN = "700000002:token-of-the-kill-runs"


@asynccontextmanager
async def sandbox_process(*program: str) -> AsyncIterator[SandboxClient]:
    """`python -m sandbox`, everything in its memory, until the block ends; or another program that is one."""
    arguments = program or ("-m", "sandbox", "--port", "0", "--token", TOKEN)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=PIPE)
    try:
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert "listening on" in said, "the sandbox did not start"
        async with SandboxClient(said.split()[-1]) as sandbox:
            yield sandbox
    finally:
        await _end(process, signal.SIGTERM)


class Killable:
    """A program that is started, killed and started again. Use it in an `async with`."""

    def __init__(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path, place: tuple[str, ...] = ()
    ) -> None:
        self._command = (*place, sys.executable, *arguments)
        self._environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self._log = log
        self._process: Process | None = None

    async def __aenter__(self) -> "Killable":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, **more: str) -> None:
        """Start it (again), with `more` in its environment this once; what it says is added to the log."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=ROOT,
                env={**self._environment, **more},
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to do anything any more."""
        assert self._process is not None
        assert self._process.returncode is None, self._log.read_text()[-4000:]
        await _end(self._process, signal.SIGKILL)
        assert self._process.returncode == -signal.SIGKILL

    async def dies(self, *, within: float = 60) -> None:
        """Wait until it kills itself at a point of db/kill_points.py."""
        assert self._process is not None
        code = await asyncio.wait_for(self._process.wait(), within)
        assert code == -signal.SIGKILL, self._log.read_text()[-4000:]

    async def died(self, *, within: float) -> bool:
        """Whether it kills itself within so many seconds."""
        assert self._process is not None
        try:
            await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            return False
        assert self._process.returncode == -signal.SIGKILL, self._log.read_text()[-4000:]
        return True

    async def halts(self, *, within: float = 60) -> None:
        """Wait until it halts itself at a point of db/kill_points.py (`FAULT_STOP`)."""
        assert self._process is not None
        options = os.WSTOPPED | os.WEXITED | os.WNOWAIT
        waiting = asyncio.to_thread(os.waitid, os.P_PID, self._process.pid, options)
        found = await asyncio.wait_for(waiting, within)
        assert found is not None
        assert found.si_code == os.CLD_STOPPED, self._log.read_text()[-4000:]

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> None:
        """SIGTERM: it finishes what it has."""
        if self._process is not None:
            if self._process.returncode is None:
                self._process.send_signal(signal.SIGCONT)  # where it was halted it could not hear the other
            await _end(self._process, signal.SIGTERM)


def bot_process(
    sandbox_url: str, database_url: str, folder: Path, place: tuple[str, ...] = (), **more: str
) -> Killable:
    """The real bot, `python -m bot run`, on that server and database, with no other settings than `more` of them.

    `place` is the command that puts it elsewhere, into a network namespace for example.
    """
    settings = folder / "config.toml"
    settings.touch()
    environment = {
        "BOT_CONFIG": str(settings),
        "BOT__TELEGRAM__TOKEN": TOKEN,
        "BOT__TELEGRAM__BASE_URL": sandbox_url,
        "BOT__DATABASE__URL": database_url,
        "BOT__LOG__LEVEL": "warning",
        **more,
    }
    return Killable(("-m", "bot", "run"), environment, folder / "bot.log", place)


def control_process(sandbox_url: str, database: Path, folder: Path) -> Killable:
    """The stock-polling control."""
    program = str(Path(__file__).with_name("stock_control.py"))
    return Killable((program, sandbox_url, TOKEN, str(database)), {}, folder / "control.log")


async def _end(process: Process, number: signal.Signals) -> None:
    if process.returncode is None:
        process.send_signal(number)
    try:
        await asyncio.wait_for(process.wait(), 30)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
