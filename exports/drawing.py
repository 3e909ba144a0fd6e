"""A drawing: a few shapes and lines of text in two palettes, written as SVG and turned into a PNG."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from resvg_py import svg_to_bytes

from exports.lettering import FAMILY

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture: one accent, the rest greys. All text is at least 4.5:1 against what is behind it."""

    ground: str
    ink: str
    grey: str
    """Text of second rank."""
    line: str
    """Hairlines, and the empty part of rings and bars."""
    fill: str
    """Bars of second rank."""
    accent: str
    on_accent: str
    tint: str
    """Behind text in the accent's colour."""


LIGHT = Palette("#FFFFFF", "#15191F", "#5A6472", "#E7EAEF", "#9AA5B4", "#1B5ED2", "#FFFFFF", "#E9F0FD")
DARK = Palette("#12161D", "#F1F4F8", "#A3AEBD", "#2A313C", "#66717F", "#78A9FF", "#0E1A30", "#1B2A45")


class Drawing:
    """Shapes one over another; lengths in pixels, the origin at the top left. Text must have been cleaned before."""

    def __init__(self, width: int, height: int, ground: str) -> None:
        self._size = f'width="{width}" height="{height}"'
        self._parts = [f'<rect {self._size} fill="{ground}"/>']

    def text(
        self,
        x: float,
        baseline: float,
        text: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        at: Anchor = "start",
    ) -> None:
        """A line of text that starts, is centred or ends at `x`."""
        look = f'font-size="{size}" font-weight="{700 if bold else 400}" text-anchor="{at}" fill="{colour}"'
        self._parts.append(f'<text x="{x:.1f}" y="{baseline:.1f}" {look}>{escape(text)}</text>')

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        """A rectangle, with round corners where there is a radius."""
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self._parts.append(f'<rect {place} rx="{radius}" fill="{colour}"/>')

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle around a point."""
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>')

    def ring(self, x: float, y: float, radius: float, stroke: float, colour: str, share: float = 1.0) -> None:
        """The part `share` of a ring, clockwise from the top, with round ends; `radius` is that of its middle line."""
        if share <= 0:
            return
        look, turn = f'fill="none" stroke="{colour}" stroke-width="{stroke}"', -90.0
        if share < 1:
            around = 2 * math.pi * radius
            # A round end covers as much as this length of the ring, so the dash begins later and is shorter by it.
            end = stroke * math.pi / 8
            dash = max(share * around - 2 * end, 0.1)
            look += f' stroke-dasharray="{dash:.2f} {around:.2f}" stroke-linecap="round"'
            turn += math.degrees(end / radius)
        around_middle = f'transform="rotate({turn:.2f} {x:.1f} {y:.1f})"'
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {look} {around_middle}/>')

    def triangle(self, x: float, y: float, width: float, colour: str, *, up: bool) -> None:
        """A small triangle with its middle at a point."""
        side, height = width / 2, width * 0.4 * (1 if up else -1)
        points = f"{x:.1f},{y - height:.1f} {x + side:.1f},{y + height:.1f} {x - side:.1f},{y + height:.1f}"
        look = f'fill="{colour}" stroke="{colour}" stroke-width="3" stroke-linejoin="round"'
        self._parts.append(f'<polygon points="{points}" {look}/>')

    def somebody(self, x: float, y: float, radius: float, colour: str) -> None:
        """Head and shoulders, for a circle whose person has no letter that can be drawn."""
        self.disc(x, y - radius * 0.22, radius * 0.27, colour)
        left, right, bottom = x - radius * 0.5, x + radius * 0.5, y + radius * 0.55
        arc = f"A {radius * 0.5:.1f} {radius * 0.42:.1f} 0 0 1 {right:.1f} {bottom:.1f}"
        self._parts.append(f'<path d="M {left:.1f} {bottom:.1f} {arc} Z" fill="{colour}"/>')

    def svg(self) -> str:
        """The drawing as SVG."""
        opening = f'<svg xmlns="http://www.w3.org/2000/svg" {self._size} font-family="{FAMILY}">'
        return "".join((opening, *self._parts, "</svg>"))

    def png(self, fonts: list[Path]) -> bytes:
        """The drawing as PNG; only these fonts are used, so that it looks the same on every machine."""
        files = [str(path) for path in fonts]
        return svg_to_bytes(svg_string=self.svg(), font_files=files, skip_system_fonts=True)
