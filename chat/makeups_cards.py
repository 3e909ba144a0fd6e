"""Make-up study: one's own tasks, a leader's list, and the messages about them."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Document, Keyboard, Message, Photo
from chat.paging import turning
from domain.makeup import MakeupState
from services.makeup_reviews import DECISIONS, Tasks
from services.makeups import Own, Task
from texts import Words, choose, words
from texts.words import name, person_name

LABEL: Final = 30

_OPEN: Final = (MakeupState.PENDING, MakeupState.OVERDUE, MakeupState.SUBMITTED)


def own(facts: Own, spoken: Words) -> Message:
    """One's own tasks, a button for each that is open."""
    if not facts.entries:
        return Message(spoken.html("makeups.none"))
    lines = [spoken.html("makeups.own"), *(_line(task, spoken) for task in facts.entries)]
    opened = [task for task in facts.entries if task.state in _OPEN]
    rows = [(Button(task.title[:LABEL], pack("makeup", task.id)),) for task in opened]
    turn = turning(facts.page, facts.pages, lambda page: pack("makeups", page), spoken)
    return Message("\n".join(lines), (*rows, *turn))


def _line(task: Task, spoken: Words) -> str:
    return spoken.html(
        "makeups.line",
        title=task.title[:60],
        day=_day(task.last_day, spoken),
        state=spoken(f"makeups.state_{task.state}"),
    )


def task(facts: Task, spoken: Words) -> Message:
    """One's own task: what was missed, until when, and how it is handed in."""
    lines = [
        spoken.html("makeups.task", title=facts.title, when=_when(facts, spoken), group=name(facts.group_name)),
        spoken.html("makeups.until", day=_day(facts.last_day, spoken), state=spoken(f"makeups.state_{facts.state}")),
    ]
    if facts.note:
        lines.append(spoken.html("makeups.note", note=facts.note))
    if facts.form:
        lines.append(spoken.html("makeups.file", file=facts.file_name or spoken(f"materials.form_{facts.form}")))
    rows: list[tuple[Button, ...]] = []
    if facts.state in _OPEN:
        rows.append((Button(spoken("button.makeup_write"), pack("makeup_note", facts.id)),))
    if facts.files:
        rows.append((Button(spoken("button.files"), pack("materials", facts.session_id)),))
    rows.append((Button(spoken("button.back"), pack("makeups")),))
    return Message("\n".join(lines), tuple(rows))


def ask_note(facts: Task, spoken: Words) -> Message:
    """Please write, or send a picture."""
    back = Button(spoken("button.back"), pack("makeup", facts.id))
    return Message(spoken.html("makeups.ask_note", title=facts.title), ((back,),))


def told(facts: Task) -> Message:
    """You missed it; this is what is left to do."""
    return _told(facts, "makeups.told")


def reminder(facts: Task) -> Message:
    """It is due today."""
    return _told(facts, "makeups.reminder")


def _told(facts: Task, key: str) -> Message:
    spoken = words(choose(facts.language))
    text = spoken.html(key, title=facts.title, when=_when(facts, spoken), day=_day(facts.last_day, spoken))
    row = [Button(spoken("button.makeup_write"), pack("makeup_note", facts.id))]
    if facts.files:
        row.append(Button(spoken("button.files"), pack("materials", facts.session_id)))
    return Message(text, (tuple(row), (Button(spoken("button.my_makeups"), pack("makeups")),)))


def handed(facts: Task) -> Message:
    """A leader is to look at what was handed in."""
    spoken = words(choose(facts.language))
    return _to_decide(facts, spoken, ())


def decided(facts: tuple[Task, str]) -> Message:
    """What became of it."""
    found, decision = facts
    spoken = words(choose(found.language))
    keyboard: Keyboard = ()
    if decision == "back":
        keyboard = ((Button(spoken("button.makeup_write"), pack("makeup_note", found.id)),),)
    text = spoken.html(f"makeups.decided_{decision}", title=found.title, day=_day(found.last_day, spoken))
    return Message(text, keyboard)


def tasks(facts: Tasks, spoken: Words) -> Message:
    """What is still to be made up in a group."""
    back = (Button(spoken("button.back"), pack("manage", facts.group_id)),)
    if not facts.entries:
        return Message(spoken.html("makeups.none_of_group", group=name(facts.group_name)), (back,))
    lines = [spoken.html("makeups.of_group", group=name(facts.group_name), count=facts.count)]
    if facts.overdue:
        lines.append(spoken.html("makeups.overdue", count=facts.overdue))
    rows = [(Button(_label(each, spoken), pack("makeup_task", each.id)),) for each in facts.entries]
    turn = turning(facts.page, facts.pages, lambda page: pack("makeups_of", facts.group_id, page), spoken)
    return Message("\n".join(lines), (*rows, *turn, back))


def _label(facts: Task, spoken: Words) -> str:
    called = person_name(facts.name, spoken)[:20]
    return spoken("makeups.label", name=called, title=facts.title[:16], state=spoken(f"makeups.state_{facts.state}"))


def to_decide(facts: Task, spoken: Words) -> Message:
    """One task for its leader."""
    back = (Button(spoken("button.back"), pack("makeups_of", facts.group_id, 0)),)
    return _to_decide(facts, spoken, (back,))


def _to_decide(facts: Task, spoken: Words, after: Keyboard) -> Message:
    lines = [
        spoken.html(
            "makeups.of_person", name=person_name(facts.name, spoken), title=facts.title, when=_when(facts, spoken)
        ),
        spoken.html("makeups.until", day=_day(facts.last_day, spoken), state=spoken(f"makeups.state_{facts.state}")),
    ]
    if facts.note:
        lines.append(spoken.html("makeups.note", note=facts.note))
    if facts.late:
        lines.append(spoken.html("makeups.late"))
    if not facts.reachable:
        lines.append(spoken.html("makeups.unreachable"))
    rows: list[tuple[Button, ...]] = []
    if facts.file_id:
        rows.append((Button(spoken("button.makeup_file"), pack("makeup_file", facts.id)),))
    if facts.decisions:
        rows.append(
            tuple(
                Button(spoken(f"button.makeup_{DECISIONS[number]}"), pack("makeup_decide", facts.id, number))
                for number in facts.decisions
            )
        )
    if facts.undoable:
        rows.append((Button(spoken("button.undo"), pack("makeup_undo", facts.id)),))
    return Message("\n".join(lines), (*rows, *after))


def file(facts: Task) -> Document | Photo:
    """What was handed in, by Telegram's id of it."""
    if facts.form == "photo":
        return Photo(facts.file_id)
    return Document(facts.file_name or "note", facts.file_id)


def _when(facts: Task, spoken: Words) -> str:
    return spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))


def _day(day: date, spoken: Words) -> str:
    zone = ZoneInfo("UTC")
    return spoken.day(datetime.combine(day, time(), zone), zone)
