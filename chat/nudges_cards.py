"""The question to who has not answered, and the line that tells leaders of it."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.nudges import Nudge, NudgesTold
from texts import choose, words


def nudge(facts: Nudge) -> Message:
    """Can you come? Two answers, and the session's page."""
    spoken = words(choose(facts.language))
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    key = "nudges.ask_with_place" if facts.place else "nudges.ask"
    text = spoken.html(key, title=facts.title, when=when, group=facts.group_name, place=facts.place)
    answers = (
        Button(spoken("button.going"), pack("going", facts.session_id)),
        Button(spoken("button.leave"), pack("leave", facts.session_id)),
    )
    return Message(text, (answers, (Button(spoken("button.to_session"), pack("session", facts.session_id)),)))


def told(facts: NudgesTold) -> Message:
    """One line with the counts; who they are stands on the session's page."""
    spoken = words(choose(facts.language))
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    lines = [spoken.html("nudges.told", title=facts.title, when=when)]
    if facts.asked:
        lines.append(spoken.html("nudges.asked", count=facts.asked))
    if facts.unreachable:
        lines.append(spoken.html("nudges.unreachable", count=facts.unreachable))
    button = Button(spoken("button.to_session"), pack("session", facts.session_id))
    return Message("\n".join(lines), ((button,),), silent=True)
