"""Draws the weekly board as a picture for the group's chat: the group first, then its best people, never its last.

The page is a grid of two columns under a heading and over a foot; everything stands on the left edge of a column.
"""

from datetime import timedelta
from pathlib import Path

from domain.board_facts import BoardPicture, GroupRate, NextSession
from domain.leaderboards import TOP, Place
from exports.board_grid import (
    BODY,
    FIRST_END,
    HEIGHT,
    LABEL,
    LEFT,
    LESS_TITLE,
    MOST_GROUPS,
    NUMBER,
    RIGHT,
    SECOND,
    SMALL,
    TITLE,
    WIDTH,
    Heights,
)
from exports.drawing import DARK, LIGHT, Drawing, Palette
from exports.lettering import Lettering
from texts import Words, words
from texts.spans import span


def draw(facts: BoardPicture, words: Words, full_font: Path | None = None) -> bytes:
    """The picture as PNG, always the same for the same facts. `full_font` gives the signs that ours lack.

    Raises OSError or ValueError where that font cannot be read.
    """
    lettering = Lettering(full_font)
    return compose(facts, words, lettering).png(lettering.files)


def draw_in(facts: BoardPicture, language: str, full_font: Path | None) -> bytes:
    """`draw` for another process: everything that it is given is plain data."""
    return draw(facts, words(language), full_font)


def compose(facts: BoardPicture, words: Words, lettering: Lettering) -> Drawing:
    """The picture as shapes and lines of text."""
    return _Page(facts, words, lettering).drawing()


class _Page:
    """One picture while it is drawn, from the top to the bottom."""

    def __init__(self, facts: BoardPicture, words: Words, lettering: Lettering) -> None:
        self._facts = facts
        self._board = facts.board
        self._words = words
        self._lettering = lettering
        self._colours: Palette = DARK if facts.dark else LIGHT
        self._drawing = Drawing(WIDTH, HEIGHT, self._colours.ground)
        groups = sorted(facts.groups, key=lambda group: (-group.rate, group.name))[:MOST_GROUPS]
        self._groups = groups if len(groups) > 1 else []
        self._shown = facts.board.shown[:TOP]
        # Whoever is beyond the last row shares its rank.
        self._left_out = len(facts.board.shown) - len(self._shown) + facts.board.equals_left_out
        self._streak = facts.streak if facts.streak > 1 else 0  # one week makes no streak
        self._foot_left = SECOND if self._streak else LEFT
        self._title = self._title_lines()
        rows = max(len(self._groups), len(self._shown) + bool(self._left_out), 1)
        self._heights = Heights.shared(rows, self._foot_height())

    def _title_lines(self) -> list[str]:
        if self._facts.next_session is None:
            return []
        title = self._lettering.clean(self._facts.next_session.title)
        return self._lettering.lines(title, BODY, RIGHT - self._foot_left, most=2, bold=True)

    def _foot_height(self) -> float:
        last = 96 if self._facts.next_session is None else 96 + 42 * len(self._title)
        return max(last, 122 if self._streak else 0)

    def drawing(self) -> Drawing:
        self._heading()
        self._attendance()
        self._columns()
        self._foot()
        return self._drawing

    # The heading: which week, which group.

    def _heading(self) -> None:
        week = self._board.week
        numbered = self._words("picture.running" if self._board.running else "picture.week", week=week.number)
        days = self._lettering.clean(span(week.monday, week.next_monday - timedelta(days=1), self._words.language))
        self._drawing.text(LEFT, 100, numbered, BODY, self._colours.accent, bold=True)
        beside = LEFT + self._lettering.width(numbered, BODY, bold=True) + 20
        self._drawing.text(beside, 100, days, BODY, self._colours.grey)
        name = self._lettering.clean(self._facts.group) or self._words("picture.group")
        fits = self._lettering.width(name, TITLE, bold=True) <= RIGHT - LEFT
        size = TITLE if fits else LESS_TITLE
        name = self._lettering.fitted(name, size, RIGHT - LEFT, bold=True)
        self._drawing.text(LEFT, 178, name, size, self._colours.ink, bold=True)

    # The group's attendance: a ring, its change, and the numbers that it is made of.

    def _attendance(self) -> None:
        drawing, colours = self._drawing, self._colours
        outer, middle, stroke = self._heights.ring, self._heights.middle, 36.0
        centre, radius = LEFT + outer, outer - stroke / 2
        rate = self._board.tally.rate
        drawing.ring(centre, middle, radius, stroke, colours.line)
        drawing.ring(centre, middle, radius, stroke, colours.accent, rate or 0)
        self._rate(centre, middle + 22, rate)
        drawing.text(centre, middle + 74, self._words("picture.rate"), SMALL, colours.grey, at="middle")
        self._change(middle - 66)
        self._numbers(middle + 84)

    def _rate(self, centre: float, baseline: float, rate: float | None) -> None:
        if rate is None:
            self._drawing.text(centre, baseline, "–", 112, self._colours.grey, bold=True, at="middle")
            return
        shown = self._words.percent(rate)
        number = shown.rstrip("%")
        sign = shown[len(number) :]
        wide = self._lettering.width(number, 112, bold=True)
        start = centre - (wide + self._lettering.width(sign, 52, bold=True)) / 2
        self._drawing.text(start, baseline, number, 112, self._colours.ink, bold=True)
        self._drawing.text(start + wide, baseline, sign, 52, self._colours.ink, bold=True)

    def _change(self, baseline: float) -> None:
        rate, before = self._board.tally.rate, self._board.rate_before
        if rate is None:
            return
        if before is None:
            self._drawing.text(SECOND, baseline, self._words("picture.no_before"), BODY, self._colours.grey)
            return
        # Of the numbers as they are shown, so that they add up.
        change = round(rate * 100) - round(before * 100)
        if not change:
            self._drawing.text(SECOND, baseline, self._words("picture.same"), BODY, self._colours.ink, bold=True)
            return
        up = change > 0
        self._pill(baseline - 30, self._words("picture.up" if up else "picture.down", abs(change)), up=up)
        was = self._words("picture.before", rate=self._words.percent(before))
        self._drawing.text(SECOND, baseline + 30, was, BODY, self._colours.grey)

    def _pill(self, baseline: float, text: str, *, up: bool) -> None:
        colours = self._colours
        colour, ground = (colours.accent, colours.tint) if up else (colours.grey, colours.line)
        width = self._lettering.width(text, SMALL, bold=True) + 74
        self._drawing.box(SECOND, baseline - 37, width, 56, ground, radius=28)
        self._drawing.triangle(SECOND + 32, baseline - 10, 18, colour, up=up)
        self._drawing.text(SECOND + 52, baseline, text, SMALL, colour, bold=True)

    def _numbers(self, baseline: float) -> None:
        tally = self._board.tally
        if not tally.closed_sessions:
            none = self._words("picture.no_session")
            self._drawing.text(SECOND, self._heights.middle + 12, none, BODY, self._colours.grey)
            return
        numbers = [
            (tally.closed_sessions, self._words("picture.sessions", tally.closed_sessions)),
            (tally.expected, self._words("picture.expected")),
            (tally.came, self._words("picture.came")),
        ]
        if tally.excused:
            numbers.append((tally.excused, self._words("picture.excused")))
        widths = [
            max(self._lettering.width(str(number), NUMBER, bold=True), self._lettering.width(label, LABEL))
            for number, label in numbers
        ]
        gap = min((RIGHT - SECOND - sum(widths)) / (len(widths) - 1), 64)
        x: float = SECOND
        for (number, label), width in zip(numbers, widths, strict=True):
            self._drawing.text(x, baseline, str(number), NUMBER, self._colours.ink, bold=True)
            self._drawing.text(x, baseline + 40, label, LABEL, self._colours.grey)
            x += width + gap

    # The groups of the unit beside the best people; people alone take both columns.

    def _columns(self) -> None:
        heading, first_row = self._heights.columns, self._heights.columns + 24
        if self._groups:
            self._drawing.text(LEFT, heading, self._words("picture.groups"), BODY, self._colours.ink, bold=True)
        for index, group in enumerate(self._groups):
            self._bar(group, first_row + index * self._heights.row)
        left = SECOND if self._groups else LEFT
        self._drawing.text(left, heading, self._words("picture.people"), BODY, self._colours.ink, bold=True)
        for index, place in enumerate(self._shown):
            top = first_row + index * self._heights.row
            self._place(place, left, top)
            if left == LEFT and index:  # a line leads the eye over the long way from the name to the points
                self._drawing.box(left, top - (self._heights.row - 62) / 2, RIGHT - left, 1.5, self._colours.line)
        if not self._shown:
            self._drawing.text(left, first_row + 42, self._words("picture.nobody"), BODY, self._colours.grey)
        elif self._left_out:
            baseline = first_row + len(self._shown) * self._heights.row + 42
            equals = self._words("picture.equals", self._left_out)
            self._drawing.text(left + 100, baseline, equals, SMALL, self._colours.grey)

    def _bar(self, group: GroupRate, top: float) -> None:
        colours, width = self._colours, FIRST_END - LEFT
        rate = self._words.percent(group.rate)
        name = self._lettering.clean(group.name) or self._words("picture.group")
        name = self._lettering.fitted(name, SMALL, width - 90, bold=group.own)
        colour = colours.accent if group.own else colours.fill
        self._drawing.text(LEFT, top + 30, name, SMALL, colours.ink, bold=group.own)
        self._drawing.text(FIRST_END, top + 30, rate, SMALL, colours.ink, bold=True, at="end")
        self._drawing.box(LEFT, top + 43, width, 8, colours.line, radius=4)
        if group.rate > 0:
            self._drawing.box(LEFT, top + 43, max(width * min(group.rate, 1), 8), 8, colour, radius=4)

    def _place(self, place: Place, left: float, top: float) -> None:
        colours, baseline = self._colours, top + 42
        name = self._lettering.clean(place.name)
        self._drawing.text(left, baseline, str(place.rank), BODY, colours.grey, bold=True)
        self._avatar(name, left + 62, top + 31, first=place.rank == 1)
        unit = self._words("picture.points", place.points)
        unit_width = self._lettering.width(unit, SMALL)
        points = str(place.points)
        self._drawing.text(RIGHT, baseline, unit, SMALL, colours.grey, at="end")
        self._drawing.text(RIGHT - unit_width - 8, baseline, points, BODY, colours.ink, bold=True, at="end")
        room = RIGHT - unit_width - 8 - self._lettering.width(points, BODY, bold=True) - 24 - (left + 100)
        shown = self._lettering.fitted(name or self._words("picture.person"), BODY, room)
        self._drawing.text(left + 100, baseline, shown, BODY, colours.ink)

    def _avatar(self, name: str, x: float, y: float, *, first: bool) -> None:
        colours = self._colours
        ground, ink = (colours.accent, colours.on_accent) if first else (colours.tint, colours.accent)
        self._drawing.disc(x, y, 24, ground)
        letters = self._lettering.initials(name)
        if letters:
            size = 20 if len(letters) > 1 else 23
            self._drawing.text(x, y + size * 0.36, letters, size, ink, bold=True, at="middle")
        else:
            self._drawing.somebody(x, y, 24, ink)

    # The foot: what the group has behind it and before it.

    def _foot(self) -> None:
        top, left, session = self._heights.foot, self._foot_left, self._facts.next_session
        self._drawing.box(LEFT, top, RIGHT - LEFT, 1.5, self._colours.line)
        if self._streak:
            self._weeks(top)
        self._drawing.text(left, top + 48, self._words("picture.next"), SMALL, self._colours.grey)
        if session is None:
            self._drawing.text(left, top + 96, self._words("picture.no_next"), BODY, self._colours.ink)
        else:
            self._next(session, left, top + 96)

    def _weeks(self, top: float) -> None:
        weeks = str(self._streak)
        self._drawing.text(LEFT, top + 48, self._words("picture.streak"), SMALL, self._colours.grey)
        self._drawing.text(LEFT, top + 122, weeks, 72, self._colours.accent, bold=True)
        beside = LEFT + self._lettering.width(weeks, 72, bold=True) + 14
        unit = self._words("picture.weeks", self._streak)
        self._drawing.text(beside, top + 122, unit, BODY, self._colours.ink, bold=True)

    def _next(self, session: NextSession, left: float, baseline: float) -> None:
        for line in self._title:
            self._drawing.text(left, baseline, line, BODY, self._colours.ink, bold=True)
            baseline += 42
        when = self._words.when(session.starts_at, self._board.week.zone)
        self._drawing.text(left, baseline, when, SMALL, self._colours.grey)
        beside = left + self._lettering.width(when, SMALL) + 24
        place = self._lettering.fitted(self._lettering.clean(session.place), SMALL, RIGHT - beside)
        self._drawing.text(beside, baseline, place, SMALL, self._colours.grey)
