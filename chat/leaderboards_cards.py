"""What a leaderboard and a place on it look like."""

from collections.abc import Iterable

from chat.callback_data import pack
from chat.outgoing import Button, Message
from domain.leaderboards import Board, Place
from services.leaderboards import GroupChoice, Standing
from texts import Words
from texts.words import name

MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}
"""Signs beside a rank, which is always written as a number too."""


def weekly(board: Board, words: Words) -> Message:
    """The week's board: the group's attendance first, then the best; nobody is shown as the last."""
    title = words.html("board.running" if board.running else "board.title", week=board.week.number)
    paragraphs = [f"{title}\n{_attendance(board, words)}"]
    if board.shown:
        paragraphs.append("\n".join(_lines(board, words)))
    else:
        paragraphs.append(words.html("board.nobody"))
    if board.tally.open_sessions:
        paragraphs.append(words.html("board.open", count=board.tally.open_sessions))
    place = Button(words("button.place"), pack("place", board.group_id, board.week.monday.toordinal()))
    return Message("\n\n".join(paragraphs), ((place,),))


def _attendance(board: Board, words: Words) -> str:
    if board.tally.rate is None:
        return words.html("board.no_rate")
    rate = words.percent(board.tally.rate)
    if board.rate_before is None:
        return words.html("board.rate", rate=rate)
    return words.html("board.rate_and_before", rate=rate, before=words.percent(board.rate_before))


def _lines(board: Board, words: Words) -> Iterable[str]:
    for place in board.shown:
        yield _line(place, words)
    if board.equals_left_out:
        yield words.html("board.equals", count=board.equals_left_out)


def _line(place: Place, words: Words) -> str:
    line = words.html("board.line", rank=place.rank, name=name(place.name), points=place.points)
    medal = MEDALS.get(place.rank)
    return f"{line} {medal}" if medal else line


def standing(facts: Standing, words: Words) -> str:
    """Where the one who asks stands, as the plain text of an alert (200 characters at most)."""
    week = facts.week.number
    if facts.rank is not None:
        return words("place.ranked", week=week, rank=facts.rank, people=facts.people, points=facts.points)
    return words("place.running_none" if facts.running else "place.none", week=week)


def choose_group(groups: Iterable[GroupChoice], words: Words) -> Message:
    """Which group's board?"""
    rows = tuple((Button(group.name[:60], pack("rank", group.id)),) for group in groups)
    return Message(words.html("board.choose"), rows)
