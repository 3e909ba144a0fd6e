"""The messages around a session: echo, card, reminders, the notice of a cancelling, and lists."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, EditButtons, Keyboard, Message
from services.drafts import Choice, Echo
from services.reminders import Reminder
from services.sessions import Card, Coming, Notice
from texts import LANGUAGES, Words, choose, words


def card(facts: Card) -> Message:
    """The card: when, where, how many come, and two buttons to answer with."""
    return Message(_card_text(facts), _card_keyboard(facts))


def card_edited(facts: Card) -> Edit:
    """The same message, brought up to date."""
    return Edit(facts.message_id or 0, _card_text(facts), _card_keyboard(facts))


def cancelled(facts: Notice) -> Message:
    """What tells the group that a session will not be held, or a series from here on."""
    spoken = words(choose(facts.language))
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    text = spoken.html("sessions.cancelled", title=facts.title, when=when)
    if facts.count > 1:
        text += "\n" + spoken.html("sessions.cancelled_later", count=facts.count - 1)
    return Message(text)


def buttons_off(message_id: int) -> EditButtons:
    """A message that another one has followed."""
    return EditButtons(message_id)


def private_reminder(facts: Reminder) -> Message:
    """The reminder for one member; who has not answered can do it here."""
    spoken = words(choose(facts.language))
    zone = ZoneInfo(facts.time_zone)
    key = "sessions.private_started" if facts.started else "sessions.private_reminder"
    lines = [
        spoken.html(key, title=facts.title, time=spoken.time(facts.starts_at, zone), zone=spoken.zone(zone)),
        _place_line(facts.place, spoken),
        spoken.html("sessions.group_line", group=facts.group_name),
    ]
    keyboard: Keyboard = ()
    if facts.answerable and facts.answer is None:
        keyboard = (_answer_buttons(facts.session_id, spoken),)
    return Message(_lines(lines), keyboard)


def echo(facts: Echo, language: str = "") -> Message:
    """What was understood of a typed line, to be published or changed."""
    spoken = words(choose(language, facts.language))
    return Message(_echo_text(facts, spoken), _echo_keyboard(facts, spoken))


def choose_group(facts: Choice) -> Message:
    """Which group a typed line is meant for."""
    spoken = words(choose(facts.language))
    rows = tuple((Button(place.name[:60], pack("new_in", facts.draft_id, place.group_id)),) for place in facts.places)
    return Message(spoken.html("sessions.choose_group"), rows)


def how_to(spoken: Words) -> Message:
    """How a session is typed."""
    return Message(spoken.html("sessions.how_to"))


def upcoming(found: Sequence[Coming], in_private: bool, spoken: Words) -> Message:
    """What comes next; in private with one's own answers, and buttons for the first that has none."""
    if not found:
        return Message(spoken.html("sessions.nothing_comes"))
    lines = [spoken.html("sessions.upcoming"), *(_upcoming_line(coming, in_private, spoken) for coming in found)]
    open_one = next((coming for coming in found if in_private and coming.answerable and not coming.answer), None)
    if open_one is None:
        return Message("\n".join(lines), silent=True)
    lines.append(spoken.html("sessions.answer_for", title=open_one.title))
    return Message("\n".join(lines), (_answer_buttons(open_one.id, spoken),))


def choose_to_cancel(found: Sequence[Coming], spoken: Words) -> Message:
    """Which session is to be cancelled."""
    if not found:
        return Message(spoken.html("sessions.nothing_to_cancel"))
    rows = tuple((Button(_button_label(coming, spoken), pack("cancel", coming.id)),) for coming in found)
    return Message(spoken.html("sessions.choose_to_cancel"), rows)


def confirm_cancel(coming: Coming, spoken: Words) -> Message:
    """Cancelling is confirmed, because it cannot be taken back."""
    when = spoken.when(coming.starts_at, ZoneInfo(coming.time_zone))
    rows: list[tuple[Button, ...]] = [(Button(spoken("button.cancel_yes"), pack("cancel_yes", coming.id)),)]
    if coming.in_series:
        rows.append((Button(spoken("button.cancel_later"), pack("cancel_later", coming.id)),))
    rows.append((Button(spoken("button.keep"), pack("cancel_no", coming.id)),))
    return Message(spoken.html("sessions.confirm_cancel", title=coming.title, when=when), tuple(rows))


def cancel_done(found: Sequence[Coming], spoken: Words) -> Message:
    """What the leader sees after cancelling."""
    return Message(spoken.html("sessions.cancel_done", count=len(found), title=found[0].title))


def kept(spoken: Words) -> Message:
    """What the leader sees when nothing is cancelled."""
    return Message(spoken.html("sessions.kept"))


def _card_text(facts: Card) -> str:
    spoken = words(choose(facts.language))
    zone = ZoneInfo(facts.time_zone)
    ends = spoken.time(facts.ends_at, zone)
    if facts.ends_at.astimezone(zone).date() != facts.starts_at.astimezone(zone).date():
        ends = spoken.when(facts.ends_at, zone)
    span = spoken.html("sessions.span", when=spoken.when(facts.starts_at, zone), ends=ends, zone=spoken.zone(zone))
    counts = spoken.html("sessions.counts", going=facts.going, leave=facts.leave, no_reply=facts.no_reply)
    lines = [_heading(facts, spoken), _title(facts, spoken), span, _place_line(facts.place, spoken)]
    return _lines([*lines, "" if facts.state == "cancelled" else counts])


def _heading(facts: Card, spoken: Words) -> str:
    if facts.state == "cancelled":
        return spoken.html("sessions.is_cancelled")
    if not facts.is_reminder:
        return ""
    return spoken.html("sessions.has_started" if facts.started else "sessions.reminder")


def _title(facts: Card, spoken: Words) -> str:
    key = f"kind.{facts.kind}"
    if facts.kind == "other" or any(words(each)(key).lower() in facts.title.lower() for each in LANGUAGES):
        return spoken.html("sessions.title", title=facts.title)
    return spoken.html("sessions.title_with_kind", kind=spoken(key), title=facts.title)


def _place_line(place: str, spoken: Words) -> str:
    return spoken.html("sessions.place", place=place) if place else ""


def _card_keyboard(facts: Card) -> Keyboard:
    return (_answer_buttons(facts.session_id, words(choose(facts.language))),) if facts.answerable else ()


def _answer_buttons(session_id: int, spoken: Words) -> tuple[Button, ...]:
    return (
        Button(spoken("button.going"), pack("going", session_id)),
        Button(spoken("button.leave"), pack("leave", session_id)),
    )


def _echo_text(facts: Echo, spoken: Words) -> str:
    typed, zone = facts.typed, ZoneInfo(facts.time_zone)
    when = f"{spoken.date(typed.starts_at, zone)} {spoken.time(typed.starts_at, zone)}"
    key = "sessions.published" if facts.state == "published" else "sessions.echo"
    lines = [
        spoken.html(key, count=typed.minutes, when=when, zone=spoken.zone(zone)),
        spoken.html("sessions.what", title=typed.title),
        _place_line(typed.place, spoken),
        spoken.html("sessions.group_line", group=facts.group_name),
    ]
    if facts.dates:
        dates = spoken("sessions.between").join(spoken.day(at, zone) for at in facts.dates)
        key = "sessions.weekly" if typed.weeks == 1 else "sessions.every_weeks"
        lines.append(spoken.html(key, weeks=typed.weeks or 1, dates=dates))
    if facts.state == "open":
        lines.extend(_doubts(facts, spoken, zone))
    return _lines(lines)


def _doubts(facts: Echo, spoken: Words, zone: ZoneInfo) -> Iterable[str]:
    """What the line left open, or what the clocks make of it."""
    if facts.other_at is not None:
        yield spoken.html("sessions.bare_hour", time=spoken.time(facts.typed.starts_at, zone))
    if facts.typed.in_gap:
        yield spoken.html("sessions.in_gap", time=spoken.time(facts.typed.starts_at, zone))


def _echo_keyboard(facts: Echo, spoken: Words) -> Keyboard:
    if facts.state != "open":
        return ()
    rows = [(Button(spoken("button.publish"), pack("publish", facts.draft_id)),)]
    if facts.other_at is not None:
        time = spoken.time(facts.other_at, ZoneInfo(facts.time_zone))
        rows.append((Button(spoken("button.other_half", time=time), pack("half", facts.draft_id)),))
    weekly = Button(spoken("button.once" if facts.dates else "button.weekly"), pack("weekly", facts.draft_id))
    return (*rows, (weekly, Button(spoken("button.drop"), pack("drop", facts.draft_id))))


def _upcoming_line(coming: Coming, in_private: bool, spoken: Words) -> str:
    when = spoken.when(coming.starts_at, ZoneInfo(coming.time_zone))
    line = spoken.html("sessions.upcoming_line", when=when, title=coming.title)
    if coming.place:
        line += spoken("sessions.between") + spoken.html("sessions.at_place", place=coming.place)
    if in_private and coming.answer:
        line += spoken("sessions.between") + spoken(f"sessions.answered_{coming.answer}")
    return line


def _button_label(coming: Coming, spoken: Words) -> str:
    when = spoken.when(coming.starts_at, ZoneInfo(coming.time_zone))
    return spoken("sessions.cancel_button", when=when, title=coming.title[:40])


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line)
