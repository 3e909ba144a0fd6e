"""Somebody of whom something is kept in every table, for tests of showing and erasing it."""

from datetime import timedelta
from typing import Any

from forgotten import forget_at_once
from session_life import NOW, STARTS_AT, Group
from sqlalchemy import Connection, func, insert, select, update

from db.tables import (
    attendance_change,
    audit,
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
    past_membership,
    person,
    person_merge,
    proposal,
    response,
    roster_import,
    series,
    session_change,
    study_group,
    swap,
)
from services import deliveries, inputs

LONG_AGO = NOW - timedelta(days=30)


class Known:
    """A leader of whom something is kept in every table."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        self.who = self.group.leader
        self.chat_id = self.group.leader_chat
        life, group_id = self.group.life, self.group.id
        self.past = life.session(group_id, LONG_AGO, self.who, title="旧课", speaker_id=self.who.id)
        life.came(self.past, LONG_AGO, present=self.who, absent=self.group.member)
        self.coming = life.session(group_id, STARTS_AT, self.who, title="新课", state="scheduled")
        connection.execute(
            update(person)
            .where(person.c.id == self.who.id)
            .values(
                real_name="李大明",
                nickname="小明",
                board_name="nickname",
                time_zone="Asia/Tokyo",
                lead_minutes=30,
                quiet_from=1320,
                quiet_to=420,
                language="zh-CN",
                number="0042",
                private_reminders=True,
                last_group_id=group_id,
            )
        )
        self._rows()

    def _rows(self) -> None:
        group_id, who, past = self.group.id, self.who.id, self.past
        life = self.group.life
        life.row(past_membership, group_id=group_id, person_id=who, joined_at=LONG_AGO, left_at=LONG_AGO)
        life.admin(self.group.unit_id, self.who)
        for session_id, reason in ((past, "sick"), (self.coming, "official")):
            self._add(
                response, session_id=session_id, person_id=who, answer="leave", reason=reason, answered_at=LONG_AGO
            )
        changed = {"session_id": past, "actor_id": who, "at": LONG_AGO, "after": "present", "method": "leader"}
        self._add(attendance_change, person_id=who, before="absent", **changed)
        self._add(attendance_change, person_id=self.group.member.id, before="unrecorded", **changed)
        for session_id, state in ((past, "accepted"), (self.coming, "open")):
            self._add(
                correction, session_id=session_id, person_id=who, wanted="present", state=state, asked_at=LONG_AGO
            )
        self._add(
            series,
            group_id=group_id,
            kind="lesson",
            title="每周学习",
            cadence="FREQ=WEEKLY",
            first_local=NOW.replace(tzinfo=None),
            minutes=90,
            time_zone="Asia/Shanghai",
            planned_until=NOW,
            created_by=who,
        )
        self.connection.execute(update(study_group).values(created_by=who))
        self._add(draft, group_id=group_id, person_id=who, facts={"title": "草稿"}, created_at=NOW)
        self._add(
            material, session_id=past, form="document", file_id="F", file_name="原著.pdf", added_by=who, added_at=NOW
        )
        self._add(session_change, session_id=past, actor_id=who, at=NOW, field="place", before="二楼", after="三楼")
        self._rows_of_later_work(group_id, who, past)
        number = self.who.actor.telegram_id
        self._add(audit, at=NOW, actor_id=number, action="publish", group_id=group_id, subject="session:1")
        self._add(
            inbox, bot_id=1, update_id=1, raw=b'{"from":{"id":%d}}' % number, state="quarantined", received_at=NOW
        )
        self._add(
            inbox, bot_id=1, update_id=2, raw=b'{"from":{"id":%d7}}' % number, state="quarantined", received_at=NOW
        )
        inputs.ask(self.connection, number, "title", now=NOW)
        self.say("settings.kept_zone", {"zone": "Asia/Tokyo"}, self.chat_id)

    def _rows_of_later_work(self, group_id: int, who: int, past: int) -> None:
        today = NOW.date()
        self.connection.execute(
            update(correction).where(correction.c.session_id == past).values(appealed_at=LONG_AGO, appeal="我在现场")
        )
        second = self.group.life.session(group_id, LONG_AGO, self.who, title="第二课")
        for session_id, done in ((past, LONG_AGO), (second, None)):
            self._add(
                makeup,
                session_id=session_id,
                person_id=who,
                created_at=LONG_AGO,
                due_at=NOW,
                done_at=done,
                note="读了两遍",
                form="document",
                file_id="F2",
                file_name="心得.docx",
            )
        for first in (today - timedelta(days=40), today + timedelta(days=1)):
            self._add(
                long_leave,
                group_id=group_id,
                person_id=who,
                first_day=first,
                last_day=first + timedelta(days=5),
                reason="official",
                state="approved",
                asked_at=LONG_AGO,
            )
        for session_id in (past, self.coming):
            self._add(invitation, session_id=session_id, person_id=who)
            self._add(code_try, session_id=session_id, person_id=who, wrong=2)
        self._add(swap, asker_id=who, mine_id=self.coming, asked_id=self.group.member.id, asked_at=NOW)
        self._add(
            duty_reason,
            group_id=group_id,
            kind="lesson",
            first_day=today,
            reason="other",
            note="停电",
            given_by=who,
            given_at=NOW,
        )
        self._add(proposal, group_id=group_id, person_id=who, facts={"title": "建议"}, created_at=NOW)
        self._add(roster_import, group_id=group_id, person_id=who, rows=[{"name": "王芳"}], created_at=NOW)
        self._add(
            person_merge,
            kept_id=who,
            gone_id=self.group.member.id,
            merged_at=NOW,
            merged_by=who,
            facts={"name": "组长"},
        )

    def _add(self, table: Any, **values: Any) -> None:
        self.connection.execute(insert(table).values(**values))

    def say(self, text: str, values: dict[str, Any], chat_id: int, state: str = "pending") -> None:
        key = f"{text}:{chat_id}:{state}"
        deliveries.reply(self.connection, key=key, chat_id=chat_id, text=text, values=values, language="en", now=NOW)
        self.connection.execute(update(delivery).where(delivery.c.dedupe_key == key).values(state=state))

    def forget(self, word: str = "删除") -> None:
        forget_at_once(self.connection, self.who.actor, NOW, word)

    def row(self) -> Any:
        return self.connection.execute(select(person).where(person.c.id == self.who.id)).one()

    def count(self, table: Any, *conditions: Any) -> int:
        return self.connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
