"""The minutes of a session: the page, and who and what goes into it."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.minutes import FIELDS, ROLES, Choice, Minutes
from texts import Words
from texts.words import person_name


def page(facts: Minutes, spoken: Words) -> Message:
    """Everything that is filled in, what is not, and a button for each."""
    unset = spoken("minutes.unset")
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    lines = [spoken.html("minutes.heading", title=facts.title, when=when)]
    lines += [
        spoken.html(f"minutes.{role}", name=person_name(called, spoken) if called else unset)
        for role, called in zip(ROLES, (facts.host, facts.speaker, facts.recorder), strict=True)
    ]
    lines += [
        spoken.html(f"minutes.{field}", text=text or unset)
        for field, text in zip(FIELDS, (facts.agenda, facts.decisions), strict=True)
    ]
    lines.append(spoken.html("minutes.files", total=facts.files))
    if facts.reviewed_at is not None:
        at = spoken.when(facts.reviewed_at, ZoneInfo(facts.time_zone))
        lines.append(spoken.html("minutes.reviewed", name=person_name(facts.reviewer, spoken), at=at))
    return Message("\n".join(lines), _keyboard(facts, spoken))


def _keyboard(facts: Minutes, spoken: Words) -> tuple[tuple[Button, ...], ...]:
    session_id = facts.session_id
    roles = tuple(
        Button(spoken(f"button.minutes_{role}"), pack("minutes_who", session_id, number, 0))
        for number, role in enumerate(ROLES)
    )
    fields = tuple(
        Button(spoken(f"button.minutes_{field}"), pack("minutes_text", session_id, number))
        for number, field in enumerate(FIELDS)
    )
    files = ("button.minutes_files", "material_list") if facts.files else ("button.minutes_file", "material_add")
    last = [Button(spoken(files[0]), pack(files[1], session_id, 1))]
    if facts.files:
        last.append(Button(spoken("button.minutes_send"), pack("materials", session_id, 1)))
    rows = [roles, fields, tuple(last)]
    if facts.may_review:
        rows.append((Button(spoken("button.minutes_review"), pack("minutes_review", session_id)),))
    rows.append((Button(spoken("button.back"), pack("session", session_id)),))
    return tuple(rows)


def choice(facts: Choice, spoken: Words) -> Message:
    """Who was it?"""
    role = ROLES[facts.role]
    rows = [
        (Button(person_name(name, spoken)[:40], pack("minutes_set", facts.session_id, facts.role, person_id)),)
        for person_id, name in facts.people
    ]
    turn = turning(
        facts.page, facts.pages, lambda number: pack("minutes_who", facts.session_id, facts.role, number), spoken
    )
    nobody = Button(spoken("button.minutes_nobody"), pack("minutes_set", facts.session_id, facts.role, 0))
    back = Button(spoken("button.back"), pack("minutes", facts.session_id))
    return Message(spoken.html(f"minutes.who_{role}", title=facts.title), (*rows, *turn, (nobody, back)))


def ask(facts: Minutes, field: int, spoken: Words) -> Message:
    """Please type it; what is there is shown, to be copied and mended."""
    name = FIELDS[field]
    current = (facts.agenda, facts.decisions)[field]
    text = spoken.html(f"minutes.ask_{name}", title=facts.title)
    if current:
        text += "\n\n" + spoken.html("minutes.current", text=current)
    return Message(text, ((Button(spoken("button.back"), pack("minutes", facts.session_id)),),))
