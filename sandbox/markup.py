"""Keyboards: what Telegram accepts under a message, and its refusals."""

from typing import Any

from sandbox.errors import bad_request
from sandbox.model import Json

MAX_BUTTONS = 100
MAX_IN_A_ROW = 8
_KINDS = (
    "callback_data",
    "url",
    "login_url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_REPLY_KEYBOARDS = ("keyboard", "remove_keyboard", "force_reply")
_SCHEMES = ("http://", "https://", "tg://", "ton://")


def check(markup: Any, *, private: bool) -> tuple[Json | None, Json | None]:
    """(inline keyboard, reply keyboard) of a `reply_markup`, each None if absent or empty."""
    if markup is None or markup == {}:
        return None, None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if any(kind in markup for kind in _REPLY_KEYBOARDS):
        return None, _reply_keyboard(markup, private=private)
    rows = [[_button(button, private=private) for button in row] for row in _rows(markup.get("inline_keyboard"))]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_IN_A_ROW for row in rows):
        raise bad_request("reply markup is too long")
    return ({"inline_keyboard": rows} if rows else None), None


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse inline keyboard: array of buttons expected")
    return rows


def _button(button: Any, *, private: bool) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    kinds = [kind for kind in _KINDS if button.get(kind) is not None]
    if len(kinds) != 1:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    _check_value(kinds[0], button[kinds[0]], private=private)
    if button.get("style") not in (None, "primary", "success", "danger"):
        raise bad_request("invalid button style specified")
    return {key: value for key, value in button.items() if value is not None}


def _check_value(kind: str, value: Any, *, private: bool) -> None:
    if kind == "callback_data" and not (isinstance(value, str) and 1 <= len(value.encode()) <= 64):
        raise bad_request("BUTTON_DATA_INVALID")
    if kind == "url" and not (isinstance(value, str) and value.startswith(_SCHEMES)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: wrong HTTP URL")
    if kind == "web_app" and not private:
        raise bad_request("BUTTON_TYPE_INVALID")
    if kind == "copy_text" and not 1 <= len(value.get("text", "")) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if kind in ("callback_game", "pay"):
        raise bad_request("BUTTON_TYPE_INVALID")


def _reply_keyboard(markup: Json, *, private: bool) -> Json:
    for row in markup.get("keyboard", []):
        for button in row:
            if (
                isinstance(button, dict)
                and not private
                and ("request_contact" in button or "request_location" in button)
            ):
                wanted = "phone number" if "request_contact" in button else "location"
                raise bad_request(f"{wanted} can be requested in private chats only")
    return markup
