"""The seeded year: it is full, it is the past as the use cases make it, and it never mixes with what is there."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, func, select

from bot.__main__ import main
from bot.seeding import cast, running, year
from bot.settings import Settings
from db.tables import attendance, delivery, duty_reason, long_leave, makeup, study_group, study_session
from domain.plan import PeriodState
from sandbox.app import create_app
from sandbox.testing import serve
from services import duties

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def played(connection: Connection, language: str, **shorter: Any) -> dict[str, int]:
    found = cast.read(language)
    people = {name: 1000 + number for number, name in enumerate(found.people)}
    groups = {group.name: -1000 - number for number, group in enumerate(found.groups)}
    rules = Settings().domain_rules()
    stage = year.Stage(people, groups, "study_sandbox_bot")
    told: list[float] = []
    play = year.Year(connection, found, stage, now=NOW, language=language, rules=rules, **shorter)
    made: dict[str, int] = play.play(told.append)
    assert told == sorted(told)
    assert 0 <= told[0] < 0.1 < 0.9 < told[-1] <= 1
    return made


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_year_is_full(connection: Connection, language: str) -> None:
    """One year takes seconds to play, so all that is to be seen of it is looked at together."""
    made = played(connection, language)
    it_is_lively(connection, made)
    the_paperwork_is_there(connection, language)
    nothing_of_the_past_is_sent(connection)


def it_is_lively(connection: Connection, made: dict[str, int]) -> None:
    assert made["groups"] == 3
    assert made["sessions"] > 80
    statuses = Counter(connection.execute(select(attendance.c.status)).scalars())
    assert set(statuses) == {"present", "late", "absent", "excused", "sitting_in"}
    assert statuses["present"] > statuses["late"] > 10
    held = connection.execute(select(func.count()).where(study_session.c.state == "closed")).scalar_one()
    coming = connection.execute(select(func.count()).where(study_session.c.starts_at > NOW)).scalar_one()
    assert held > 80
    assert coming >= 2
    branch = connection.execute(select(study_group.c.id).where(study_group.c.form == "branch")).scalar_one()
    plan = duties.year(connection, branch, 2026, NOW, Settings().domain_rules())
    assert {period.state for period in plan.periods} == set(PeriodState) - {PeriodState.NOT_DUE}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_month_is_lively(connection: Connection, language: str) -> None:
    made = played(connection, language, days=running.MONTH, weekly=True)
    assert (made["groups"], made["sessions"] >= 18) == (3, True)
    held = connection.execute(
        select(study_session.c.group_id, func.count()).where(study_session.c.state == "closed").group_by("group_id")
    ).all()
    assert len(held) == 3
    assert all(number >= 3 for _group, number in held)
    statuses = Counter(connection.execute(select(attendance.c.status)).scalars())
    assert {"present", "late", "absent", "excused"} <= set(statuses)
    first = connection.execute(select(func.min(study_session.c.starts_at))).scalar_one()
    assert NOW - timedelta(days=running.MONTH) <= first < NOW - timedelta(days=20)
    assert connection.execute(select(study_session.c.id).where(study_session.c.starts_at > NOW)).first()


def the_paperwork_is_there(connection: Connection, language: str) -> None:
    found = cast.read(language)
    written = connection.execute(select(study_session).where(study_session.c.decisions == found.decisions)).all()
    assert len(written) > 30
    assert all(row.agenda == found.agenda and row.host_id and row.recorder_id for row in written)
    now = [(row.done_at is not None, row.submitted_at is not None) for row in connection.execute(select(makeup))]
    assert Counter(now)[True, True] > 20
    assert Counter(now)[False, False] > 3
    away = connection.execute(select(long_leave)).one()
    assert (away.state, away.first_day < NOW.date() < away.last_day) == ("approved", True)
    led = connection.execute(select(study_session.c.speaker_id).where(study_session.c.kind == "study")).scalars().all()
    assert all(led)
    reasons = connection.execute(select(duty_reason.c.kind, duty_reason.c.note)).all()
    assert {row.note for row in reasons} == {found.reason_note}
    assert {"committee", "subgroup"} <= {row.kind for row in reasons}
    assert "theme_day" not in {row.kind for row in reasons}


def nothing_of_the_past_is_sent(connection: Connection) -> None:
    waiting = connection.execute(
        select(delivery.c.kind, study_session.c.ends_at)
        .outerjoin(study_session, study_session.c.id == delivery.c.session_id)
        .where(delivery.c.state == "pending")
    ).all()
    assert Counter(row.kind for row in waiting)["group_card"] == 3
    late = [row for row in waiting if row.ends_at is not None and row.ends_at <= NOW and row.kind != "makeup_reminder"]
    assert late == []
    assert connection.execute(select(delivery.c.id).where(delivery.c.state == "sent")).first() is None


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT__DATABASE__URL", f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    monkeypatch.setenv("BOT__SANDBOX__FOLDER", str(tmp_path / "sandbox"))
    return tmp_path


def seed(*options: str) -> Result:
    return CliRunner().invoke(main, ["seed", *options])


async def test_the_sandbox_has_the_people_and_their_groups(home: Path) -> None:
    found = await asyncio.to_thread(seed)
    assert found.exit_code == 0, found.output
    assert "李明" in found.output
    async with serve(create_app(data=home / "sandbox")) as sandbox:
        leader = await sandbox.person("李明")
        assert [group["title"] for group in await sandbox.groups(leader)] == ["综合事务中心党支部"]
        assert (await sandbox.updates())["pending"] == 0


def test_a_month_is_seeded_by_one_command(home: Path) -> None:
    month = seed("--month", "--language", "en")
    assert month.exit_code == 0, month.output
    assert int(month.output.split(" sessions")[0].split()[-1]) < 40  # a year has more than eighty


def test_it_is_not_mixed_with_what_is_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seed().exit_code == 0
    again = seed()
    assert again.exit_code == 1
    assert "the database is not empty" in again.output
    monkeypatch.setenv("BOT__DATABASE__URL", f"sqlite:///{home / 'other.sqlite3'}")
    assert "the sandbox has people already" in seed().output
    monkeypatch.setenv("BOT__TELEGRAM__TOKEN", "1:secret")
    assert "take telegram.token" in seed().output
