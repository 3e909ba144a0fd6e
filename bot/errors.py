"""The one error handler: a refusal becomes its sentence, a fault a reference code; the intake learns of it."""

import html
import secrets
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from telegram import Update

from chat.context import Context, taken
from chat.outgoing import Message
from db.batch import Unavailable
from domain.errors import Refusal
from services.inbox import AlreadyDone
from texts import Words

log = structlog.get_logger(__name__)


async def on_error(update: object, context: Context) -> None:
    """What follows an exception of a handler, in this order:

    1. An update that is done already, or a database out of reach: nothing is said, the intake goes on.
    2. A refusal: logged by its numbers; the person gets the sentence of its code.
    3. Anything else: logged with a reference; at the last try the person gets the reference.
    """
    taking = taken.get()
    error = context.error
    taking.failure = error
    if isinstance(error, AlreadyDone | Unavailable) or not isinstance(update, Update):
        return
    if isinstance(error, Refusal):
        # Who tried what in vain, by numbers: of somebody who forges buttons this is the only trace.
        log.info(
            "refused",
            update_id=taking.update_id,
            code=error.code,
            person=update.effective_user.id if update.effective_user else None,
            chat=update.effective_chat.id if update.effective_chat else None,
        )
        words = await context.personal_words() if update.callback_query else await context.words()
        await _say(update, context, refusal_text(words, error, context.world.rules.time_zone))
        return
    reference = secrets.token_hex(4)
    if error is not None:
        error.reference = reference  # type: ignore[attr-defined]  # the intake stores it with the update
    log.error(
        "update_failed",
        update_id=taking.update_id,
        reference=reference,
        error=type(error).__name__,
        exc_info=error,
    )
    if taking.last_try and update.effective_user is not None:
        words = await context.personal_words() if update.callback_query else await context.words()
        await _say(update, context, words("error.unexpected", reference=reference))


def refusal_text(words: Words, refusal: Refusal, zone: str) -> str:
    """The sentence of a refusal; moments among its values are put into words in `zone`, or in their own."""
    values: dict[str, Any] = dict(refusal.params)
    there = ZoneInfo(str(values.pop("zone", zone)))
    for key, value in values.items():
        if isinstance(value, datetime):
            values[key] = words.when(value if value.tzinfo else value.replace(tzinfo=there), there)
        elif isinstance(value, date):
            values[key] = words.date(datetime.combine(value, time(), there), there)
    return words(f"refusal.{refusal.code}", **values)


async def _say(update: Update, context: Context, text: str) -> None:
    if update.callback_query is not None:
        await context.answer(text[:200], alert=True)
        return
    reply_to = update.message.message_id if update.message else None
    await context.reply(Message(html.escape(text, quote=False), reply_to=reply_to))
