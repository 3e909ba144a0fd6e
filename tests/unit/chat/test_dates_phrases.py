"""What leaders type and what it means: a table, seen from Tuesday 24 November 2026, 10:00 in Shanghai."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chat.dates import DateError, Known, parse_when
from domain.cadence import Cadence

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

MOMENTS = {
    # relative days
    "今天19:00": "2026-11-24 19:00",
    "今日 19:00": "2026-11-24 19:00",
    "明天上午九点": "2026-11-25 09:00",
    "后天下午三点一刻": "2026-11-26 15:15",
    "大后天 中午12点": "2026-11-27 12:00",
    "明早8点": "2026-11-25 08:00",
    "今晚8点": "2026-11-24 20:00",
    "明天晚上 7点": "2026-11-25 19:00",
    "3天后 19:00": "2026-11-27 19:00",
    "三天之后晚上七点": "2026-11-27 19:00",
    "过两天 19:00": "2026-11-26 19:00",
    "两周后 19:00": "2026-12-08 19:00",
    "两个星期后19:00": "2026-12-08 19:00",
    "一个月后 19:00": "2026-12-24 19:00",
    "半小时后": "2026-11-24 10:30",
    "一个半小时后": "2026-11-24 11:30",
    "两小时后": "2026-11-24 12:00",
    "90分钟后": "2026-11-24 11:30",
    "today 7pm": "2026-11-24 19:00",
    "tonight 7:30": "2026-11-24 19:30",
    "tonight at 7": "2026-11-24 19:00",
    "this evening at eight": "2026-11-24 20:00",
    "tomorrow morning at 9": "2026-11-25 09:00",
    "tomorrow evening 7:30": "2026-11-25 19:30",
    "TOMORROW 7PM": "2026-11-25 19:00",
    "day after tomorrow noon": "2026-11-26 12:00",
    "in 3 days 7pm": "2026-11-27 19:00",
    "in two weeks, 7pm": "2026-12-08 19:00",
    "in a month at 19:00": "2026-12-24 19:00",
    "3 days from now 7pm": "2026-11-27 19:00",
    "in half an hour": "2026-11-24 10:30",
    "in 90 minutes": "2026-11-24 11:30",
    "in 2 hours 30 minutes": "2026-11-24 12:30",
    "two hours later": "2026-11-24 12:00",
    # weekdays
    "周三晚上7点": "2026-11-25 19:00",
    "星期三晚7点半": "2026-11-25 19:30",
    "礼拜三七点三刻": "2026-11-25 07:45",
    "本周三19点": "2026-11-25 19:00",
    "这周三 19时30分": "2026-11-25 19:30",
    "下周三19:00": "2026-12-02 19:00",
    "下周三十九点": "2026-12-02 19:00",
    "下个星期三 19:00": "2026-12-02 19:00",
    "下下周三早上八点": "2026-12-09 08:00",
    "周日傍晚六点": "2026-11-29 18:00",
    "周天 凌晨1点": "2026-11-29 01:00",
    "周二 19:00": "2026-11-24 19:00",  # today, still ahead
    "周二 9:00": "2026-12-01 09:00",  # today's is past
    "周一 9:00": "2026-11-30 09:00",
    "Wed 7:30 pm": "2026-11-25 19:30",
    "this Wed 7pm": "2026-11-25 19:00",
    "next Wed 7pm": "2026-12-02 19:00",
    "next Sunday 10:00": "2026-12-06 10:00",
    "Wed next week 7pm": "2026-12-02 19:00",
    "next week on Wed 7pm": "2026-12-02 19:00",
    "coming Friday 19:00": "2026-11-27 19:00",
    "on Friday at 9 am": "2026-11-27 09:00",
    "Tuesday 9am": "2026-12-01 09:00",
    "thurs. 7pm": "2026-11-26 19:00",
    # calendar dates
    "12月2日19:00": "2026-12-02 19:00",
    "12月2号 19:00": "2026-12-02 19:00",
    "2026年12月2日 19:00": "2026-12-02 19:00",
    "二〇二六年十二月二日晚上七点半": "2026-12-02 19:30",
    "2026-12-02 19:00": "2026-12-02 19:00",
    "2026-12-02T19:00": "2026-12-02 19:00",
    "2026/12/2 19:00": "2026-12-02 19:00",
    "2026.12.2 19:00": "2026-12-02 19:00",
    "12-02 19:00": "2026-12-02 19:00",
    "12/2 19:00": "2026-12-02 19:00",
    "２０２６年１２月２日　１９：００": "2026-12-02 19:00",
    "12月2日（周三）19:00": "2026-12-02 19:00",
    "3月5日19:00": "2027-03-05 19:00",  # long past this year
    "明年2月3日 19:00": "2027-02-03 19:00",
    "2028年2月29日 19:00": "2028-02-29 19:00",
    "2号19:00": "2026-12-02 19:00",
    "29号19:00": "2026-11-29 19:00",
    "31号19:00": "2026-12-31 19:00",  # November has none
    "廿三号 19:00": "2026-12-23 19:00",
    "下个月3号 19:00": "2026-12-03 19:00",
    "下月3日 19:00": "2026-12-03 19:00",
    "月底 19:00": "2026-11-30 19:00",
    "下月底19:00": "2026-12-31 19:00",
    "12月底 19:00": "2026-12-31 19:00",
    "2 Dec 7pm": "2026-12-02 19:00",
    "2nd of December 7pm": "2026-12-02 19:00",
    "Dec 2nd 7pm": "2026-12-02 19:00",
    "December 2, 2026 19:00": "2026-12-02 19:00",
    "2 December 2026, 19:00": "2026-12-02 19:00",
    "Wed 2 Dec 19:00": "2026-12-02 19:00",
    "on the 2nd at 7pm": "2026-12-02 19:00",
    "end of the month 7pm": "2026-11-30 19:00",
    "end of next month 7pm": "2026-12-31 19:00",
    # times of day
    "明天7点": "2026-11-25 07:00",
    "明天3点": "2026-11-25 15:00",  # nobody meets at 03:00 without saying 凌晨
    "明天03:00": "2026-11-25 03:00",
    "明天7点30分": "2026-11-25 07:30",
    "明天7点30": "2026-11-25 07:30",
    "明天七点零五分": "2026-11-25 07:05",
    "明天晚上七点二十五": "2026-11-25 19:25",
    "明天7点整": "2026-11-25 07:00",
    "明天十二点半": "2026-11-25 12:30",
    "明天二十点": "2026-11-25 20:00",
    "明天中午": "2026-11-25 12:00",
    "明天中午1点": "2026-11-25 13:00",
    "明天上午12点": "2026-11-25 12:00",
    "明天下午7:30": "2026-11-25 19:30",
    "晚上12点 明天": "2026-11-26 00:00",
    "明天24:00": "2026-11-26 00:00",
    "tomorrow midnight": "2026-11-26 00:00",
    "后天0点": "2026-11-26 00:00",
    "后天零点三十分": "2026-11-26 00:30",
    "后天凌晨12点半": "2026-11-26 00:30",
    "明天差一刻八点": "2026-11-25 07:45",
    "tomorrow 12:30am": "2026-11-25 00:30",
    "tomorrow 12:30 p.m.": "2026-11-25 12:30",
    "tomorrow 12 noon": "2026-11-25 12:00",
    "Fri at 7.30pm": "2026-11-27 19:30",
    "Fri half past seven": "2026-11-27 07:30",
    "Fri half past seven in the evening": "2026-11-27 19:30",
    "Fri quarter to 8 pm": "2026-11-27 19:45",
    "Fri a quarter past 8 pm": "2026-11-27 20:15",
    "Fri ten past eight pm": "2026-11-27 20:10",
    "Fri 7 o'clock in the evening": "2026-11-27 19:00",
    "9 at night on Fri": "2026-11-27 21:00",
}

LENGTHS = {
    "明天19:00-20:30": ("19:00", 90),
    "明天19：00～20：30": ("19:00", 90),
    "明天19:00到20:30": ("19:00", 90),
    "明天从19:00至20:30": ("19:00", 90),
    "明天19:00-21": ("19:00", 120),
    "明天19-21点": ("19:00", 120),
    "明天23:00-01:00": ("23:00", 120),
    "明天晚上7点到8点半": ("19:00", 90),
    "明天下午3-5点": ("15:00", 120),
    "明天9-11点": ("09:00", 120),
    "明天9-11:30": ("09:00", 150),
    "明天11点到1点": ("11:00", 120),
    "明天9:00到下午3点": ("09:00", 360),
    "明天晚上9点到12点": ("21:00", 180),
    "明晚7点到9点": ("19:00", 120),
    "tomorrow 7-8:30pm": ("19:00", 90),
    "tomorrow 7pm-8:30pm": ("19:00", 90),
    "tomorrow from 7 to 9 pm": ("19:00", 120),
    "tomorrow 11-1pm": ("11:00", 120),
    "tomorrow 9am to 5pm": ("09:00", 480),
    "明天19:00 90分钟": ("19:00", 90),
    "明天19:00 时长：90分钟": ("19:00", 90),
    "明天19:00 1.5小时": ("19:00", 90),
    "明天19:00 一个半小时": ("19:00", 90),
    "明天19:00 两小时": ("19:00", 120),
    "明天19:00 1小时20分": ("19:00", 80),
    "明天19:00 半个小时": ("19:00", 30),
    "明天19:00 三刻钟": ("19:00", 45),
    "明天19:00-20:30 90分钟": ("19:00", 90),
    "tomorrow 19:00 1h30": ("19:00", 90),
    "tomorrow 19:00 90 min": ("19:00", 90),
    "tomorrow 19:00 for 2 hours": ("19:00", 120),
    "tomorrow 2 hours 19:00": ("19:00", 120),
    "tomorrow 19:00 for an hour": ("19:00", 60),
    "tomorrow 19:00 an hour and a half": ("19:00", 90),
    "tomorrow 19:00 two and a half hours": ("19:00", 150),
    "tomorrow 19:00 half an hour": ("19:00", 30),
}

REPEATS = {
    "每周三19:00": 1,
    "每周 周三 19:00": 1,
    "每个星期三晚上7点": 1,
    "每两周 周三19:00": 2,
    "隔周三19:00": 2,
    "every week Wed 7pm": 1,
    "weekly, Wed 7pm": 1,
    "every Wed 7pm": 1,
    "Wednesdays 7pm": 1,
    "every other week Wed 7pm": 2,
    "every two weeks on Wed 7pm": 2,
    "every other Wed 7pm": 2,
    "biweekly Wed 7pm": 2,
    "每两周周三19:00": 2,
    "每隔一周周三19:00": 2,
    "every other Wednesday at 7pm": 2,
    "every second Wednesday 7pm": 2,
    "每三周周三19:00": 3,
}

FIRST_WEDNESDAY, LAST_FRIDAY = Cadence.monthly_nth(1, 2), Cadence.monthly_nth(-1, 4)
MONTHLY = {
    "每月第一个周三19:00": ("12-02", FIRST_WEDNESDAY),
    "每个月第1个星期三晚上7点": ("12-02", FIRST_WEDNESDAY),
    "每月的第一个礼拜三 19:00": ("12-02", FIRST_WEDNESDAY),
    "12月2日起，每月第一个周三19:00": ("12-02", FIRST_WEDNESDAY),
    "first Wednesday of every month 7pm": ("12-02", FIRST_WEDNESDAY),
    "on the first Wed of each month at 7pm": ("12-02", FIRST_WEDNESDAY),
    "every 1st Wednesday 7pm": ("12-02", FIRST_WEDNESDAY),
    "every month on the first Wednesday, 7pm": ("12-02", FIRST_WEDNESDAY),
    "monthly on the first Wednesday 7pm": ("12-02", FIRST_WEDNESDAY),
    "每月最后一个周五19:00": ("11-27", LAST_FRIDAY),
    "last Friday of the month 7pm": ("11-27", LAST_FRIDAY),
    "the last Friday of every month, 19:00": ("11-27", LAST_FRIDAY),
    "every last Friday 7pm": ("11-27", LAST_FRIDAY),
    "每月第四个周二19:00": ("11-24", Cadence.monthly_nth(4, 1)),
    "every second Wednesday of the month 7pm": ("12-09", Cadence.monthly_nth(2, 2)),
    "每月15日19:00": ("12-15", Cadence.monthly_day(15)),
    "每月十五号19:00": ("12-15", Cadence.monthly_day(15)),
    "每个月15号晚上7点": ("12-15", Cadence.monthly_day(15)),
    "每月2号19:00": ("12-02", Cadence.monthly_day(2)),
    "every month on the 15th 7pm": ("12-15", Cadence.monthly_day(15)),
    "on the 15th of every month at 7pm": ("12-15", Cadence.monthly_day(15)),
    "the 15th of each month 7pm": ("12-15", Cadence.monthly_day(15)),
    "15th of the month 7pm": ("12-15", Cadence.monthly_day(15)),
    "每月31日19:00": ("11-30", Cadence.monthly_day(31)),
    "每月底19:00": ("11-30", Cadence.monthly_day(31)),
    "每月最后一天19:00": ("11-30", Cadence.monthly_day(31)),
    "last day of every month 7pm": ("11-30", Cadence.monthly_day(31)),
}

ONCE_IN_A_MONTH = {
    "本月最后一个周五19:00": "2026-11-27 19:00",
    "下个月第二个周三19:00": "2026-12-09 19:00",
    "the first Wed of next month 7pm": "2026-12-02 19:00",
    "last Friday of this month at 7pm": "2026-11-27 19:00",
}

REFUSED: dict[str, tuple[str, dict[str, object]]] = {
    "19:00": ("no_date", {"time": time(19)}),
    "每周 19:00": ("no_date", {"time": time(19)}),
    "": ("no_date", {"time": None}),
    "明天": ("no_time", {"date": date(2026, 11, 25)}),
    "明天下午": ("no_time", {"date": date(2026, 11, 25)}),
    "2月31日 19:00": ("not_a_date", {"text": "2月31日"}),
    "2月29日 19:00": ("not_a_date", {"text": "2月29日"}),
    "2026-02-30 19:00": ("not_a_date", {"text": "2026-02-30"}),
    "31/12 19:00": ("not_a_date", {"text": "31/12"}),
    "Feb 30 7pm": ("not_a_date", {"text": "Feb 30"}),
    "明天25:00": ("not_a_time", {"text": "25:00"}),
    "明天7点75分": ("not_a_time", {"text": "7点75分"}),
    "明天上午15点": ("ambiguous", {"first": "上午15点", "second": "上午15点"}),
    "明天晚上2点": ("ambiguous", {"first": "晚上2点", "second": "晚上2点"}),
    "tonight 7am": ("ambiguous", {"first": "7am", "second": "7am"}),
    "12月3日（周三）19:00": ("ambiguous", {"first": "12月3日", "second": "周三"}),
    "周三 周五 19:00": ("ambiguous", {"first": "周三", "second": "周五"}),
    "每周三 周五 19:00": ("ambiguous", {"first": "每周三", "second": "周五"}),
    "明天 7pm 8pm": ("ambiguous", {"first": "7pm", "second": "8pm"}),
    "明天19:00-20:00 两小时": ("ambiguous", {"first": "两小时", "second": "19:00-20:00"}),
    "半小时后 19:00": ("ambiguous", {"first": "半小时后", "second": "19:00"}),
    "明天19:00 0分钟": ("bad_duration", {"minutes": 0, "limit": 1440}),
    "明天19:00-19:00": ("bad_duration", {"minutes": 0, "limit": 1440}),
    "明天19:00 30小时": ("bad_duration", {"minutes": 1800, "limit": 1440}),
    "每天19:00": ("repeat_unsupported", {"text": "每天"}),
    "每季度2号19:00": ("repeat_unsupported", {"text": "每季度"}),
    "每月第五个周三19:00": ("repeat_unsupported", {"text": "每月第五个周三"}),
    "每月32日19:00": ("repeat_unsupported", {"text": "每月"}),
    "every fifth Friday 7pm": ("repeat_unsupported", {"text": "every fifth Friday"}),
    "every month 7pm": ("repeat_unsupported", {"text": "every month"}),
    "本月第五个周三19:00": ("not_a_date", {"text": "本月第五个周三"}),
    "每月第一个周三 12月3日 19:00": ("ambiguous", {"first": "12月3日", "second": "每月第一个周三"}),
    "每月2日 每周三 19:00": ("ambiguous", {"first": "每周三", "second": "每月2日"}),
    "every day 7pm": ("repeat_unsupported", {"text": "every day"}),
    "2040-01-01 09:00": ("too_far", {"starts_local": "2040-01-01 09:00", "years": 5}),
    "今天8:00": ("past", {"starts_local": "2026-11-24 08:00", "suggested_local": "2026-11-25 08:00"}),
    "昨天19:00": ("past", {"starts_local": "2026-11-23 19:00", "suggested_local": "2026-11-24 19:00"}),
    "本周一19:00": ("past", {"starts_local": "2026-11-23 19:00", "suggested_local": "2026-11-30 19:00"}),
    "11月17日19:00": ("past", {"starts_local": "2026-11-17 19:00", "suggested_local": "2026-11-24 19:00"}),
    "2020-11-24 9:00": ("past", {"starts_local": "2020-11-24 09:00", "suggested_local": "2026-12-01 09:00"}),
    "0001-01-01 09:00": ("past", {"starts_local": "0001-01-01 09:00", "suggested_local": "2026-11-30 09:00"}),
}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("phrase", "expected"), MOMENTS.items())
def test_a_phrase_names_its_moment(phrase: str, expected: str) -> None:
    found = parse_when(phrase, now=NOW, zone=SHANGHAI)
    assert found.starts_local == local(expected)
    assert found.starts_at == local(expected).replace(tzinfo=SHANGHAI)
    assert (found.minutes, found.cadence, found.in_gap) == (None, None, False)


@pytest.mark.parametrize(("phrase", "expected"), LENGTHS.items())
def test_a_phrase_says_how_long(phrase: str, expected: tuple[str, int]) -> None:
    found = parse_when(phrase, now=NOW, zone=SHANGHAI)
    assert (f"{found.starts_local:%Y-%m-%d %H:%M}", found.minutes) == (
        f"2026-11-25 {expected[0]}",
        expected[1],
    )


@pytest.mark.parametrize(("phrase", "weeks"), REPEATS.items())
def test_a_phrase_says_how_often(phrase: str, weeks: int) -> None:
    found = parse_when(phrase, now=NOW, zone=SHANGHAI)
    assert (found.starts_local, found.cadence) == (local("2026-11-25 19:00"), Cadence.weekly(2, interval=weeks))


@pytest.mark.parametrize(("phrase", "expected"), MONTHLY.items())
def test_a_phrase_comes_round_every_month(phrase: str, expected: tuple[str, Cadence]) -> None:
    found = parse_when(phrase, now=NOW, zone=SHANGHAI)
    assert (f"{found.starts_local:%m-%d %H:%M}", found.cadence) == (f"{expected[0]} 19:00", expected[1])


@pytest.mark.parametrize(("phrase", "expected"), ONCE_IN_A_MONTH.items())
def test_a_weekday_of_one_month_does_not_recur(phrase: str, expected: str) -> None:
    found = parse_when(phrase, now=NOW, zone=SHANGHAI)
    assert (found.starts_local, found.cadence) == (local(expected), None)


def test_the_rule_of_today_whose_time_has_passed_begins_next_month() -> None:
    found = parse_when("每月24日9:00", now=NOW, zone=SHANGHAI)
    assert (found.starts_local, found.cadence) == (local("2026-12-24 09:00"), Cadence.monthly_day(24))


def test_another_moment_may_stand_in_for_one_that_has_passed() -> None:
    known = Known(instead=local("2026-12-01 19:00"))
    found = parse_when("昨天19:00 两小时", now=NOW, zone=SHANGHAI, known=known)
    assert (found.starts_local, found.minutes) == (local("2026-12-01 19:00"), 120)


@pytest.mark.parametrize(("phrase", "refusal"), REFUSED.items())
def test_a_phrase_is_refused(phrase: str, refusal: tuple[str, dict[str, object]]) -> None:
    with pytest.raises(DateError) as caught:
        parse_when(phrase, now=NOW, zone=SHANGHAI)
    params = {name: _shown(value) for name, value in caught.value.params.items()}
    assert (caught.value.code, params) == refusal


def _shown(value: object) -> object:
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value


def test_the_table_is_as_large_as_promised() -> None:
    assert len(MOMENTS) + len(LENGTHS) + len(REPEATS) + len(REFUSED) >= 200


@pytest.mark.parametrize(
    ("phrase", "bare"),
    [
        ("明天7点", True),
        ("明天3点", True),
        ("tomorrow at 7", True),
        ("明天9-11点", True),
        ("明天7:30", True),
        ("明天07:30", False),
        ("明天19:00", False),
        ("明天晚上7点", False),
        ("明晚7点", False),
        ("tomorrow 7-8:30pm", False),
        ("明天12点", False),
        ("半小时后", False),
    ],
)
def test_an_hour_without_its_half_of_the_day_is_marked(phrase: str, bare: bool) -> None:
    assert parse_when(phrase, now=NOW, zone=SHANGHAI).bare_hour is bare


def test_what_is_known_fills_in_what_is_left_out() -> None:
    known = Known(date(2026, 12, 2), time(19, 30))
    assert parse_when("20:00", now=NOW, zone=SHANGHAI, known=known).starts_local == local("2026-12-02 20:00")
    assert parse_when("周五", now=NOW, zone=SHANGHAI, known=known).starts_local == local("2026-11-27 19:30")
    assert parse_when("两小时", now=NOW, zone=SHANGHAI, known=known).minutes == 120


def test_next_week_begins_on_monday() -> None:
    sunday = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
    for phrase in ("下周三19:00", "next Wed 7pm"):
        assert parse_when(phrase, now=sunday, zone=SHANGHAI).starts_local == local("2026-12-02 19:00")


def test_today_is_the_groups_today() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # already Wednesday in Shanghai
    assert parse_when("今天19:00", now=late, zone=SHANGHAI).starts_local == local("2026-11-25 19:00")
    new_york = parse_when("today 19:00", now=late, zone=ZoneInfo("America/New_York"))
    assert new_york.starts_local == local("2026-11-24 19:00")


def test_a_moment_ahead_is_rounded_up_to_a_whole_minute() -> None:
    now = datetime(2026, 11, 24, 2, 0, 1, tzinfo=UTC)
    found = parse_when("in 10 minutes", now=now, zone=SHANGHAI)
    assert found.starts_at == datetime(2026, 11, 24, 2, 11, tzinfo=UTC)


def test_a_day_of_the_month_that_neither_month_has() -> None:
    january = datetime(2027, 1, 31, 2, 0, tzinfo=UTC)
    with pytest.raises(DateError) as caught:
        parse_when("30号19:00", now=january, zone=SHANGHAI)
    assert caught.value.code == "not_a_date"


def test_clock_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    gap = parse_when("2027-03-28 02:30", now=NOW, zone=berlin)
    assert (gap.starts_local, gap.in_gap) == (local("2027-03-28 02:30"), True)
    assert gap.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # shown as 03:30
    fold = parse_when("2027-10-31 02:30", now=NOW, zone=berlin)
    assert (fold.starts_at, fold.in_gap) == (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), False)


def test_a_moment_ahead_may_be_the_second_of_a_fold() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2027, 10, 31, 0, 45, tzinfo=UTC)  # 02:45, the first time
    found = parse_when("in 30 minutes", now=now, zone=berlin)
    assert found.starts_at == datetime(2027, 10, 31, 1, 15, tzinfo=UTC)
    assert (found.starts_local, found.in_gap) == (local("2027-10-31 02:15"), False)
