"""All tables, one file a feature; importing this package fills `metadata`."""

from db.tables.checkins import attendance, attendance_change, correction
from db.tables.deliveries import delivery
from db.tables.groups import (
    audit,
    awaited,
    chat,
    deep_link,
    group_topic,
    membership,
    past_membership,
    person,
    study_group,
    unit,
    unit_admin,
    unverified,
)
from db.tables.inbox import inbox, listening
from db.tables.metadata import metadata
from db.tables.sessions import draft, material, response, series, session_change, study_session

__all__ = [
    "attendance",
    "attendance_change",
    "audit",
    "awaited",
    "chat",
    "correction",
    "deep_link",
    "delivery",
    "draft",
    "group_topic",
    "inbox",
    "listening",
    "material",
    "membership",
    "metadata",
    "past_membership",
    "person",
    "response",
    "series",
    "session_change",
    "study_group",
    "study_session",
    "unit",
    "unit_admin",
    "unverified",
]
