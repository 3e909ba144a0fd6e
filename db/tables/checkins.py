"""Attendance: one row a session and person, and the history of every change to it."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from db.tables.metadata import Id, Instant, metadata

attendance = Table(
    "attendance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("session_id", Id, ForeignKey("study_session.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("status", String(16), nullable=False),  # domain.attendance.Status
    Column("method", String(16), nullable=False),  # button | code | qr | location | leader | closing
    Column("at", Instant, nullable=False),  # when they came, as the rules judged it
    Column("walk_in", Boolean, nullable=False, server_default="0"),
    Column("time_uncertain", Boolean, nullable=False, server_default="0"),  # the bot was down when it was pressed
    UniqueConstraint("session_id", "person_id"),
)
Index("ix_attendance_person_id_session_id", attendance.c.person_id, attendance.c.session_id)

attendance_change = Table(
    "attendance_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("session_id", Id, ForeignKey("study_session.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("actor_id", Id, ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("method", String(16), nullable=False),
)
Index("ix_attendance_change_session_id_person_id", attendance_change.c.session_id, attendance_change.c.person_id)

# A member says that their record of a session is wrong; a leader decides.
correction = Table(
    "correction",
    metadata,
    Column("id", Id, primary_key=True),
    Column("session_id", Id, ForeignKey("study_session.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("wanted", String(16), nullable=False),  # domain.attendance.Status
    Column("state", String(16), nullable=False, server_default="open"),  # open | accepted | declined | withdrawn
    Column("asked_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Id, ForeignKey("person.id")),
    Column("appealed_at", Instant),  # when they did not take no for an answer: an admin decides
    Column("appeal", Text, nullable=False, server_default=""),  # why, in their own words
    UniqueConstraint("session_id", "person_id"),
)

# How many wrong codes somebody typed for a session.
code_try = Table(
    "code_try",
    metadata,
    Column("session_id", Id, ForeignKey("study_session.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),
    Column("wrong", Integer, nullable=False),
)

# Make-up study: a task beside an absence or leave; attendance says what it said. See domain.makeup.
makeup = Table(
    "makeup",
    metadata,
    Column("id", Id, primary_key=True),
    Column("session_id", Id, ForeignKey("study_session.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),  # the first moment after its last day
    Column("submitted_at", Instant),
    Column("done_at", Instant),
    Column("waived_at", Instant),
    Column("sent_back_at", Instant),  # what was handed in last was not enough
    Column("decided_by", Id, ForeignKey("person.id")),
    Column("note", Text, nullable=False, server_default=""),
    Column("form", String(16), nullable=False, server_default=""),  # document | photo, where a file was handed in
    Column("file_id", Text, nullable=False, server_default=""),
    Column("file_name", Text, nullable=False, server_default=""),
    UniqueConstraint("session_id", "person_id"),
)
