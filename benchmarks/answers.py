"""What the stand-in for the Bot API answers."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks.updates import BOT_USER, GROUP

TRUE = b'{"ok":true,"result":true}'
CONFLICT = b'{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}'


def ok(result: Any) -> bytes:
    return b'{"ok":true,"result":' + orjson.dumps(result) + b"}"


def fixed_answers() -> dict[str, bytes]:
    me = BOT_USER | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    chat = GROUP | {
        "accent_color_id": 1,
        "max_reaction_count": 11,
        "permissions": {"can_send_messages": True},
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            True,
        ),
    }
    return {
        "getMe": ok(me),
        "getMyCommands": ok([]),
        "getChatAdministrators": ok([member(int(str(BOT_USER["id"])))]),
        "getChatMemberCount": ok(5001),
        "getChat": ok(chat),
        "getWebhookInfo": ok({"url": "", "has_custom_certificate": False, "pending_update_count": 0}),
    }


def member(user_id: int) -> dict[str, Any]:
    if user_id != BOT_USER["id"]:
        user = {"id": user_id, "is_bot": False, "first_name": f"同学{user_id % 100_000}"}
        return {"status": "member", "user": user}
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
        "can_edit_stories can_delete_stories can_pin_messages"
    )
    return {"status": "administrator", "user": BOT_USER} | dict.fromkeys(rights.split(), True)


def flood(seconds: int) -> bytes:
    """The body of a 429."""
    return (
        b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d",'
        b'"parameters":{"retry_after":%d}}' % (seconds, seconds)
    )
