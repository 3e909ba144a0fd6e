"""The client's part for the clock, scripted faults, ledger and counts."""

from urllib.parse import unquote

from sandbox.client.connection import Connection, Json, Ref, SandboxRefusedError, id_of


class Stage(Connection):
    """What is no person's act."""

    async def seq(self) -> int:
        """The number of the newest event in the feed."""
        return int((await self._get("events", after=-1))["seq"])

    async def clock(self) -> Json:
        """{now, offset_seconds}."""
        clock: Json = await self._get("clock")
        return clock

    async def shift(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> Json:
        """Move the clock; {now, offset_seconds}."""
        clock: Json = await self._post("clock", shift=days * 86_400 + hours * 3_600 + minutes * 60 + seconds)
        return clock

    async def set_clock(self, now: float | str) -> Json:
        """Set the clock to seconds since 1970, or to ISO 8601 with an offset; {now, offset_seconds}."""
        clock: Json = await self._post("clock", now=now)
        return clock

    async def fault(
        self,
        method: str,
        action: str | Json,
        *,
        chat: Ref | None = None,
        nth: int = 1,
        times: int = 1,
        seconds: float | None = None,
        name: str | None = None,
    ) -> int:
        """Script a fault (actions in README.md); its id."""
        where = None if chat is None else id_of(chat)
        script = {"method": method, "action": action, "chat": where, "nth": nth, "times": times}
        return int((await self._post("faults", **script, seconds=seconds, name=name))["id"])

    async def incidents(self) -> list[Json]:
        """What became of what faults struck, the newest first."""
        found: list[Json] = await self._get("incidents")
        return found

    async def faults(self) -> list[Json]:
        """The faults still to come."""
        found: list[Json] = await self._get("faults")
        return found

    async def clear_faults(self, fault: int | None = None) -> None:
        """Take back one fault, or all."""
        await self.call("DELETE", "faults" if fault is None else f"faults/{fault}")

    async def ledger(self, after: int = 0) -> Json:
        """{entries, count, accepted, calls}."""
        ledger: Json = await self._get("ledger", after=after)
        return ledger

    async def accepted(self, method: str, chat: Ref | None = None) -> list[Json]:
        """The ledger's entries of one method, and of one chat if named."""
        where = None if chat is None else id_of(chat)
        entries: list[Json] = (await self.ledger())["entries"]
        return [e for e in entries if e["method"] == method and where in (None, e["chat"])]

    async def updates(self) -> Json:
        """Counts of created, delivered, confirmed and pending updates."""
        counts: Json = await self._get("updates")
        return counts

    async def file(self, file_id: str) -> tuple[str, bytes]:
        """A file's name and bytes."""
        async with self.session.get(f"{self.url}/sandbox/api/files/{file_id}") as response:
            if response.status >= 400:
                raise SandboxRefusedError((await response.json())["error"])
            name = response.headers["Content-Disposition"].rpartition("UTF-8''")[2]
            return unquote(name), await response.read()

    async def bot(self) -> Json:
        """Names, descriptions, commands, privacy mode, webhook."""
        bot: Json = await self._get("bot")
        return bot

    async def set_privacy(self, privacy: bool) -> None:
        """The bot's privacy mode, on or off."""
        await self._post("bot", privacy=privacy)

    async def reset(self) -> None:
        """Forget everything and begin as a new sandbox does."""
        await self._post("reset")
