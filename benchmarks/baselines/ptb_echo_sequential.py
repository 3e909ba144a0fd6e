"""Baseline: python-telegram-bot as it comes; answers taps, echoes texts, keeps nothing."""

from __future__ import annotations

from typing import Any

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from benchmarks.baselines.environment import RECORDED, SERVER, TOKEN


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a tap."""
    assert update.callback_query is not None
    await update.callback_query.answer(RECORDED)


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Send a text back."""
    assert update.message is not None
    assert update.message.text is not None
    await update.message.reply_text(update.message.text)


def main() -> None:
    """Poll until told to stop."""
    application: Application[Any, Any, Any, Any, Any, Any]
    application = Application.builder().token(TOKEN).base_url(f"{SERVER}/bot").build()
    application.add_handler(CallbackQueryHandler(answer))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
