"""What a leader typed about a session, read by the grammar of dates into what a draft holds."""

from datetime import datetime, time
from typing import NoReturn
from zoneinfo import ZoneInfo

from chat.dates import DateError, Known, SessionLine, When, parse_line, parse_when
from domain.errors import Refusal
from services.drafts import Place, Typed, TypedTime
from texts import choose, words

_END_OF_DAY = time(23, 59)


def read_line(text: str, now: datetime, place: Place, minutes: int) -> tuple[Typed, datetime | None]:
    """A whole line, and the wall-clock time it names where that has passed: the draft then holds the next like it.

    `minutes` is the length where none is said. Raises DateError, whose moments are told in the group's zone.
    """
    zone = ZoneInfo(place.time_zone)
    try:
        return _typed(parse_line(text, now=now, zone=zone), place, minutes), None
    except DateError as error:
        passed, instead = _passed(error, place.time_zone)
    return _typed(parse_line(text, now=now, zone=zone, instead=instead), place, minutes), passed


def read_time(text: str, now: datetime, time_zone: str, known: Known) -> TypedTime:
    """A new time of a draft; `known` fills in what is not said. Raises DateError."""
    zone = ZoneInfo(time_zone)
    try:
        return _time(parse_when(text, now=now, zone=zone, known=known), None)
    except DateError as error:
        passed, instead = _passed(error, time_zone)
    return _time(parse_when(text, now=now, zone=zone, known=Known(known.day, known.clock, instead)), passed)


def read_day(text: str, now: datetime, time_zone: str) -> tuple[TypedTime, bool]:
    """A day, and whether a time was said with it. Raises DateError, also for what has passed."""
    zone = ZoneInfo(time_zone)
    try:
        return _time(parse_when(text, now=now, zone=zone), None), True
    except DateError as error:
        if error.code != "no_time":
            _refuse(error, time_zone)
    return _time(parse_when(text, now=now, zone=zone, known=Known(clock=_END_OF_DAY)), None), False


def read_clock(text: str, now: datetime, time_zone: str, known: Known) -> TypedTime:
    """A time of a day that is known. Raises DateError, also for what has passed."""
    try:
        return _time(parse_when(text, now=now, zone=ZoneInfo(time_zone), known=known), None)
    except DateError as error:
        _refuse(error, time_zone)


def _passed(error: DateError, time_zone: str) -> tuple[datetime, datetime]:
    """The time that has passed and the one proposed instead; every other error is raised again."""
    passed, instead = error.params.get("starts_local"), error.params.get("suggested_local")
    if error.code != "past" or not isinstance(passed, datetime) or not isinstance(instead, datetime):
        _refuse(error, time_zone)
    return passed, instead


def _refuse(error: DateError, time_zone: str) -> NoReturn:
    """The error again, with what its sentence needs."""
    if error.code == "ambiguous" and error.params["first"] == error.params["second"]:
        raise Refusal("unclear_time", text=error.params["first"]) from error
    error.params["zone"] = time_zone
    raise error


def _typed(line: SessionLine, place: Place, minutes: int) -> Typed:
    return Typed(
        title=line.title,
        kind=line.kind,
        place=line.place or (online(place.language) if line.link else ""),
        starts_local=line.starts_local,
        starts_at=line.starts_at,
        minutes=line.minutes or minutes,
        cadence=line.cadence.to_rrule() if line.cadence else None,
        bare_hour=line.bare_hour,
        in_gap=line.in_gap,
        link=line.link,
    )


def _time(when: When, passed: datetime | None) -> TypedTime:
    return TypedTime(
        when.starts_local,
        when.starts_at,
        when.minutes,
        when.cadence.to_rrule() if when.cadence else None,
        when.bare_hour,
        when.in_gap,
        passed,
    )


def online(language: str) -> str:
    """The place of an online session in a group's language."""
    return words(choose(language))("drafts.online")
