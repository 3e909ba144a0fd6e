"""The client's part for people, groups and membership."""

from collections.abc import Iterable
from typing import Any

from sandbox.client.connection import Connection, Json, Ref, id_of


class Places(Connection):
    """Who is there, and who is where."""

    async def state(self, as_: Ref | None = None) -> Json:
        """Bot, people, clock, and the chats of one person."""
        state: Json = await self._get("state", **{"as": None if as_ is None else id_of(as_)})
        return state

    async def bot_id(self) -> int:
        """The bot's id."""
        if self._bot_id is None:
            self._bot_id = int((await self.state())["bot"]["id"])
        return self._bot_id

    async def people(self) -> list[Json]:
        """Everyone but the bot."""
        people: list[Json] = (await self.state())["people"]
        return people

    async def person(self, name: str) -> Json:
        """The person with this first name, full name or username. Raises LookupError."""
        for person in await self.people():
            full = f"{person['first_name']} {person.get('last_name', '')}".strip()
            if name in (person["first_name"], full, person.get("username")):
                return person
        raise LookupError(f"there is no {name} in the sandbox")

    async def new_person(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "zh-hans",
    ) -> Json:
        """Somebody new."""
        names = {"first_name": first_name, "last_name": last_name, "username": username}
        person: Json = await self._post("people", **names, language_code=language_code)
        return person

    async def new_people(self, count: int, *, group: Ref | None = None, first_name: str = "组员") -> list[int]:
        """Many people at once, silently put into `group`; their ids."""
        where = None if group is None else id_of(group)
        ids: list[int] = (await self._post("people/bulk", count=count, group=where, first_name=first_name))["ids"]
        return ids

    async def groups(self, as_: Ref) -> list[Json]:
        """The groups that this person is in."""
        return [chat for chat in (await self.state(as_))["chats"] if chat["type"] != "private"]

    async def group(self, title: str) -> Json:
        """The newest group of this title, whoever is in it. Raises LookupError."""
        found = [chat for chat in (await self.state())["other_groups"] if chat["title"] == title]
        if not found:
            raise LookupError(f"there is no group {title} in the sandbox")
        group: Json = found[-1]
        return group

    def private(self, person: Ref) -> int:
        """The id of the private chat of a person with the bot."""
        return id_of(person)

    async def new_group(
        self,
        creator: Ref,
        title: str,
        members: Iterable[Ref] = (),
        *,
        type: str = "supergroup",
        is_forum: bool = False,
        with_bot: bool = True,
    ) -> Json:
        """A group of the creator, the members and, unless told otherwise, the bot."""
        inside = [id_of(member) for member in members] + ([await self.bot_id()] if with_bot else [])
        group: Json = await self.call(
            "POST",
            "groups",
            {"as": id_of(creator), "title": title, "members": inside, "type": type, "is_forum": is_forum},
        )
        return group

    async def _in_group(self, group: Ref, act: str, as_: Ref, **more: Any) -> Any:
        return await self._post(f"groups/{id_of(group)}/{act}", **{"as": id_of(as_), **more})

    async def add(self, as_: Ref, group: Ref, user: Ref, payload: str | None = None) -> None:
        """Add somebody or the bot; `payload` as by a ?startgroup= link."""
        await self._in_group(group, "members", as_, user=id_of(user), payload=payload)

    async def kick(self, as_: Ref, group: Ref, user: Ref) -> None:
        """Remove somebody or the bot."""
        await self._in_group(group, "remove", as_, user=id_of(user))

    async def leave(self, as_: Ref, group: Ref) -> None:
        """Leave the group."""
        await self._in_group(group, "leave", as_)

    async def promote(
        self,
        as_: Ref,
        group: Ref,
        user: Ref,
        *,
        rights: list[str] | None = None,
        anonymous: bool = False,
        title: str | None = None,
    ) -> None:
        """Make somebody or the bot an admin, with the usual rights if none are named."""
        await self._in_group(group, "promote", as_, user=id_of(user), rights=rights, anonymous=anonymous, title=title)

    async def demote(self, as_: Ref, group: Ref, user: Ref) -> None:
        """Take the appointment back."""
        await self._in_group(group, "demote", as_, user=id_of(user))

    async def upgrade(self, as_: Ref, group: Ref) -> Json:
        """Make a supergroup of a basic group; the new group."""
        supergroup: Json = await self._in_group(group, "upgrade", as_)
        return supergroup

    async def rename(self, as_: Ref, group: Ref, title: str) -> None:
        """Another title."""
        await self._in_group(group, "title", as_, title=title)

    async def topic(self, as_: Ref, group: Ref, name: str) -> int:
        """A new topic of a forum; its message_thread_id."""
        return int((await self._in_group(group, "topics", as_, name=name))["message_thread_id"])

    async def close_topic(self, as_: Ref, group: Ref, thread: int) -> None:
        """Close a topic: only those who manage topics write in it."""
        await self._in_group(group, f"topics/{thread}/close", as_)

    async def reopen_topic(self, as_: Ref, group: Ref, thread: int) -> None:
        """Open a closed topic again."""
        await self._in_group(group, f"topics/{thread}/reopen", as_)

    async def delete_topic(self, as_: Ref, group: Ref, thread: int) -> None:
        """Delete a topic with all its messages."""
        await self._in_group(group, f"topics/{thread}/delete", as_)

    async def new_channel(self, owner: Ref, title: str) -> Json:
        """A channel that the bot is not in; its owner can write in groups as it."""
        channel: Json = await self._post("channels", **{"as": id_of(owner), "title": title})
        return channel

    async def link_channel(self, as_: Ref, channel: Ref, group: Ref) -> None:
        """Have a channel's posts come into a group by themselves."""
        await self._post(f"channels/{id_of(channel)}/link", **{"as": id_of(as_), "group": id_of(group)})

    async def publish(self, as_: Ref, channel: Ref, text: str) -> Json | None:
        """Post in a channel; the message in the linked group, None where there is none."""
        message: Json | None = await self._post(f"channels/{id_of(channel)}/posts", **{"as": id_of(as_), "text": text})
        return message
