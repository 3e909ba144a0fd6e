"""The control of the kill runs: the same check-in on python-telegram-bot as it comes, with its own polling.

    python stock_control.py SERVER TOKEN DATABASE

It is as careful as such a program can be: committed to the disk before the tap is answered, repeats ignored,
and as many updates side by side as the real bot. The table is there already.
"""

import logging
import sqlite3
import sys
from typing import Any

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

WIDTH = 256


def main(server: str, token: str, path: str) -> None:
    """Poll until a signal."""
    logging.basicConfig(level=logging.WARNING)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")

    async def check_in(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        database.execute("INSERT OR IGNORE INTO attendance VALUES (?)", (query.from_user.id,))
        await query.answer("recorded")

    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder()
        .token(token)
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .concurrent_updates(WIDTH)
        .build()
    )
    application.add_handler(CallbackQueryHandler(check_in))
    application.run_polling()
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
