"""How far a newcomer has come with the first steps, by what the database holds; for the guide on the sandbox's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from db.queries import agenda as queries
from services.agenda import BOARD
from services.leaderboards import SHOWN

REGISTER, SCHEDULE, ANSWER, CHECK_IN, BOARDS = STEPS = ("register", "schedule", "answer", "check_in", "board")
SHOWING: Final = (BOARD, SHOWN, "export")
"""The kinds of messages that show results."""


@dataclass(frozen=True, slots=True)
class Tour:
    """The steps that are done, in any order, and what the next one needs to know.

    `chat` and `leader` are Telegram's numbers of the first group and its leader; `opens_at` is when its next
    session can be checked in to, None where it has none;
    `language` is what is spoken in the group.
    """

    done: frozenset[str]
    chat: int | None = None
    leader: int | None = None
    opens_at: datetime | None = None
    language: str | None = None

    @property
    def step(self) -> str | None:
        """The first step that is not done; None: all are."""
        return next((step for step in STEPS if step not in self.done), None)


def tour(connection: Connection, now: datetime) -> Tour:
    """Read it all anew: the steps may be taken on the page, by hand, or by several people at once."""
    group = queries.first_group(connection)
    if group is None:
        return Tour(frozenset())
    seen = queries.seen(connection, SHOWING)
    steps = {
        REGISTER: group.leader is not None,
        SCHEDULE: seen["scheduled"],
        ANSWER: seen["answered"],
        CHECK_IN: seen["checked_in"],
        BOARDS: seen["shown"],
    }
    done = frozenset(step for step, is_done in steps.items() if is_done)
    return Tour(done, group.telegram_id, group.leader, queries.opens_next(connection, group.id, now), group.language)
