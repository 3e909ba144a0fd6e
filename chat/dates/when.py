"""Tokens put together into one moment."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from chat.dates.clocks import is_bare, minutes_of, range_of
from chat.dates.days import InDays, Weekday
from chat.dates.errors import DateError
from chat.dates.months import Recurring
from chat.dates.numerals import normalise
from chat.dates.reading import Span, read_tokens
from chat.dates.tokens import Ahead, Clock, ClockRange, Day, Length, Monthly, Part, Repeat, Token, Unsupported
from domain.cadence import Cadence, is_in_gap, to_instant

LONGEST_TEXT = 1000  # characters
LONGEST_SESSION = 24 * 60  # minutes
YEARS_AHEAD = 5
MINUTE = timedelta(minutes=1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class When:
    """What a text says about time. `starts_local` is the naive wall-clock time, `starts_at` its UTC instant.

    `minutes` and `cadence` are None when unsaid. `bare_hour` marks a time that may have meant the other
    half of the day (7点), `in_gap` one that the clocks skip that day, so that `starts_at` is later than said.
    `spans` are the pieces of the text, as (start, end), that were read.
    """

    starts_local: datetime
    starts_at: datetime
    minutes: int | None
    cadence: Cadence | None
    bare_hour: bool
    in_gap: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is already known when only a part is typed, as in changing the time of a session.

    `instead` is taken in the place of the moment that the text names, once that was found to have passed.
    """

    day: date | None = None
    clock: time | None = None
    instead: datetime | None = None


NOTHING = Known()


def parse_when(text: str, *, now: datetime, zone: ZoneInfo, known: Known = NOTHING) -> When:
    """The moment a text names, seen from `now` (aware) in `zone`; `known` fills in what it leaves out.

    Raises DateError when it names none, more than one, or one that has passed.
    """
    if len(text) > LONGEST_TEXT:
        raise DateError("too_long", field="text", length=len(text), limit=LONGEST_TEXT)
    return resolve(text, read_tokens(normalise(text)), now, zone, known)


@dataclass(frozen=True, slots=True)
class _Time:
    """Minutes after midnight, the length if a range was given, and whether the half of the day is a guess."""

    start: int
    minutes: int | None
    bare: bool


class _Said:
    """The values of one text by type, each with the words it was read from."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._pieces = [(value, text[t.start : t.end].strip()) for t in tokens for value in t.values]

    def all(self, kind: type[T]) -> list[tuple[T, str]]:
        """Every value of a type."""
        return [(value, piece) for value, piece in self._pieces if isinstance(value, kind)]

    def one(self, kind: type[T]) -> T | None:
        """The only value of a type, or None; refused when two differ."""
        return agreed(self.all(kind))


def agreed(said: list[tuple[T, str]]) -> T | None:
    """The value all pieces have in common; None for no pieces; DateError when two differ."""
    for value, piece in said[1:]:
        if value != said[0][0]:
            raise DateError("ambiguous", first=said[0][1], second=piece)
    return said[0][0] if said else None


def resolve(text: str, tokens: list[Token], now: datetime, zone: ZoneInfo, known: Known = NOTHING) -> When:
    """The moment that the tokens of a text name together; raises DateError."""
    said = _Said(text, tokens)
    for _, piece in said.all(Unsupported):
        raise DateError("repeat_unsupported", text=piece)
    clock = _time(said)
    minutes = _minutes(said, clock)
    if known.instead is not None:
        local, starts_at, bare = known.instead, to_instant(known.instead, zone), clock is not None and clock.bare
    elif said.all(Ahead):
        local, starts_at, bare = *_moment_ahead(said, now, zone), False
    else:
        local, starts_at, bare = _moment(said, clock, now, zone, known)
    spans = tuple((token.start, token.end) for token in tokens)
    gap = not said.all(Ahead) and is_in_gap(local, zone)
    return When(local, starts_at, minutes, _cadence(said, local), bare, gap, spans)


def _cadence(said: _Said, local: datetime) -> Cadence | None:
    repeats: list[tuple[Repeat | Monthly, str]] = [*said.all(Repeat), *said.all(Monthly)]
    repeat = agreed(repeats)
    if isinstance(repeat, Monthly):
        return repeat.cadence
    return None if repeat is None else Cadence.weekly(local.weekday(), interval=repeat.weeks)


def _moment_ahead(said: _Said, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    ahead, piece = said.all(Ahead)[0]
    said.one(Ahead)
    for _, other in [*said.all(Day), *said.all(Clock), *said.all(ClockRange)]:  # type: ignore[type-abstract]
        raise DateError("ambiguous", first=piece, second=other)
    starts_at = now.astimezone(UTC) + ahead.minutes * MINUTE
    whole = starts_at.replace(second=0, microsecond=0)
    starts_at = whole if whole == starts_at else whole + MINUTE
    return starts_at.astimezone(zone).replace(tzinfo=None, fold=0), starts_at


def _time(said: _Said) -> _Time | None:
    part = said.one(Part)
    times = [(_of_clock(clock, part, piece), piece) for clock, piece in said.all(Clock)]
    times += [(_of_range(found, part, piece), piece) for found, piece in said.all(ClockRange)]
    if not times and part is Part.NOON:
        return _Time(12 * 60, None, bare=False)
    return agreed(times)


def _of_clock(clock: Clock, part: Part | None, piece: str) -> _Time:
    clock = _in_part(clock, part, piece)
    start = minutes_of(clock)
    if start is None:
        raise _unreadable(piece, clock)
    return _Time(start, None, is_bare(clock))


def _of_range(found: ClockRange, part: Part | None, piece: str) -> _Time:
    found = replace(found, start=_in_part(found.start, part, piece))
    both = range_of(found)
    if both is None:
        raise _unreadable(piece, found.start, found.end)
    return _Time(*both, bare=is_bare(found.start) and found.end.part is None)


def _in_part(clock: Clock, part: Part | None, piece: str) -> Clock:
    """The time in the part of the day said elsewhere in the line (今晚 … 7点); DateError if they disagree."""
    if part is None:
        return clock
    if clock.part is None:
        return replace(clock, part=part, literal=False)
    minutes = minutes_of(clock)
    if minutes is not None and minutes_of(Clock(minutes // 60, minutes % 60, part)) != minutes:
        raise DateError("ambiguous", first=piece, second=piece)
    return clock


def _unreadable(piece: str, *clocks: Clock) -> DateError:
    if any(clock.hour > 24 or clock.minute > 59 or (clock.hour == 24 and clock.minute) for clock in clocks):
        return DateError("not_a_time", text=piece)
    return DateError("ambiguous", first=piece, second=piece)


def _minutes(said: _Said, clock: _Time | None) -> int | None:
    lengths = [(length.minutes, piece) for length, piece in said.all(Length)]
    if clock is not None and clock.minutes is not None:
        lengths += [(clock.minutes, piece) for _, piece in said.all(ClockRange)]
    minutes = agreed(lengths)
    if minutes is not None and not 0 < minutes <= LONGEST_SESSION:
        raise DateError("bad_duration", minutes=minutes, limit=LONGEST_SESSION)
    return minutes


def _moment(
    said: _Said, clock: _Time | None, now: datetime, zone: ZoneInfo, known: Known
) -> tuple[datetime, datetime, bool]:
    today = now.astimezone(zone).date()
    dates = _dates(said, today) or ((known.day,) if known.day else ())
    if clock is None and known.clock is not None:
        clock = _Time(known.clock.hour * 60 + known.clock.minute, None, bare=False)
    if not dates:
        raise DateError("no_date", time=_shown(clock))
    if clock is None:
        raise DateError("no_time", date=dates[0])
    if (dates[0] - today).days > YEARS_AHEAD * 366:
        raise DateError("too_far", starts_local=_at(dates[0], clock), years=YEARS_AHEAD)
    for day in dates:
        if day >= today and to_instant(_at(day, clock), zone) > now:
            return _at(day, clock), to_instant(_at(day, clock), zone), clock.bare
    step = timedelta(days=1 if said.all(InDays) else 7)
    raise DateError("past", starts_local=_at(dates[0], clock), suggested_local=_next(dates[0], step, clock, now, zone))


def _shown(clock: _Time | None) -> time | None:
    return None if clock is None else _at(date.min, clock).time()


def _at(day: date, clock: _Time) -> datetime:
    return datetime.combine(day, time()) + clock.start * MINUTE


def _next(day: date, step: timedelta, clock: _Time, now: datetime, zone: ZoneInfo) -> datetime:
    """The first time so many steps after a day that still lies ahead."""
    day += step * max((now.astimezone(zone).date() - day) // step, 0)
    while to_instant(_at(day, clock), zone) <= now:
        day += step
    return _at(day, clock)


def _dates(said: _Said, today: date) -> tuple[date, ...]:
    """The dates that all the words for a day allow, the likeliest first; none where no day is said."""
    days = sorted(said.all(Day), key=lambda found: _is_open(found[0]))  # type: ignore[type-abstract]
    if not days:
        return ()
    day, piece = days[0]
    dates = day.candidates(today)
    if not dates:
        raise DateError("not_a_date", text=piece)
    for other, words in days[1:]:
        if not _allows(other, dates[0], today):
            raise DateError("ambiguous", first=piece, second=words)
    return dates


def _is_open(day: Day) -> bool:
    return isinstance(day, Recurring) or (isinstance(day, Weekday) and day.weeks is None)


def _allows(day: Day, chosen: date, today: date) -> bool:
    """Beside another date, a bare weekday or a rule only confirms it: 12月2日（周三）, 每月第一个周三 12月2日."""
    if isinstance(day, Weekday) and day.weeks is None:
        return day.weekday == chosen.weekday()
    if isinstance(day, Recurring):
        return day.cadence.falls_on(chosen)
    return chosen in day.candidates(today)
