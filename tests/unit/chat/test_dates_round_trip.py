"""A moment written in many ways in two languages reads back as itself, and no text breaks the reader."""

# ruff: noqa: DTZ001 — local times are naive

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chat.dates import CODES, LONGEST_TEXT, DateError, parse_line, parse_when
from domain.cadence import Cadence, to_instant

ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "UTC",
    )
]
FIGURES = "零一二三四五六七八九"
ENGLISH_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
ENGLISH_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905


def chinese(n: int) -> str:
    tens, ones = divmod(n, 10)
    ten = {0: "", 1: "十"}.get(tens, FIGURES[tens] + "十")
    return ten + (FIGURES[ones] if ones or not tens else "")


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def ordinal(n: int) -> str:
    ending = "th" if n in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


# Ways to write a date that lies `days` after today, whose week starts `weeks` weeks after this one.
Dates = Callable[[date, int, int], str | None]
DATES: list[Dates] = [
    lambda day, _d, _w: day.isoformat(),
    lambda day, _d, _w: f"{day.year}年{day.month}月{day.day}日",
    lambda day, _d, _w: f"{day:%Y/%m/%d}",
    lambda day, _d, _w: full_width(f"{day.year}年{day.month}月{day.day}号"),
    lambda day, _d, _w: (
        f"{''.join(FIGURES[int(n)] for n in str(day.year))}年{chinese(day.month)}月{chinese(day.day)}日"
    ),
    lambda day, _d, _w: f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}",
    lambda day, _d, _w: f"{ENGLISH_MONTHS[day.month - 1][:3]} {ordinal(day.day)}, {day.year}",
    lambda day, _d, _w: f"the {ordinal(day.day)} of {ENGLISH_MONTHS[day.month - 1]}, {day.year}",
    lambda day, _d, _w: f"{day.year}-{day.month}-{day.day} 周{'一二三四五六日'[day.weekday()]}",
    lambda day, _d, _w: f"{ENGLISH_DAYS[day.weekday()]}, {day.day} {ENGLISH_MONTHS[day.month - 1].upper()} {day.year}",
    lambda day, days, _w: f"{day.month}月{day.day}日" if days <= 330 else None,
    lambda day, days, _w: f"{day.month}/{day.day}" if days <= 330 else None,
    lambda day, days, _w: f"{day:%m-%d}" if days <= 330 else None,
    lambda day, days, _w: f"on {day.day} {ENGLISH_MONTHS[day.month - 1][:3]}" if days <= 330 else None,
    lambda _day, days, _w: ["今天", "明天", "后天", "大后天"][days] if days < 4 else None,
    lambda _day, days, _w: ["today", "tomorrow", "day after tomorrow"][days] if days < 3 else None,
    lambda _day, days, _w: f"{days}天后",
    lambda _day, days, _w: f"{chinese(days)}天之后" if days < 100 else None,
    lambda _day, days, _w: f"in {days} days",
    lambda _day, days, _w: f"{days} days from now",
    lambda _day, days, _w: f"{days // 7}周后" if days % 7 == 0 else None,
    lambda day, _d, weeks: f"{['本', '下', '下下'][weeks]}周{'一二三四五六天'[day.weekday()]}" if weeks < 3 else None,
    lambda day, _d, weeks: f"{['this', 'next'][weeks]} {ENGLISH_DAYS[day.weekday()][:3]}" if weeks < 2 else None,
    lambda day, days, _w: f"星期{'一二三四五六日'[day.weekday()]}" if 0 < days < 7 else None,
    lambda day, days, _w: f"on {ENGLISH_DAYS[day.weekday()]}" if 0 < days < 7 else None,
]


def part_of(hour: int) -> str:
    parts = ((5, "凌晨"), (8, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    return next(part for end, part in parts if hour < end)


def twelve(hour: int) -> int:
    return hour % 12 or 12


def in_chinese(at: datetime, numeral: Callable[[int], str]) -> str:
    hour = at.hour if at.hour == 0 else twelve(at.hour)
    minutes = {0: "", 15: "一刻", 30: "半", 45: "三刻"}.get(at.minute, f"{numeral(at.minute)}分")
    return f"{part_of(at.hour)}{numeral(hour)}点{minutes}"


def spoken(at: datetime) -> str:
    half = "am" if at.hour < 12 else "pm"
    if at.minute == 30:
        return f"half past {twelve(at.hour)} {half}"
    if at.minute == 45 and at.hour % 12 != 11:
        return f"quarter to {twelve(at.hour + 1)} {half}"
    return f"{at.minute} minutes past {twelve(at.hour)} {half}"


TIMES: list[Callable[[datetime], str]] = [
    lambda at: f"{at:%H:%M}",
    lambda at: full_width(f"{at:%H:%M}"),
    lambda at: f"{at.hour:02}点{at.minute:02}分",
    lambda at: f"{at.hour:02}时{at.minute:02}分",
    lambda at: in_chinese(at, str),
    lambda at: in_chinese(at, chinese),
    lambda at: f"{part_of(at.hour)} {at.hour:02}:{at.minute:02}",
    lambda at: f"{twelve(at.hour)}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}",
    lambda at: f"at {twelve(at.hour)}.{at.minute:02} {'a.m.' if at.hour < 12 else 'p.m.'}",
    lambda at: f"{twelve(at.hour)}{'AM' if at.hour < 12 else 'PM'}" if at.minute == 0 else f"{at:%H:%M}",
    spoken,
]
LENGTHS: list[Callable[[int], str]] = [
    lambda minutes: f"{minutes}分钟",
    lambda minutes: f"for {minutes} minutes",
    lambda minutes: f"{minutes} min",
    lambda minutes: f"{minutes // 60}小时{minutes % 60}分钟" if minutes >= 60 else f"{chinese(minutes)}分钟",
    lambda minutes: f"{minutes // 60}h{minutes % 60:02}",
    lambda minutes: f"{minutes // 60} hours and {minutes % 60} minutes",
]
TITLES = ["", "党课：学习原著 ", "Reading, ", "《周三》", "支委会，"]

nows = st.datetimes(datetime(2015, 1, 2), datetime(2035, 1, 1), timezones=st.just(UTC))
day_offsets = st.one_of(st.integers(0, 16), st.integers(0, 900))
minutes_of_day = st.integers(0, 24 * 60 - 1)


@settings(max_examples=500)
@given(
    nows,
    st.sampled_from(ZONES),
    day_offsets,
    minutes_of_day,
    st.sampled_from(DATES),
    st.sampled_from(TIMES),
    st.none() | st.tuples(st.sampled_from(LENGTHS), st.integers(1, 600)),
    st.sampled_from(TITLES),
    st.permutations([0, 1, 2, 3]),
)
def test_a_written_moment_reads_back(
    now: datetime,
    zone: ZoneInfo,
    days: int,
    minute: int,
    write_date: Dates,
    write_time: Callable[[datetime], str],
    length: tuple[Callable[[int], str], int] | None,
    title: str,
    order: list[int],
) -> None:
    today = now.astimezone(zone).date()
    at = datetime.combine(today + timedelta(days=days), datetime.min.time()) + timedelta(minutes=minute)
    monday = today - timedelta(days=today.weekday())
    written = write_date(at.date(), days, (at.date() - monday).days // 7)
    assume(written is not None and to_instant(at, zone) > now)
    assert written is not None
    duration = length[0](length[1]) if length else ""
    pieces = [written, write_time(at), duration, title]
    found = parse_when(" ".join(pieces[i] for i in order), now=now, zone=zone)
    assert found.starts_local == at
    assert found.starts_at == to_instant(at, zone)
    assert found.minutes == (length[1] if length else None)
    assert not found.bare_hour


@given(
    st.sampled_from(ZONES),
    minutes_of_day,
    st.integers(1, 11 * 60),
    st.sampled_from(TIMES[:6]),
    st.sampled_from(["-", "～", "—", "到", "至", " - ", " to "]),
)
def test_a_written_range_reads_back(
    zone: ZoneInfo, minute: int, length: int, write: Callable[[datetime], str], between: str
) -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    start = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), datetime.min.time())
    start += timedelta(minutes=minute)
    line = f"明天 {write(start)}{between}{write(start + timedelta(minutes=length))}"
    found = parse_when(line, now=now, zone=zone)
    assert (found.starts_local, found.minutes) == (start, length)


@given(nows, st.sampled_from(ZONES), st.integers(1, 999), st.sampled_from(["{}分钟后", "in {} minutes"]))
def test_a_moment_ahead_keeps_real_time_across_clock_changes(
    now: datetime, zone: ZoneInfo, minutes: int, form: str
) -> None:
    found = parse_when(form.format(minutes), now=now, zone=zone)
    assert timedelta(0) <= found.starts_at - now - timedelta(minutes=minutes) < timedelta(minutes=1)
    assert found.starts_local == found.starts_at.astimezone(zone).replace(tzinfo=None)


ORDINALS_EN = ["first", "second", "third", "fourth"]
# Ways to write a rule that a day falls on; None where it has no such words.
Rules = Callable[[date], tuple[str, Cadence] | None]
RULES: list[Rules] = [
    lambda day: (f"每月{day.day}日", Cadence.monthly_day(day.day)),
    lambda day: (f"每个月{chinese(day.day)}号", Cadence.monthly_day(day.day)),
    lambda day: (f"every month on the {ordinal(day.day)}", Cadence.monthly_day(day.day)),
    lambda day: (f"on the {ordinal(day.day)} of every month", Cadence.monthly_day(day.day)),
    lambda day: _nth(day, lambda nth: f"每月第{FIGURES[nth]}个周{'一二三四五六日'[day.weekday()]}"),
    lambda day: _nth(day, lambda nth: f"每月的第{nth}个星期{'一二三四五六天'[day.weekday()]}"),
    lambda day: _nth(day, lambda nth: f"{ORDINALS_EN[nth - 1]} {ENGLISH_DAYS[day.weekday()]} of every month"),
    lambda day: _nth(day, lambda nth: f"every month on the {ordinal(nth)} {ENGLISH_DAYS[day.weekday()][:3]}"),
    lambda day: _last(day, f"每月最后一个周{'一二三四五六日'[day.weekday()]}"),
    lambda day: _last(day, f"the last {ENGLISH_DAYS[day.weekday()]} of the month"),
    lambda day: (f"每周{'一二三四五六日'[day.weekday()]}", Cadence.weekly(day.weekday())),
    lambda day: (f"隔周周{'一二三四五六日'[day.weekday()]}", Cadence.weekly(day.weekday(), interval=2)),
    lambda day: (f"每两周周{'一二三四五六日'[day.weekday()]}", Cadence.weekly(day.weekday(), interval=2)),
    lambda day: (f"every other {ENGLISH_DAYS[day.weekday()]}", Cadence.weekly(day.weekday(), interval=2)),
]


def _nth(day: date, write: Callable[[int], str]) -> tuple[str, Cadence] | None:
    nth = (day.day - 1) // 7 + 1
    return (write(nth), Cadence.monthly_nth(nth, day.weekday())) if nth < 5 else None


def _last(day: date, text: str) -> tuple[str, Cadence] | None:
    is_last = (day + timedelta(weeks=1)).month != day.month
    return (text, Cadence.monthly_nth(-1, day.weekday())) if is_last else None


@given(nows, st.sampled_from(ZONES), st.integers(1, 6), minutes_of_day, st.sampled_from(RULES), st.booleans())
def test_a_written_rule_reads_back(
    now: datetime, zone: ZoneInfo, days: int, minute: int, write: Rules, time_first: bool
) -> None:
    day = now.astimezone(zone).date() + timedelta(days=days)
    at = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    written = write(day)
    assume(written is not None)
    assert written is not None
    pieces = [written[0], f"{at:%H:%M}"]
    found = parse_when(" ".join(reversed(pieces) if time_first else pieces), now=now, zone=zone)
    assert (found.starts_local, found.cadence) == (at, written[1])


WORDS = """
今天 明天 周三 下周 每周 每两 12月 2日 2号 31 19:00 7点 半 一刻 晚上 到 - ~ @ 地点： 三 十 两 小时
分钟 后 天 月底 差 过 党课
每月 第一个 最后一个 每月15日 隔周 last first of every month the 15th on https://a.example/1?x=@y http:// ftp://a
next Wed tomorrow 7 pm at in for half past to quarter every other week Dec 2nd 2026 : / . ， （ ） “ ” 《 》
"""
FRAGMENTS = st.sampled_from(WORDS.split())


def read_or_refuse(text: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        found = parse_line(text, now=now, zone=zone)
    except DateError as error:
        assert error.code in CODES  # noqa: PT017 — both ends are allowed
        return
    assert found.starts_at > now
    assert found.title.strip() == found.title != ""
    assert all(0 <= start < end <= len(text) for start, end in found.spans)
    assert all(before[1] <= after[0] for before, after in zip(found.spans, found.spans[1:], strict=False))


@given(st.text(max_size=60), nows, st.sampled_from(ZONES))
@example("İ今天19:00ß²", datetime(2026, 11, 24, tzinfo=UTC), ZONES[0])
@example("每0周三 ٣点 ４:９９", datetime(2026, 11, 24, tzinfo=UTC), ZONES[0])
def test_any_text_is_read_or_refused(text: str, now: datetime, zone: ZoneInfo) -> None:
    read_or_refuse(text, now, zone)


@given(st.lists(FRAGMENTS, max_size=14), st.sampled_from(["", " "]), nows, st.sampled_from(ZONES))
def test_any_mixture_of_its_own_words_is_read_or_refused(
    words: list[str], between: str, now: datetime, zone: ZoneInfo
) -> None:
    read_or_refuse(between.join(words), now, zone)


@pytest.mark.parametrize(
    "unit",
    [
        "十",
        "1",
        " ",
        "1 ",
        "周",
        "7-",
        "7点到",
        "every ",
        "on ",
        "“",
        "《",
        "@",
        "(",
        "an hour and ",
        "1小时",
        "2月",
        "今",
        "半",
        "a",
    ],
)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * LONGEST_TEXT)[:LONGEST_TEXT]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    began = perf_counter()
    read_or_refuse(text, now, ZONES[0])
    assert perf_counter() - began < 1.0  # some 20 ms; a pattern that backtracks would take minutes
