"""Replies to what people did: written with the effect, sent from the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from chat.replies import Reply, render
from jobs.job import Job, Kind, Payload

if TYPE_CHECKING:
    from sqlalchemy import Connection


def facts(_connection: Connection, payload: Payload, _now: datetime) -> Reply:
    """A reply says what was true when it was written, so its payload is all of it."""
    return Reply(payload["text"], payload["language"], payload["values"], payload["buttons"])


job = Job(kinds={"reply": Kind(facts, render)})
