"""Who is measured: each contender's command, settings, load and the rows it must leave behind.

A new one is one more entry of `CONTENDERS`; what it should reach is an entry of `goals.GOALS`.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import seed
from benchmarks.updates import GROUP, Scenario

TOKEN = "700000001:AAbenchmarkbenchmarkbenchmarkbenchm"
FIRST_PERSON = 5_000_000_001
DISTANT_MS = 50.0
PACE = 100.0
Variables = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Where one run happens: the server's address, a database of its own, and who takes part."""

    server: str
    folder: Path
    database_url: str
    people: Sequence[int]


@dataclass(frozen=True)
class Contender:
    """One bot under one load.

    `prepare` readies its database and gives the button's callback data or the command's text; `first` names one
    more button, see `Load`. `count` is a query that must give the number of updates after the run; empty where
    nothing is kept. One that handles updates `one_at_a_time` gets fewer of them when answers take time: its rate
    stays the same, its run short. `latency_ms` is added to every answer; with a `pace` updates come at so many a second
    instead of at once. `messages` is how many the bot sends by itself to so many people, 0 where it only answers.
    `updates` overrules the command line's number.
    """

    name: str
    module: str
    variables: Callable[[Place], Variables]
    prepare: Callable[[Place], str]
    scenario: Scenario = Scenario.TAP
    count: str = ""
    one_at_a_time: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    latency_ms: float = 0.0
    pace: float = 0.0
    updates: int = 0
    first: Callable[[], str] = str
    messages: Callable[[int], int] = lambda _people: 0
    postgres: bool = False

    def command(self) -> list[str]:
        """What to start."""
        return [sys.executable, "-m", self.module]

    def environment(self, place: Place) -> Variables:
        """What it is told besides the harness's own environment."""
        return self.variables(place) | dict(self.extra)


def _baseline_variables(place: Place) -> Variables:
    url = place.database_url.replace("sqlite://", "sqlite+aiosqlite://")
    return {"BENCH_TOKEN": TOKEN, "BENCH_SERVER": place.server, "BENCH_DATABASE_URL": url}


def _baseline_webhook(place: Place) -> Variables:
    return _baseline_variables(place) | {"BENCH_WEBHOOK_PORT": str(_free_port())}


def _our_variables(place: Place) -> Variables:
    return {
        "BOT_CONFIG": str(_no_settings(place)),
        "BOT__TELEGRAM__TOKEN": TOKEN,
        "BOT__TELEGRAM__BASE_URL": place.server,
        "BOT__DATABASE__URL": place.database_url,
        "BOT__WEB__PORT": str(_free_port()),
    }


def _our_webhook(place: Place) -> Variables:
    variables = _our_variables(place)
    return variables | {"BOT__WEBHOOK__URL": f"http://127.0.0.1:{variables['BOT__WEB__PORT']}/telegram"}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _no_settings(place: Place) -> Path:
    """An empty settings file, so that a config.toml in the project's root changes nothing."""
    path = place.folder / "empty.toml"
    path.touch()
    return path


def _seeded(place: Place) -> str:
    return seed.prepare(place.database_url, place.people, int(str(GROUP["id"])))


def _seeded_for_today(place: Place) -> str:
    _seeded(place)
    return "/today"


def _seeded_with_reminders(place: Place) -> str:
    return seed.prepare(place.database_url, place.people, int(str(GROUP["id"])), seed.add_reminders)


def _seeded_with_history(place: Place) -> str:
    return seed.prepare(place.database_url, place.people, int(str(GROUP["id"])), seed.add_history)


def _baseline_tap(place: Place) -> str:
    return "checkin:1"


def _echo_command(place: Place) -> str:
    return "/today"


_BASELINES = "benchmarks.baselines"
_ECHO = f"{_BASELINES}.ptb_echo_sequential"
_TYPICAL = f"{_BASELINES}.ptb_typical"
_AIOGRAM = f"{_BASELINES}.aiogram_typical"
_TYPICAL_ROWS = "SELECT count(*) FROM check_in JOIN user ON user.id = check_in.user_id"


def _ours(name: str, **different: object) -> Contender:
    values: dict[str, object] = {"variables": _our_variables, "prepare": _seeded, "count": seed.COUNT_CHECK_INS}
    return Contender(name, **{"module": "bot", **values, **different})  # type: ignore[arg-type]


def _typical(name: str, module: str, **different: object) -> Contender:
    return Contender(name, module, _baseline_variables, _baseline_tap, count=_TYPICAL_ROWS, **different)  # type: ignore[arg-type]


def _echo(name: str, **different: object) -> Contender:
    values: dict[str, object] = {"variables": _baseline_variables, "prepare": _baseline_tap, "one_at_a_time": True}
    return Contender(name, **{"module": _ECHO, **values, **different})  # type: ignore[arg-type]


_QUIET: dict[str, object] = {"pace": PACE, "updates": 1000, "prepare": _seeded_with_history}

CONTENDERS: tuple[Contender, ...] = (
    _ours("ours"),
    _echo("ptb_echo_sequential"),
    _typical("ptb_typical_256", _TYPICAL, extra={"BENCH_CONCURRENT_UPDATES": "256"}),
    _typical("ptb_typical_32", _TYPICAL, extra={"BENCH_CONCURRENT_UPDATES": "32"}),
    _typical("aiogram_typical", _AIOGRAM),
    _ours("ours_distant", latency_ms=DISTANT_MS),
    _typical("aiogram_distant", _AIOGRAM, latency_ms=DISTANT_MS),
    _ours("ours_webhook", variables=_our_webhook),
    _echo("ptb_echo_webhook", module=f"{_BASELINES}.ptb_echo_webhook", variables=_baseline_webhook),
    _ours("ours_command", module="benchmarks.unpaced", prepare=_seeded_for_today, scenario=Scenario.COMMAND, count=""),
    _echo("ptb_echo_command", prepare=_echo_command, scenario=Scenario.COMMAND),
    _ours("ours_postgres", postgres=True),
    _ours(
        "ours_reminders",
        prepare=_seeded_with_reminders,
        scenario=Scenario.SILENT,
        count="",
        updates=1200,
        messages=seed.reminders,
    ),
    _ours("ours_paced", **_QUIET),
    _ours("ours_paced_exporting", first=seed.export_button, **_QUIET),
)
