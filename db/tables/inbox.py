"""What Telegram told us: every update, committed before it is acknowledged; and until when we were listening."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from db.tables.metadata import Id, Instant, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("bot_id", Id, primary_key=True, autoincrement=False),
    Column("update_id", Id, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary),  # the update's JSON; gone once it is handled
    Column("state", String(16), nullable=False, server_default="new"),  # new | done | quarantined
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("received_at", Instant, nullable=False),
    # Set when we were not listening before: the update is older than received_at, but not older than this.
    Column("not_before", Instant),
    Column("reference", Text),  # of the fault that put it in quarantine
    Column("owner", String(16)),  # the process (table replica) that has it in hand
)
Index("ix_inbox_state_received_at", inbox.c.state, inbox.c.received_at)

listening = Table(
    "listening",
    metadata,
    Column("bot_id", Id, primary_key=True, autoincrement=False),
    Column("until", Instant, nullable=False),
)
