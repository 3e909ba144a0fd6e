"""Makes any text fit a picture: signs that the fonts lack are replaced, what is too long ends in an ellipsis."""

import unicodedata
from collections.abc import Iterator
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Final

from exports.glyphs import typeface

FOLDER: Final = Path(__file__).parent / "fonts"
REGULAR: Final = FOLDER / "NotoSansSC-Regular.otf"
BOLD: Final = FOLDER / "NotoSansSC-Bold.otf"
FAMILY: Final = "Noto Sans CJK SC"

PLACEHOLDER: Final = "·"
"""Stands for signs that no font has: quieter than the empty box of a missing glyph."""

MOST_MARKS: Final = 2
"""Accents kept on one letter; more are a flood over the lines above and below."""

_EMOJI: Final = range(0x1F000, 0x1FB00)
_UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
_MARKS: Final = {"Mn", "Me"}
# These are as wide as a Chinese character in a Chinese font, which tears a Latin word apart.
_NARROW: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


class Lettering:
    """The bundled fonts, and a full one behind them where there is one."""

    def __init__(self, full_font: Path | None = None) -> None:
        """Raises OSError or ValueError where `full_font` cannot be read."""
        behind = [full_font] if full_font else []
        self.files = [REGULAR, BOLD, *behind]
        self._faces = {bold: [typeface(path) for path in (first, *behind)] for bold, first in _WEIGHTS}

    def clean(self, text: str) -> str:
        """The text with nothing in it that cannot be drawn; empty where no letter or digit is left.

        Emoji and signs that are not seen are dropped; fancy letters become plain ones; the rest that no font
        has becomes one placeholder a run.
        """
        letters = "".join(self._letters(unicodedata.normalize("NFC", " ".join(text.split()))))
        while PLACEHOLDER * 2 in letters:
            letters = letters.replace(PLACEHOLDER * 2, PLACEHOLDER)
        if not any(_is_wide(sign) for sign in letters):
            letters = letters.translate(_NARROW)
        return " ".join(letters.split()) if any(sign.isalnum() for sign in letters) else ""

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide a text becomes, in pixels; a little more than it is drawn with, because kerning is left aside."""
        return size * sum(self._width(sign, bold) for sign in text)

    def fitted(self, text: str, size: float, width: float, *, bold: bool = False) -> str:
        """The text, or its beginning and an ellipsis where it is wider than `width` pixels."""
        fitting = self._fitting(text, size, width, bold)
        if fitting == len(text):
            return text
        kept = text[:fitting]
        while kept and self.width(_ended(kept), size, bold=bold) > width:
            kept = kept[:-1]
        return _ended(kept)

    def lines(self, text: str, size: float, width: float, *, most: int, bold: bool = False) -> list[str]:
        """The text in at most `most` lines, broken between words or Chinese characters; the last one is fitted."""
        lines: list[str] = []
        rest = text
        while rest and len(lines) < most - 1:
            end = _break(rest, self._fitting(rest, size, width, bold))
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return [*lines, self.fitted(rest, size, width, bold=bold)] if rest else lines

    def initials(self, name: str) -> str:
        """What stands for a cleaned name in a circle: 王 for 王小明, AL for Ada Lovelace; empty for an empty name."""
        words = [word for word in (part.lstrip("".join(_signs(part))) for part in name.split()) if word]
        firsts = [self._capital(word[0]) for word in words]
        if len(firsts) > 1 and _is_cased(firsts[0]) and _is_cased(firsts[-1]):
            return firsts[0] + firsts[-1]
        return firsts[0] if firsts else ""

    def _capital(self, letter: str) -> str:
        capital = letter.upper()
        return capital if len(capital) == 1 and capital in self else letter

    def _fitting(self, text: str, size: float, width: float, bold: bool) -> int:
        """How many characters from the beginning fit."""
        pens = accumulate(self._width(sign, bold) for sign in text)
        return sum(1 for _ in takewhile(lambda pen: pen * size <= width, pens))

    def _letters(self, text: str) -> Iterator[str]:
        marks = 0
        for sign in text:
            category = unicodedata.category(sign)
            marks = marks + 1 if category in _MARKS else 0
            if ord(sign) in _EMOJI or category in _UNSEEN or marks > MOST_MARKS:
                continue
            if sign in self:
                yield sign
            elif category not in _MARKS and category not in ("So", "Sk"):
                plain = unicodedata.normalize("NFKC", sign)
                yield plain if all(letter in self for letter in plain) else PLACEHOLDER

    def __contains__(self, sign: str) -> bool:
        return sign == " " or any(sign in face for face in self._faces[False])

    def _width(self, sign: str, bold: bool) -> float:
        if unicodedata.category(sign) in _MARKS:
            return 0
        faces = self._faces[bold]
        return next((face for face in faces if sign in face), faces[0]).width(sign)


_WEIGHTS: Final = ((False, REGULAR), (True, BOLD))


def _signs(text: str) -> list[str]:
    return [sign for sign in text if not sign.isalnum()]


def _is_cased(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _ended(text: str) -> str:
    kept = text.rstrip(" ,.;:，。；：、-–—·")
    return kept + ("…" if kept and _is_wide(kept[-1]) else "...")


def _break(text: str, fitting: int) -> int:
    """Where the first line of a text ends: after what fits, at a place where a line may be broken."""
    if fitting == len(text):
        return fitting
    good = (place for place in range(fitting, 0, -1) if _may_break(text[place - 1], text[place]))
    return next(good, max(fitting, 1))


def _may_break(before: str, after: str) -> bool:
    if " " in (before, after):
        return True
    closing = unicodedata.category(after) in ("Po", "Pe", "Pf") or unicodedata.category(before) in ("Ps", "Pi")
    return (_is_wide(before) or _is_wide(after)) and not closing
