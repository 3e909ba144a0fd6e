"""Applying a confirmed change to a session, or to its series from there on; and taking it back for a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit
from db.queries import drafts as draft_queries
from db.queries import editing as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.people import Actor
from services import moving, people
from services.checkins import refresh_live
from services.editing import LENGTH, TIME, TITLE, Proposal, is_timed, open_draft, proposal, value_of
from services.rules import Rules
from services.session_pages import led
from services.sessions import refresh_card
from services.undo import require_in_time


@dataclass(frozen=True, slots=True)
class Applied:
    """What confirming came to: how many sessions were changed; none where the proposal is outdated."""

    proposal: Proposal
    count: int


def apply(
    connection: Connection, draft_id: int, actor: Actor, *, and_later: bool, now: datetime, rules: Rules
) -> Applied:
    """Carry out a proposed change, for one session or for this and the later ones of its series.

    Where somebody has changed the session since it was proposed, nothing is changed: the proposal is shown anew.
    Raises Refusal: edit_gone, session_gone, not_leader, edit_time_fixed, edit_past, edit_same.
    """
    draft, row = open_draft(connection, draft_id, actor)
    field, after, newest = draft.facts["field"], draft.facts["after"], queries.last_change(connection, row.id)
    if draft.facts["seen"] != newest:
        facts = {**draft.facts, "seen": newest}
        draft_queries.change_draft(connection, draft_id, facts=facts)
        return Applied(proposal(connection, draft_id, row, facts, now, outdated=True), 0)
    _require_possible(connection, row, field, after, now)
    found = proposal(connection, draft_id, row, draft.facts, now)
    work = _Work(connection, field, after, people.meet(connection, actor, now).id, now, rules)
    undo = work.from_here(row) if and_later and row.series_id is not None else {"sessions": [work.one(row)]}
    facts = {**draft.facts, "undo": undo, "done_at": now.isoformat()}
    draft_queries.change_draft(connection, draft_id, facts=facts, state="applied")
    action = "move" if field == TIME else "edit"
    audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=f"session:{row.id}")
    return Applied(found, sum("change" in kept for kept in undo["sessions"]))


def undo(connection: Connection, draft_id: int, actor: Actor, *, now: datetime, rules: Rules) -> int:
    """Take a change back as a whole; the session it began with.

    Raises Refusal: edit_gone, not_leader, undo_too_late, edit_changed_since (somebody has changed it again).
    """
    draft = draft_queries.draft_of(connection, draft_id, lock=True)
    if draft is None or "undo" not in draft.facts or draft.state != "applied":
        raise Refusal("edit_gone")
    row = led(connection, draft.facts["edit"], actor, lock=True)
    require_in_time(datetime.fromisoformat(draft.facts["done_at"]), now)
    kept, parted = draft.facts["undo"]["sessions"], draft.facts["undo"].get("split")
    _require_untouched(connection, kept, parted)
    person = people.meet(connection, actor, now)
    for each in kept:
        if "change" in each:
            work = _Work(connection, draft.facts["field"], each["before"], person.id, now, rules)
            work.back(session_queries.session(connection, each["id"], lock=True), each)
    if parted is not None:
        _join_again(connection, kept, parted)
    draft_queries.change_draft(connection, draft_id, state="dropped")
    audit.add(connection, now, actor.telegram_id, "edit_undo", group_id=row.group_id, subject=f"session:{row.id}")
    return int(row.id)


@dataclass(frozen=True, slots=True)
class _Work:
    """One change that is being made; what its methods return is enough to take it back."""

    connection: Connection
    field: str
    after: str
    person_id: int
    now: datetime
    rules: Rules

    def one(self, row: Any, *, starts_at: datetime | None = None, aloud: bool = True) -> dict[str, Any]:
        """Change one session."""
        kept: dict[str, Any] = {"id": row.id, "before": value_of(row, self.field)}
        after = self.after
        if self.field == TIME:
            starts_at = starts_at or datetime.fromisoformat(self.after)
            after = starts_at.isoformat()
            kept["moved_from"] = row.moved_from.isoformat() if row.moved_from else None
            length = row.ends_at - row.starts_at
            kept["answers"] = moving.move(
                self.connection, row, starts_at, length, aloud=aloud, now=self.now, rules=self.rules
            )
        else:
            self._set(row)
        return {**kept, "change": self._note(row, kept["before"], after)}

    def from_here(self, row: Any) -> dict[str, Any]:
        """Change a session and the later ones of its series, which goes on as a new one."""
        starts_at = datetime.fromisoformat(self.after) if self.field == TIME else None
        split = moving.split(self.connection, row, starts_at, **self._series_facts())
        kept = []
        for each in split.rows:
            done: dict[str, Any] = {"id": each.id}
            if self._concerns(each, split):
                start = starts_at if each.id == row.id else split.starts.get(each.id)
                done = self.one(each, starts_at=start, aloud=each.id == row.id)
            kept.append({**done, "nominal": each.nominal_local.isoformat()})
        extend_at = split.extend_at.isoformat() if split.extend_at else None
        return {"sessions": kept, "split": {"old": split.old_id, "new": split.new_id, "extend_at": extend_at}}

    def back(self, row: Any, kept: Mapping[str, Any]) -> None:
        """Give a session its former value."""
        before = value_of(row, self.field)
        if self.field == TIME:
            moved_from = datetime.fromisoformat(kept["moved_from"]) if kept["moved_from"] else None
            moving.move_back(
                self.connection,
                row,
                datetime.fromisoformat(self.after),
                kept["answers"],
                moved_from=moved_from,
                now=self.now,
                rules=self.rules,
            )
        else:
            self._set(row)
        self._note(row, before, self.after)

    def _concerns(self, row: Any, split: moving.Split) -> bool:
        """Sessions that were held, or will not be, stay as they are; so does what is so already."""
        if row.state != "scheduled" or (self.field in (TIME, LENGTH) and not is_timed(self.connection, row, self.now)):
            return False
        return (
            split.starts.get(row.id) != row.starts_at if self.field == TIME else value_of(row, self.field) != self.after
        )

    def _series_facts(self) -> dict[str, Any]:
        if self.field == TIME:
            return {}
        return {"minutes": int(self.after)} if self.field == LENGTH else {self.field: self.after}

    def _set(self, row: Any) -> None:
        if self.field == LENGTH:
            length = timedelta(minutes=int(self.after))
            moving.change_length(self.connection, row, length, self.now, self.rules)
            return
        session_queries.change_session(self.connection, row.id, **{self.field: self.after})
        if row.card_message_id is not None:
            refresh_card(self.connection, row, self.now, timedelta())
        if row.checkin_message_id is not None and self.field == TITLE:
            refresh_live(self.connection, row.id, row.chat_id, row.closes_at, self.now, self.rules, joint=row.joint)

    def _note(self, row: Any, before: str, after: str) -> int:
        return queries.add_change(self.connection, row.id, self.person_id, self.now, self.field, before, after)


def _require_possible(connection: Connection, row: Any, field: str, after: str, now: datetime) -> None:
    if after == value_of(row, field):
        raise Refusal("edit_same")
    if field == TIME and datetime.fromisoformat(after) <= now:
        raise Refusal("edit_past")
    if field in (TIME, LENGTH) and not is_timed(connection, row, now):
        raise Refusal("edit_time_fixed")


def _require_untouched(connection: Connection, kept: list[dict[str, Any]], parted: dict[str, Any] | None) -> None:
    for each in kept:
        if "change" in each and queries.last_change(connection, each["id"]) != each["change"]:
            raise Refusal("edit_changed_since")
    if parted is not None and queries.sessions_in(connection, parted["new"]) != {each["id"] for each in kept}:
        raise Refusal("edit_changed_since")


def _join_again(connection: Connection, kept: list[dict[str, Any]], parted: dict[str, Any]) -> None:
    for each in kept:
        nominal = datetime.fromisoformat(each["nominal"])
        session_queries.change_session(connection, each["id"], series_id=parted["old"], nominal_local=nominal)
    extend_at = datetime.fromisoformat(parted["extend_at"]) if parted["extend_at"] else None
    moving.join_again(connection, parted["old"], parted["new"], extend_at)
