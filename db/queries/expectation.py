"""Who is expected at a session, in SQL: by membership dates, by its audience, and over all groups that hold it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, union, union_all

from db.tables import attendance, invitation, membership, past_membership, session_group, study_session


def groups_of(session_id: int) -> Any:
    """The groups that hold a session: its own, and the others of a joint one."""
    own = select(study_session.c.group_id).where(study_session.c.id == session_id)
    return own.union_all(select(session_group.c.group_id).where(session_group.c.session_id == session_id))


def session_groups() -> Any:
    """The same of all sessions, as a table of session_id and group_id to join many at once."""
    own = select(study_session.c.id.label("session_id"), study_session.c.group_id)
    return union_all(own, select(session_group.c.session_id, session_group.c.group_id)).subquery("held_by")


def held_by(group_ids: Any) -> ColumnElement[bool]:
    """Whether a session is held by one of these groups (ids, or a query of them), alone or with others."""
    joint = select(session_group.c.session_id).where(session_group.c.group_id.in_(group_ids))
    return study_session.c.group_id.in_(group_ids) | study_session.c.id.in_(joint)


def belongs() -> ColumnElement[bool]:
    """Whether a membership is of a group that holds the session."""
    also = exists().where(
        session_group.c.session_id == study_session.c.id, session_group.c.group_id == membership.c.group_id
    )
    return (membership.c.group_id == study_session.c.group_id) | (study_session.c.joint & also)


def in_audience() -> ColumnElement[bool]:
    """Whether a member's marks, or an invitation, put them in the audience of the session."""
    audience = study_session.c.audience
    invited = exists().where(
        invitation.c.session_id == study_session.c.id, invitation.c.person_id == membership.c.person_id
    )
    return or_(
        audience == "group",
        and_(audience == "members", membership.c.standing != "outside"),
        and_(audience == "committee", membership.c.committee),
        and_(audience == "subgroup", membership.c.subgroup == study_session.c.subgroup),
        and_(audience == "named", invited),
    )


def was_there() -> ColumnElement[bool]:
    """Whether a membership's dates cover the session.

    They had joined before it ended and not left before it began, in this membership or in one before they left and
    came back.
    """
    back_then = exists().where(
        past_membership.c.group_id == membership.c.group_id,
        past_membership.c.person_id == membership.c.person_id,
        past_membership.c.joined_at <= study_session.c.ends_at,
        past_membership.c.left_at > study_session.c.starts_at,
    )
    return (
        (membership.c.joined_at <= study_session.c.ends_at)
        & (membership.c.left_at.is_(None) | (membership.c.left_at > study_session.c.starts_at))
    ) | back_then


def was_expected() -> ColumnElement[bool]:
    """Whether a joined member of one of its groups (`belongs`) was expected at a joined session."""
    return and_(in_audience(), was_there())


def concerns(group_id: int, person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether what somebody asks about a joined session is for the leaders of a group to decide.

    Of a joint session each group decides on its own members; who belongs to none of them is the concern of the one
    that scheduled it.
    """

    def belongs_to(groups: Any) -> ColumnElement[bool]:
        member = membership.alias()
        return exists().where(
            member.c.person_id == person_id, member.c.left_at.is_(None), member.c.group_id.in_(groups)
        )

    others = select(session_group.c.group_id).where(session_group.c.session_id == study_session.c.id)
    is_own = (study_session.c.group_id == group_id) & ~belongs_to(others.correlate(study_session))
    return held_by([group_id]) & (belongs_to([group_id]) | is_own)


def listed(session_id: int) -> Any:
    """The ids of everybody on a session's list, each once: expected members, invited people, and who is recorded."""
    members = (
        select(membership.c.person_id)
        .select_from(membership)
        .join(study_session, study_session.c.id == session_id)
        .where(membership.c.group_id.in_(groups_of(session_id)), was_expected())
    )
    invited = (
        select(invitation.c.person_id)
        .join(study_session, study_session.c.id == invitation.c.session_id)
        .where(invitation.c.session_id == session_id, study_session.c.audience == "named")
    )
    recorded = select(attendance.c.person_id).where(attendance.c.session_id == session_id)
    return union(members, invited, recorded).subquery("listed")


def expected_now() -> ColumnElement[bool]:
    """Whether a joined member is expected at a joined session that is still to come."""
    return and_(membership.c.left_at.is_(None), in_audience())
