"""Fixtures of all tests: a clock, and databases of both kinds."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from missing_parts import missing
from postgres_server import PostgresServer, find_binaries, hint, sync_url
from sqlalchemy import Connection, create_engine

from db import sqlite
from db.tables import metadata

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


# No test serves the page with the check-in code unless it asks for it: one port, many bots.
os.environ["BOT__WEB__PORT"] = "0"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it where hosts that are cut off were no hosts.

    That is no skip, and no fault of CI: against a machine that forbids namespaces no installing helps, and the same
    scenario has run behind proxies.
    """
    reports = [report for each in terminalreporter.stats.values() for report in each]
    if any("test_cut_off_hosts" in getattr(report, "nodeid", "") for report in reports):
        from lines import why_no_namespaces

        if why := why_no_namespaces():
            terminalreporter.write_line(f"no network namespaces here ({why}): hosts were cut off behind proxies only")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL server of our own, on a socket of its own, for the length of the test run."""
    if find_binaries() is None:
        missing(hint())
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, empty database."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    postgres_server.create_database(name)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: PostgresServer) -> str:
    """A database with all tables, which the `connection` tests share: each rolls back what it did."""
    postgres_server.create_database("shared")
    url = postgres_server.url("shared")
    engine = create_engine(sync_url(url))
    metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture(params=DATABASES)
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    """An open transaction on a database that has all tables and no rows; rolled back at the end."""
    if request.param == "sqlite":
        engine = sqlite.make_engine(tmp_path / "use_cases.sqlite3")
        metadata.create_all(engine)
    else:
        engine = create_engine(sync_url(request.getfixturevalue("_postgres_template")))
    with engine.connect() as opened, opened.begin() as transaction:
        yield opened
        transaction.rollback()
    engine.dispose()
