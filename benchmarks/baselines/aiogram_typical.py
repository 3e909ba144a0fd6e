"""Baseline: a typical aiogram application with the SQLAlchemy ORM; every update is a task."""

from __future__ import annotations

import asyncio

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from benchmarks.baselines.environment import DATABASE_URL, RECORDED, SERVER, TOKEN
from benchmarks.baselines.tables import check_in, create_tables, make_engine

dispatcher = Dispatcher()


@dispatcher.callback_query()
async def on_tap(query: CallbackQuery, sessions: async_sessionmaker[AsyncSession]) -> None:
    """Record the check-in, then answer."""
    assert query.data is not None
    await check_in(sessions, query.data, query.from_user.id, query.from_user.full_name)
    await query.answer(RECORDED)


async def main() -> None:
    """Poll until told to stop."""
    engine = make_engine(DATABASE_URL)
    await create_tables(engine)
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(SERVER)))
    try:
        await dispatcher.start_polling(bot, sessions=async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
