"""The year's plan: dates that are proposed, what the radar told, and the reasons of what was missed."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from db.tables.metadata import Id, Instant, metadata

# Dates proposed for what a plan still lacks; nothing is scheduled before somebody has seen and published them.
proposal = Table(
    "proposal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),  # goes up with each change
    Column("state", String(16), nullable=False, server_default="open"),  # open | published | dropped
    Column("created_at", Instant, nullable=False),
)

# A step that the radar took: of which period of whose plan, what it said, and on which local day.
duty_told = Table(
    "duty_told",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("subgroup", Text, nullable=False, server_default=""),
    Column("kind", String(16), nullable=False),
    Column("first_day", Date, nullable=False),  # the period's
    Column("matter", String(16), nullable=False),  # domain.radar.Matter
    Column("told_on", Date, nullable=False),
    UniqueConstraint("group_id", "subgroup", "kind", "first_day", "matter", name="uq_duty_told_step"),
)

# Why a period of a plan was missed, as a person says; never judged.
duty_reason = Table(
    "duty_reason",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("subgroup", Text, nullable=False, server_default=""),
    Column("kind", String(16), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("reason", String(16), nullable=False),  # services.duty_reasons.REASONS
    Column("note", Text, nullable=False, server_default=""),
    Column("given_by", Id, ForeignKey("person.id"), nullable=False),
    Column("given_at", Instant, nullable=False),
    UniqueConstraint("group_id", "subgroup", "kind", "first_day", name="uq_duty_reason_period"),
)
Index("ix_proposal_group_id_state", proposal.c.group_id, proposal.c.state)
