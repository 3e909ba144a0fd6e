"""The table of methods."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.params import Params
from sandbox.world import World

Handler = Callable[[World, Params], Any]
AnyHandler = Callable[[World, Params], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API. `recorded` ones change something and go into the ledger."""

    name: str
    handler: AnyHandler
    recorded: bool


METHODS: dict[str, Method] = {}


def method(name: str, *, recorded: bool = True) -> Callable[[AnyHandler], AnyHandler]:
    """Register a handler under its name, which callers may write in any case."""

    def register(handler: AnyHandler) -> AnyHandler:
        METHODS[name.lower()] = Method(name, handler, recorded)
        return handler

    return register
