"""All tables, one file a feature; importing this package fills `metadata`."""

from db.tables.checkins import attendance, attendance_change
from db.tables.deliveries import delivery
from db.tables.groups import audit, chat, deep_link, membership, person, study_group, unit, unit_admin
from db.tables.inbox import inbox, listening
from db.tables.metadata import metadata
from db.tables.sessions import draft, response, series, study_session

__all__ = [
    "attendance",
    "attendance_change",
    "audit",
    "chat",
    "deep_link",
    "delivery",
    "draft",
    "inbox",
    "listening",
    "membership",
    "metadata",
    "person",
    "response",
    "series",
    "study_group",
    "study_session",
    "unit",
    "unit_admin",
]
