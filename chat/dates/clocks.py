"""Words for a time of day, read into minutes after midnight.

The rules, where people differ:
- Two figures before the minutes (19:00, 07:30) and hours above 12 are on the 24-hour clock.
- Without a part of the day, hours 1–6 are taken for the afternoon and hours from 7 as they stand: nobody
  calls a meeting for 03:00 without saying 凌晨, and 7点 is 07:00. Hours 1–9 so said are marked bare, for the
  echo to ask.
- 晚上12点, midnight and 24:00 end the day they are said of; 0点, 零点 and 凌晨12点 begin it.
- A part that contradicts its hour (上午15点, 晚上2点) has no reading.
- The end of a range takes the nearest reading after the start: 晚上7点到8点半, 11点到1点.
"""

from dataclasses import replace
from re import Match

from chat.dates.numerals import NUMBER, WORD, compiled, number
from chat.dates.tokens import Clock, ClockRange, Part, Reader, Token, longest, reader

DAY = 24 * 60  # minutes

PARTS_ZH = {
    "凌晨": Part.DAWN,
    "清晨": Part.MORNING,
    "早晨": Part.MORNING,
    "早上": Part.MORNING,
    "上午": Part.MORNING,
    "早": Part.MORNING,
    "中午": Part.NOON,
    "正午": Part.NOON,
    "午后": Part.PM,
    "下午": Part.PM,
    "傍晚": Part.PM,
    "晚上": Part.EVENING,
    "晚间": Part.EVENING,
    "晚": Part.EVENING,
    "夜里": Part.NIGHT,
    "夜间": Part.NIGHT,
    "深夜": Part.NIGHT,
    "半夜": Part.NIGHT,
    "午夜": Part.NIGHT,
}
PARTS_EN = {
    "morning": Part.MORNING,
    "am": Part.AM,
    "afternoon": Part.PM,
    "pm": Part.PM,
    "evening": Part.EVENING,
    "night": Part.NIGHT,
}
# The hours (as said) that a part leaves as they are, those it moves by twelve, and those at midnight.
_READINGS: dict[Part, tuple[range, range, dict[int, int]]] = {
    Part.DAWN: (range(8), range(0), {12: 0}),
    Part.AM: (range(12), range(0), {12: 0}),
    Part.MORNING: (range(13), range(0), {}),
    Part.NOON: (range(10, 15), range(1, 3), {}),
    Part.PM: (range(12, 24), range(1, 12), {}),
    Part.EVENING: (range(17, 25), range(5, 12), {0: 24, 12: 24}),
    Part.NIGHT: (range(18, 25), range(6, 12), {0: 24, 12: 24}),
}


def minutes_of(clock: Clock) -> int | None:
    """Minutes after the day's midnight, 0 … 1440; None when the hour and its part contradict each other."""
    hour = _hour(clock)
    if hour is None or hour > 24 or clock.minute > 59 or (hour == 24 and clock.minute and clock.part is None):
        return None
    return hour * 60 + clock.minute


def _hour(clock: Clock) -> int | None:
    if clock.part is None:
        return clock.hour + 12 if not clock.literal and 1 <= clock.hour <= 6 else clock.hour
    same, moved, midnight = _READINGS[clock.part]
    if clock.hour in midnight:
        return midnight[clock.hour]
    if clock.hour in moved:
        return clock.hour + 12
    return clock.hour if clock.hour in same else None


def is_bare(clock: Clock) -> bool:
    """True when the other half of the day may have been meant."""
    return clock.part is None and not clock.literal and 1 <= clock.hour <= 9


def range_of(found: ClockRange) -> tuple[int, int] | None:
    """Minutes after midnight of the start, and the minutes it lasts; None when there is no reading.

    7–8:30pm is all in the evening and 11–1pm begins in the morning: an end whose part of the day is
    left open takes the reading nearest to the other end.
    """
    starts, ends = [minutes_of(found.start)], _halves(found.end)
    if found.end.part is not None:
        starts = _halves(found.start)
    pairs = [(start, end) for start in starts for end in ends if start is not None and end is not None]
    if not pairs:
        return None
    start, end = min(pairs, key=lambda pair: (pair[1] - pair[0] - 1) % DAY)
    return start, (end - start) % DAY


def _halves(clock: Clock) -> list[int | None]:
    """Both readings of a time that could be before or after noon, else the one it has."""
    open_half = clock.part is None and 1 <= clock.hour <= 12 and not (clock.literal and clock.hour < 10)
    if not open_half:
        return [minutes_of(clock)]
    return [minutes_of(Clock(hour, clock.minute, literal=True)) for hour in (clock.hour % 12, clock.hour % 12 + 12)]


# How times are written.

_BEFORE = r"(?:(?<=\dt)|(?<![a-z\d.:]))"
_PART_ZH = rf"(?:(?P<part>{'|'.join(sorted(PARTS_ZH, key=len, reverse=True))})的?\s*)?"
_PART_EN = (
    r"(?:\s*(?P<meridiem>[ap])\.?m(?:\.|(?![a-z]))"
    r"|\s+(?:in\s+the\s+(?P<spell>morning|afternoon|evening)|at\s+(?P<night>night))(?![a-z]))?"
)
_HALVES = {"半": 30, "整": 0, "一刻": 15, "1刻": 15, "三刻": 45, "3刻": 45}
_TENS_MINUTE = r"(?:[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九])"
_UNIT_AFTER = r"(?![\d零一二三四五六七八九十点时个小天人分年月号日大届名位页章条:/])"
_MINUTE_ZH = (
    rf"(?:\s*(?P<half>半|整|[一1三3]刻)|\s*(?:过\s*)?(?P<minute>零?{NUMBER})\s*分(?!钟|之)"
    rf"|(?P<minute2>\d\d|{_TENS_MINUTE}){_UNIT_AFTER})?"
)
# 三点要求, 几点体会, 一点点 and 新时代 are no times.
_OCLOCK_ZH = r"(?:点钟|点(?![要意建体认思启心感希点儿评赞名])|时(?![间候代长政事期空刻装机常]))"
_HOUR_EN = rf"(?:\d{{1,2}}(?!\d)|{WORD})"
_WORDS_BEFORE = {"half": 30, "quarter": 15, "a quarter": 15}


def _part_en(found: Match[str]) -> Part | None:
    if found["meridiem"]:
        return PARTS_EN[found["meridiem"] + "m"]
    word = found["spell"] or found["night"]
    return PARTS_EN[word] if word else None


def _literal(hour: str) -> bool:
    return len(hour) == 2 and hour.isdigit()


def _chinese(found: Match[str]) -> Clock:
    part = PARTS_ZH[found["part"]] if found["part"] else None
    minute = _HALVES[found["half"]] if found["half"] else 0
    said = found["minute"] or found["minute2"]
    if said:
        minute = number(said.lstrip("零") if len(said) > 1 else said)
    return Clock(number(found["hour"]), minute, part, _literal(found["hour"]) and part is None)


def _quarter_before(found: Match[str]) -> Clock:
    part = PARTS_ZH[found["part"]] if found["part"] else None
    less = 15 if found["less"].endswith("刻") else number(found["less"].rstrip("分"))
    return _minus(Clock(number(found["hour"]), 0, part), less)


def _minus(clock: Clock, minutes: int) -> Clock:
    return replace(clock, hour=clock.hour - 1 if clock.hour > 1 else clock.hour + 11, minute=60 - minutes)


def _colon(found: Match[str]) -> Clock:
    part = PARTS_ZH[found["part"]] if found["part"] else _part_en(found)
    hour = found["hour"]
    return Clock(int(hour), int(found["minute"]), part, _literal(hour) and part is None)


def _english(found: Match[str]) -> Clock | None:
    part = _part_en(found)
    if part is None:
        return None
    minute = found["minute"]
    return Clock(number(found["hour"]), int(minute) if minute else 0, part)


def _spoken(found: Match[str]) -> Clock:
    amount, hour = found["amount"], number(found["hour"])
    minutes = _WORDS_BEFORE[amount] if amount in _WORDS_BEFORE else number(amount)
    clock = Clock(hour, 0, _part_en(found))
    return replace(clock, minute=minutes) if found["side"] == "past" else _minus(clock, minutes)


def _bare(found: Match[str]) -> Clock:
    return Clock(number(found["hour"]), 0, _part_en(found))


CLOCK_READERS: tuple[Reader, ...] = (
    reader(rf"{_PART_ZH}(?P<hour>{NUMBER})\s*{_OCLOCK_ZH}{_MINUTE_ZH}", _chinese),
    reader(
        rf"{_PART_ZH}差(?P<less>[一1]刻|{NUMBER}分)钟?(?:到\s*)?(?P<hour>{NUMBER})\s*点钟?(?![要意建体认思启心感希点])",
        _quarter_before,
    ),
    reader(rf"{_PART_ZH}{_BEFORE}(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::00)?(?![\d:]){_PART_EN}", _colon),
    reader(rf"{_BEFORE}(?P<hour>{_HOUR_EN})(?:\s*[:.](?P<minute>\d\d))?{_PART_EN}", _english),
    reader(
        rf"{_BEFORE}(?P<amount>half|quarter|a quarter|five|ten|twenty|\d{{1,2}}(?=\s+(?:past|min)))"
        rf"\s+(?:min(?:ute)?s\s+)?(?P<side>past|to)\s+(?P<hour>{_HOUR_EN})(?![\d:.]){_PART_EN}",
        _spoken,
    ),
    reader(rf"{_BEFORE}(?P<hour>{_HOUR_EN})\s+o'?clock(?![a-z]){_PART_EN}", _bare),
    reader(rf"{_BEFORE}at\s+(?P<hour>{_HOUR_EN})(?![\d:.%/]){_PART_EN}", _bare),
    reader(rf"{_BEFORE}(?:12\s+)?(?:noon|midday)(?![a-z])", lambda _: Clock(12, literal=True)),
    reader(rf"{_BEFORE}(?:12\s+)?midnight(?![a-z])", lambda _: Clock(24, literal=True)),
    reader(r"午夜(?!\s*\d)", lambda _: Clock(24, literal=True)),
)

_SEPARATOR = compiled(r"\s*(?:-{1,2}|~|至|到|(?:to|until|till)(?![a-z]))\s*")
_FROM = compiled(r"(?:(?<![a-z])from\s+|从\s*)?")
_SHORT_START = compiled(
    rf"{_PART_ZH}{_BEFORE}(?P<hour>\d{{1,2}}|{NUMBER})(?::(?P<minute>\d\d))?(?=\s*(?:-|~|至|到|to\s))"
)
_SHORT_END = compiled(r"(?<=[-~至到])(?P<hour>\d{1,2})(?![\d:/.%a-z年月日号人分小天个名位页章条-])")


def read_clock(text: str, position: int) -> Token | None:
    """A time or a range of times that begins at the position."""
    begin = _end(_FROM.match(text, position), position)
    first = longest(CLOCK_READERS, text, begin)
    ranges = [_range(text, position, first), _range(text, position, _short_start(text, begin))]
    best = max((token for token in ranges if token), key=lambda token: token.end, default=None)
    if best is not None and (first is None or best.end > first.end):
        return best
    return None if first is None else replace(first, start=position)


def _end(match: Match[str] | None, otherwise: int) -> int:
    return otherwise if match is None else match.end()


def _short_start(text: str, position: int) -> Token | None:
    """The first half of 7–8:30pm and 下午3到5点, a time only by what follows it."""
    found = _SHORT_START.match(text, position)
    if found is None:
        return None
    part = PARTS_ZH[found["part"]] if found["part"] else None
    clock = Clock(number(found["hour"]), int(found["minute"] or 0), part, _literal(found["hour"]) and part is None)
    return Token((clock,), position, found.end())


def _range(text: str, position: int, first: Token | None) -> Token | None:
    separator = None if first is None else _SEPARATOR.match(text, first.end)
    if first is None or separator is None:
        return None
    second = longest(CLOCK_READERS, text, separator.end())
    if second is None and ":" in text[first.start : first.end]:
        second = _short_end(text, separator.end())
    if second is None:
        return None
    (start,), (end,) = first.values, second.values
    assert isinstance(start, Clock) and isinstance(end, Clock)  # noqa: PT018 — both come from CLOCK_READERS
    return Token((ClockRange(start, end),), position, second.end)


def _short_end(text: str, position: int) -> Token | None:
    """The 21 of 19:00–21."""
    found = _SHORT_END.match(text, position)
    return (
        Token((Clock(int(found["hour"]), literal=_literal(found["hour"])),), position, found.end()) if found else None
    )
