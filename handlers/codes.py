"""Check-in by code, QR code and place, in private; leaving early."""

from telegram import Update

import services.codes
import services.leaving_early
import services.session_pages
import services.venues
from chat import codes_cards as cards
from chat import session_pages_cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from domain.places import Position
from services.venues import VENUE

CODE = r"\d{4}"


async def show(_update: Update, context: Context, session_id: int) -> None:
    """⟦🔢 签到码⟧: the digits come as a message of their own, which changes by itself."""
    _require_private(context)
    await context.write(
        services.codes.show,
        session_id,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )
    await context.answer()


async def typed(_update: Update, context: Context, text: str) -> None:
    """Four digits in private."""
    result = await context.write(
        services.codes.typed, text, context.actor, context.moment, now=context.now, rules=context.world.rules
    )
    await context.reply(cards.tried(result, await context.words()))


async def scanned(_update: Update, context: Context, token: str) -> None:
    """The link behind a QR code."""
    result = await context.write(
        services.codes.scanned, token, context.actor, context.moment, now=context.now, rules=context.world.rules
    )
    await context.reply(cards.tried(result, await context.words()))


async def venue(_update: Update, context: Context, session_id: int) -> None:
    """⟦📍 签到位置⟧: from now on a place is taken in."""
    _require_private(context)
    facts = await context.write(services.venues.look, session_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.venue(facts, await context.words()))


async def venue_sent(update: Update, context: Context, session_id: int) -> None:
    """The leader's place."""
    where = _position(update)
    if where is None:
        raise Refusal("venue_needed")
    facts = await context.write(services.venues.sent, session_id, where, context.actor)
    await context.reply(cards.venue(facts, await context.words()))


async def venue_near(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦100 米⟧ …"""
    _require_private(context)
    facts = await context.write(services.venues.set_radius, session_id, number, context.actor)
    await context.answer()
    await context.edit(cards.venue(facts, await context.words()))


async def venue_off(_update: Update, context: Context, session_id: int) -> None:
    """⟦取消位置签到⟧."""
    _require_private(context)
    facts = await context.write(services.venues.clear, session_id, context.actor)
    await context.answer()
    await context.edit(cards.venue(facts, await context.words()))


async def located(update: Update, context: Context) -> None:
    """A member's place: judged, and forgotten."""
    where = _position(update)
    if where is None:
        raise Refusal("venue_needed")
    result = await context.write(
        services.venues.check_in,
        where,
        context.actor,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    await context.reply(cards.tried(services.codes.Tried("right", result), await context.words()))


async def leave_early(_update: Update, context: Context, session_id: int) -> None:
    """⟦🚪 我先走⟧."""
    _require_private(context)
    await context.write(
        services.leaving_early.leave, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    await _page(context, session_id, "leaving.done_toast")


async def stay(_update: Update, context: Context, session_id: int) -> None:
    """⟦↩️ 撤销⟧."""
    _require_private(context)
    await context.write(
        services.leaving_early.undo, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    await _page(context, session_id, "leaving.undone_toast")


async def _page(context: Context, session_id: int, toast: str) -> None:
    page = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    await context.answer((await context.personal_words())(toast))
    await context.edit(session_pages_cards.page(page, await context.words()))


def _position(update: Update) -> Position | None:
    location = update.message.location if update.message is not None else None
    if location is None:
        return None
    return Position(location.latitude, location.longitude, location.horizontal_accuracy or 0)


def _require_private(context: Context) -> None:
    """A button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "code": show,
        "venue": venue,
        "venue_near": venue_near,
        "venue_off": venue_off,
        "leave_early": leave_early,
        "stay": stay,
    },
    links={"q": scanned},
    inputs={VENUE: venue_sent},
    says={CODE: typed},
    location=located,
)
