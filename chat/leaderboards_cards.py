"""What a leaderboard and a place on it look like."""

from collections.abc import Iterable

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from domain.collective import GroupShare
from domain.leaderboards import Board, Place
from services.boards import MONTH, PERIODS, QUARTER, PeriodBoard
from services.leaderboards import GroupChoice, Standing
from texts import Words
from texts.words import name

GROUPS_SHOWN = 5
"""Groups on a board at most: the better half, so that none is shown as the last; one's own is told for itself."""

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
    return Message("\n\n".join(paragraphs), _week_keyboard(board, words))


def _week_keyboard(board: Board, words: Words) -> Keyboard:
    monday = board.week.monday.toordinal()
    place = Button(words("button.place"), pack("place", board.group_id, monday))
    picture = Button(words("button.board_picture"), pack("board_pic", board.group_id, monday))
    return ((place, picture), _periods(board.group_id, 0, words))


def _periods(group_id: int, shown: int, words: Words) -> tuple[Button, ...]:
    """⟦周⟧ ⟦月⟧ ⟦季⟧ ⟦半年⟧, without the one that is shown."""
    week = [] if shown == 0 else [Button(words("button.board_week"), pack("board_week", group_id))]
    others = [
        Button(words(f"button.board_{key}"), pack("board_for", group_id, number))
        for number, key in PERIODS.items()
        if number != shown
    ]
    return (*week, *others)


def period(board: PeriodBoard, words: Words) -> Message:
    """A month, a quarter or half a year: the groups first, then the best people, and one's own place."""
    title = words("board.period_title", period=_period_name(board, words), group=name(board.group_name))
    paragraphs = [words.html("board.period", title=title)]
    if board.running:
        paragraphs[0] += words.html("board.so_far")
    if len(board.groups) > 1:
        paragraphs.append("\n".join(_groups(board, words)))
    elif board.groups:
        paragraphs.append(_share(board.groups[0].share, words))
    lines = [_line(place, words) for place in board.shown]
    if board.equals_left_out:
        lines.append(words.html("board.equals", count=board.equals_left_out))
    paragraphs.append("\n".join(lines) if lines else words.html("board.nobody_yet", minimum=board.minimum))
    if board.own is not None:
        paragraphs.append(words.html("board.own", rank=board.own.rank, points=board.own.points))
    return Message("\n\n".join(paragraphs), (_periods(board.group_id, board.period, words),))


def _period_name(board: PeriodBoard, words: Words) -> str:
    if board.period == MONTH:
        return words("board.month", year=board.first.year, month=words.month(board.first))
    if board.period == QUARTER:
        return words("board.quarter", year=board.first.year, number=(board.first.month + 2) // 3)
    return words("board.half_1" if board.first.month == 1 else "board.half_2", year=board.first.year)


def _groups(board: PeriodBoard, words: Words) -> Iterable[str]:
    yield words.html("board.groups")
    best = board.groups[: min(GROUPS_SHOWN, (len(board.groups) + 1) // 2)]
    for one in best:
        key = "board.group_line" if one.share.group_id == board.group_id else "board.other_line"
        yield words.html(key, rank=one.rank, name=name(one.share.name), share=_plain_share(one.share, words))
    own = next((one for one in board.groups if one.share.group_id == board.group_id), None)
    if own is not None and own not in best:
        yield words.html("board.own_group", share=_plain_share(own.share, words))
    if board.improved is not None:
        yield words.html("board.improved", name=name(board.improved.share.name))


def _share(share: GroupShare, words: Words) -> str:
    return words.html("board.rate", rate=_plain_share(share, words))


def _plain_share(share: GroupShare, words: Words) -> str:
    rate = words.percent(share.rate or 0)
    if share.change is None:
        return rate
    points = round(share.change * 100)
    change = f"{points:+d}" if points else words("board.unchanged")
    return words("board.share_with_change", rate=rate, change=change)


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
