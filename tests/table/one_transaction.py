"""A database whose every change can be taken back: thousands of cells are tried on one and the same state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class OneTransaction:
    """The store as handlers see it, on one open connection; a use case that fails leaves nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def write(self, use_case: Callable[[Connection], T], *, lane: int = 0) -> T:
        """Run a use case in a savepoint."""
        with self.connection.begin_nested():
            return use_case(self.connection)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query."""
        return query(self.connection)

    @contextmanager
    def tried(self) -> Iterator[None]:
        """What happens inside is taken back."""
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()
