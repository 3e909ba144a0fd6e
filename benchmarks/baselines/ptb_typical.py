"""Baseline: a typical python-telegram-bot application with the SQLAlchemy ORM and concurrent updates."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import async_sessionmaker
from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

from benchmarks.baselines.environment import CONCURRENT_UPDATES, DATABASE_URL, RECORDED, SERVER, TOKEN
from benchmarks.baselines.tables import check_in, create_tables, make_engine

engine = make_engine(DATABASE_URL)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def on_tap(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Record the check-in, then answer."""
    query = update.callback_query
    assert query is not None
    assert query.data is not None
    await check_in(sessions, query.data, query.from_user.id, query.from_user.full_name)
    await query.answer(RECORDED)


async def prepare(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Create the tables before the first poll."""
    await create_tables(engine)


async def close(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Close the database after the last update."""
    await engine.dispose()


def main() -> None:
    """Poll until told to stop."""
    builder = Application.builder().token(TOKEN).base_url(f"{SERVER}/bot")
    builder = builder.concurrent_updates(CONCURRENT_UPDATES).post_init(prepare).post_shutdown(close)
    application = builder.build()
    application.add_handler(CallbackQueryHandler(on_tap))
    application.run_polling()


if __name__ == "__main__":
    main()
