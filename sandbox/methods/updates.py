"""getUpdates and the webhook's settings, getMe, and answers to taps."""

import re
from typing import Any

from sandbox import utf16
from sandbox.errors import ApiError, bad_request
from sandbox.methods.registry import method
from sandbox.model import Json
from sandbox.params import Params
from sandbox.update_queue import allowed_kinds
from sandbox.world import World

MAX_POLL_SECONDS = 50
_MAX_ANSWER = 200
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_LAST_ERROR = ("last_error_date", "last_error_message")
_WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@method("getMe", recorded=False)
def get_me(world: World, params: Params) -> Json:
    """The bot itself, with what only it is told."""
    return {
        **world.bot.view(),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("getUpdates", recorded=False)
async def get_updates(world: World, params: Params) -> list[Json]:
    """Acknowledge what is below `offset`, then wait for what comes."""
    if world.webhook["url"]:
        raise ApiError(409, _WEBHOOK_IS_SET)
    limit = min(max(params.whole("limit", 100) or 100, 1), 100)
    timeout = min(max(params.whole("timeout", 0) or 0, 0), MAX_POLL_SECONDS)
    kinds = allowed_kinds(params.json("allowed_updates"))
    if kinds is not None and kinds != world.updates.allowed:
        world.updates.allow(kinds)
    if world.updates.confirm(params.whole("offset", 0) or 0):
        world.feed.tell("acknowledged", up_to=world.updates.confirmed_up_to, pending=len(world.updates.pending))
    if timeout and not world.updates.pending:
        world.feed.tell("polling")
    return await world.updates.poll(limit, timeout)


@method("setWebhook")
def set_webhook(world: World, params: Params) -> bool:
    """Bring updates to this address from now on (called only if it is on this computer)."""
    url = params.text("url")
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    world.webhook = {"url": url, "secret": secret}
    _settle_webhook(world, params)
    return True


@method("deleteWebhook")
def delete_webhook(world: World, params: Params) -> bool:
    """Back to polling."""
    world.webhook = {"url": ""}
    _settle_webhook(world, params)
    return True


def _settle_webhook(world: World, params: Params) -> None:
    kinds = allowed_kinds(params.json("allowed_updates"))
    if kinds is not None:
        world.updates.allow(kinds)
    if params.flag("drop_pending_updates"):
        world.updates.clear()
    world.keep_settings()
    world.updates.news.beat()
    world.feed.tell("bot")


@method("getWebhookInfo", recorded=False)
def get_webhook_info(world: World, params: Params) -> Json:
    """The webhook's settings."""
    info: Json = {
        "url": world.webhook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    info |= {name: world.webhook[name] for name in _LAST_ERROR if name in world.webhook}
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info


@method("close")
@method("logOut")
def log_out(world: World, params: Params) -> bool:
    """Nothing to let go of here."""
    return True


@method("answerCallbackQuery")
def answer_callback_query(world: World, params: Params) -> bool:
    """Show the one who pressed what the bot says."""
    text, url = params.text("text"), params.text("url")
    if utf16.length(text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith(
        (f"https://t.me/{world.bot.username}?start=", f"tg://resolve?domain={world.bot.username}")
    ):
        raise bad_request("URL_INVALID")
    answer: Json = {"text": text or None, "show_alert": params.flag("show_alert"), "url": url or None}
    tap, repeated = world.taps.answer(params.text("callback_query_id"), answer)
    params.notes = {
        "user": tap.user_id,
        "chat": tap.chat_id,
        "message_id": tap.message_id,
        "repeated": repeated,
    }
    if not repeated:
        where: dict[str, Any] = {"query_id": tap.id, "user": tap.user_id, "chat": tap.chat_id}
        world.feed.tell("answer", **where, message_id=tap.message_id, **answer)
    return True
