"""The leader's messages after a session: the prompt, the list, a status to choose, closing and opening again."""

from datetime import datetime
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.checkins_cards import summary
from chat.outgoing import Button, Keyboard, Message
from chat.paging import turning
from domain.attendance import MARKABLE, Status
from services.checkins import Live
from services.closing import Closing, Reopening
from services.marking import Addable, Changed, Entry, Sheet, ToMark
from services.undo import UNDO_WITHIN
from texts import Words, choose, words
from texts.words import person_name

PAGE = 8
"""People on one page of a list."""


def prompt(facts: Live) -> Message:
    """What asks a leader to close."""
    return to_close(facts, words(facts.language))


def to_close(facts: Live, spoken: Words) -> Message:
    """The same in the words of whoever reads it."""
    text = spoken.html("closing.prompt", count=facts.unrecorded, title=facts.title, summary=summary(facts, spoken))
    if facts.uncertain:
        text += "\n" + spoken.html("closing.prompt_uncertain", count=facts.uncertain)
    return Message(text, _prompt_keyboard(facts, spoken))


def confirm_close(facts: Closing, spoken: Words) -> Message:
    """Closing makes many people absent, so it is asked about first."""
    rows = (
        (Button(spoken("button.close_yes"), pack("close_yes", facts.live.session_id)),),
        (Button(spoken("button.not_yet"), pack("close_no", facts.live.session_id)),),
    )
    return Message(spoken.html("closing.confirm", count=facts.absent, title=facts.live.title), rows)


def standing(facts: Live, spoken: Words, now: datetime, *, in_private: bool) -> Message:
    """What the leader sees of a session as it is: closed, or to be closed."""
    return closed(facts, spoken, now, in_private=in_private) if facts.state == "closed" else to_close(facts, spoken)


def closed(facts: Live, spoken: Words, now: datetime, *, in_private: bool) -> Message:
    """What the leader sees after closing; for a minute it is undone by the button that later asks first."""
    text = spoken.html("closing.closed", title=facts.title, summary=summary(facts, spoken))
    just_now = facts.closed_at is not None and now <= facts.closed_at + UNDO_WITHIN
    key = "button.undo" if just_now else "button.reopen"
    rows: Keyboard = ((Button(spoken(key), pack("reopen", facts.session_id)),),)
    if in_private:
        rows = ((Button(spoken("button.correct"), pack("sheet", facts.session_id, 0, 1)),), *rows)
    return Message(text, rows)


def confirm_reopen(facts: Reopening, spoken: Words) -> Message:
    """Opening again takes back what closing recorded, so it is asked about first."""
    rows = (
        (Button(spoken("button.reopen"), pack("reopen_yes", facts.live.session_id)),),
        (Button(spoken("button.leave_closed"), pack("reopen_no", facts.live.session_id)),),
    )
    return Message(spoken.html("closing.confirm_reopen", count=facts.unrecorded, title=facts.live.title), rows)


def sheet(facts: Sheet, page: int, everybody: bool, spoken: Words, *, undo: int | None = None) -> Message:
    """A list of people, each a button; only the unrecorded unless `everybody` is wanted.

    `undo` is whoever was marked just now.
    """
    wanted = [entry for entry in facts.entries if everybody or entry.status is Status.UNRECORDED]
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(page, 0), pages - 1)
    view = (int(everybody), page)
    rows: list[tuple[Button, ...]] = []
    if undo is not None:
        rows.append((Button(spoken("button.undo"), pack("unmark", facts.session_id, undo, *view)),))
    shown = wanted[page * PAGE : (page + 1) * PAGE]
    rows += [(Button(_entry(each, spoken), pack("person", facts.session_id, each.person_id, *view)),) for each in shown]
    rows += turning(page, pages, lambda to: pack("sheet", facts.session_id, to, int(everybody)), spoken)
    rows += _below(facts, everybody, spoken)
    key = "closing.list" if wanted else "closing.list_empty"
    return Message(spoken.html(key, title=facts.title, count_all=len(wanted)), tuple(rows))


def statuses(facts: ToMark, everybody: bool, page: int, spoken: Words) -> Message:
    """Which status somebody gets."""
    view = (int(everybody), page)
    buttons = [
        Button(spoken(f"status.{status}"), pack("mark", facts.session_id, facts.person_id, number, *view))
        for number, status in enumerate(MARKABLE)
    ]
    back = (Button(spoken("button.back"), pack("sheet", facts.session_id, page, int(everybody))),)
    status = spoken(f"status.{facts.status}")
    text = spoken.html("closing.which_status", name=person_name(facts.name, spoken), title=facts.title, status=status)
    return Message(text, (tuple(buttons[:3]), tuple(buttons[3:]), back))


def addable(facts: Addable, spoken: Words) -> Message:
    """Members who are not on the list, each a button."""
    rows: list[tuple[Button, ...]] = [
        (Button(person_name(called[:40], spoken), pack("person", facts.session_id, person_id, 1)),)
        for person_id, called in facts.people
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("add_person", facts.session_id, page), spoken)
    rows.append((Button(spoken("button.back"), pack("sheet", facts.session_id, 0, 1)),))
    key = "closing.add" if facts.people else "closing.nobody_to_add"
    return Message(spoken.html(key, title=facts.title), tuple(rows))


def changed(facts: Changed) -> Message:
    """Tells somebody that a leader changed their record, and how to object."""
    spoken = words(choose(facts.language))
    text = spoken.html(
        "closing.record_changed",
        group=facts.group_name,
        when=spoken.when(facts.starts_at, ZoneInfo(facts.time_zone)),
        title=facts.title,
        before=spoken(f"status.{facts.before}"),
        after=spoken(f"status.{facts.after}"),
    )
    return Message(text, ((Button(spoken("button.ask_correction"), pack("correction", facts.session_id)),),))


def _entry(entry: Entry, spoken: Words) -> str:
    on_leave = entry.on_leave and entry.status is Status.UNRECORDED
    state = spoken("status.on_leave" if on_leave else f"status.{entry.status}")
    return spoken("closing.list_button", name=person_name(entry.name[:40], spoken), status=state)


def _below(facts: Sheet, everybody: bool, spoken: Words) -> Keyboard:
    """What can be done with the list as a whole."""
    rows = []
    if not everybody:
        rows.append((Button(spoken("button.everybody"), pack("sheet", facts.session_id, 0, 1)),))
    elif facts.addable:
        rows.append((Button(spoken("button.add_person"), pack("add_person", facts.session_id, 0)),))
    if facts.closed:
        rows.append((Button(spoken("button.reopen"), pack("reopen", facts.session_id)),))
    else:
        rows.append((Button(spoken("button.close"), pack("close", facts.session_id)),))
    return tuple(rows)


def _prompt_keyboard(facts: Live, spoken: Words) -> Keyboard:
    mark = Button(spoken("button.mark"), pack("sheet", facts.session_id, 0, 0))
    key = "button.close_rest" if facts.unrecorded else "button.close"
    close = Button(spoken(key), pack("close", facts.session_id))
    return ((mark,), (close,)) if facts.unrecorded else ((close,),)
