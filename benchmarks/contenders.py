"""Who is measured: each contender's command, settings, load and the rows it must leave behind.

A new one is one more entry of `CONTENDERS`; what it should reach is an entry of `goals.GOALS`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import seed
from benchmarks.updates import GROUP, Scenario

TOKEN = "700000001:AAbenchmarkbenchmarkbenchmarkbenchm"
FIRST_PERSON = 5_000_000_001
Variables = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Where one run happens: the server's address, a database file of its own, and who takes part."""

    server: str
    database: Path
    people: Sequence[int]

    @property
    def database_url(self) -> str:
        """Our bot's spelling; the baselines name SQLAlchemy's driver in theirs."""
        return f"sqlite:///{self.database}"


@dataclass(frozen=True)
class Contender:
    """One bot under one load.

    `prepare` readies its database and gives the button's callback data or the command's text. `count` is a
    query that must give the number of updates after the run; empty where nothing is kept. One that handles
    updates `one_at_a_time` gets fewer of them when answers take time: its rate stays the same, its run short.
    """

    name: str
    module: str
    variables: Callable[[Place], Variables]
    prepare: Callable[[Place], str]
    scenario: Scenario = Scenario.TAP
    count: str = ""
    one_at_a_time: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        """What to start."""
        return [sys.executable, "-m", self.module]

    def environment(self, place: Place) -> Variables:
        """What it is told besides the harness's own environment."""
        return self.variables(place) | dict(self.extra)

    def rows(self, place: Place) -> int | None:
        """Count what the run left in the database; None for a bot that keeps nothing."""
        if not self.count:
            return None
        with closing(sqlite3.connect(place.database)) as connection:
            return int(connection.execute(self.count).fetchone()[0])


def _baseline_variables(place: Place) -> Variables:
    url = f"sqlite+aiosqlite:///{place.database}"
    return {"BENCH_TOKEN": TOKEN, "BENCH_SERVER": place.server, "BENCH_DATABASE_URL": url}


def _our_variables(place: Place) -> Variables:
    return {
        "BOT_CONFIG": str(_no_settings(place)),
        "BOT__TELEGRAM__TOKEN": TOKEN,
        "BOT__TELEGRAM__BASE_URL": place.server,
        "BOT__DATABASE__URL": place.database_url,
    }


def _no_settings(place: Place) -> Path:
    """An empty settings file, so that a config.toml in the project's root changes nothing."""
    path = place.database.with_name("empty.toml")
    path.touch()
    return path


def _seeded(place: Place) -> str:
    return seed.prepare(place.database_url, place.people, int(str(GROUP["id"])))


def _baseline_tap(place: Place) -> str:
    return "checkin:1"


def _echo_command(place: Place) -> str:
    return "/me"


_BASELINES = "benchmarks.baselines"
_TYPICAL_ROWS = "SELECT count(*) FROM check_in JOIN user ON user.id = check_in.user_id"

CONTENDERS: tuple[Contender, ...] = (
    Contender("ours", "bot", _our_variables, _seeded, count=seed.COUNT_CHECK_INS),
    Contender(
        "ptb_echo_sequential",
        f"{_BASELINES}.ptb_echo_sequential",
        _baseline_variables,
        _baseline_tap,
        one_at_a_time=True,
    ),
    Contender(
        "ptb_typical_256",
        f"{_BASELINES}.ptb_typical",
        _baseline_variables,
        _baseline_tap,
        count=_TYPICAL_ROWS,
        extra={"BENCH_CONCURRENT_UPDATES": "256"},
    ),
    Contender(
        "ptb_typical_32",
        f"{_BASELINES}.ptb_typical",
        _baseline_variables,
        _baseline_tap,
        count=_TYPICAL_ROWS,
        extra={"BENCH_CONCURRENT_UPDATES": "32"},
    ),
    Contender(
        "aiogram_typical",
        f"{_BASELINES}.aiogram_typical",
        _baseline_variables,
        _baseline_tap,
        count=_TYPICAL_ROWS,
    ),
    Contender(
        "ptb_echo_command",
        f"{_BASELINES}.ptb_echo_sequential",
        _baseline_variables,
        _echo_command,
        scenario=Scenario.COMMAND,
        one_at_a_time=True,
    ),
)
