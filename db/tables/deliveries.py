"""The outbox: every message that is to be sent is a row here, written with the fact that makes it due."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from db.tables.metadata import Id, Instant, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("kind", String(32), nullable=False),  # a job of jobs/ renders it
    Column("policy", String(8), nullable=False),  # resend | once | repeat, see domain.deliveries
    Column("priority", SmallInteger, nullable=False),  # lower goes first
    Column("destination_id", Id, ForeignKey("chat.id"), nullable=False),
    Column("session_id", Id, ForeignKey("study_session.id"), index=True),
    Column("payload", JSON, nullable=False),  # facts, never text
    Column("due_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(16), nullable=False, server_default="pending"),
    Column("owner", String(64)),
    Column("lease_until", Instant),  # by the database's own clock, never the injected one
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("uncertain", Boolean, nullable=False, server_default="0"),  # Telegram may have it already
    Column("again", Boolean, nullable=False, server_default="0"),  # asked for anew while it was being sent
    Column("message_id", Id),
    Column("thread_id", Id),  # the topic it answers in; None: the topic of its purpose, if that has one
    Column("sent_at", Instant),
    Column("last_error", Text),
)
Index("ix_delivery_state_next_at", delivery.c.state, delivery.c.next_at)

# The processes that are alive, so that they can share the pace that one token has; on SQLite there is only one.
replica = Table(
    "replica",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("seen_at", Instant, nullable=False),  # by the database's own clock
)

# A picture that Telegram has already: sent again it needs no bytes.
sent_file = Table(
    "sent_file",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("file_id", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
)
