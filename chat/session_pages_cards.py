"""A session in private: its page, who answered what, its history, a group's list; and the alert under its card."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from chat.paging import turning
from chat.sessions_cards import fact_lines, lines_of
from services.leaves import REASONS
from services.session_pages import PEOPLE, Change, Details, History, Listed, Own, Page, Replied, Sessions
from texts import Words
from texts.words import person_name

ALERT: Final = 200
"""Characters of an alert (Bot API, answerCallbackQuery)."""

NAMED: Final = 12
"""Names on the page itself for each answer; all of them stand on a list of their own."""

LONGEST_NAME: Final = 40
"""Characters of a name where many stand together, so that a page always fits into a message."""

LONGEST_VALUE: Final = 80
"""Characters of a value in the history."""

FROM_LIST: Final = 1
"""The number of a page's button that says it was opened from the group's list; 0: from /today."""

_ANSWERS: Final = ("going", "leave", "declined", "none")


def alert(facts: Details, spoken: Words) -> str:
    """Time, place, deadline, one's own answer, how many files: in an alert's length, and nothing of others."""
    card, zone = facts.card, ZoneInfo(facts.card.time_zone)
    if card.state == "cancelled":
        return spoken("sessions.alert_cancelled", title=card.title[:60], when=spoken.when(card.starts_at, zone))
    lines = [spoken("sessions.alert_when", title=card.title[:28], when=spoken.when(card.starts_at, zone))]
    if card.moved_from is not None:
        lines.append(spoken("sessions.moved_from", when=spoken.when(card.moved_from, zone)))
    if card.place or card.link:
        lines.append(spoken("sessions.place", place=card.place[:24]) if card.place else spoken("sessions.alert_online"))
    if card.leave_until is not None and not card.started:
        lines.append(spoken("sessions.leave_until", until=spoken.when(card.leave_until, zone)))
    lines.append(spoken("sessions.own", answer=_answer(facts.own, spoken)))
    if card.files:
        lines.append(spoken("sessions.files", total=card.files))
    return "\n".join(lines)[:ALERT]


def page(facts: Page, spoken: Words, origin: int = 0, *, asks_reason: bool = False) -> Message:
    """The page; `asks_reason` puts the reasons of a leave in the place of the answers."""
    lines = [*_state(facts, spoken), *fact_lines(facts.card, spoken)]
    lines.append(spoken.html("sessions.group_line", group=facts.group_name))
    if facts.is_member:
        lines.append(spoken.html("sessions.own", answer=_answer(facts.own, spoken)))
    text = lines_of(lines)
    if asks_reason:
        return Message(text + "\n\n" + spoken.html("sessions.why_leave"), _reasons(facts, spoken))
    text += "".join("\n\n" + part for part in (lines_of(_counted(facts, spoken)),) if part)
    return Message(text, _keyboard(facts, spoken, origin))


def people(facts: Page, page_number: int, spoken: Words) -> Message:
    """Everybody expected, by what they answered; for leaders."""
    pages = max(1, -(-len(facts.people) // PEOPLE))
    page_number = min(max(page_number, 0), pages - 1)
    ordered = [each for key in _ANSWERS for each in facts.people if _key(each.own) == key]
    shown = ordered[page_number * PEOPLE : (page_number + 1) * PEOPLE]
    lines = [spoken.html("sessions.people_heading", title=facts.card.title)]
    for key in _ANSWERS:
        group = [each for each in shown if _key(each.own) == key]
        if group:
            lines.append(_named(key, sum(_key(each.own) == key for each in ordered), group, spoken))
    session_id = facts.card.session_id
    rows = [*turning(page_number, pages, lambda number: pack("session_people", session_id, number), spoken)]
    return Message("\n".join(lines), (*rows, _back_to(session_id, spoken)))


def history(facts: History, spoken: Words) -> Message:
    """Who changed what and when, the newest first."""
    zone = ZoneInfo(facts.time_zone)
    lines = [spoken.html("editing.history", title=facts.title)]
    lines += [_change(change, zone, spoken) for change in facts.changes]
    turn = turning(facts.page, facts.pages, lambda number: pack("session_history", facts.session_id, number), spoken)
    return Message("\n".join(lines), (*turn, _back_to(facts.session_id, spoken)))


def value(field: str, text: str, zone: ZoneInfo, spoken: Words) -> str:
    """A field's value as people read it."""
    if field == "time":
        return spoken.when(datetime.fromisoformat(text), zone)
    if field == "length":
        return spoken("editing.minutes", count=int(text))
    if field == "state":
        return spoken(f"editing.state_{text}")
    return text or spoken("editing.nothing")


def sessions(facts: Sessions, spoken: Words) -> Message:
    """A group's sessions as buttons."""
    back = (Button(spoken("button.back"), pack("manage", facts.group_id)),)
    if not facts.entries:
        return Message(spoken.html("sessions.none_of_group", group=facts.group_name), (back,))
    rows = [(Button(_listed(entry, spoken), pack("session", entry.id, FROM_LIST)),) for entry in facts.entries]
    turn = turning(facts.page, facts.pages, lambda number: pack("sessions_of", facts.group_id, number), spoken)
    return Message(spoken.html("sessions.of_group", group=facts.group_name), (*rows, *turn, back))


def _state(facts: Page, spoken: Words) -> Iterator[str]:
    if facts.card.state == "cancelled":
        yield spoken.html("sessions.is_cancelled")
    elif facts.card.state == "closed":
        yield spoken.html("sessions.is_closed")


def _counted(facts: Page, spoken: Words) -> Iterator[str]:
    """How many answered what; for leaders with the names."""
    if facts.card.state == "cancelled":
        return
    if not facts.is_leader:
        counts = {"going": facts.card.going, "leave": facts.card.leave, "no_reply": facts.card.no_reply}
        yield spoken.html("sessions.counts", **counts)
        return
    for key in _ANSWERS:
        group = [each for each in facts.people if _key(each.own) == key]
        if group:
            yield _named(key, len(group), group[:NAMED], spoken)


def _named(key: str, count: int, group: Sequence[Replied], spoken: Words) -> str:
    names = spoken("sessions.name_join").join(_name(each, spoken) for each in group)
    if count > len(group):
        names = spoken("sessions.names_cut", names=names)
    return spoken.html(f"sessions.names_{key}", total=count, names=names)


def _name(each: Replied, spoken: Words) -> str:
    if each.own.answer != "leave":
        return person_name(each.name[:LONGEST_NAME], spoken)
    reason = spoken(f"reason.{each.own.reason}" if each.own.reason else "reason.unsaid")
    return spoken("sessions.name_with_reason", name=person_name(each.name[:LONGEST_NAME], spoken), reason=reason)


def _key(own: Own) -> str:
    if own.answer == "leave" and own.approved is False:
        return "declined"
    return own.answer or "none"


def _answer(own: Own, spoken: Words) -> str:
    if own.answer != "leave":
        return spoken(f"sessions.own_{own.answer or 'none'}")
    state = {None: "waiting", True: "approved", False: "declined"}[own.approved]
    return spoken(f"sessions.own_leave_{state}")


def _keyboard(facts: Page, spoken: Words, origin: int) -> Keyboard:
    session_id = facts.card.session_id
    rows = [_answers(facts, spoken), _leaving(facts, spoken), _takeaways(facts, spoken)]
    if facts.is_leader and facts.card.state != "cancelled":
        rows += _leading(facts, spoken)
    elif facts.is_leader and facts.changed:
        rows.append((Button(spoken("button.history"), pack("session_history", session_id, 0)),))
    back = pack("sessions_of", facts.group_id) if origin == FROM_LIST or not facts.is_member else pack("today")
    return (*(row for row in rows if row), (Button(spoken("button.back"), back),))


def _answers(facts: Page, spoken: Words) -> tuple[Button, ...]:
    if not facts.may_answer:
        return ()
    session_id, row = facts.card.session_id, []
    if facts.own.answer != "going":
        row.append(Button(spoken("button.going"), pack("page_going", session_id)))
    if facts.own.answer == "leave":
        row.append(Button(spoken("button.withdraw"), pack("page_withdraw", session_id)))
    elif facts.may_leave:
        row.append(Button(spoken("button.leave"), pack("page_why", session_id)))
    return tuple(row)


def _leaving(facts: Page, spoken: Words) -> tuple[Button, ...]:
    """While it runs, for who is there: going before the end, and taking that back."""
    if facts.may_leave_early:
        return (Button(spoken("button.leave_early"), pack("leave_early", facts.card.session_id)),)
    return (Button(spoken("button.undo"), pack("stay", facts.card.session_id)),) if facts.may_stay else ()


def _takeaways(facts: Page, spoken: Words) -> tuple[Button, ...]:
    session_id = facts.card.session_id
    row = [Button(spoken("button.calendar"), pack("calendar", session_id))]
    if facts.card.files:
        row.append(Button(spoken("button.files"), pack("materials", session_id)))
    return tuple(row)


def _leading(facts: Page, spoken: Words) -> list[tuple[Button, ...]]:
    session_id = facts.card.session_id
    files = ("button.files_edit", "material_list") if facts.card.files else ("button.files_add", "material_add")
    rows: list[tuple[Button, ...]] = [
        (
            Button(spoken("button.edit"), pack("edit", session_id)),
            Button(spoken(files[0]), pack(files[1], session_id)),
        )
    ]
    lists = []
    if facts.opened:
        lists.append(Button(spoken("button.sheet"), pack("sheet", session_id, 0, 0)))
    if len(facts.people) > NAMED:
        lists.append(Button(spoken("button.people"), pack("session_people", session_id, 0)))
    if facts.changed:
        lists.append(Button(spoken("button.history"), pack("session_history", session_id, 0)))
    if facts.card.state != "cancelled":
        lists.append(Button(spoken("button.minutes"), pack("minutes", session_id)))
    rows += [tuple(lists[:2]), tuple(lists[2:])] if len(lists) > 2 else [tuple(lists)]
    if facts.card.state == "scheduled":
        code = Button(spoken("button.code"), pack("code", session_id))
        rows.append((code, Button(spoken("button.venue"), pack("venue", session_id))))
        rows.append((Button(spoken("button.cancel_session"), pack("cancel", session_id)),))
    return rows


def _reasons(facts: Page, spoken: Words) -> Keyboard:
    session_id = facts.card.session_id
    reasons = (
        Button(spoken(f"reason.{reason}"), pack("page_leave", session_id, number))
        for number, reason in enumerate(REASONS)
    )
    return (tuple(reasons), _back_to(session_id, spoken))


def _back_to(session_id: int, spoken: Words) -> tuple[Button, ...]:
    return (Button(spoken("button.back"), pack("session", session_id)),)


def _change(change: Change, zone: ZoneInfo, spoken: Words) -> str:
    return spoken.html(
        "editing.history_line",
        at=spoken.when(change.at, zone),
        name=person_name(change.name, spoken),
        field=spoken(f"editing.field_{change.field}"),
        before=value(change.field, change.before, zone, spoken)[:LONGEST_VALUE],
        after=value(change.field, change.after, zone, spoken)[:LONGEST_VALUE],
    )


def _listed(entry: Listed, spoken: Words) -> str:
    when = spoken.when(entry.starts_at, ZoneInfo(entry.time_zone))
    return spoken(f"sessions.listed_{entry.state}", when=when, title=entry.title[:24])
