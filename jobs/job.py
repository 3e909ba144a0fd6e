"""What a file in jobs/ declares of itself: the kinds of deliveries it renders, and what it makes due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chat.outgoing import Outgoing
from services.rules import Rules

if TYPE_CHECKING:
    from sqlalchemy import Connection

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of delivery.

    `facts(connection, payload, now)` reads what is to be said now, None where it is no longer wanted.
    `render(facts)` puts it into words; it may be a coroutine function where that takes long.
    `sent(connection, payload, message_id, now)` runs in the transaction that records the sending.
    `facts_by_rules`, `render_by_rules`: it takes the organisation's rules too, as its last argument.
    `purpose` names the topic of a forum it goes to, where the group has chosen one: sessions or board.
    """

    facts: Callable[..., Any | None]
    render: Callable[..., Outgoing | Awaitable[Outgoing]]
    sent: Callable[[Connection, Payload, int, datetime], None] | None = None
    purpose: str | None = None
    facts_by_rules: bool = False
    render_by_rules: bool = False

    def facts_now(self, connection: Connection, payload: Payload, now: datetime, rules: Rules) -> Any | None:
        """`facts`, with the rules where it takes them."""
        return self.facts(connection, payload, now, *([rules] if self.facts_by_rules else []))

    def rendered(self, facts: Any, rules: Rules) -> Outgoing | Awaitable[Outgoing]:
        """`render`, with the rules where it takes them."""
        return self.render(facts, *([rules] if self.render_by_rules else []))


@dataclass(frozen=True, slots=True)
class Apart:
    """A kind of delivery for which so much is read that it is read and rendered in a process of its own.

    `make(database_url, payload, now, rules)` is a function of a module; it blocks. None where it is no longer wanted.
    `sent` and `purpose` are as those of `Kind`.
    """

    make: Callable[[str, Payload, datetime, Rules], Outgoing | None]
    sent: Callable[[Connection, Payload, int, datetime], None] | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes due what time brings: `due` only reads and says whether there is anything, `plan` then writes it."""

    due: Callable[[Connection, datetime], bool]
    plan: Callable[[Connection, datetime, Rules], None]  # (connection, now, rules)


@dataclass(frozen=True, slots=True)
class Job:
    """One duty that time brings."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    apart: Mapping[str, Apart] = field(default_factory=dict)
    planners: tuple[Planner, ...] = ()
