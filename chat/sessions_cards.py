"""The messages around a session: card, reminders, the notice of a cancelling, and lists."""

from collections.abc import Iterable, Sequence
from html import escape
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, EditButtons, Keyboard, Message
from services.cancelling import Notice
from services.reminders import Reminder
from services.sessions import Card, Coming
from texts import LANGUAGES, Words, choose, words
from texts.words import person_name


def card(facts: Card) -> Message:
    """The card: when, where, how many come, and two buttons to answer with."""
    return Message(_card_text(facts), _card_keyboard(facts), silent=facts.silent)


def card_edited(facts: Card) -> Edit:
    """The same message, brought up to date."""
    return Edit(facts.message_id or 0, _card_text(facts), _card_keyboard(facts))


def moved_card(facts: Card) -> Edit:
    """What becomes of a card when its session is moved: the new time, and no buttons, for a new card has them."""
    spoken = words(choose(facts.language))
    key = "sessions.is_cancelled" if facts.state == "cancelled" else "sessions.is_moved"
    return Edit(
        facts.message_id or 0, lines_of([spoken.html(key), title_line(facts, spoken), span_line(facts, spoken)])
    )


def cancelled(facts: Notice) -> Message:
    """What tells the group that a session will not be held, or a series from here on."""
    spoken = words(choose(facts.language))
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    text = spoken.html("sessions.cancelled", title=facts.title, when=when)
    if facts.count > 1:
        text += "\n" + spoken.html("sessions.cancelled_later", count=facts.count - 1)
    return Message(text, silent=facts.silent)


def cancelled_told(facts: Notice) -> Message:
    """The same in private for who is going, where the group was reminded already."""
    spoken = words(choose(facts.language))
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    return Message(spoken.html("sessions.cancelled_told", title=facts.title, when=when))


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
        place_line(facts, spoken),
        spoken.html("sessions.group_line", group=facts.group_name),
    ]
    keyboard: Keyboard = ()
    if facts.answerable and facts.answer is None:
        keyboard = (_answer_buttons(facts.session_id, spoken),)
    return Message(lines_of(lines), keyboard)


def upcoming(found: Sequence[Coming], in_private: bool, spoken: Words) -> Message:
    """What comes next; in private with one's own answers, and a button for each that opens its page."""
    if not found:
        return Message(spoken.html("sessions.nothing_comes"), silent=True)
    lines = [spoken.html("sessions.upcoming"), *(_upcoming_line(coming, in_private, spoken) for coming in found)]
    if not in_private:
        return Message("\n".join(lines), silent=True)
    rows = tuple((Button(_short(coming, spoken), pack("session", coming.id)),) for coming in found)
    calendar = Button(spoken("button.calendar_mine"), pack("calendar_mine"))
    return Message("\n".join(lines), (*rows, (calendar,)), silent=True)


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
    button = Button(spoken("button.to_session"), pack("session", found[0].id))
    return Message(spoken.html("sessions.cancel_done", count=len(found), title=found[0].title), ((button,),))


def kept(spoken: Words) -> Message:
    """What the leader sees when nothing is cancelled."""
    return Message(spoken.html("sessions.kept"))


def _card_text(facts: Card) -> str:
    spoken = words(choose(facts.language))
    counts = spoken.html("sessions.counts", going=facts.going, leave=facts.leave, no_reply=facts.no_reply)
    return lines_of([_heading(facts, spoken), *fact_lines(facts, spoken), "" if facts.state == "cancelled" else counts])


def fact_lines(facts: Card, spoken: Words) -> list[str]:
    """What, when, where, until when leave is asked for, and the files: the same on the card and on the page."""
    files = spoken.html("sessions.files", total=facts.files) if facts.files else ""
    return [
        title_line(facts, spoken),
        span_line(facts, spoken),
        _moved_line(facts, spoken),
        place_line(facts, spoken),
        _speaker_line(facts, spoken),
        _leave_line(facts, spoken),
        files,
    ]


def _heading(facts: Card, spoken: Words) -> str:
    if facts.state == "cancelled":
        return spoken.html("sessions.is_cancelled")
    if not facts.is_reminder:
        return ""
    return spoken.html("sessions.has_started" if facts.started else "sessions.reminder")


def title_line(facts: Card, spoken: Words) -> str:
    """Kind and title; the kind alone where the title says it already."""
    key = f"kind.{facts.kind}"
    if facts.kind == "other" or any(words(each)(key).lower() in facts.title.lower() for each in LANGUAGES):
        return spoken.html("sessions.title", title=facts.title)
    return spoken.html("sessions.title_with_kind", kind=spoken(key), title=facts.title)


def span_line(facts: Card, spoken: Words) -> str:
    """From when to when, in the group's time zone."""
    zone = ZoneInfo(facts.time_zone)
    ends = spoken.time(facts.ends_at, zone)
    if facts.ends_at.astimezone(zone).date() != facts.starts_at.astimezone(zone).date():
        ends = spoken.when(facts.ends_at, zone)
    return spoken.html("sessions.span", when=spoken.when(facts.starts_at, zone), ends=ends, zone=spoken.zone(zone))


def place_line(facts: Card | Reminder, spoken: Words) -> str:
    """The place, or that it is online, with the link to it."""
    if facts.link:
        link = escape(facts.link, quote=True)
        if facts.place:
            return spoken("sessions.place_and_link", place=escape(facts.place, quote=False), link=link)
        return spoken("sessions.online", link=link)
    return spoken.html("sessions.place", place=facts.place) if facts.place else ""


def _speaker_line(facts: Card, spoken: Words) -> str:
    if facts.speaker is None:
        return ""
    return spoken.html("sessions.speaker", name=person_name(facts.speaker, spoken))


def _moved_line(facts: Card, spoken: Words) -> str:
    if facts.moved_from is None or facts.state == "cancelled":
        return ""
    return spoken.html("sessions.moved_from", when=spoken.when(facts.moved_from, ZoneInfo(facts.time_zone)))


def _leave_line(facts: Card, spoken: Words) -> str:
    if facts.leave_until is None or facts.state != "scheduled" or facts.started:
        return ""
    return spoken.html("sessions.leave_until", until=spoken.when(facts.leave_until, ZoneInfo(facts.time_zone)))


def _card_keyboard(facts: Card) -> Keyboard:
    if not facts.answerable:
        return ()
    spoken = words(choose(facts.language))
    more = [Button(spoken("button.details"), pack("details", facts.session_id))]
    if facts.files or facts.link:
        key = "button.page_files" if facts.files else "button.page_link"
        more.append(Button(spoken(key), start=f"s_{facts.session_id}"))
    return (_answer_buttons(facts.session_id, spoken), tuple(more))


def _answer_buttons(session_id: int, spoken: Words) -> tuple[Button, ...]:
    return (
        Button(spoken("button.going"), pack("going", session_id)),
        Button(spoken("button.leave"), pack("leave", session_id)),
    )


def _upcoming_line(coming: Coming, in_private: bool, spoken: Words) -> str:
    when = spoken.when(coming.starts_at, ZoneInfo(coming.time_zone))
    line = spoken.html("sessions.upcoming_line", when=when, title=coming.title)
    if coming.place:
        line += spoken("sessions.between") + spoken.html("sessions.at_place", place=coming.place)
    if in_private and coming.answer:
        line += spoken("sessions.between") + spoken(f"sessions.answered_{coming.answer}")
    return line


def _short(coming: Coming, spoken: Words) -> str:
    day = spoken.day(coming.starts_at, ZoneInfo(coming.time_zone))
    return spoken("sessions.open_button", day=day, title=coming.title[:16])


def _button_label(coming: Coming, spoken: Words) -> str:
    when = spoken.when(coming.starts_at, ZoneInfo(coming.time_zone))
    return spoken("sessions.cancel_button", when=when, title=coming.title[:40])


def lines_of(lines: Iterable[str]) -> str:
    """The lines that are not empty, as one text."""
    return "\n".join(line for line in lines if line)
