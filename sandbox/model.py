"""What the sandbox knows: people, chats, memberships, messages, files; and how the Bot API shows them."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChatType = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]


def shallow_row(thing: "User | Member | Post | Channel | StoredFile") -> Json:
    """The fields by name, not copied: values are written at once or never changed in place."""
    return {name: getattr(thing, name) for name in thing.__slots__}


ANONYMOUS_ADMIN: Json = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
# Whom messages are from that come in the name of a channel: written by its owner, and posted in it.
CHANNEL_WRITER: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
CHANNEL_POSTS: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
# What an appointment gives when nothing is said: everything but appointing others, as in Telegram's programs.
PRESET_RIGHTS = tuple(right for right in ADMIN_RIGHTS if right != "can_promote_members")
# Rights that the Bot API lists and that mean nothing here.
_UNUSED_RIGHTS = {
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
    "can_send_welcome_messages": False,
}


@dataclass(slots=True)
class User:
    """A person, or the bot. `started` and `blocked` describe the person's private chat with the bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    started: bool = False
    blocked: bool = False

    def view(self) -> Json:
        """The Bot API's User."""
        view: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                view[name] = value
        return view

    def as_chat(self) -> Json:
        """The Bot API's Chat of this person's private chat with the bot."""
        view = self.view()
        del view["is_bot"]
        view.pop("language_code", None)
        return {**view, "type": "private"}

    def row(self) -> Json:
        """What is stored."""
        return shallow_row(self)


@dataclass(slots=True)
class Member:
    """Somebody's standing in a group; who has left is kept, because Telegram still answers for them."""

    user_id: int
    status: Status
    rights: list[str] = field(default_factory=list)
    anonymous: bool = False
    title: str | None = None

    @property
    def inside(self) -> bool:
        """True for those who are in the group now."""
        return self.status not in ("left", "kicked")

    @property
    def is_admin(self) -> bool:
        """True for creator and administrators."""
        return self.status in ("creator", "administrator")

    def may(self, right: str) -> bool:
        """True if this admin has the right (a creator has all)."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def row(self) -> Json:
        """What is stored."""
        return shallow_row(self)

    def view(self, user: User, *, supergroup: bool) -> Json:
        """The Bot API's ChatMember."""
        view: Json = {"status": self.status, "user": user.view()}
        if self.status == "administrator":
            names = [r for r in ADMIN_RIGHTS if supergroup or r != "can_manage_topics"]
            rights = {right: right in self.rights for right in names}
            view |= {"can_be_edited": False, **rights, **_UNUSED_RIGHTS}
        elif self.status == "kicked":
            view["until_date"] = 0
        if self.is_admin:
            view["is_anonymous"] = self.anonymous
            if self.title:
                view["custom_title"] = self.title
        return view


@dataclass(slots=True)
class Post:
    """A message in a chat.

    `message` is the Bot API's object and is never changed in place: an edit puts a new one there, so that
    updates which carry the former one stay true. `author` is the real person, also behind an anonymous admin.
    `keyboard` is a reply keyboard, which the Bot API does not show in messages.
    """

    message: Json
    author: int
    silent: bool = False
    keyboard: Json | None = None

    @property
    def id(self) -> int:
        """The message's number in its chat."""
        return int(self.message["message_id"])

    def view(self) -> Json:
        """What a person's program knows of it."""
        extra: Json = {"silent": True} if self.silent else {}
        if self.keyboard:
            extra["reply_markup"] = self.keyboard
        return {**self.message, **extra}

    def row(self) -> Json:
        """What is stored."""
        return shallow_row(self)


@dataclass(slots=True)
class Chat:
    """A group, or the private chat of a person with the bot (which has that person's id)."""

    id: int
    type: ChatType
    title: str = ""
    is_forum: bool = False
    last_message_id: int = 0
    pinned: list[int] = field(default_factory=list)
    topics: dict[str, str] = field(default_factory=dict)
    closed_topics: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    migrated_from: int | None = None
    members: dict[int, Member] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        """True for a person's chat with the bot."""
        return self.type == "private"

    def view(self) -> Json:
        """The Bot API's Chat of a group (a private chat is shown by its person)."""
        view: Json = {"id": self.id, "title": self.title, "type": self.type}
        if self.is_forum:
            view["is_forum"] = True
        return view

    def member(self, user_id: int) -> Member | None:
        """The membership of somebody who is in the group now."""
        member = self.members.get(user_id)
        return member if member and member.inside else None

    def row(self) -> Json:
        """What is stored; members and messages have rows of their own."""
        kept = ("id", "type", "title", "is_forum", "last_message_id", "pinned", "topics", "closed_topics")
        return {name: getattr(self, name) for name in (*kept, "migrated_to", "migrated_from")}


@dataclass(slots=True)
class Channel:
    """A channel that the bot is not in. `group` is the supergroup that its posts come to; `posts` counts them."""

    id: int
    title: str
    owner: int
    group: int | None = None
    posts: int = 0

    def view(self) -> Json:
        """The Bot API's Chat."""
        return {"id": self.id, "title": self.title, "type": "channel"}

    def row(self) -> Json:
        """What is stored."""
        return shallow_row(self)


@dataclass(slots=True)
class StoredFile:
    """A file that somebody sent. `path` is what getFile tells; `width` and `height` are there for photos."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    size: int
    width: int = 0
    height: int = 0

    def as_document(self) -> Json:
        """The Bot API's Document."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_name": self.name,
            "mime_type": self.mime_type,
            "file_size": self.size,
        }

    def as_photo(self) -> list[Json]:
        """The Bot API's list of PhotoSize; the sandbox keeps one size."""
        names = {"file_id": self.file_id, "file_unique_id": self.unique_id}
        return [{**names, "width": self.width, "height": self.height, "file_size": self.size}]

    def row(self) -> Json:
        """What is stored."""
        return shallow_row(self)
