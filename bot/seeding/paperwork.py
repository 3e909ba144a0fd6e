"""What the seeded year leaves on paper elsewhere: minutes, make-up study, a long leave, reasons of what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.seeding.calendar_of_year import Meeting
from db.queries import seeding as queries
from domain.errors import Refusal
from domain.people import Actor
from services import duty_reasons, long_leave_asking, long_leave_decisions, makeup_reviews, makeups, minutes

if TYPE_CHECKING:
    from bot.seeding.year import Year

RECORDED: Final = frozenset({"assembly", "committee", "subgroup", "theme_day"})
"""The kinds of which minutes are kept; the bot's rule asks for them at these as well."""

EXPLAINED: Final = frozenset({"committee", "subgroup", "study"})
"""The kinds whose misses were explained; the others are left, so that the radar still asks."""

LONG_LEAVE_DAYS: Final = (40, 12)
"""How long before and after now the long leave that is running began and ends."""


def after_closing(year: Year, session_id: int, meeting: Meeting, now: datetime) -> None:
    """Whoever owes make-up study gets down to it, and the minutes are written on the same day."""
    names = {person_id: name for name, person_id in year.ids.items()}
    for makeup_id, person_id in queries.owed(year.connection, session_id):
        name = names[person_id]
        luck = year.random.random()
        if luck < 0.8:
            handed_at = now + timedelta(hours=year.random.randint(10, 130))
            year.at(handed_at, partial(_hand_in, year, makeup_id, name, meeting, luck < 0.72))
    if meeting.kind in RECORDED:
        year.at(now + timedelta(hours=1), partial(_write_minutes, year, session_id, meeting))


def foresee(year: Year) -> None:
    """One member is away for weeks, and at the start of each quarter the leader of a branch says what was missed."""
    before, after = LONG_LEAVE_DAYS
    asked_at = year.now - timedelta(days=before + 2)
    first = (year.now - timedelta(days=before)).astimezone(year.zone).date()
    last = (year.now + timedelta(days=after)).astimezone(year.zone).date()
    branch = next(((n, g) for n, g in enumerate(year.cast.groups) if g.form == "branch"), None)
    if branch is None or asked_at < year.began_at:
        return
    number, group = branch
    name = next(member for member in reversed(group.members) if member not in group.outside)
    year.at(asked_at, partial(_go_away, year, number, name, (first.toordinal(), last.toordinal())))
    day = year.now.astimezone(year.zone)
    for back in range(0, 360, 90):
        year.at((day - timedelta(days=back)).replace(hour=10), partial(_explain, year, number))


def _write_minutes(year: Year, session_id: int, meeting: Meeting, now: datetime) -> None:
    group = year.cast.groups[meeting.group]
    writer = year.actor(group.leader)
    expected = year.expected(session_id)
    there = [name for name in group.members if year.ids[name] in expected]
    host, recorder, *others = [name for name in dict.fromkeys((group.leader, group.deputy, *there)) if name in there]
    speaker = year.random.choice(others)
    for role, name in enumerate((host, speaker, recorder)):
        minutes.choose(year.connection, session_id, role, year.ids[name], writer, now=now, rules=year.rules)
    for field, text in enumerate((year.cast.agenda, year.cast.decisions)):
        key, language = f"seed:minutes:{session_id}:{field}", year.rules.language
        minutes.ask(year.connection, session_id, field, writer, now=now)
        minutes.typed(
            year.connection,
            session_id,
            field,
            text,
            writer,
            reply_key=key,
            language=language,
            now=now,
            rules=year.rules,
        )
    minutes.review(year.connection, session_id, writer, now=now)


def _hand_in(year: Year, makeup_id: int, name: str, meeting: Meeting, confirmed: bool, now: datetime) -> None:
    actor = year.actor(name)
    try:
        makeups.ask_note(year.connection, makeup_id, actor, now=now)
    except Refusal:  # the record was put right meanwhile: there is nothing to make up
        return
    makeups.hand_in(
        year.connection,
        makeup_id,
        actor,
        text=year.cast.note,
        form="text",
        file_id="",
        file_name="",
        reply_key=f"seed:makeup:{makeup_id}",
        language=year.rules.language,
        now=now,
        rules=year.rules,
    )
    group = year.cast.groups[meeting.group]
    decider = group.deputy if name == group.leader else group.leader
    if confirmed and not year.rules.makeup_note_suffices:
        year.at(now + timedelta(hours=3), partial(_confirm, year, makeup_id, year.actor(decider)))


def _confirm(year: Year, makeup_id: int, leader: Actor, now: datetime) -> None:
    decision = makeup_reviews.DECISIONS.index("confirm")
    makeup_reviews.decide(year.connection, makeup_id, decision, leader, now=now, rules=year.rules)


def _go_away(year: Year, number: int, name: str, days: Sequence[int], now: datetime) -> None:
    first, last = (datetime.fromordinal(day).date() for day in days)
    group_id = year.group_ids[number]
    asked = long_leave_asking.request(
        year.connection, group_id, first, last, 0, year.actor(name), now=now, rules=year.rules
    )
    leader = year.actor(year.cast.groups[number].leader)
    long_leave_decisions.decide(year.connection, asked.id, leader, approved=True, now=now, rules=year.rules)


def _explain(year: Year, number: int, now: datetime) -> None:
    group_id, leader = year.group_ids[number], year.actor(year.cast.groups[number].leader)
    for missed in duty_reasons.misses(year.connection, group_id, leader, now, year.rules).entries:
        if missed.reason is not None or missed.line.kind.value not in EXPLAINED:
            continue
        where, merged = missed.where, duty_reasons.REASONS.index("merged")
        duty_reasons.give(year.connection, group_id, where, merged, leader, now=now, rules=year.rules)
        duty_reasons.note_typed(
            year.connection,
            group_id,
            where,
            year.cast.reason_note,
            leader,
            reply_key=f"seed:reason:{where}",
            language=year.rules.language,
            now=now,
            rules=year.rules,
        )
