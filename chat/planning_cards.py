"""The questions of scheduling step by step: kind, title, day, time, place, link."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.day_numbers import clock_number, day_number
from chat.drafts_cards import DAYS_SHOWN, LAST_PAGE, pairs, rows_of
from chat.outgoing import Button, Message
from domain.cadence import to_instant
from domain.schedule import USUAL_TIMES
from services.planning import KINDS, Step
from texts import Words, choose, words

Row = tuple[Button, ...]

_LONGEST_LABEL: Final = 30


def question(facts: Step, language: str = "", page: int = 0) -> Message:
    """The next question, under what is known so far; each has a way out."""
    spoken = words(choose(language, facts.language))
    rows = _KEYBOARDS[facts.step](facts, spoken, page)
    drop = Button(spoken("button.drop"), pack("drop", facts.draft_id))
    text = "\n".join((*_known(facts, spoken), spoken.html(f"planning.{facts.step}")))
    return Message(text, (*rows, (drop,)))


def _known(facts: Step, spoken: Words) -> Iterator[str]:
    known = facts.known
    yield spoken.html("planning.heading", group=facts.group_name)
    if "title" in known:
        yield spoken.html("drafts.what", title=known["title"])
    elif "kind" in known:
        yield spoken.html("planning.kind_line", kind=spoken(f"kind.{known['kind']}"))
    if facts.day is not None:
        yield spoken.html("planning.when_line", when=_when(facts, facts.day, spoken))
    if known.get("place"):
        yield spoken.html("drafts.place", place=known["place"])


def _when(facts: Step, day: date, spoken: Words) -> str:
    zone, clock = ZoneInfo(facts.time_zone), facts.known.get("clock")
    at = datetime.combine(day, time.fromisoformat(clock) if clock else time(), zone)
    return spoken.when(at, zone) if clock else spoken.day(at, zone)


def _kinds(facts: Step, spoken: Words, _page: int) -> list[Row]:
    return pairs(
        Button(spoken(f"kind.{kind}"), pack("plan_kind", facts.draft_id, number)) for number, kind in enumerate(KINDS)
    )


def _titles(facts: Step, spoken: Words, _page: int) -> list[Row]:
    kind = words(choose(facts.group_language))(f"kind.{facts.known['kind']}")
    return [(Button(spoken("button.use_kind", kind=kind), pack("plan_title", facts.draft_id)),)]


def _days(facts: Step, spoken: Words, page: int) -> list[Row]:
    zone, first = ZoneInfo(facts.time_zone), facts.today + timedelta(days=page * DAYS_SHOWN)
    days = [first + timedelta(days=number) for number in range(DAYS_SHOWN)]
    buttons = [
        Button(
            spoken.day(datetime.combine(day, time(12), zone), zone),
            pack("plan_day", facts.draft_id, day_number(day)),
        )
        for day in days
    ]
    turning = []
    if page > 0:
        turning.append(Button(spoken("button.week_before"), pack("plan_days", facts.draft_id, page - 1)))
    if page < LAST_PAGE:
        turning.append(Button(spoken("button.week_after"), pack("plan_days", facts.draft_id, page + 1)))
    return [*pairs(buttons), tuple(turning)]


def _clocks(facts: Step, _spoken: Words, _page: int) -> list[Row]:
    day, zone = facts.day or facts.today, ZoneInfo(facts.time_zone)
    coming = [clock for clock in USUAL_TIMES if to_instant(datetime.combine(day, clock), zone) > facts.now]
    buttons = [Button(f"{clock:%H:%M}", pack("plan_time", facts.draft_id, clock_number(clock))) for clock in coming]
    return rows_of(buttons, 4)


def _places(facts: Step, spoken: Words, _page: int) -> list[Row]:
    last = [
        (Button(place[:_LONGEST_LABEL], pack("plan_place", facts.draft_id, number)),)
        for number, place in enumerate(facts.places, 1)
    ]
    online = Button(spoken("button.online"), pack("plan_place", facts.draft_id, -1))
    return [*last, (online, Button(spoken("button.leave_out"), pack("plan_place", facts.draft_id, 0)))]


def _links(facts: Step, spoken: Words, _page: int) -> list[Row]:
    return [(Button(spoken("button.leave_out"), pack("plan_no_link", facts.draft_id)),)]


_KEYBOARDS: Final[dict[str, Callable[[Step, Words, int], list[Row]]]] = {
    "kind": _kinds,
    "title": _titles,
    "day": _days,
    "clock": _clocks,
    "place": _places,
    "link": _links,
}
