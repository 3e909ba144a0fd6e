"""The rota of main speakers (领学): whose turn is next, changes of turns by consent, and when to prepare."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.cadence import to_instant

PREPARE_DAYS: Final = (7, 3, 1)
"""How many days before the session its speaker is reminded to prepare."""


class Speaker(NamedTuple):
    """Somebody who takes turns, and since which day they are in the group."""

    person_id: int
    joined_on: date


class Turn(NamedTuple):
    """A session that somebody led, or is down to lead."""

    person_id: int
    on: date


class Away(NamedTuple):
    """Days, both included, on which somebody cannot lead."""

    person_id: int
    first: date
    last: date


def order(speakers: Iterable[Speaker], turns: Iterable[Turn], away: Collection[int] = ()) -> tuple[int, ...]:
    """Whose turn it is, next first.

    1. Joining counts as a turn on that day, so newcomers begin at the end.
    2. Recent are the last turns of these speakers, as many as there are speakers: one round. Who had fewest of them is
       first, then whose last turn is longest ago, then who joined first, then the smaller number.
    3. Who is away is left out. Their turn is kept, for no turn is added: they are first again when they are back, once,
       because turns that were missed do not add up beyond a round.
    """
    joined = {speaker.person_id: speaker.joined_on for speaker in speakers}
    led = sorted((turn for turn in turns if turn.person_id in joined), key=lambda turn: turn.on)
    recent, last = _recent(led, joined)
    here = [person_id for person_id in joined if person_id not in away]
    return tuple(sorted(here, key=lambda one: (recent[one], last[one], joined[one], one)))


def _recent(led: list[Turn], joined: Mapping[int, date]) -> tuple[Counter[int], dict[int, date]]:
    """How many recent turns each has, and when each had their last."""
    last = dict(joined)
    for turn in led:
        last[turn.person_id] = max(last[turn.person_id], turn.on)
    # A joining comes after the turns of its day: who joins is behind who led that day.
    entries = sorted(
        [(turn.on, False, turn.person_id) for turn in led] + [(on, True, one) for one, on in joined.items()]
    )
    recent: Counter[int] = Counter()
    for _on, is_joining, person_id in entries[-len(joined) :]:
        # Whoever led more than one turn lately does not come after a newcomer for it.
        recent[person_id] += max(recent.values(), default=1) if is_joining else 1
    return recent, last


def assign(
    days: Iterable[date], speakers: Collection[Speaker], turns: Iterable[Turn], away: Iterable[Away] = ()
) -> list[Turn | None]:
    """Who leads on coming days, in their order: each turn given counts for the next; None where everybody is away.

    `turns` holds those already given for later days too. Who has not joined by a day is not asked for it.
    """
    known, absences = list(turns), list(away)
    given: list[Turn | None] = []
    for day in sorted(days):
        there = [speaker for speaker in speakers if speaker.joined_on <= day]
        gone = {one.person_id for one in absences if one.first <= day <= one.last}
        found = order(there, known, gone)
        turn = Turn(found[0], day) if found else None
        given.append(turn)
        known += [turn] if turn else []
    return given


class Objection(StrEnum):
    """Why a change of turns is not possible."""

    NOT_ASKED = "swap_not_asked"
    OUTDATED = "swap_outdated"
    TOO_LATE = "swap_too_late"


@dataclass(frozen=True, slots=True)
class Swap:
    """What somebody asks somebody else: lead my session and I lead yours, or (`theirs` None) only the first."""

    asker_id: int
    mine: int
    asked_id: int
    theirs: int | None = None


def accept(
    swap: Swap, by: int, speakers: Mapping[int, int], starts_at: Mapping[int, datetime], now: datetime
) -> dict[int, int] | Objection:
    """The speakers that change when a swap is accepted, by session; or why it cannot be.

    Only whoever was asked can consent; both must still be down for what was talked of (`speakers` by session), and
    neither session may have begun. Whoever leads a turn for another without return is not asked to lead one more for
    it, and whoever gave it away keeps their place: `order` counts what was led.
    """
    if by != swap.asked_id:
        return Objection.NOT_ASKED
    sessions = [(swap.mine, swap.asker_id)]
    if swap.theirs is not None:
        sessions.append((swap.theirs, swap.asked_id))
    if any(speakers.get(session) != person or session not in starts_at for session, person in sessions):
        return Objection.OUTDATED
    if any(starts_at[session] <= now for session, _person in sessions):
        return Objection.TOO_LATE
    changed = {swap.mine: swap.asked_id}
    return changed if swap.theirs is None else changed | {swap.theirs: swap.asker_id}


def preparations(
    starts_at: datetime, zone: ZoneInfo, now: datetime, days: Iterable[int] = PREPARE_DAYS, at: time = time(9)
) -> tuple[datetime, ...]:
    """When (UTC) a speaker is reminded to prepare: so many local days before, at a local time; never in the past.

    A speaker who is named late gets what is still to come, nothing at once.
    """
    day = starts_at.astimezone(zone).date()
    moments = (to_instant(datetime.combine(day - timedelta(days=before), at), zone) for before in days)
    return tuple(sorted(moment for moment in moments if now < moment < starts_at))
