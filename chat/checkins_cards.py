"""The messages around a check-in: the one with the button, the leader's prompt and lists."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from domain.attendance import MARKABLE, Status
from services.checkins import CheckIn, Live
from services.closing import Sheet
from texts import Words, words
from texts.words import name

PAGE = 8
"""People on one page of a list."""


def opened(facts: Live) -> Message:
    """The message with the check-in button; it makes no sound, the reminder has."""
    return Message(_live_text(facts), _live_keyboard(facts), silent=True)


def edited(facts: Live) -> Edit:
    """The same message, brought up to date; once the window is closed it has no button."""
    return Edit(facts.message_id or 0, _live_text(facts), _live_keyboard(facts))


def prompt(facts: Live) -> Message:
    """What asks a leader to close."""
    return Message(_prompt_text(facts), _prompt_keyboard(facts, words(facts.language)))


def closed(facts: Live, spoken: Words) -> Message:
    """What the leader sees after closing."""
    return Message(
        spoken.html("checkins.closed_for_leader", title=facts.title, summary=_summary(facts, spoken)),
        ((Button(spoken("button.correct"), pack("sheet", facts.session_id, 0, 1)),),),
    )


def answer(result: CheckIn, spoken: Words) -> str:
    """What the person reads after the commit."""
    at = spoken.time(result.at, ZoneInfo(result.time_zone))
    if result.repeated:
        return spoken("checkins.repeated", time=at, status=spoken(f"status.{result.status}"))
    key = "checkins.on_time" if result.status is Status.PRESENT else "checkins.late"
    lines = [spoken(key, time=at)]
    if result.walk_in:
        lines.append(spoken("checkins.walk_in"))
    if result.time_uncertain:
        lines.append(spoken("checkins.uncertain"))
    return "\n".join(lines)


def sheet(facts: Sheet, page: int, everybody: bool, spoken: Words) -> Message:
    """A list of people, each a button; only the unrecorded unless `everybody` is wanted."""
    wanted = [entry for entry in facts.entries if everybody or entry.status is Status.UNRECORDED]
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(page, 0), pages - 1)
    rows: list[tuple[Button, ...]] = []
    for entry in wanted[page * PAGE : (page + 1) * PAGE]:
        state = (
            spoken("status.on_leave")
            if entry.on_leave and entry.status is Status.UNRECORDED
            else spoken(f"status.{entry.status}")
        )
        label = spoken("checkins.list_button", name=name(entry.name)[:40], status=state)
        rows.append((Button(label, pack("person", facts.session_id, entry.person_id, int(everybody))),))
    turning = []
    if page > 0:
        turning.append(Button(spoken("button.previous"), pack("sheet", facts.session_id, page - 1, int(everybody))))
    if page < pages - 1:
        turning.append(Button(spoken("button.next"), pack("sheet", facts.session_id, page + 1, int(everybody))))
    if turning:
        rows.append(tuple(turning))
    if not everybody:
        rows.append((Button(spoken("button.everybody"), pack("sheet", facts.session_id, 0, 1)),))
    if not facts.closed:
        rows.append((Button(spoken("button.close"), pack("close", facts.session_id)),))
    key = "checkins.list" if wanted else "checkins.list_empty"
    return Message(spoken.html(key, title=facts.title, count_all=len(wanted)), tuple(rows))


def statuses(facts: Sheet, person_id: int, everybody: bool, spoken: Words) -> Message:
    """Which status somebody gets."""
    entry = next(entry for entry in facts.entries if entry.person_id == person_id)
    buttons = [
        Button(spoken(f"status.{status}"), pack("mark", facts.session_id, person_id, number, int(everybody)))
        for number, status in enumerate(MARKABLE)
    ]
    back = (Button(spoken("button.back"), pack("sheet", facts.session_id, 0, int(everybody))),)
    text = spoken.html(
        "checkins.which_status",
        name=name(entry.name),
        title=facts.title,
        status=spoken(f"status.{entry.status}"),
    )
    return Message(text, (tuple(buttons[:3]), tuple(buttons[3:]), back))


def _live_text(facts: Live) -> str:
    spoken = words(facts.language)
    zone = ZoneInfo(facts.time_zone)
    span = f"{spoken.time(facts.opens_at, zone)}–{spoken.time(facts.closes_at, zone)}"
    return spoken.html(f"checkins.live_{facts.state}", title=facts.title, span=span, summary=_summary(facts, spoken))


def _summary(facts: Live, spoken: Words) -> str:
    parts = [spoken("checkins.count", came=facts.came, expected=facts.expected)]
    for label, number in (
        ("late", facts.late),
        ("excused", facts.excused),
        ("absent", facts.absent if facts.state == "closed" else 0),
        ("sitting_in", facts.sitting_in),
    ):
        if number:
            parts.append(spoken("checkins.count_of", status=spoken(f"status.{label}"), number=number))
    return spoken("checkins.count_join").join(parts)


def _live_keyboard(facts: Live) -> Keyboard:
    if facts.state not in ("open", "late"):
        return ()
    return ((Button(words(facts.language)("button.check_in"), pack("checkin", facts.session_id)),),)


def _prompt_text(facts: Live) -> str:
    spoken = words(facts.language)
    text = spoken.html("checkins.prompt", count=facts.unrecorded, title=facts.title, summary=_summary(facts, spoken))
    if facts.uncertain:
        text += "\n" + spoken.html("checkins.prompt_uncertain", count=facts.uncertain)
    return text


def _prompt_keyboard(facts: Live, spoken: Words) -> Keyboard:
    mark = Button(spoken("button.mark"), pack("sheet", facts.session_id, 0, 0))
    key = "button.close_rest" if facts.unrecorded else "button.close"
    close = Button(spoken(key), pack("close", facts.session_id))
    return ((mark,), (close,)) if facts.unrecorded else ((close,),)
