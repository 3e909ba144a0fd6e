"""What somebody's own record looks like."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from chat.paging import turning
from services.points import PERIODS, Earned, Why
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
    rows: list[tuple[Button, ...]] = []
    if facts.points:
        rows.append((Button(words("button.why_points"), pack("why", 0, 0)),))
    if facts.correctable:
        rows.append((Button(words("button.ask_correction"), pack("corrections_own")),))
    if facts.makeups is not None:
        label = words("button.my_makeups")
        if facts.makeups:
            label = words("manage.counted", label=label, number=facts.makeups)
        rows.append((Button(label, pack("makeups")),))
    return tuple(rows)


def why(facts: Why, words: Words) -> Message:
    """Each point with its fact and the version of the rule, and the way to have a mistake corrected."""
    title = words.html("points.title", period=words(f"points.{PERIODS[facts.period]}"), total=facts.total)
    lines = [title, ""]
    lines += [_earned(each, words) for each in facts.entries]
    if not facts.entries:
        lines.append(words.html("points.none"))
    periods = tuple(
        Button(words(f"points.{key}"), pack("why", number, 0))
        for number, key in enumerate(PERIODS)
        if number != facts.period
    )
    turn = turning(facts.page, facts.pages, lambda page: pack("why", facts.period, page), words)
    appeal = (Button(words("button.points_wrong"), pack("corrections_own")),)
    return Message("\n".join(lines), (*turn, periods, appeal))


def _earned(facts: Earned, words: Words) -> str:
    zone = ZoneInfo("UTC")
    return words.html(
        "points.line",
        points=facts.points,
        deed=words(f"deed.{facts.deed}"),
        day=words.short_day(datetime.combine(facts.on, time(), zone), zone),
        title=name(facts.title[:40]),
        version=facts.version,
    )


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
