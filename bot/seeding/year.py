"""Plays a year of the cast through the use cases: publishing, answers, leave, check-ins, closing, corrections."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.seeding import paperwork
from bot.seeding.calendar_of_year import Meeting, meetings
from bot.seeding.cast import Cast, CastGroup
from db.queries import checkins as checkin_queries
from db.queries import seeding as queries
from domain.attendance import CLAIMABLE, MARKABLE, Moment, Status
from domain.people import Actor
from services import (
    checkins,
    closing,
    corrections,
    drafts,
    group_settings,
    groups,
    leaves,
    marking,
    organisation,
    people,
    publishing,
    registration,
    responses,
)
from services.drafts import Typed
from services.rules import Rules

DAYS_BACK: Final = 365
DAYS_AHEAD: Final = 14
"""How far ahead sessions are planned already; the rest of the year is left for the auto-schedule."""

PUBLISHED_BEFORE: Final = timedelta(days=14)
OPEN_TO_ALL: Final = frozenset({"assembly", "lesson", "theme_day"})
"""The kinds of a branch at which others sit in."""

MINUTES: Final = {"subgroup": 60, "committee": 60, "assembly": 120}

Scene = Callable[[datetime], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the people and chats of the cast are: Telegram's numbers by name."""

    people: dict[str, int]
    groups: dict[str, int]
    bot_username: str


class Year:
    """The year, or its last days, as a play: scenes in order of time, each with the moment it is played at.

    `weekly`: the groups study every week, so that a short time is full, too.
    """

    def __init__(
        self,
        connection: Connection,
        cast: Cast,
        stage: Stage,
        *,
        now: datetime,
        language: str,
        rules: Rules,
        days: int = DAYS_BACK,
        weekly: bool = False,
    ) -> None:
        self.weekly = weekly
        self.began_at = now - timedelta(days=days)
        self.connection = connection
        self.cast = cast
        self.stage = stage
        self.now = now
        self.rules = replace(rules, language=language)
        self.zone = ZoneInfo(rules.time_zone)
        self.random = Random(20260101)
        self.ids: dict[str, int] = {}  # of people
        self.group_ids: list[int] = []
        self._scenes: list[tuple[datetime, int, Scene]] = []
        self._order = count()
        self._titles = {kind: count() for kind in cast.titles}
        self._diligence = {name: self.random.uniform(0.78, 0.99) for name in cast.people}

    def play(self, told: Callable[[float], None] = lambda _share: None) -> Any:
        """All of it, up to now, into an empty database; how many rows of each kind it made.

        `told` is given the share of the time that is played, now and then.
        """
        self.at(self.began_at, self.found)
        while self._scenes and self._scenes[0][0] <= self.now:
            moment, _number, scene = heappop(self._scenes)
            scene(moment)
            told((moment - self.began_at) / (self.now - self.began_at))
        queries.leave_the_past_unsent(self.connection, self.now)
        for group_id, cast_group in zip(self.group_ids, self.cast.groups, strict=True):
            group = queries.group(self.connection, group_id)
            key = f"seed:{cast_group.name}"
            groups.post_card(self.connection, group_id, group.chat_id, self.stage.bot_username, key, self.now)
        return queries.counts(self.connection)

    def at(self, moment: datetime, scene: Scene) -> None:
        """Play a scene at a moment, which may be one that has passed a little."""
        heappush(self._scenes, (moment, next(self._order), scene))

    def actor(self, name: str) -> Actor:
        """Somebody of the cast as Telegram tells of them."""
        return Actor(self.stage.people[name], name)

    # Founding

    def found(self, now: datetime) -> None:
        """Everybody presses Start; the groups are registered, people join, roles and marks are given."""
        for name in self.cast.people:
            self.ids[name] = people.start(self.connection, self.actor(name), now).id
        for number, cast_group in enumerate(self.cast.groups):
            self.group_ids.append(self._register(number, cast_group, now))
        unit_id = organisation.root(self.connection, self.cast.organisation, now)
        queries.settle(self.connection, unit_id, self.cast.unit, self.group_ids, self.ids[self.admin], now)
        first = now.astimezone(self.zone).date()
        last = (self.now + timedelta(days=DAYS_AHEAD)).astimezone(self.zone).date()
        today = self.now.astimezone(self.zone).date()
        planned = meetings(self.cast.groups, first, last, self.rules.holidays, self.zone, today, weekly=self.weekly)
        for meeting in planned:
            self.at(max(meeting.starts_at - PUBLISHED_BEFORE, now), partial(self.publish, meeting))
        paperwork.foresee(self)

    @property
    def admin(self) -> str:
        """Who administers the unit."""
        return self.cast.groups[0].leader

    def _register(self, number: int, cast_group: CastGroup, now: datetime) -> int:
        chat_id = self.stage.groups[cast_group.name]
        group_id = registration.register(
            self.connection,
            self.actor(cast_group.leader),
            chat_id,
            cast_group.name,
            is_chat_admin=True,
            organisation_name=self.cast.organisation,
            bot_username=self.stage.bot_username,
            rules=self.rules,
            now=now,
            reply_key=f"seed:register:{number}",
            token=f"seed-{number}",
        )
        for name in cast_group.members:
            groups.join(
                self.connection,
                group_id,
                self.actor(name),
                chat_id,
                message_id=0,
                bot_username=self.stage.bot_username,
                now=now,
                rules=self.rules,
            )
        roles = {cast_group.leader: "leader", cast_group.deputy: "deputy"}
        for name in cast_group.members:
            marks = {
                "role": roles.get(name, "member"),
                "committee": name in cast_group.committee,
                "subgroup": cast_group.subgroup_of.get(name, ""),
                "standing": _standing(cast_group, name),
            }
            queries.mark(self.connection, group_id, self.ids[name], **marks)
        queries.set_form(self.connection, group_id, cast_group.form)
        page, leader = group_settings.Page.ROTA, self.actor(cast_group.leader)
        group_settings.choose(self.connection, leader, group_id, page, 1, now=now, rules=self.rules)
        return group_id

    # A session

    def publish(self, meeting: Meeting, now: datetime) -> None:
        """A leader types and publishes it; what follows is put on the calendar."""
        cast_group = self.cast.groups[meeting.group]
        typed = self._typed(meeting)
        leader, chat_id = self.actor(cast_group.leader), self.stage.groups[cast_group.name]
        draft_id = drafts.add(
            self.connection,
            self.group_ids[meeting.group],
            leader,
            leader.telegram_id,
            typed,
            reply_key=f"seed:draft:{next(self._order)}",
            language=self.rules.language,
            now=now,
        )
        publishing.publish(self.connection, draft_id, leader, rules=self.rules, now=now)
        session_id = queries.session_of(self.connection, self.group_ids[meeting.group], typed.starts_at)
        expected = self.expected(session_id)
        whom = [name for name in self.ids if self.ids[name] in expected]
        for name in whom:
            self._foresee(session_id, name, chat_id, meeting, now)
        for name in sorted(cast_group.outside.difference(whom)) if meeting.kind in OPEN_TO_ALL else ():
            self.at(meeting.starts_at, partial(self.check_in, session_id, name, chat_id))
        ends_at = typed.ends_at
        self.at(ends_at + timedelta(minutes=self.random.randint(5, 40)), partial(self.close, session_id, meeting))

    def _typed(self, meeting: Meeting) -> Typed:
        titles = self.cast.titles[meeting.kind]
        title = titles[next(self._titles[meeting.kind]) % len(titles)]
        title = f"{meeting.subgroup} · {title}" if meeting.subgroup else title
        local = meeting.starts_at.astimezone(self.zone).replace(tzinfo=None)
        return Typed(
            title,
            meeting.kind,
            self.random.choice(self.cast.places),
            local,
            meeting.starts_at,
            MINUTES.get(meeting.kind, 90),
            None,
            bare_hour=False,
            in_gap=False,
            subgroup=meeting.subgroup,
            also_kind=meeting.also_kind,
            groups=tuple(self.group_ids[number] for number in meeting.with_groups),
        )

    def expected(self, session_id: int) -> set[int]:
        """Who is expected at a session, by id."""
        return {row.person_id for row in checkin_queries.roster(self.connection, session_id)}

    def _foresee(self, session_id: int, name: str, chat_id: int, meeting: Meeting, now: datetime) -> None:
        """What somebody will do: answer, be on leave, come on time or late, or not at all."""
        luck, starts_at = self.random.random(), meeting.starts_at
        answered_at = now + (starts_at - now) * self.random.uniform(0.05, 0.8)
        if luck < 0.07:
            self.at(answered_at, partial(self.take_leave, session_id, name, meeting))
            return
        if self.random.random() < 0.75:
            self.at(answered_at, partial(self.answer, session_id, name, chat_id))
        if self.random.random() < self._diligence[name]:
            minutes = self.random.choices((-12, -7, -3, 1, 6, 13, 22), (3, 6, 6, 4, 2, 1, 1))[0]
            self.at(starts_at + timedelta(minutes=minutes), partial(self.check_in, session_id, name, chat_id))
        elif self.random.random() < 0.3:
            self.at(starts_at + timedelta(minutes=95), partial(self.mark, session_id, name, meeting))

    def answer(self, session_id: int, name: str, chat_id: int, now: datetime) -> None:
        """⟦参加⟧ on the card."""
        actor = self.actor(name)
        responses.answer(self.connection, session_id, actor, chat_id, "going", Moment(now), now=now, rules=self.rules)

    def take_leave(self, session_id: int, name: str, meeting: Meeting, now: datetime) -> None:
        """Leave with its reason, which the leader mostly approves the same day."""
        actor, leader = self.actor(name), self.actor(self.cast.groups[meeting.group].leader)
        moment = Moment(now)
        responses.answer(
            self.connection, session_id, actor, actor.telegram_id, "leave", moment, now=now, rules=self.rules
        )
        reason = self.random.randrange(len(leaves.REASONS))
        leaves.give_reason(self.connection, session_id, reason, actor, moment, now=now)
        if self.random.random() < 0.9 and name != self.cast.groups[meeting.group].leader:
            decided_at = min(now + timedelta(hours=2), meeting.starts_at - timedelta(minutes=1))
            self.at(decided_at, partial(self.approve, session_id, name, leader))

    def approve(self, session_id: int, name: str, leader: Actor, now: datetime) -> None:
        """⟦批准⟧."""
        leaves.decide(self.connection, session_id, self.ids[name], leader, approved=True, now=now, rules=self.rules)

    def check_in(self, session_id: int, name: str, chat_id: int, now: datetime) -> None:
        """⟦签到⟧ in the group."""
        moment = Moment(now)
        checkins.check_in(self.connection, session_id, self.actor(name), chat_id, moment, now=now, rules=self.rules)

    def mark(self, session_id: int, name: str, meeting: Meeting, now: datetime) -> None:
        """The leader saw somebody who had not checked in."""
        leader = self.actor(self.cast.groups[meeting.group].leader)
        number = MARKABLE.index(Status.PRESENT)
        marking.mark(self.connection, session_id, self.ids[name], number, leader, now=now, rules=self.rules)

    def close(self, session_id: int, meeting: Meeting, now: datetime) -> None:
        """The leader closes it; now and then somebody says that they were there."""
        leader = self.actor(self.cast.groups[meeting.group].leader)
        closing.close(self.connection, session_id, leader, now=now, rules=self.rules)
        absent = queries.with_status(self.connection, session_id, Status.ABSENT.value)
        if absent and self.random.random() < 0.12:
            name = next(name for name, person_id in self.ids.items() if person_id == absent[0])
            self.at(now + timedelta(hours=20), partial(self.ask_correction, session_id, name))
        paperwork.after_closing(self, session_id, meeting, now)

    def ask_correction(self, session_id: int, name: str, now: datetime) -> None:
        """A correction that the leader still has to decide, or decides by the record."""
        number = CLAIMABLE.index(Status.PRESENT)
        corrections.file(self.connection, session_id, number, self.actor(name), now=now, rules=self.rules)


def _standing(cast_group: CastGroup, name: str) -> str:
    if name in cast_group.probationary:
        return "probationary"
    return "outside" if name in cast_group.outside else "full"
