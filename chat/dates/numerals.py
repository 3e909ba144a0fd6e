"""Numbers and punctuation as people type them in Chinese and English, brought to one form."""

import re

# One piece of text for one number up to 99, in figures or in Chinese; never split inside a longer number.
NUMBER = (
    r"(?:(?<![\d.])\d{1,2}(?!\d)"
    r"|[一二两三四五六七八九]?十[一二三四五六七八九]?|[廿卅][一二三四五六七八九]?|[零〇一二两三四五六七八九])"
)
# fmt: off
NUMBER_WORDS = {
    "zero": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40,
}
# fmt: on
WORD = rf"(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})(?![a-z])"

_DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "廿": 20, "卅": 30}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIGNS = _FULL_WIDTH | str.maketrans("\u3000\u00a0—–−‐‑〜", "  -----~")


def normalise(text: str) -> str:
    """Full-width signs to half-width, all dashes to one, Latin to lower case; no character moves."""
    return "".join(_lower(sign) for sign in text.translate(_SIGNS))


def _lower(sign: str) -> str:
    lowered = sign.lower()
    return lowered if len(lowered) == 1 else sign  # İ becomes two characters


def number(text: str) -> int:
    """The value of a piece matched by NUMBER or WORD, or of any run of ASCII figures."""
    if text in NUMBER_WORDS:
        return NUMBER_WORDS[text]
    if text.isdigit():
        return int(text)
    tens = next((sign for sign in text if sign in _TENS), None)
    if tens is None:
        return _DIGITS[text]
    before, after = text.split(tens, 1)
    factor = _DIGITS[before] if before else 1
    return factor * _TENS[tens] + (_DIGITS[after] if after else 0)


def year(text: str) -> int:
    """A year in four figures or four Chinese signs (二〇二六)."""
    return int("".join(sign if sign.isdigit() and sign.isascii() else str(_DIGITS[sign]) for sign in text))


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of this grammar: ASCII classes only, so that \\d is 0–9 and \\s the usual blanks."""
    return re.compile(pattern, re.ASCII)
