"""Words for how long, how soon and how often, read into minutes and weeks."""

from re import Match

from chat.dates.days import AFTER, BEFORE, WEEKDAY_EN, WEEKDAY_ZH, Weekday, weekday_en, weekday_zh
from chat.dates.numerals import NUMBER, WORD, number
from chat.dates.tokens import Ahead, Length, Reader, Repeat, Unsupported, reader

_HOURS_ZH = (
    rf"(?:(?P<half>半个?)|(?P<hours>\d{{1,2}}\.\d{{1,2}}|{NUMBER})\s*(?P<and_half>个半|个)?)\s*(?:小时|钟头)"
    rf"(?P<and_half2>半)?(?:\s*零?(?P<rest>{NUMBER})\s*分钟?)?"
)
_MINUTES_ZH = rf"(?P<minutes>\d{{1,4}}|{NUMBER})\s*(?:分钟|(?P<quarters>刻钟))"
_HOURS_EN = (
    rf"(?:(?P<half>half\s+an?\s+hour|an?\s+half\s+hour)"
    rf"|(?P<hours>\d{{1,2}}(?:\.\d{{1,2}})?|{WORD})(?P<and_half>\s+and\s+a\s+half)?\s*-?\s*(?:hours?|hrs?|h)(?![a-z])"
    rf"(?P<and_half2>\s+and\s+a\s+half)?)"
    rf"(?:\s*(?:and\s+)?(?P<rest>\d{{1,2}})\s*(?:m|mins?|minutes?){AFTER})?"
)
_SHORT_EN = r"(?P<hours>\d{1,2})h(?P<rest>\d{1,2})(?![a-z\d:.])"
_MINUTES_EN = rf"(?P<minutes>\d{{1,4}}|{WORD})\s*-?\s*(?:minutes?|mins?){AFTER}"
_LASTING_ZH = r"(?:(?:时长|为时|为期|历时|用时|共|约|大约)[:\s]*)?"
_LASTING_EN = rf"{BEFORE}(?:(?:for|lasting|lasts)\s+(?:about\s+)?)?"
_LATER_ZH = r"(?:之后|以后|过后|后)"


def minutes_in(found: Match[str]) -> int:
    """The minutes that the groups of one of these patterns add up to."""
    said = found.groupdict()
    if said.get("minutes"):
        return number(said["minutes"]) * (15 if said.get("quarters") else 1)
    halves = sum(30 for group in ("half", "and_half", "and_half2") if said.get(group) not in (None, "个"))
    hours = said.get("hours")
    whole = round(float(hours) * 60) if hours and "." in hours else number(hours or "0") * 60
    return whole + halves + number(said.get("rest") or "0")


def _length(found: Match[str]) -> Length | None:
    # "an hour" is a length only when something says so: for an hour.
    word = found.groupdict().get("hours") or found.groupdict().get("minutes") or ""
    if word in ("a", "an") and not found[0].startswith(("for", "last")) and "half" not in found[0]:
        return None
    return Length(minutes_in(found))


def _ahead(found: Match[str]) -> Ahead:
    return Ahead(minutes_in(found))


_WEEKS = r"(?:周|个?星期|个?礼拜)"
_EVERY_OTHER = r"every\s+(?:(?P<other>other|second|2nd)|(?P<count>[1-4]|two|three|four))"


def _repeat_zh(found: Match[str]) -> Repeat | tuple[Repeat, Weekday]:
    # 隔周 and 每隔一周 leave one week out.
    count = 2 if found["skip"] else number(found["count"] or "1")
    count = 2 if found[0].startswith("每隔") and count == 1 else count
    repeat, day = Repeat(count), found["weekday"]
    return (repeat, Weekday(weekday_zh(day))) if day else repeat


def _repeat_en(found: Match[str]) -> Repeat | tuple[Repeat, Weekday]:
    said = found.groupdict()
    count = 2 if said.get("other") else number(said.get("count") or "1")
    repeat, day = Repeat(count), said.get("weekday")
    return (repeat, Weekday(weekday_en(day))) if day else repeat


_REPEAT_READERS: tuple[Reader, ...] = (
    reader(
        rf"(?:每隔?\s*(?P<count>[一二两三四1234])?|(?P<skip>隔))\s*{_WEEKS}(?P<weekday>[{WEEKDAY_ZH}])?的?(?![{WEEKDAY_ZH}]|次)",
        _repeat_zh,
    ),
    reader(rf"{BEFORE}every\s+week{AFTER}|{BEFORE}weekly{AFTER}", lambda _: Repeat(1)),
    reader(rf"{BEFORE}(?:biweekly|bi-weekly|fortnightly|every\s+fortnight){AFTER}", lambda _: Repeat(2)),
    reader(rf"{BEFORE}{_EVERY_OTHER}\s+weeks?(?:\s+on\s+{WEEKDAY_EN})?{AFTER}", _repeat_en),
    reader(rf"{BEFORE}(?:every|each)\s+(?:(?P<other>other|second|2nd)\s+)?{WEEKDAY_EN}{AFTER}", _repeat_en),
    reader(
        rf"每(?:天|日(?!一)|个?月(?=[第末底\d一二三四五六七八九十最])|年|季度)|{BEFORE}every\s+(?:other\s+)?(?:day|month|year){AFTER}",
        lambda _: Unsupported(),
    ),
)

LENGTH_READERS: tuple[Reader, ...] = (
    reader(rf"{_LASTING_ZH}{_HOURS_ZH}", _length),
    reader(rf"{_LASTING_ZH}{_MINUTES_ZH}", _length),
    reader(rf"{_LASTING_EN}{_SHORT_EN}", _length),
    reader(rf"{_LASTING_EN}{_HOURS_EN}", _length),
    reader(rf"{_LASTING_EN}{_MINUTES_EN}", _length),
    reader(rf"(?:过\s*)?{_HOURS_ZH}{_LATER_ZH}", _ahead),
    reader(rf"(?:过\s*)?{_MINUTES_ZH}{_LATER_ZH}", _ahead),
    reader(rf"{BEFORE}in\s+{_HOURS_EN}{AFTER}", _ahead),
    reader(rf"{BEFORE}in\s+{_MINUTES_EN}", _ahead),
    reader(rf"{BEFORE}{_HOURS_EN}\s+(?:from\s+now|later){AFTER}", _ahead),
    reader(rf"{BEFORE}{_MINUTES_EN}\s+(?:from\s+now|later){AFTER}", _ahead),
    *_REPEAT_READERS,
)
