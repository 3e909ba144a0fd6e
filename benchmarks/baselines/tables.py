"""The typical bots' database: two ORM tables on SQLite through aiosqlite, one commit a check-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, UniqueConstraint, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The mapped classes' base."""


class User(Base):
    """A person who pressed the button at least once."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str]


class CheckIn(Base):
    """One person's presence in one session."""

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("session_name", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    session_name: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def make_engine(url: str) -> AsyncEngine:
    """Open the database in WAL mode.

    One connection in the pool: with more, SQLite refuses the second writer with "database is locked" and
    check-ins are lost. Queueing in the pool is the kindest setting for the baseline, and also its fastest.
    """
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=300)

    @event.listens_for(engine.sync_engine, "connect")
    def _set_pragmas(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


async def create_tables(engine: AsyncEngine) -> None:
    """Create what is missing."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


async def check_in(sessions: async_sessionmaker[AsyncSession], session_name: str, telegram_id: int, name: str) -> None:
    """Record a check-in in a transaction of its own, creating the person at the first one."""
    async with sessions() as session:
        user = await session.scalar(select(User).where(User.telegram_id == telegram_id))
        if user is None:
            user = User(telegram_id=telegram_id, name=name)
            session.add(user)
            await session.flush()
        session.add(CheckIn(session_name=session_name, user_id=user.id, created_at=datetime.now(UTC)))
        await session.commit()
