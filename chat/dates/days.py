"""Words for a day, read into dates.

The rules, where people differ:
- A bare weekday (周三, Wed, on Wednesday) is the next one to come, today included while the time lies ahead.
- 本周三, this Wed is the Wednesday of this calendar week; 下周三, next Wed that of the next one; 下下周三 the
  one after. Weeks begin on Monday, so on a Sunday next Wed is three days off.
- A date without a year is this year's, or next year's when it lies more than a month back; one that passed
  only lately is taken for a slip and refused with a suggestion.
- n/m and n-m are month and day, as in Chinese use; English writers have month names and ISO dates.
- A bare day of the month (2号, on the 2nd) is this month's until it is past, then the next month's.
- 月底 and "end of the month" are the last day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from re import Match

from chat.dates.numerals import NUMBER, WORD, number, year
from chat.dates.tokens import Day, Reader, Repeat, reader

FORGIVEN = timedelta(days=31)  # a date without a year that passed longer ago means next year's
WEEKDAY_ZH = "一二三四五六日天"
WEEKDAY_EN = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH_EN = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
MONTH_KEYS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_EN = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![a-z\d])"
YEAR_EN = r"(?:\s*,?\s*(?P<year>\d{4})(?!\d))?"
BEFORE = r"(?<![a-z\d])"
AFTER = r"(?![a-z\d]|['’]s)"


@dataclass(frozen=True, slots=True)
class InDays(Day):
    """So many days from today."""

    days: int

    def candidates(self, today: date) -> tuple[date, ...]:
        """That one day."""
        return (today + timedelta(days=self.days),)


@dataclass(frozen=True, slots=True)
class InMonths(Day):
    """The same day so many months on, or the last day of a shorter month."""

    months: int

    def candidates(self, today: date) -> tuple[date, ...]:
        """That one day."""
        first = first_of_month(today, self.months)
        return (first.replace(day=min(today.day, _length(first))),)


@dataclass(frozen=True, slots=True)
class Weekday(Day):
    """A weekday (Monday = 0) of the calendar week `weeks` from this one; None: the next to come."""

    weekday: int
    weeks: int | None = None

    def candidates(self, today: date) -> tuple[date, ...]:
        """One day; for a bare weekday also the week after, for when today's time has passed."""
        if self.weeks is None:
            coming = today + timedelta(days=(self.weekday - today.weekday()) % 7)
            return coming, coming + timedelta(weeks=1)
        monday = today - timedelta(days=today.weekday())
        return (monday + timedelta(weeks=self.weeks, days=self.weekday),)


@dataclass(frozen=True, slots=True)
class CalendarDate(Day):
    """A month and day (None: its last); `year` is None when unsaid; `years` counts from this year (明年)."""

    month: int
    day: int | None
    year: int | None = None
    years: int | None = None

    def candidates(self, today: date) -> tuple[date, ...]:
        """One day or none (31 February)."""
        if self.year is not None or self.years is not None:
            found = self._in(self.year if self.year is not None else today.year + (self.years or 0))
            return () if found is None else (found,)
        this, following = self._in(today.year), self._in(today.year + 1)
        if this is not None and this >= today - FORGIVEN:
            return (this,)
        return () if following is None else (following,)

    def _in(self, year: int) -> date | None:
        try:
            return date(year, self.month, self.day or monthrange(year, self.month)[1])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class DayOfMonth(Day):
    """A day (None: the last) of the month `months` from this one; None: of this month, or else the next."""

    day: int | None
    months: int | None = None

    def candidates(self, today: date) -> tuple[date, ...]:
        """One day or none (the 31st of a month of 30 days)."""
        if self.months is not None:
            found = self._in(first_of_month(today, self.months))
            return () if found is None else (found,)
        both = (self._in(first_of_month(today, 0)), self._in(first_of_month(today, 1)))
        ahead = [found for found in both if found is not None and found >= today]
        return tuple(ahead[:1])

    def _in(self, first: date) -> date | None:
        length = _length(first)
        day = length if self.day is None else self.day
        return first.replace(day=day) if 1 <= day <= length else None


def first_of_month(today: date, months: int) -> date:
    """The first day of the month so many months from today's."""
    index = today.year * 12 + today.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _length(first: date) -> int:
    return monthrange(first.year, first.month)[1]


RELATIVE_ZH = {
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
    "大后天": 3,
}
RELATIVE_EN = {"today": 0, "tomorrow": 1, "tmrw": 1, "yesterday": -1}
WEEKS_ZH = {"上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
WEEKS_EN = {"last": -1, "this": 0, "next": 1}
MONTHS_ZH = {"本": 0, "这": 0, "当": 0, "下": 1, "下下": 2}
UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "day": 1, "week": 7, "fortnight": 14}


def _weekday_zh(found: Match[str]) -> Weekday:
    which = found["which"]
    return Weekday(weekday_zh(found["weekday"]), WEEKS_ZH[which] if which else None)


def weekday_zh(sign: str) -> int:
    """Monday = 0 … Sunday = 6 for 一 … 六, 日 or 天."""
    return min(WEEKDAY_ZH.index(sign), 6)


def weekday_en(word: str) -> int:
    """Monday = 0 … Sunday = 6 for an English name or its short form."""
    return WEEKDAY_KEYS.index(word[:3])


def _weekday_en(found: Match[str]) -> Weekday | tuple[Weekday, Repeat]:
    weekday = weekday_en(found["weekday"])
    if found["plural"]:
        return Weekday(weekday), Repeat(1)
    which = found["which"] or found["before"] or found["after"]
    return Weekday(weekday, WEEKS_EN[which] if which else None)


def _written(found: Match[str]) -> CalendarDate:
    said = found["year"]
    relative = {"今年": 0, "明年": 1, "后年": 2}.get(found["years"] or "")
    return CalendarDate(number(found["month"]), number(found["day"]), year(said) if said else None, relative)


def _figures(found: Match[str]) -> CalendarDate | None:
    month, day = int(found["month"]), int(found["day"])
    if "year" not in found.re.groupindex and month > 12 and not 1 <= day <= 12:
        return None  # a fraction or a score rather than a date with its halves exchanged
    if "year" not in found.re.groupindex and not (1 <= day <= 31 and month):
        return None
    said = found.groupdict().get("year")
    return CalendarDate(month, day, int(said) if said else None)


def _month_name(found: Match[str]) -> CalendarDate:
    said = found["year"]
    return CalendarDate(MONTH_KEYS.index(found["month"][:3]) + 1, int(found["day"]), int(said) if said else None)


def _day_of_month(found: Match[str]) -> DayOfMonth:
    which = found["which"]
    day = found["day"]
    return DayOfMonth(number(day) if day else None, MONTHS_ZH[which] if which else None)


def _ahead(found: Match[str]) -> InDays | InMonths:
    count, unit = number(found["count"]), found["unit"]
    return InMonths(count) if unit in ("月", "month") else InDays(count * UNITS[unit])


_COUNT_EN = rf"(?P<count>\d{{1,3}}|{WORD})\s*(?P<unit>day|week|fortnight|month)s?{AFTER}"
_COUNT_ZH = rf"(?P<count>\d{{1,3}}|{NUMBER})\s*个?(?P<unit>天|日|周|星期|礼拜|(?<=个)月)"

DAY_READERS: tuple[Reader, ...] = (
    reader("|".join(sorted(RELATIVE_ZH, key=len, reverse=True)), lambda m: InDays(RELATIVE_ZH[m[0]])),
    reader(
        rf"{BEFORE}(?:(?P<after>(?:the\s+)?day\s+after\s+tomorrow)|(?P<word>today|tomorrow|tmrw|yesterday)){AFTER}",
        lambda m: InDays(2 if m["after"] else RELATIVE_EN[m["word"]]),
    ),
    reader(
        # 一周一学 is no Monday, 每周三次 no Wednesday.
        rf"(?<!(?<![周期拜])[一几])(?:(?P<which>上|本|这|下下|下)一?个?)?"
        rf"(?:周|星期|礼拜)(?P<weekday>[{WEEKDAY_ZH}])(?![次年])",
        _weekday_zh,
    ),
    reader(
        rf"{BEFORE}(?:(?P<before>this|next|last)\s+week\s+(?:on\s+)?"
        rf"|(?:(?P<which>this|next|last)|(?:the\s+)?coming)\s+)?{WEEKDAY_EN}(?P<plural>(?<=day)s)?{AFTER}\.?(?:,?\s+(?P<after>this|next|last)\s+week{AFTER})?",
        _weekday_en,
    ),
    reader(
        rf"(?:(?P<year>\d{{4}}|[〇零一二三四五六七八九]{{4}})\s*年\s*|(?P<years>今年|明年|后年)\s*)?"
        rf"(?P<month>{NUMBER})\s*月\s*(?P<day>{NUMBER})\s*(?:日|号)",
        _written,
    ),
    reader(
        r"(?<![\d.])(?P<year>\d{4})\s?(?P<sign>[-/.])\s?(?P<month>\d{1,2})\s?(?P=sign)\s?(?P<day>\d{1,2})(?!\d)"
        r"(?:t(?=\d\d:))?",
        _figures,
    ),
    reader(
        # Not 第3-4章, 1/3 of a page number, or a phone number.
        r"(?<![\d./第-])(?P<month>\d{1,2})(?:/|-(?=\d\d))(?P<day>\d{1,2})(?![\d/章节页期讲课届篇部次人组楼室号-])",
        _figures,
    ),
    reader(rf"{BEFORE}(?:the\s+)?{DAY_EN}\s*(?:of\s+)?{MONTH_EN}{AFTER}\.?{YEAR_EN}", _month_name),
    reader(rf"{BEFORE}{MONTH_EN}\.?\s*(?:the\s+)?{DAY_EN}{YEAR_EN}", _month_name),
    reader(
        rf"(?:(?P<which>本|这|当|下下|下)个?月)?(?<!第)(?P<day>{NUMBER})\s*号(?![楼院厅馆门线室文会教令口机桌])",
        _day_of_month,
    ),
    reader(rf"(?P<which>本|这|当|下下|下)个?月(?P<day>{NUMBER})\s*日", _day_of_month),
    reader(rf"(?P<month>{NUMBER})\s*月(?:底|末)", lambda m: CalendarDate(number(m["month"]), None)),
    reader(
        r"(?<![\d零〇一二三四五六七八九十])(?:(?P<which>本|这|当|下下|下)个?)?月(?:底|末)",
        lambda m: DayOfMonth(None, MONTHS_ZH[m["which"] or "本"]),
    ),
    reader(
        rf"{BEFORE}(?:the\s+)?end\s+of\s+(?:(?P<next>next)|(?:the|this))\s+month{AFTER}",
        lambda m: DayOfMonth(None, 1 if m["next"] else 0),
    ),
    reader(rf"{BEFORE}on\s+the\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th){AFTER}", lambda m: DayOfMonth(int(m["day"]))),
    reader(rf"(?:过\s*)?{_COUNT_ZH}(?:之后|以后|过后|后)(?!天)", _ahead),
    reader(rf"过\s*{_COUNT_ZH}", _ahead),
    reader(rf"{BEFORE}(?:in\s+{_COUNT_EN}(?:\s+time{AFTER})?)", _ahead),
    reader(rf"{BEFORE}{_COUNT_EN}\s+(?:from\s+(?:now|today)|later){AFTER}", _ahead),
)
