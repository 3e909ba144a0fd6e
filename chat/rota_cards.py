"""The rota of speakers: the list of turns, a leader's choice, and what a speaker and the leaders are told."""

from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.rota import Turn
from services.rota_pages import Choice, Entry, Rota
from texts import Words, choose, words
from texts.words import name, person_name

LABEL: Final = 30


def listed(facts: Rota, in_private: bool, spoken: Words) -> Message:
    """The turns to come; in private with what the reader can do about each."""
    if not facts.entries:
        return Message(spoken.html("rota.nothing_comes" if facts.any_group else "rota.off"), silent=True)
    several = len({entry.group_name for entry in facts.entries}) > 1
    lines = [spoken.html("rota.listed"), *(_line(entry, several, spoken) for entry in facts.entries)]
    rows: list[tuple[Button, ...]] = []
    for entry in facts.entries if in_private else ():
        day = spoken.short_day(entry.starts_at, ZoneInfo(entry.time_zone))
        row = [Button(spoken("button.swap_on", day=day), pack("swap", entry.session_id, 0))] if entry.mine else []
        if entry.led:
            row.append(Button(spoken("button.rota_on", day=day), pack("rota_one", entry.session_id, 0)))
        rows += [tuple(row)] if row else []
    return Message("\n".join(lines), tuple(rows), silent=True)


def _line(entry: Entry, several: bool, spoken: Words) -> str:
    speaker = spoken("rota.nobody") if entry.speaker is None else person_name(entry.speaker, spoken)
    zone = ZoneInfo(entry.time_zone)
    key = "rota.line_mine" if entry.mine else "rota.line"
    line = spoken.html(key, when=spoken.when(entry.starts_at, zone), title=entry.title[:60], speaker=speaker)
    return f"{line} · {spoken.html('rota.of_group', group=name(entry.group_name))}" if several else line


def choice(facts: Choice, spoken: Words) -> Message:
    """A session for its leader: who leads it, and who could instead, whose turn it is first."""
    turn = facts.turn
    lines = [_head("rota.session", turn, spoken)]
    if facts.is_away:
        lines.append(spoken.html("rota.is_away"))
    lines.append(spoken.html("rota.choose" if facts.candidates else "rota.nobody_else"))
    rows: list[tuple[Button, ...]] = [
        (
            Button(
                spoken("rota.candidate", name=person_name(each.name, spoken)[:LABEL], times=each.times),
                pack("rota_set", turn.session_id, each.id),
            ),
        )
        for each in facts.candidates
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("rota_one", turn.session_id, page), spoken)
    if turn.speaker:
        rows.append((Button(spoken("button.rota_nobody"), pack("rota_set", turn.session_id, 0)),))
    rows.append((Button(spoken("button.rota"), pack("rota")),))
    return Message("\n".join(lines), tuple(rows))


def turn(facts: Turn) -> Message:
    """It is your turn."""
    return _told(facts, "rota.turn")


def prepare(facts: Turn) -> Message:
    """It comes nearer: please prepare."""
    return _told(facts, "rota.prepare_tomorrow" if facts.days <= 1 else "rota.prepare")


def relieved(facts: Turn) -> Message:
    """Somebody else leads it."""
    spoken = words(choose(facts.language))
    return Message(_head("rota.relieved" if facts.speaker else "rota.relieved_open", facts, spoken))


def absent(facts: Choice) -> Message:
    """The speaker is on leave: who could lead it instead?"""
    spoken = words(choose(facts.turn.language))
    return choice(facts, spoken)


def _told(facts: Turn, key: str) -> Message:
    spoken = words(choose(facts.language))
    row = (
        Button(spoken("button.swap"), pack("swap", facts.session_id, 0)),
        Button(spoken("button.rota"), pack("rota")),
    )
    return Message(_head(key, facts, spoken), (row,))


def _head(key: str, facts: Turn, spoken: Words) -> str:
    return spoken.html(
        key,
        title=facts.title,
        when=spoken.when(facts.starts_at, ZoneInfo(facts.time_zone)),
        group=name(facts.group_name),
        speaker=person_name(facts.speaker, spoken) if facts.speaker else spoken("rota.nobody"),
        days=facts.days,
    )
