"""Everything the sandbox holds, how it is found, and how it is kept."""

import secrets
from collections.abc import Iterable
from pathlib import PurePath

from sandbox.clock import Clock
from sandbox.errors import ApiError, RefusedError, bad_request, forbidden
from sandbox.faults import Faults
from sandbox.feed import Feed
from sandbox.incidents import Incidents
from sandbox.ledger import Ledger
from sandbox.model import Channel, Chat, Json, Member, Post, StoredFile, User
from sandbox.pictures import size_of
from sandbox.store import Store
from sandbox.taps import Taps
from sandbox.update_queue import UpdateQueue

BOT_USERNAME = "study_sandbox_bot"
_FIRST_PERSON = 5_000_000_001
_FIRST_GROUP = 4_000_000_001
_FIRST_SUPERGROUP = 2_000_000_001


class InvalidTokenError(ValueError):
    """A bot's token is its number, a colon and a secret."""


class World:
    """The state of one bot's Telegram: this class finds and keeps, the modules of acts change."""

    def __init__(self, token: str, store: Store, *, privacy: bool = True, query_ttl: float = 60.0) -> None:
        if not token.partition(":")[0].isdigit() or not token.partition(":")[2]:
            raise InvalidTokenError("a token looks like 123456:secret")
        self.token = token
        self.store = store
        self.feed = Feed()
        self.ledger = Ledger()
        self.faults = Faults()
        self.incidents = Incidents()
        self.taps = Taps(query_ttl)
        self.hints: Json = {}  # what the bot tells the page; the bot tells it anew after a restart
        self.clock = Clock()
        self._privacy = privacy
        self._begin()

    def _begin(self) -> None:
        self.updates = UpdateQueue(self.store)
        bot_id = int(self.token.partition(":")[0])
        self.bot = User(bot_id, "学习助手", username=BOT_USERNAME, is_bot=True)
        self._bot_id = bot_id
        self.privacy = self._privacy
        self.people: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.channels: dict[int, Channel] = {}
        self.files: dict[str, StoredFile] = {}
        self.paths: dict[str, StoredFile] = {}
        self.commands: dict[str, list[Json]] = {}
        self.names: dict[str, str] = {}
        self.menu_buttons: dict[str, Json] = {}
        self.webhook: Json = {"url": ""}
        self.votes: dict[str, dict[str, list[int]]] = {}  # by poll and person: the options chosen
        self.last_basic_message_id = 0
        self._next = {"person": _FIRST_PERSON, "group": _FIRST_GROUP, "supergroup": _FIRST_SUPERGROUP, "poll": 1}

    # Finding

    def user(self, user_id: int) -> User | None:
        """A person or the bot."""
        return self.bot if user_id == self.bot.id else self.people.get(user_id)

    def person(self, user_id: object) -> User:
        """A person by id, for the control side. Raises RefusedError 404."""
        person = self.people.get(user_id) if isinstance(user_id, int) else None
        if person is None:
            raise RefusedError(f"there is no person {user_id}", 404)
        return person

    def anyone(self, user_id: object) -> User:
        """A person or the bot, for the control side. Raises RefusedError 404."""
        return self.bot if user_id == self.bot.id else self.person(user_id)

    def place(self, chat_id: object) -> Chat:
        """A chat by id, for the control side. Raises RefusedError 404."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise RefusedError(f"there is no chat {chat_id}", 404)
        return chat

    def channel(self, channel_id: object) -> Channel:
        """A channel by id, for the control side. Raises RefusedError 404."""
        channel = self.channels.get(channel_id) if isinstance(channel_id, int) else None
        if channel is None:
            raise RefusedError(f"there is no channel {channel_id}", 404)
        return channel

    def chat(self, chat_id: int) -> Chat:
        """A chat as the bot names it. Raises ApiError: not found, or upgraded to a supergroup."""
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, text, {"migrate_to_chat_id": chat.migrated_to})
        return chat

    def reachable(self, chat_id: int) -> Chat:
        """A chat the bot may write to. Raises ApiError with the reason if it may not."""
        chat = self.chat(chat_id)
        if chat.is_private:
            person = self.people[chat.id]
            if person.blocked:
                raise forbidden("bot was blocked by the user")
            if not person.started:
                raise forbidden("bot can't initiate conversation with a user")
        else:
            self._require_inside(chat)
        return chat

    def _require_inside(self, chat: Chat) -> None:
        member = chat.members.get(self.bot.id)
        if member and member.inside:
            return
        if member and member.status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        raise forbidden(f"bot is not a member of the {chat.type} chat")

    def bot_member(self, chat: Chat) -> Member | None:
        """The bot's membership of a group it is in."""
        return chat.member(self.bot.id)

    def chat_view(self, chat: Chat) -> Json:
        """The Bot API's Chat."""
        return self.people[chat.id].as_chat() if chat.is_private else chat.view()

    def seen_by(self, person: User) -> Iterable[Chat]:
        """The chats in that person's list: the private one with the bot, and groups the person is in."""
        for chat in self.chats.values():
            if chat.id == person.id or (chat.member(person.id) and not chat.migrated_to):
                yield chat

    # Making and keeping

    def new_id(self, kind: str) -> int:
        """The next free id: of a "person", a "group", a "supergroup" or a "channel", which counts with the latter."""
        counted = "supergroup" if kind == "channel" else kind
        number = self._next[counted]
        self._next[counted] += 1
        self.keep_settings()
        return {"person": number, "group": -number, "supergroup": -1_000_000_000_000 - number}[counted]

    def new_poll_id(self) -> int:
        """The next free number of a poll."""
        number = self._next["poll"]
        self._next["poll"] += 1
        self.keep_settings()
        return number

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves; private chats and basic groups share the bot's own count."""
        if chat.type == "supergroup":
            chat.last_message_id += 1
            return chat.last_message_id
        self.last_basic_message_id += 1
        chat.last_message_id = self.last_basic_message_id
        return self.last_basic_message_id

    def keep_person(self, person: User) -> None:
        """Note a changed person."""
        self.store.put("person", person.id, person)

    def keep_chat(self, chat: Chat) -> None:
        """Note a changed chat (members and posts have their own)."""
        self.store.put("chat", chat.id, chat)

    def keep_channel(self, channel: Channel) -> None:
        """Note a changed channel."""
        self.store.put("channel", channel.id, channel)

    def keep_member(self, chat: Chat, member: Member) -> None:
        """Note a changed membership."""
        self.store.put("member", f"{chat.id}:{member.user_id}", {"chat": chat.id, **member.row()})

    def keep_post(self, chat: Chat, post: Post) -> None:
        """Put a post, new or edited, into its chat."""
        chat.posts[post.id] = post
        self.store.put("post", f"{chat.id}:{post.id}", {"chat": chat.id, **post.row()})
        self.keep_chat(chat)

    def drop_post(self, chat: Chat, message_id: int) -> None:
        """Take a post out of its chat."""
        del chat.posts[message_id]
        self.store.drop("post", f"{chat.id}:{message_id}")

    def keep_settings(self) -> None:
        """Note what belongs to no single chat."""
        self.store.put("settings", "", self)

    def row(self) -> Json:
        """The settings that are stored."""
        return {
            "offset_seconds": self.clock.offset_seconds,
            "bot_id": self.bot.id,
            "privacy": self.privacy,
            "commands": self.commands,
            "names": self.names,
            "menu_buttons": self.menu_buttons,
            "webhook": self.webhook,
            "last_basic_message_id": self.last_basic_message_id,
            "next": self._next,
        }

    async def add_file(self, name: str, mime_type: str, content: bytes) -> StoredFile:
        """Keep a file that somebody sent."""
        number = len(self.files) + 1
        folder = "photos" if mime_type.startswith("image/") else "documents"
        path = f"{folder}/file_{number}{PurePath(name).suffix.lower()}"
        width, height = size_of(content)
        unique = secrets.token_urlsafe(12)
        identifier = f"BQACAgUAAx{secrets.token_urlsafe(30)}"
        file = StoredFile(identifier, unique, path, name, mime_type, len(content), width, height)
        await self.store.write_file(path, content)
        self._index_file(file)
        self.store.put("file", file.file_id, file)
        return file

    def _index_file(self, file: StoredFile) -> None:
        self.files[file.file_id] = file
        self.paths[file.path] = file

    def load(self) -> bool:
        """Read what an earlier process left; False if there is nothing."""
        self.updates.load()
        for row in self.store.rows("settings"):
            self._load_settings(row)
        for row in self.store.rows("person"):
            self.people[row["id"]] = User(**row)
        for row in self.store.rows("chat"):
            self.chats[row["id"]] = Chat(**row)
        for row in self.store.rows("channel"):
            self.channels[row["id"]] = Channel(**row)
        for row in self.store.rows("member"):
            chat = self.chats[row.pop("chat")]
            chat.members[row["user_id"]] = Member(**row)
        posts = sorted(self.store.rows("post"), key=lambda row: int(row["message"]["message_id"]))
        for row in posts:
            post = Post(**{name: row[name] for name in Post.__slots__})
            self.chats[row["chat"]].posts[post.id] = post
        self.votes = {row["id"]: row["votes"] for row in self.store.rows("votes")}
        for row in self.store.rows("file"):
            self._index_file(StoredFile(**row))
        self._adopt_bot()
        return bool(self.people)

    def _adopt_bot(self) -> None:
        """With another token the bot has another id: it takes the place of the former one."""
        former, self._bot_id = self._bot_id, self.bot.id
        if former == self.bot.id:
            return
        for chat in self.chats.values():
            if member := chat.members.pop(former, None):
                self.store.drop("member", f"{chat.id}:{former}")
                member.user_id = self.bot.id
                chat.members[member.user_id] = member
                self.keep_member(chat, member)
            for post in chat.posts.values():
                if post.author == former:
                    post.author = self.bot.id
                    self.keep_post(chat, post)
        self.keep_settings()

    def _load_settings(self, row: Json) -> None:
        self.clock.offset_seconds = row["offset_seconds"]
        self._next |= row["next"]
        self._bot_id = row["bot_id"]
        for name in ("privacy", "commands", "names", "menu_buttons", "webhook", "last_basic_message_id"):
            setattr(self, name, row[name])
        self.bot.first_name = self.names.get("name|") or self.bot.first_name

    async def reset(self) -> None:
        """Forget everything."""
        self.updates.release()
        await self.store.clear()
        self.faults.remove(None)
        self.incidents.clear()
        self.hints = {}
        self.ledger = Ledger()
        last_update = self.updates.last_id
        self._begin()
        # Update ids go on, so that a bot that stays connected is not given an id it has seen.
        self.updates.continue_after(last_update)
        self.clock.shift(-self.clock.offset_seconds)
        self.feed.tell("reset")
