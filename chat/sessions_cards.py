"""The messages of a session: the echo of a draft, the card, reminders, leave, cancelling."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from services.drafts import Draft, Place
from services.sessions import LEAVE_REASONS, Card, LeaveRequest
from texts import Words, words
from texts.words import name


def echo(facts: tuple[Draft, str]) -> Message:
    """What was read from the leader's line, to be looked over before it is published."""
    draft, language = facts
    spoken, zone = words(language), ZoneInfo(draft.time_zone)
    lines = [
        spoken.html("sessions.confirm"),
        spoken.html("sessions.title_line", title=draft.title),
        spoken.html(
            "sessions.echo_time",
            date=spoken.date(draft.starts_at, zone),
            time=spoken.time(draft.starts_at, zone),
            zone=spoken.zone(zone),
            minutes=draft.minutes,
        ),
    ]
    if draft.place:
        lines.append(spoken.html("sessions.place_line", place=draft.place))
    lines.append(spoken.html("sessions.group_line", group=name(draft.group_name)))
    if draft.repeat_weeks:
        dates = spoken("sessions.date_join").join(spoken.day(date, zone) for date in draft.next_dates)
        lines.append(spoken.html("sessions.repeats", count=draft.repeat_weeks, dates=dates))
    if draft.in_gap:
        lines.append(spoken.html("sessions.in_gap"))
    return Message("\n".join(lines), _echo_keyboard(draft, spoken))


def which_group(draft: Draft, places: Sequence[Place], spoken: Words) -> Message:
    """For a leader of several groups."""
    rows = [(Button(name(place.name)[:60], pack("draft_group", draft.id, place.group_id)),) for place in places]
    return Message(spoken.html("sessions.which_group"), tuple(rows))


def published(draft: Draft, count: int, spoken: Words) -> Message:
    """What the echo becomes."""
    zone = ZoneInfo(draft.time_zone)
    text = spoken.html("sessions.published", title=draft.title, when=spoken.when(draft.starts_at, zone))
    if draft.repeat_weeks:
        text += "\n" + spoken.html("sessions.published_series", count=count)
    return Message(text)


def card(facts: Card) -> Message:
    """The announcement in the group."""
    return Message(_card_text(facts), _card_keyboard(facts))


def card_edit(facts: Card) -> Edit:
    """The same, brought up to date."""
    return Edit(facts.message_id or 0, _card_text(facts), _card_keyboard(facts))


def group_reminder(facts: Card) -> Message:
    """The one audible reminder, a day ahead; said differently once it has begun."""
    spoken, zone = words(facts.language), ZoneInfo(facts.time_zone)
    if facts.started:
        return Message(
            spoken.html("sessions.late_reminder", title=facts.title, time=spoken.time(facts.starts_at, zone))
        )
    text = spoken.html("sessions.reminder", title=facts.title, when=spoken.when(facts.starts_at, zone))
    lines = [text, *_place_line(facts, spoken), _counts(facts, spoken)]
    return Message("\n".join(lines), _card_keyboard(facts))


def private_reminder(facts: Card) -> Message:
    """The reminder in private, for those who turned it on."""
    spoken, zone = words(facts.language), ZoneInfo(facts.time_zone)
    key = "sessions.late_reminder" if facts.started else "sessions.private_reminder"
    lines = [spoken.html(key, title=facts.title, time=spoken.time(facts.starts_at, zone)), *_place_line(facts, spoken)]
    return Message("\n".join(lines))


def cancelled(facts: Card) -> Message:
    """The news that a session is not held."""
    spoken, zone = words(facts.language), ZoneInfo(facts.time_zone)
    return Message(spoken.html("sessions.cancelled_news", title=facts.title, when=spoken.when(facts.starts_at, zone)))


def leave_question(facts: Card) -> Message:
    """Asks for the kind of leave, in private."""
    spoken = words(facts.language)
    reasons = tuple(
        Button(spoken(f"leave.{reason}"), pack("leave_reason", facts.session_id, number))
        for number, reason in enumerate(LEAVE_REASONS)
    )
    return Message(
        spoken.html("sessions.leave_question", title=facts.title), (reasons, (_withdraw(facts.session_id, spoken),))
    )


def leave_noted(facts: Card, spoken: Words) -> Message:
    """What the question becomes."""
    return Message(spoken.html("sessions.leave_noted", title=facts.title), ((_withdraw(facts.session_id, spoken),),))


def leave_request(facts: LeaveRequest) -> Message:
    """Asks a leader."""
    spoken = words(facts.language)
    decisions = tuple(
        Button(spoken(label), pack(verb, facts.session.session_id, facts.person_id))
        for label, verb in (("button.approve", "approve"), ("button.decline", "decline"))
    )
    return Message(_leave_text("sessions.leave_request", facts, spoken), (decisions,))


def leave_decided(facts: LeaveRequest, spoken: Words) -> Message:
    """What the leader's question becomes."""
    return Message(_leave_text(f"sessions.leave_{_decision(facts)}_for_leader", facts, spoken))


def leave_decision(facts: LeaveRequest) -> Message:
    """Tells the person."""
    return Message(_leave_text(f"sessions.leave_{_decision(facts)}", facts, words(facts.language)))


def upcoming(rows: Sequence[Any], spoken: Words, *, with_group: bool) -> Message:
    """The next sessions."""
    if not rows:
        return Message(spoken.html("sessions.none_upcoming"))
    lines = [spoken.html("sessions.upcoming")]
    for row in rows:
        key = "sessions.upcoming_line_group" if with_group else "sessions.upcoming_line"
        when = spoken.when(row.starts_at, ZoneInfo(row.time_zone))
        lines.append(spoken.html(key, when=when, title=row.title, group=name(row.group_name)))
    return Message("\n".join(lines))


def to_cancel(rows: Sequence[Any], spoken: Words) -> Message:
    """Which session is to be cancelled."""
    if not rows:
        return Message(spoken.html("sessions.none_upcoming"))
    buttons = []
    for row in rows:
        when = spoken.when(row.starts_at, ZoneInfo(row.time_zone))
        buttons.append(
            (Button(spoken("sessions.cancel_button", when=when, title=row.title[:30]), pack("cancel", row.id)),)
        )
    return Message(spoken.html("sessions.which_to_cancel"), tuple(buttons))


def really_cancel(facts: Card, spoken: Words) -> Message:
    """A cancelled session is not brought back, so this is asked."""
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    yes = Button(spoken("button.cancel_yes"), pack("cancel_yes", facts.session_id))
    no = Button(spoken("button.keep"), pack("cancel_no"))
    return Message(spoken.html("sessions.really_cancel", title=facts.title, when=when), ((yes, no),))


def _echo_keyboard(draft: Draft, spoken: Words) -> Keyboard:
    rows = [(Button(spoken("button.publish"), pack("publish", draft.id)),)]
    if draft.bare_hour:
        local = draft.starts_local
        other = f"{(local.hour + 12) % 24:02}:{local.minute:02}"
        rows.append((Button(spoken("button.other_half", time=other), pack("draft_hour", draft.id)),))
    weekly = "button.once" if draft.repeat_weeks else "button.weekly"
    rows.append(
        (
            Button(spoken(weekly), pack("draft_weekly", draft.id)),
            Button(spoken("button.drop"), pack("draft_drop", draft.id)),
        )
    )
    return tuple(rows)


def _card_text(facts: Card) -> str:
    spoken, zone = words(facts.language), ZoneInfo(facts.time_zone)
    key = "sessions.card_cancelled" if facts.state == "cancelled" else "sessions.card_title"
    lines = [
        spoken.html(key, title=facts.title),
        spoken.html(
            "sessions.card_time",
            when=spoken.when(facts.starts_at, zone),
            end=spoken.time(facts.ends_at, zone),
            zone=spoken.zone(zone),
        ),
        *_place_line(facts, spoken),
    ]
    if facts.state != "cancelled":
        lines.append(_counts(facts, spoken))
    return "\n".join(lines)


def _place_line(facts: Card, spoken: Words) -> list[str]:
    return [spoken.html("sessions.place_line", place=facts.place)] if facts.place else []


def _counts(facts: Card, spoken: Words) -> str:
    return spoken.html("sessions.counts", going=facts.going, leave=facts.leave, no_reply=facts.no_reply)


def _card_keyboard(facts: Card) -> Keyboard:
    if facts.state != "scheduled" or facts.is_open:
        return ()
    spoken = words(facts.language)
    return (
        (
            Button(spoken("button.going"), pack("going", facts.session_id)),
            Button(spoken("button.leave"), pack("leave", facts.session_id)),
        ),
    )


def _withdraw(session_id: int, spoken: Words) -> Button:
    return Button(spoken("button.withdraw"), pack("withdraw", session_id))


def _leave_text(key: str, facts: LeaveRequest, spoken: Words) -> str:
    when = spoken.when(facts.session.starts_at, ZoneInfo(facts.session.time_zone))
    reason = spoken(f"leave.{facts.reason}") if facts.reason else spoken("leave.unsaid")
    return spoken.html(key, title=facts.session.title, when=when, name=name(facts.person_name), reason=reason)


def _decision(facts: LeaveRequest) -> str:
    return "approved" if facts.approved else "declined"
