"""Replies to what people did: written with the effect, sent from the outbox."""

from datetime import datetime

from sqlalchemy import Connection

from chat.replies import Reply, render
from jobs.job import Job, Kind, Payload


def facts(_connection: Connection, payload: Payload, _now: datetime) -> Reply:
    """A reply says what was true when it was written, so its payload is all of it."""
    return Reply(payload["text"], payload["language"], payload["values"], payload["buttons"])


job = Job(kinds={"reply": Kind(facts, render)})
