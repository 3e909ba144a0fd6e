"""The question whether a message arrived, and the digest of what came too late to be sent."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.reminders import PRIVATE
from services.unsent import BOARD, Expired, Line, Unconfirmed
from texts import Words, choose, words
from texts.words import name


def notice(facts: Unconfirmed) -> Message:
    """What may not be there, how to find out, and the two answers."""
    spoken = words(choose(facts.language))
    if facts.week_start is not None:
        week = facts.week_start.isocalendar().week
        said = spoken.html("unsent.board", group=name(facts.group_name), week=week)
    elif facts.group_name:
        said = spoken.html("unsent.group_message", group=name(facts.group_name))
    else:
        said = spoken.html("unsent.own")
    row = (
        Button(spoken("button.send_again"), pack("send_again", facts.delivery_id)),
        Button(spoken("button.is_there"), pack("is_there", facts.delivery_id)),
    )
    return Message(said, (row,))


def answered(key: str, spoken: Words) -> Message:
    """What stands in the place of the question."""
    return Message(spoken.html(key))


def expired(facts: Expired) -> Message:
    """What was not sent, by group; without a sound, because it is too late anyway."""
    spoken = words(choose(facts.language))
    said = [spoken.html("unsent.expired")]
    for group in dict.fromkeys(line.group_name for line in facts.lines):
        said += ["", f"<b>{name(group)}</b>"]
        said += [_line(line, spoken) for line in facts.lines if line.group_name == group]
    if facts.more:
        said.append(spoken.html("unsent.more", count=facts.more))
    said += ["", spoken.html("unsent.no_more")]
    return Message("\n".join(said), silent=True)


def _line(line: Line, spoken: Words) -> str:
    counted = {"count": line.times} if line.kind == PRIVATE else {}
    what = spoken(f"unsent.kind_{line.kind}", **counted)
    if line.kind == BOARD or line.starts_at is None:
        return spoken.html("unsent.line", what=what)
    when = spoken.when(line.starts_at, ZoneInfo(line.time_zone))
    return spoken.html("unsent.line_of_session", what=what, when=when, title=name(line.title))
