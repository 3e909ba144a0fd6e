"""SQL of what is kept of somebody, and of erasing it."""

import json
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    or_,
    select,
    update,
)

from db.tables import (
    attendance,
    attendance_change,
    audit,
    awaited,
    chat,
    code_try,
    correction,
    delivery,
    draft,
    duty_reason,
    inbox,
    invitation,
    long_leave,
    makeup,
    material,
    membership,
    past_membership,
    person,
    person_merge,
    proposal,
    response,
    roster_import,
    session_change,
    study_group,
    study_session,
    swap,
    unit,
    unit_admin,
)
from db.tables import series as recurring

_OF_SESSION: Final = (study_group.c.name.label("group"), study_session.c.title, study_session.c.starts_at)
_FINISHED: Final = ("sent", "skipped", "rejected", "cancelled")


def memberships(connection: Connection, person_id: int) -> Sequence[Any]:
    """Every time somebody belonged to a group."""
    now = (
        select(
            study_group.c.name.label("group"),
            membership.c.role,
            membership.c.joined_at,
            membership.c.left_at,
            membership.c.standing,
            membership.c.committee,
            membership.c.subgroup,
            membership.c.speaks,
        )
        .join(study_group, study_group.c.id == membership.c.group_id)
        .where(membership.c.person_id == person_id)
    )
    before = (
        select(study_group.c.name.label("group"), past_membership.c.joined_at, past_membership.c.left_at)
        .join(study_group, study_group.c.id == past_membership.c.group_id)
        .where(past_membership.c.person_id == person_id)
    )
    found = [*connection.execute(now), *connection.execute(before)]
    return sorted(found, key=lambda row: row.joined_at)


def administered(connection: Connection, person_id: int) -> Sequence[Any]:
    """The units somebody was made an admin of."""
    query = select(unit.c.name.label("unit"), unit_admin.c.granted_at).join(unit, unit.c.id == unit_admin.c.unit_id)
    return connection.execute(query.where(unit_admin.c.person_id == person_id).order_by(unit_admin.c.id)).all()


def answers(connection: Connection, person_id: int) -> Sequence[Any]:
    """What somebody answered to sessions."""
    columns = (response.c.answer, response.c.reason, response.c.approved, response.c.answered_at)
    return _of_sessions(connection, response, columns, response.c.person_id == person_id)


def attended(connection: Connection, person_id: int) -> Sequence[Any]:
    """Somebody's attendance."""
    columns = (
        attendance.c.status,
        attendance.c.method,
        attendance.c.at,
        attendance.c.walk_in,
        attendance.c.time_uncertain,
    )
    return _of_sessions(connection, attendance, columns, attendance.c.person_id == person_id)


def changes(connection: Connection, person_id: int) -> Sequence[Any]:
    """How somebody's attendance was changed, and whether they did it themselves."""
    by_me = case((attendance_change.c.actor_id == person_id, 1), else_=0).label("by_me")
    kept = attendance_change.c
    columns = (kept.at, kept.before, kept.after, kept.method, by_me)
    return _of_sessions(connection, attendance_change, columns, kept.person_id == person_id)


def marks(connection: Connection, person_id: int) -> Sequence[Any]:
    """What somebody recorded of others, without saying of whom."""
    kept = attendance_change.c
    condition = and_(kept.actor_id == person_id, kept.person_id != person_id)
    return _of_sessions(connection, attendance_change, (kept.at, kept.before, kept.after), condition)


def corrections(connection: Connection, person_id: int) -> Sequence[Any]:
    """What somebody said is wrong with their record."""
    kept = correction.c
    columns = (kept.wanted, kept.state, kept.asked_at, kept.decided_at, kept.appealed_at, kept.appeal)
    return _of_sessions(connection, correction, columns, kept.person_id == person_id)


def materials(connection: Connection, person_id: int) -> Sequence[Any]:
    """The files somebody handed in."""
    columns = (material.c.file_name, material.c.form, material.c.added_at)
    return _of_sessions(connection, material, columns, material.c.added_by == person_id)


def session_changes(connection: Connection, person_id: int) -> Sequence[Any]:
    """What somebody changed of sessions."""
    kept = session_change.c
    columns = (kept.at, kept.field, kept.before, kept.after)
    return _of_sessions(connection, session_change, columns, kept.actor_id == person_id)


def sessions(connection: Connection, person_id: int) -> Sequence[Any]:
    """The sessions somebody scheduled, closed, spoke at, chaired, took the minutes of or looked through."""
    kept = study_session.c
    parts = (kept.created_by, kept.closed_by, kept.speaker_id, kept.host_id, kept.recorder_id, kept.reviewed_by)
    mine = or_(*(column == person_id for column in parts))
    query = select(*_OF_SESSION, kept.place, kept.link, kept.state, kept.published_at, kept.closed_at)
    query = query.join(study_group, study_group.c.id == kept.group_id)
    return connection.execute(query.where(mine).order_by(kept.starts_at)).all()


def series(connection: Connection, person_id: int) -> Sequence[Any]:
    """The recurring sessions somebody scheduled."""
    kept = recurring.c
    query = select(study_group.c.name.label("group"), kept.title, kept.place, kept.link, kept.cadence, kept.first_local)
    query = query.join(study_group, study_group.c.id == kept.group_id)
    return connection.execute(query.where(kept.created_by == person_id).order_by(kept.id)).all()


def registered(connection: Connection, person_id: int) -> Sequence[Any]:
    """The groups somebody registered."""
    query = select(study_group.c.name.label("group"), study_group.c.created_at)
    return connection.execute(query.where(study_group.c.created_by == person_id).order_by(study_group.c.id)).all()


def drafts(connection: Connection, person_id: int) -> Sequence[Any]:
    """What somebody typed to be scheduled."""
    query = select(study_group.c.name.label("group"), draft.c.facts, draft.c.state, draft.c.created_at)
    query = query.join(study_group, study_group.c.id == draft.c.group_id)
    return connection.execute(query.where(draft.c.person_id == person_id).order_by(draft.c.id)).all()


def makeups(connection: Connection, person_id: int) -> Sequence[Any]:
    """Somebody's make-up study."""
    kept = makeup.c
    columns = (
        kept.created_at,
        kept.due_at,
        kept.submitted_at,
        kept.note,
        kept.file_name,
        kept.form,
        kept.done_at,
        kept.waived_at,
        kept.sent_back_at,
    )
    return _of_sessions(connection, makeup, columns, kept.person_id == person_id)


def long_leaves(connection: Connection, person_id: int) -> Sequence[Any]:
    """When somebody was or will be away for days."""
    kept = long_leave.c
    columns = (kept.first_day, kept.last_day, kept.reason, kept.state, kept.asked_at, kept.decided_at)
    return _of_groups(connection, long_leave, columns, kept.person_id == person_id)


def invitations(connection: Connection, person_id: int) -> Sequence[Any]:
    """The sessions of named people that somebody is asked to."""
    return _of_sessions(connection, invitation, (), invitation.c.person_id == person_id)


def swaps(connection: Connection, person_id: int) -> Sequence[Any]:
    """What somebody asked of other speakers or was asked by them."""
    kept = swap.c
    query = select(*_OF_SESSION, kept.state, kept.asked_at, kept.decided_at)
    query = query.select_from(swap).join(study_session, study_session.c.id == kept.mine_id)
    query = query.join(study_group, study_group.c.id == study_session.c.group_id)
    mine = (kept.asker_id == person_id) | (kept.asked_id == person_id)
    return connection.execute(query.where(mine).order_by(kept.id)).all()


def wrong_codes(connection: Connection, person_id: int) -> Sequence[Any]:
    """How often somebody typed a wrong check-in code."""
    return _of_sessions(connection, code_try, (code_try.c.wrong,), code_try.c.person_id == person_id)


def duty_reasons(connection: Connection, person_id: int) -> Sequence[Any]:
    """Why a period of a plan was missed, as somebody said."""
    kept = duty_reason.c
    columns = (kept.kind, kept.first_day, kept.reason, kept.note, kept.given_at)
    return _of_groups(connection, duty_reason, columns, kept.given_by == person_id)


def proposals(connection: Connection, person_id: int) -> Sequence[Any]:
    """The dates proposed to somebody."""
    kept = proposal.c
    return _of_groups(connection, proposal, (kept.facts, kept.state, kept.created_at), kept.person_id == person_id)


def imports(connection: Connection, person_id: int) -> Sequence[Any]:
    """The rosters somebody handed in."""
    kept = roster_import.c
    return _of_groups(connection, roster_import, (kept.state, kept.created_at), kept.person_id == person_id)


def acts(connection: Connection, telegram_id: int) -> Sequence[Any]:
    """Somebody's privileged acts."""
    query = select(audit.c.at, audit.c.action, study_group.c.name.label("group"), audit.c.subject)
    query = query.outerjoin(study_group, study_group.c.id == audit.c.group_id)
    return connection.execute(query.where(audit.c.actor_id == telegram_id).order_by(audit.c.id)).all()


def messages(connection: Connection, chat_id: int | None) -> Sequence[Any]:
    """What was and is to be sent to somebody's private chat."""
    query = select(delivery.c.kind, delivery.c.state, delivery.c.due_at, delivery.c.sent_at, delivery.c.payload)
    return connection.execute(query.where(delivery.c.destination_id == chat_id).order_by(delivery.c.id)).all()


def _of_sessions(
    connection: Connection, table: Table, columns: Sequence[ColumnElement[Any]], condition: ColumnElement[bool]
) -> Sequence[Any]:
    """Rows about sessions, with what the session is, in order."""
    query = (
        select(*_OF_SESSION, *columns)
        .select_from(table)
        .join(study_session, study_session.c.id == table.c.session_id)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(condition)
        .order_by(study_session.c.starts_at, study_session.c.id)
    )
    return connection.execute(query).all()


def _of_groups(
    connection: Connection, table: Table, columns: Sequence[ColumnElement[Any]], condition: ColumnElement[bool]
) -> Sequence[Any]:
    """Rows about groups, with the group's name, in order."""
    query = select(study_group.c.name.label("group"), *columns).select_from(table)
    query = query.join(study_group, study_group.c.id == table.c.group_id)
    return connection.execute(query.where(condition).order_by(table.c.id)).all()


def led_alone(connection: Connection, person_id: int) -> Sequence[Any]:
    """The groups that nobody else leads."""
    other = membership.alias()
    others = exists().where(
        other.c.group_id == study_group.c.id,
        other.c.person_id != person_id,
        other.c.role == "leader",
        other.c.left_at.is_(None),
    )
    return connection.execute(
        select(study_group)
        .join(membership, membership.c.group_id == study_group.c.id)
        .where(
            membership.c.person_id == person_id,
            membership.c.role == "leader",
            membership.c.left_at.is_(None),
            ~others,
        )
        .order_by(study_group.c.name)
    ).all()


def administers_alone(connection: Connection, person_id: int) -> bool:
    """Whether there is a unit that nobody else administers."""
    others = select(unit_admin.c.unit_id).where(unit_admin.c.person_id != person_id)
    query = select(unit_admin.c.id).where(unit_admin.c.person_id == person_id, unit_admin.c.unit_id.not_in(others))
    return connection.execute(query).first() is not None


def answered_to_come(connection: Connection, person_id: int, now: datetime) -> list[int]:
    """The ids of sessions to come that somebody has answered."""
    query = (
        select(study_session.c.id)
        .join(response, response.c.session_id == study_session.c.id)
        .where(response.c.person_id == person_id, study_session.c.starts_at > now)
    )
    return list(connection.execute(query).scalars())


def any_to_forget(connection: Connection, now: datetime) -> bool:
    """Whether somebody is to be erased now."""
    return connection.execute(select(person.c.id).where(person.c.forget_at <= now).limit(1)).first() is not None


def take_to_forget(connection: Connection, now: datetime) -> Sequence[Any]:
    """Those who are to be erased now, locked."""
    query = select(person).where(person.c.forget_at <= now).order_by(person.c.id)
    return connection.execute(query.with_for_update(skip_locked=True)).all()


def forgotten(connection: Connection) -> Sequence[Any]:
    """Who was erased: row, when it was made, when it was erased."""
    query = select(person.c.id, person.c.created_at, person.c.forgotten_at)
    return connection.execute(query.where(person.c.forgotten_at.is_not(None)).order_by(person.c.id)).all()


def leaving(connection: Connection) -> Sequence[Any]:
    """Those who asked to be erased and can still undo it."""
    return connection.execute(select(person).where(person.c.forget_at.is_not(None)).order_by(person.c.id)).all()


def wanted_by_row(connection: Connection) -> Sequence[Any]:
    """Everybody by their row: its id, when it was made, when they will be erased (None: they stay)."""
    return connection.execute(select(person.c.id, person.c.created_at, person.c.forget_at)).all()


def person_of(connection: Connection, person_id: int, created_at: datetime) -> Any | None:
    """A person by their row, if it is the one that was made then."""
    query = select(person).where(person.c.id == person_id, person.c.created_at == created_at)
    return connection.execute(query).one_or_none()


def erase(connection: Connection, who: Any, sessions_to_come: Sequence[int], now: datetime) -> None:
    """Erase everything that leads to somebody (a row of person), and what they wanted from now on."""
    mine = {
        response: (response.c.person_id == who.id) & response.c.session_id.in_(sessions_to_come),
        correction: (correction.c.person_id == who.id) & (correction.c.state == "open"),
        draft: (draft.c.person_id == who.id) & (draft.c.state != "published"),
        long_leave: (long_leave.c.person_id == who.id) & (long_leave.c.last_day >= now.date()),
        invitation: (invitation.c.person_id == who.id) & invitation.c.session_id.in_(_to_come(now)),
        swap: ((swap.c.asker_id == who.id) | (swap.c.asked_id == who.id)) & (swap.c.state == "open"),
        proposal: (proposal.c.person_id == who.id) & (proposal.c.state != "published"),
        roster_import: roster_import.c.person_id == who.id,
        person_merge: (person_merge.c.kept_id == who.id) | (person_merge.c.gone_id == who.id),
        code_try: code_try.c.person_id == who.id,
        unit_admin: unit_admin.c.person_id == who.id,
        awaited: awaited.c.telegram_id == who.telegram_id,
    }
    for table, condition in mine.items():
        connection.execute(delete(table).where(condition))
    connection.execute(
        update(membership)
        .where(membership.c.person_id == who.id, membership.c.left_at.is_(None))
        .values(left_at=now, role="member")
    )
    _erase_words(connection, who.id)
    called = _names(connection, who.id)
    _erase_person(connection, who.id, now)
    _erase_chat(connection, who.chat_id)
    _erase_names(connection, called)
    _erase_raw(connection, who.telegram_id, called)
    if who.telegram_id is not None:  # who stands on a roster only has none
        _erase_account(connection, who.telegram_id)


def _names(connection: Connection, person_id: int) -> set[str]:
    """All that somebody is or was called, in rows merged into theirs, too."""
    theirs = (person.c.id == person_id) | (person.c.merged_into == person_id)
    found = connection.execute(select(person.c.name, person.c.real_name, person.c.nickname).where(theirs)).all()
    return {called for row in found for called in row if called}


def _to_come(now: datetime) -> Select[Any]:
    """The sessions that have not started."""
    return select(study_session.c.id).where(study_session.c.starts_at > now)


def _erase_words(connection: Connection, person_id: int) -> None:
    """What they wrote or handed in themselves; that it was done stays."""
    connection.execute(update(correction).where(correction.c.person_id == person_id).values(appeal=""))
    connection.execute(
        update(makeup).where(makeup.c.person_id == person_id).values(note="", form="", file_id="", file_name="")
    )
    connection.execute(
        delete(makeup).where(makeup.c.person_id == person_id, makeup.c.done_at.is_(None), makeup.c.waived_at.is_(None))
    )
    speaks_at = (study_session.c.speaker_id == person_id) & (study_session.c.state == "scheduled")
    connection.execute(update(study_session).where(speaks_at).values(speaker_id=None))


def _erase_account(connection: Connection, telegram_id: int) -> None:
    """Nowhere the numeric Telegram id any more."""
    for column in (audit.c.actor_id, unit_admin.c.granted_by):
        connection.execute(update(column.table).where(column == telegram_id).values({column.name: 0}))


def _erase_raw(connection: Connection, telegram_id: int | None, names: Collection[str]) -> None:
    """Updates kept because of a fault lose their text if they hold the account or a name, whoever sent them."""
    forms = {form for called in names for form in (called.encode(), json.dumps(called)[1:-1].encode())}
    patterns = [re.escape(form) for form in forms]
    if telegram_id is not None:
        patterns.append(rb"(?<!\d)%d(?!\d)" % telegram_id)
    held = re.compile(b"|".join(patterns)) if patterns else None
    query = select(inbox.c.bot_id, inbox.c.update_id, inbox.c.raw)
    for row in connection.execute(query.where(inbox.c.state == "quarantined", inbox.c.raw.is_not(None))).all():
        if held is not None and held.search(row.raw):
            this = (inbox.c.bot_id == row.bot_id) & (inbox.c.update_id == row.update_id)
            connection.execute(update(inbox).where(this).values(raw=None))


def _erase_person(connection: Connection, person_id: int, now: datetime) -> None:
    """The person's row stays as nobody's, for the records of the past."""
    kept = {"id", "created_at"}
    values: dict[str, Any] = {column.name: None for column in person.c if column.nullable and column.name not in kept}
    values |= {"name": "", "private_reminders": False, "board_name": "name", "forgotten_at": now}
    theirs = (person.c.id == person_id) | (person.c.merged_into == person_id)
    connection.execute(update(person).where(theirs).values(**values))


def _erase_chat(connection: Connection, chat_id: int | None) -> None:
    """The private chat, with everything that was or is to be sent to it."""
    if chat_id is not None:
        connection.execute(delete(delivery).where(delivery.c.destination_id == chat_id))
        connection.execute(delete(chat).where(chat.c.id == chat_id))


def _erase_names(connection: Connection, names: Collection[str]) -> None:
    """What others were told with a name goes, being of no use any more; what is still to be sent goes without it."""
    for called in names:
        written = cast(delivery.c.payload, Text).contains(json.dumps(called), autoescape=True)
        is_over = delivery.c.session_id.is_(None) & delivery.c.state.in_(_FINISHED)
        connection.execute(delete(delivery).where(written, is_over))
        listed = cast(roster_import.c.rows, Text).contains(json.dumps(called), autoescape=True)
        connection.execute(delete(roster_import).where(listed))  # previews that nobody applied
        for row in connection.execute(select(delivery.c.id, delivery.c.payload).where(written)).all():
            this = update(delivery).where(delivery.c.id == row.id)
            connection.execute(this.values(payload=_without(row.payload, called)))


def _without(facts: Any, called: str) -> Any:
    """Facts in which whoever was called so has no name; a group of that name keeps its own."""
    if isinstance(facts, list):
        return [_without(each, called) for each in facts]
    if not isinstance(facts, dict):
        return facts
    return {
        key: "" if value == called and key.endswith("name") and key != "group_name" else _without(value, called)
        for key, value in facts.items()
    }
