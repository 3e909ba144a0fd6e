"""What is studied and when: drafts, series, sessions, and who said they would come."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.tables.metadata import Id, Instant, metadata

# A session typed by a leader and not yet published; what the ⟦Publish⟧ button points at.
draft = Table(
    "draft",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),  # open | published | dropped
    Column("created_at", Instant, nullable=False),
)

# A recurring session. Its rule is in local time, so a meeting at 19:00 stays at 19:00 across a clock change.
series = Table(
    "series",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("cadence", Text, nullable=False),
    Column("first_local", DateTime, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("planned_until", Instant, nullable=False),  # occurrences up to here are rows of study_session
    Column("extend_at", Instant, index=True),  # when the next ones are due to be planned; None: ended
    Column("created_by", Id, ForeignKey("person.id"), nullable=False),
    Column("link", Text, nullable=False, server_default=""),  # of an online session
    Column("audience", String(16), nullable=False, server_default="group"),
    Column("subgroup", Text, nullable=False, server_default=""),
)

study_session = Table(
    "study_session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), nullable=False),
    Column("series_id", Id, ForeignKey("series.id")),
    Column("nominal_local", DateTime, nullable=False),  # with the series, what makes an occurrence unique
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("opens_at", Instant, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("late_from", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("state", String(16), nullable=False, server_default="scheduled"),  # scheduled | closed | cancelled
    Column("revision", Integer, nullable=False, server_default="1"),  # goes up when it is moved
    Column("remind_privately_at", Instant, index=True),  # None: done
    Column("card_message_id", Id),
    Column("checkin_message_id", Id),
    Column("speaker_id", Id, ForeignKey("person.id")),
    Column("created_by", Id, ForeignKey("person.id"), nullable=False),
    Column("close_prompted_at", Instant),  # when the leaders were asked to close it
    Column("closed_at", Instant),
    Column("closed_by", Id, ForeignKey("person.id")),
    Column("link", Text, nullable=False, server_default=""),  # of an online session
    Column("published_at", Instant),
    Column("moved_from", Instant),  # where it was before it was last moved
    Column("leave_until", Instant),  # leave is asked for until then; None: until it starts
    Column("nudge_at", Instant, index=True),  # when those who have not answered are asked; None: done, or never
    Column("audience", String(16), nullable=False, server_default="group"),  # domain.kinds.Attendees: who is expected
    Column("subgroup", Text, nullable=False, server_default=""),  # which one, where the audience is a subgroup
    Column("also_kind", String(16)),  # a second kind that it counts for, such as a lesson on a theme day
    Column("joint", Boolean, nullable=False, server_default="0"),  # whether other groups hold it too: session_group
    Column("host_id", Id, ForeignKey("person.id")),
    Column("recorder_id", Id, ForeignKey("person.id")),
    Column("agenda", Text, nullable=False, server_default=""),
    Column("decisions", Text, nullable=False, server_default=""),
    Column("reviewed_by", Id, ForeignKey("person.id")),  # who looked through the minutes, another than who wrote them
    Column("reviewed_at", Instant),
    Column("venue_latitude", Float),  # of the place, never of a person; None: no check-in by location
    Column("venue_longitude", Float),
    Column("venue_metres", Integer),
    UniqueConstraint("series_id", "nominal_local"),
)
Index("ix_study_session_state_closes_at", study_session.c.state, study_session.c.closes_at)
Index("ix_study_session_group_id_starts_at", study_session.c.group_id, study_session.c.starts_at)

# What somebody answered on the card.
response = Table(
    "response",
    metadata,
    Column("session_id", Id, ForeignKey("study_session.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),
    Column("answer", String(16), nullable=False),  # going | leave
    Column("reason", String(16), nullable=False, server_default=""),  # official | sick | personal
    Column("approved", Boolean),  # leave only; None: nobody has decided
    Column("answered_at", Instant, nullable=False),
    Column("long_leave_id", Id, ForeignKey("long_leave.id")),  # the long leave that answered; None: the person did
)

# What was changed of a session after it was published.
session_change = Table(
    "session_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("session_id", Id, ForeignKey("study_session.id"), nullable=False, index=True),
    Column("actor_id", Id, ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("field", String(16), nullable=False),  # title | place | link | time | length | state
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

# A file handed in for a session; it stays on Telegram's servers, and this is how to send it again.
material = Table(
    "material",
    metadata,
    Column("id", Id, primary_key=True),
    Column("session_id", Id, ForeignKey("study_session.id"), nullable=False, index=True),
    Column("form", String(16), nullable=False),  # document | photo
    Column("file_id", Text, nullable=False),
    Column("file_name", Text, nullable=False, server_default=""),
    Column("added_by", Id, ForeignKey("person.id"), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("purpose", String(16), nullable=False, server_default="material"),  # material | minutes
)

# The other groups that hold a joint session; the group it was scheduled for is in study_session itself.
session_group = Table(
    "session_group",
    metadata,
    Column("session_id", Id, ForeignKey("study_session.id"), primary_key=True),
    Column("group_id", Id, ForeignKey("study_group.id"), primary_key=True, index=True),
    Column("card_message_id", Id),
    Column("checkin_message_id", Id),
)

# Who is asked to a session of named people.
invitation = Table(
    "invitation",
    metadata,
    Column("session_id", Id, ForeignKey("study_session.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True, index=True),
)

# A main speaker asks another to take their session, or to change with them.
swap = Table(
    "swap",
    metadata,
    Column("id", Id, primary_key=True),
    Column("asker_id", Id, ForeignKey("person.id"), nullable=False),
    Column("mine_id", Id, ForeignKey("study_session.id"), nullable=False),
    Column("asked_id", Id, ForeignKey("person.id"), nullable=False),
    Column("theirs_id", Id, ForeignKey("study_session.id")),  # None: only the first changes
    Column("state", String(16), nullable=False, server_default="open"),  # open | accepted | declined | withdrawn
    Column("asked_at", Instant, nullable=False),
    Column("decided_at", Instant),
)
