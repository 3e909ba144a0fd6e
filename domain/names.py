"""Names that people type: what of them is kept."""

import unicodedata
from typing import Final

# Marks that turn the direction of the text around them (Unicode UAX #9); joiners, which some scripts need, stay.
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNWANTED: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
# What shows nothing by itself although it counts as a letter or a symbol: fillers of Hangul, the empty Braille cell.
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ONLY_WITH_OTHERS: Final = frozenset({"Cf", "Mn", "Me"})  # joiners and marks need a character to belong to


def clean(text: str) -> str:
    """A name on one line, without control characters and without marks of direction; empty if nothing is left."""
    spaced = " ".join(text.split())
    kept = "".join(char for char in spaced if char not in _TURNING and unicodedata.category(char) not in _UNWANTED)
    return " ".join(kept.split()) if any(map(_shows, kept)) else ""


def _shows(char: str) -> bool:
    return char not in _BLANK and not char.isspace() and unicodedata.category(char) not in _ONLY_WITH_OTHERS
