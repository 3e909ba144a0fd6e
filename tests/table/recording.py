"""A Telegram that says yes to everything and remembers what it was told: only the network is fake."""

from dataclasses import dataclass
from typing import Any

import orjson
from telegram.request import BaseRequest, RequestData

BOT = {"id": 700000009, "is_bot": True, "first_name": "学习助手", "username": "study_bot"}
TOKEN = f"{BOT['id']}:token-of-the-table"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API."""

    method: str
    values: dict[str, Any]


class Recorder(BaseRequest):
    """Answers as Telegram would; `admins` are the chats' administrators, the same in every chat."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.admins: list[dict[str, Any]] = []
        self._message_id = 1_000

    @property
    def read_timeout(self) -> float | None:
        """Nothing is waited for."""
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """Remember the call and say yes."""
        name = url.rpartition("/")[2]
        values = dict(request_data.parameters) if request_data is not None else {}
        self.calls.append(Call(name, values))
        return 200, orjson.dumps({"ok": True, "result": self._result(name, values)})

    def _result(self, name: str, values: dict[str, Any]) -> Any:
        if name == "getMe":
            return BOT
        if name == "getChatAdministrators":
            return [{"status": "administrator", "user": user, **_RIGHTS} for user in self.admins]
        if name == "getChat":
            return {"id": int(values["chat_id"]), "type": "supergroup", "title": "…", **_LOOKS}
        if name.startswith(("send", "edit")):
            self._message_id += 1
            chat = {"id": int(values["chat_id"]), "type": "private"}
            return {"message_id": self._message_id, "date": 1_790_000_000, "chat": chat, "text": "…"}
        return True


_LOOKS = {"accent_color_id": 0, "max_reaction_count": 11}
_RIGHTS = dict.fromkeys(
    (
        "can_be_edited",
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
    ),
    True,
) | {"is_anonymous": False}
