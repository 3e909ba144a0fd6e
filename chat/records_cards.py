"""What somebody's own record looks like."""

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from services.records import LatestSession, OwnRecord
from texts import Words
from texts.words import name

FROM_GOOD_TO_BAD = ("present", "late", "left_early", "excused", "absent", "sitting_in", "unrecorded")


def record(facts: OwnRecord, words: Words) -> Message:
    """Somebody's own record; a wrong one is one tap from being asked about."""
    counts = facts.counts
    if not counts.expected and not facts.latest:
        return Message(words.html("record.empty"), _keyboard(facts, words))
    rate = words.html("record.rate", rate=words.percent(counts.rate)) if counts.rate is not None else ""
    parts = [
        words.html("record.title"),
        words.html("record.sessions", count=counts.expected) + rate,
        _statuses(facts, words),
        words.html("record.points", week=facts.points_this_week, total=facts.points),
    ]
    if facts.latest:
        parts.append("\n" + words.html("record.latest"))
        parts += [_session(session, words) for session in facts.latest]
    return Message("\n".join(part for part in parts if part), _keyboard(facts, words))


def _keyboard(facts: OwnRecord, words: Words) -> Keyboard:
    if not facts.correctable:
        return ()
    return ((Button(words("button.ask_correction"), pack("corrections_own")),),)


def _statuses(facts: OwnRecord, words: Words) -> str:
    said = [
        words.html("record.status", status=words(f"status.{status.value}"), number=number)
        for status, number in sorted(facts.counts.by_status.items(), key=_by_goodness)
        if number
    ]
    return words("record.between").join(said)


def _by_goodness(item: tuple[object, int]) -> int:
    return FROM_GOOD_TO_BAD.index(str(item[0]))


def _session(session: LatestSession, words: Words) -> str:
    return words.html(
        "record.session",
        day=words.day(session.starts_at, session.zone),
        title=name(session.title),
        status=words(f"status.{session.status.value}"),
    )
