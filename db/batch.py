"""Runs waiting use cases as one transaction: each in its own SAVEPOINT, results given out after the COMMIT."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_PASSING_SQLITE = tuple(f"SQLITE_{name}" for name in ("BUSY", "LOCKED", "FULL", "IOERR", "CANTOPEN", "NOMEM"))
# Of PostgreSQL's SQLSTATE: connection lost, out of resources, idle for too long, server going down or coming up.
_PASSING_POSTGRES = ("08", "53", "25P03", "57P")


class Unavailable(Exception):
    """The database did not take a use case: it is locked, full, or out of reach. Nothing of it is committed,
    unless the connection was lost in the very moment of the COMMIT; a use case that may be rerun then must
    know itself again (an update does, by its inbox row)."""


@dataclass(slots=True)
class Work:
    """A use case that waits for its turn, and the future that its caller awaits."""

    run: Callable[[Connection], Any]
    answer: asyncio.Future[Any]


class Outcome:
    """What a use case came to: a result or an error, kept until the COMMIT."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any = None, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error

    def tell(self, answer: asyncio.Future[Any]) -> None:
        """Give it to the caller, unless they have stopped waiting."""
        if answer.done():
            return
        if self.error is not None:
            answer.set_exception(self.error)
        else:
            answer.set_result(self.value)


def tell_all(batch: Sequence[Work], outcomes: Sequence[Outcome]) -> None:
    """Give each its outcome; in the event loop's thread."""
    for work, outcome in zip(batch, outcomes, strict=True):
        outcome.tell(work.answer)


class BatchLost(Exception):
    """The whole transaction is gone (disk full, deadlock, a lost connection): each is to be rerun singly."""


def run_batch(connection: Connection, batch: Sequence[Work]) -> list[Outcome]:
    """Run the use cases in order and commit them together.

    A use case that raises is rolled back alone. Raises BatchLost where the transaction as a whole is gone.
    """
    try:
        with connection.begin():
            return [_run_one(connection, work) for work in batch]
    except DBAPIError as error:
        raise BatchLost from error


def run_single(connection: Connection, work: Work, *, tries: int = 5) -> Outcome:
    """Run one use case in a transaction of its own; a deadlock or a serialisation failure is tried again."""
    for left in reversed(range(tries)):
        try:
            with connection.begin():
                return Outcome(work.run(connection))
        except DBAPIError as error:
            if error.connection_invalidated or not left or not is_conflict(error):
                return Outcome(error=unavailable(error))
        except Exception as error:
            return Outcome(error=error)
    raise AssertionError("the last try returns")


def is_conflict(error: DBAPIError) -> bool:
    """Whether PostgreSQL asks for another try: 40P01 deadlock, 40001 serialisation failure."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


def _run_one(connection: Connection, work: Work) -> Outcome:
    _say(connection, "SAVEPOINT use_case")
    try:
        value = work.run(connection)
    except DBAPIError as error:
        if is_conflict(error) or _is_transaction_gone(connection, error):
            raise
        _say(connection, "ROLLBACK TO SAVEPOINT use_case")
        return Outcome(error=unavailable(error))
    except Exception as error:
        _say(connection, "ROLLBACK TO SAVEPOINT use_case")
        return Outcome(error=error)
    _say(connection, "RELEASE SAVEPOINT use_case")
    return Outcome(value)


def _say(connection: Connection, statement: str) -> None:
    """A bare statement; straight to SQLite's driver, where SQLAlchemy's way around it would cost more than it."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]
    else:
        connection.exec_driver_sql(statement)


def _is_transaction_gone(connection: Connection, error: DBAPIError) -> bool:
    """SQLite rolls everything back by itself when the disk is full or fails; then no SAVEPOINT is left."""
    if error.connection_invalidated:
        return True
    return getattr(connection.connection.driver_connection, "in_transaction", True) is False


def passes(error: DBAPIError) -> bool:
    """Whether the fault lies in the moment and not in the statement: locked, full, out of reach, a conflict."""
    if error.connection_invalidated or is_conflict(error):
        return True
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return name.startswith(_PASSING_SQLITE) or state.startswith(_PASSING_POSTGRES)


def unavailable(error: Exception) -> Exception:
    """A fault of the moment as Unavailable; a broken statement or constraint stays what it is."""
    if isinstance(error, DBAPIError) and not passes(error):
        return error
    wrapped = Unavailable(type(getattr(error, "orig", error)).__name__)
    wrapped.__cause__ = error
    return wrapped
