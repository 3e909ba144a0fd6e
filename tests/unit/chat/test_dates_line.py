"""The line after /new: title, kind and place beside the moment, in any order."""

# ruff: noqa: DTZ001 — local times are naive

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chat.dates import LONGEST_PLACE, LONGEST_TEXT, LONGEST_TITLE, DateError, SessionLine, parse_line
from domain.cadence import Cadence
from domain.links import LONGEST_LINK

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def read(text: str) -> SessionLine:
    return parse_line(text, now=NOW, zone=SHANGHAI)


LINES = {
    "下周三19:00 党课：学习原著 @三楼会议室": ("12-02 19:00", "党课：学习原著", "lesson", "三楼会议室"),
    "党课：学习原著 下周三19:00 @三楼会议室": ("12-02 19:00", "党课：学习原著", "lesson", "三楼会议室"),
    "@三楼会议室 党课：学习原著 下周三19:00": ("12-02 19:00", "党课：学习原著", "lesson", "三楼会议室"),
    "党课：学习原著@三楼会议室 19:00下周三": ("12-02 19:00", "党课：学习原著", "lesson", "三楼会议室"),
    "党课：学习原著 ＠三楼会议室　下周三１９：００": (
        "12-02 19:00",
        "党课：学习原著",
        "lesson",
        "三楼会议室",
    ),
    "next Wed 7pm Party lecture: Reading @ Room 3F": (
        "12-02 19:00",
        "Party lecture: Reading",
        "lesson",
        "Room 3F",
    ),
    "Party lecture: Reading @ Room 3F next Wed at 7pm": (
        "12-02 19:00",
        "Party lecture: Reading",
        "lesson",
        "Room 3F",
    ),
    "Party lecture, next Wed, 7pm, location: Room 3F, bring notes": (
        "12-02 19:00",
        "Party lecture, bring notes",
        "lesson",
        "Room 3F",
    ),
    "next Wed 7pm lecture @“Room 3F” bring notes": (
        "12-02 19:00",
        "lecture bring notes",
        "lesson",
        "Room 3F",
    ),
    "周三下午2:30支委会": ("11-25 14:30", "支委会", "committee", ""),
    "明天的党课 19:00": ("11-25 19:00", "党课", "lesson", ""),
    "12月5日上午9点 主题党日：参观展览 @市博物馆": (
        "12-05 09:00",
        "主题党日：参观展览",
        "theme_day",
        "市博物馆",
    ),
    "党小组会 明天下午4点 @3号楼 201": ("11-25 16:00", "党小组会", "subgroup", "3号楼 201"),
    "第12期学习 下周五14:30 @A座 301": ("12-04 14:30", "第12期学习", "study", "A座 301"),
    "12月2日（周三）19:00，地点：三楼，学习第3-4章": ("12-02 19:00", "学习第3-4章", "study", "三楼"),
    "明天19:00 学习（地点：三楼 东侧）": ("11-25 19:00", "学习", "study", "三楼 东侧"),
    "明天19:00 学习 @三楼（东侧）": ("11-25 19:00", "学习", "study", "三楼（东侧）"),
    "党员大会\n明天19:00\n@礼堂": ("11-25 19:00", "党员大会", "assembly", "礼堂"),
    "明天 学习 @三楼19:00": ("11-25 19:00", "学习", "study", "三楼"),
    "a@example.org 明天19:00 答疑": ("11-25 19:00", "a@example.org 答疑", "study", ""),
    "（@三楼 党课）明天19:00": ("11-25 19:00", "党课", "lesson", "三楼"),
    "（@三楼 明天19:00）党课": ("11-25 19:00", "党课", "lesson", "三楼"),
    "党课（一） 明天19:00": ("11-25 19:00", "党课（一）", "lesson", ""),
    # what only looks like a time
    "《周三》读书会 明天19:00": ("11-25 19:00", "《周三》读书会", "study", ""),
    "“5月4日”讲话 明天19:00": ("11-25 19:00", "“5月4日”讲话", "study", ""),
    "学习二十大报告 周五19:00": ("11-27 19:00", "学习二十大报告", "study", ""),
    "学习三点要求 明天19:00": ("11-25 19:00", "学习三点要求", "study", ""),
    "新时代十二讲 明天19:00": ("11-25 19:00", "新时代十二讲", "study", ""),
    "一周一学 明天19:00": ("11-25 19:00", "一周一学", "study", ""),
    "学习第2号文件 明天19:00": ("11-25 19:00", "学习第2号文件", "study", ""),
    "学习3号文件 明天19:00": ("11-25 19:00", "学习3号文件", "study", ""),
    "Marx and Monday's world tomorrow 7pm": ("11-25 19:00", "Marx and Monday's world", "study", ""),
}


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_a_line_is_taken_apart(line: str, expected: tuple[str, str, str, str]) -> None:
    found = read(line)
    assert (f"{found.starts_local:%m-%d %H:%M}", found.title, found.kind, found.place) == expected


def test_everything_at_once() -> None:
    line = "每周三19:00-20:30 党课：学习原著 @三楼会议室"
    found = read(line)
    assert found == SessionLine(
        starts_local=datetime(2026, 11, 25, 19, 0),
        starts_at=datetime(2026, 11, 25, 11, 0, tzinfo=UTC),
        minutes=90,
        cadence=Cadence.weekly(2),
        title="党课：学习原著",
        kind="lesson",
        place="三楼会议室",
        link="",
        bare_hour=False,
        in_gap=False,
        spans=((0, 3), (3, 14)),
    )
    assert [line[start:end] for start, end in found.spans] == ["每周三", "19:00-20:30"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("党课：学习原著", "lesson"),
        ("学习：怎样上好党课", "study"),
        ("支部党员大会", "assembly"),
        ("支部委员会", "committee"),
        ("支委会", "committee"),
        ("党小组会", "subgroup"),
        ("主题党日", "theme_day"),
        ("理论学习中心组学习", "centre_group"),
        ("业务培训", "training"),
        ("联席学习会", "joint"),
        ("知识竞赛", "contest"),
        ("志愿服务", "other"),
        ("青年理论学习小组", "study"),
        ("读原著第一章", "study"),
        ("Party lecture", "lesson"),
        ("Lesson: chapter 1", "lesson"),
        ("General meeting", "assembly"),
        ("Branch committee", "committee"),
        ("Party group meeting", "subgroup"),
        ("Theme Day", "theme_day"),
        ("Centre group study", "centre_group"),
        ("Training", "training"),
        ("Quiz contest", "contest"),
        ("Study: a lecture by Marx", "study"),
    ],
)
def test_the_kind_is_guessed_from_the_title(title: str, kind: str) -> None:
    assert read(f"明天19:00 {title}").kind == kind
    assert read(f"{title} 明天19:00").title == title


@pytest.mark.parametrize("line", ["明天19:00", "明天19:00 @三楼", "明天（周三）19:00-20:00，", "@", "明天19:00 @ "])
def test_a_line_without_a_title_is_refused(line: str) -> None:
    with pytest.raises(DateError) as caught:
        read(line)
    assert caught.value.code == ("no_date" if line == "@" else "no_title")


@pytest.mark.parametrize(
    ("line", "field", "limit"),
    [
        ("明" * (LONGEST_TEXT + 1), "text", LONGEST_TEXT),
        ("明天19:00 " + "题" * (LONGEST_TITLE + 1), "title", LONGEST_TITLE),
        ("明天19:00 学习 @" + "楼" * (LONGEST_PLACE + 1), "place", LONGEST_PLACE),
    ],
)
def test_a_line_too_long_is_refused(line: str, field: str, limit: int) -> None:
    with pytest.raises(DateError) as caught:
        read(line)
    assert caught.value.code == "too_long"
    assert caught.value.params == {"field": field, "length": limit + 1, "limit": limit}


LINKED = {
    "明天19:00 学习 https://meeting.tencent.com/dm/a1?b=2#c": ("学习", "", "https://meeting.tencent.com/dm/a1?b=2#c"),
    "明天19:00 学习 @线上 https://zoom.us/j/1": ("学习", "线上", "https://zoom.us/j/1"),
    "明天19:00 学习 @https://zoom.us/j/1?u=a@b，带笔记": ("学习，带笔记", "", "https://zoom.us/j/1?u=a@b"),
    "会议链接：http://example.org/x。 明天19:00 学习": ("学习", "", "http://example.org/x"),
    "Reading (https://example.org/19:00). tomorrow 7pm": ("Reading", "", "https://example.org/19:00"),
    "tomorrow 7pm Reading, link: HTTPS://Example.org/A": ("Reading", "", "HTTPS://Example.org/A"),
    "明天19:00 学习 example.org": ("学习 example.org", "", ""),
}


@pytest.mark.parametrize(("line", "expected"), LINKED.items())
def test_a_web_address_is_the_link_of_an_online_session(line: str, expected: tuple[str, str, str]) -> None:
    found = read(line)
    assert f"{found.starts_local:%m-%d %H:%M}" == "11-25 19:00"
    assert (found.title, found.place, found.link) == expected


@pytest.mark.parametrize(
    "link", ["ftp://example.org/a", "javascript://example.org", "https://[::1", "https://x/" + "a" * LONGEST_LINK]
)
def test_a_link_that_is_none_is_refused(link: str) -> None:
    with pytest.raises(DateError) as caught:
        read(f"明天19:00 学习 {link}")
    assert (caught.value.code, caught.value.params) == ("bad_link", {"limit": LONGEST_LINK})
