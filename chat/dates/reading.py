"""The tokens of a line, found from left to right."""

from chat.dates.clocks import PARTS_EN, PARTS_ZH, read_clock
from chat.dates.days import DAY_READERS, InDays
from chat.dates.lengths import LENGTH_READERS
from chat.dates.months import MONTH_READERS
from chat.dates.numerals import compiled
from chat.dates.tokens import Day, Part, Reader, Token, longest, reader

Span = tuple[int, int]

# A title between quotation marks is never read as a date: 《周三》, "May 4".
QUOTED = compiled(r'《[^《》]*》|「[^「」]*」|『[^『』]*』|“[^“”]*”|"[^"]*"')

# A part of the day may stand alone only where it cannot be a word of the title: right after a day.
_PART_ZH = "|".join(sorted(PARTS_ZH, key=len, reverse=True))
_PART_WITH_DAY = {"今": 0, "明": 1, "后": 2, "昨": -1}
_WORDS: tuple[Reader, ...] = (
    reader(
        r"(?P<day>[今明后昨])(?P<part>早上|晚上|晨|早|晚|夜)(?![会报餐])",
        lambda m: (InDays(_PART_WITH_DAY[m["day"]]), _part_of(m["part"])),
    ),
    reader(r"(?<![a-z\d])tonight(?![a-z\d])", lambda _: (InDays(0), Part.EVENING)),
    reader(
        r"(?<![a-z\d])this\s+(?P<part>morning|afternoon|evening)(?![a-z\d])",
        lambda m: (InDays(0), PARTS_EN[m["part"]]),
    ),
    reader(r"(?:正午|中午)(?![餐饭])", lambda _: Part.NOON),
    read_clock,
    *DAY_READERS,
    *LENGTH_READERS,
    *MONTH_READERS,
)
_BESIDE_DAY: tuple[Reader, ...] = (
    reader(rf"\s*的?(?P<part>{_PART_ZH})(?![会报餐读])", lambda m: PARTS_ZH[m["part"]]),
    reader(
        r"\s+(?:in\s+the\s+|at\s+)?(?P<part>morning|afternoon|evening|night)(?![a-z\d])",
        lambda m: PARTS_EN[m["part"]],
    ),
)
_LEADING = compiled(r"(?:(?<![a-z\d])(?:on|at|from|by|starting|starts|the)\s+|[于从自])$")
_LONGEST_LEADING = 12


def _part_of(word: str) -> Part:
    return {"晨": Part.MORNING, "早": Part.MORNING, "夜": Part.EVENING, "晚": Part.EVENING}[word[0]]


def read_tokens(text: str, skipped: Span = (0, 0)) -> list[Token]:
    """The tokens of a normalised text, outside quotation marks and the skipped span, in order."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        token = None
        if (jump := _jump(text, position, skipped)) is None:
            token = _next(text, position, tokens)
        if token is not None:
            tokens.append(_widened(text, token, tokens))
        position = jump or (token.end if token else position + 1)
    return tokens


def _jump(text: str, position: int, skipped: Span) -> int | None:
    if skipped[0] <= position < skipped[1]:
        return skipped[1]
    quoted = QUOTED.match(text, position)
    return None if quoted is None else quoted.end()


def _next(text: str, position: int, before: list[Token]) -> Token | None:
    token = longest(_WORDS, text, position)
    if token is None and before and before[-1].end == position and _names_day(before[-1]):
        return longest(_BESIDE_DAY, text, position)
    return token


def _names_day(token: Token) -> bool:
    return any(isinstance(value, Day) for value in token.values)


def _widened(text: str, token: Token, before: list[Token]) -> Token:
    """The token with the preposition that leads to it."""
    floor = max(before[-1].end if before else 0, token.start - _LONGEST_LEADING)
    leading = _LEADING.search(text[floor : token.start])
    return token if leading is None else Token(token.values, floor + leading.start(), token.end)
