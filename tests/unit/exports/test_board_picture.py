"""The weekly board's picture: everything is on the page, in both languages, and always the same for the same facts."""

import pickle
import struct
import xml.etree.ElementTree as ET
from dataclasses import astuple, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po
from hypothesis import example, given
from hypothesis import strategies as st

from domain.board_facts import BoardPicture, GroupRate, NextSession
from domain.leaderboards import Board, Score, Tally, Week, ranked, top
from exports.board_grid import HEIGHT, LEFT, RIGHT, WIDTH
from exports.board_picture import compose, draw
from exports.drawing import DARK, LIGHT, Drawing, Palette
from exports.lettering import Lettering
from texts import LANGUAGES, words
from texts.words import catalogue_files

WEEK = Week(date(2026, 11, 16), ZoneInfo("Asia/Shanghai"))
LETTERING = Lettering()
LARGEST = 500_000
SVG = "{http://www.w3.org/2000/svg}"

NEXT = NextSession("学习党的二十届四中全会精神", datetime(2026, 12, 2, 11, tzinfo=UTC), "三楼会议室")


def board(people: int, tally: Tally | None = None, before: float | None = 0.86) -> Board:
    """A week in which so many people have points, the later ones all the same."""
    shown, left_out = top(ranked(Score(id_, f"王{id_}", max(50 - 5 * id_, 20)) for id_ in range(people)))
    return Board(1, WEEK, tally or Tally(3, 0, 3 * people, 3 * people + 5, 2), before, shown, left_out, running=False)


def picture(people: int, groups: int = 3, tally: Tally | None = None) -> BoardPicture:
    rates = tuple(GroupRate(f"第{number}学习小组", number / 6, own=number == 2) for number in range(1, groups + 1))
    return BoardPicture("第二学习小组", board(people, tally), rates, streak=6, next_session=NEXT)


def written(drawing: Drawing) -> list[str]:
    return [element.text or "" for element in ET.fromstring(drawing.svg()).iter(f"{SVG}text")]


def texts(facts: BoardPicture, language: str = "zh-CN") -> list[str]:
    return written(compose(facts, words(language), LETTERING))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_a_picture_of_the_right_size_and_always_the_same(language: str, dark: bool) -> None:
    facts = replace(picture(300, groups=6), dark=dark)
    png = draw(facts, words(language))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (WIDTH, HEIGHT) == (1080, 1350)
    assert len(png) < LARGEST
    # The facts go to another process and come back in the same shape.
    assert draw(pickle.loads(pickle.dumps(facts)), words(language)) == png


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("people", [0, 1, 2, 20, 300])
@pytest.mark.parametrize("groups", [0, 1, 2, 6, 9])
def test_nothing_leaves_the_page(language: str, people: int, groups: int) -> None:
    check_page(picture(people, groups), language)


def check_page(facts: BoardPicture, language: str) -> None:
    """Every text has its glyphs and stands inside the margins, and the last line is where the page ends."""
    drawing = compose(facts, words(language), LETTERING)
    baselines = []
    for element in ET.fromstring(drawing.svg()).iter(f"{SVG}text"):
        text = element.text or ""
        assert [sign for sign in text if sign not in LETTERING] == []
        wide = LETTERING.width(text, float(element.attrib["font-size"]), bold=element.attrib["font-weight"] == "700")
        left = float(element.attrib["x"]) - wide * {"start": 0, "middle": 0.5, "end": 1}[element.attrib["text-anchor"]]
        assert left >= LEFT - 0.1, text
        assert left + wide <= RIGHT + 0.1, text
        baselines.append(float(element.attrib["y"]))
    assert HEIGHT - 82 < max(baselines) < HEIGHT - 64


NAMES = st.text(max_size=60)
RATES = st.floats(0, 1)


@given(
    NAMES,
    st.lists(NAMES, max_size=12),
    st.lists(st.tuples(NAMES, RATES), max_size=8),
    RATES | st.none(),
    st.integers(0, 300),
    st.none() | st.builds(NextSession, NAMES, st.just(NEXT.starts_at), NAMES),
    st.sampled_from(LANGUAGES),
)
@example(
    "W" * 300,
    ["長" * 90] * 9,
    [("ﷺ" * 50, 1.0), ("<b>&amp;</b>", 0.0)],
    1.0,
    999,
    NextSession("😀" * 9, NEXT.starts_at),
    "en",
)
def test_any_names_and_numbers_fit(
    group: str,
    people: list[str],
    groups: list[tuple[str, float]],
    before: float | None,
    streak: int,
    following: NextSession | None,
    language: str,
) -> None:
    shown, left_out = top(ranked(Score(id_, name, 30 + id_ % 2) for id_, name in enumerate(people)))
    week = Board(1, WEEK, Tally(12, 1, 2345, 3456, 123), before, shown, left_out, running=True)
    rates = tuple(GroupRate(name, rate) for name, rate in groups)
    check_page(BoardPicture(group, week, rates, streak, following), language)


def test_names_that_cannot_be_drawn_have_a_neutral_word() -> None:
    shown, _ = top(ranked([Score(1, "محمد", 30), Score(2, "🎉", 20)]))
    facts = BoardPicture("🎈", replace(board(0), shown=shown), (GroupRate("ไทย", 1.0), GroupRate("乙", 0.5)))
    assert texts(facts).count("组员") == 2
    assert texts(facts).count("学习小组") == 2
    assert draw(facts, words("en"))[:4] == b"\x89PNG"


def test_both_weights_are_really_used() -> None:
    def drawn(text: str, *, bold: bool) -> bytes:
        drawing = Drawing(64, 64, LIGHT.ground)
        drawing.text(8, 50, text, 48, LIGHT.ink, bold=bold)
        return drawing.png(LETTERING.files)

    assert len({drawn("中", bold=False), drawn("中", bold=True), drawn("国", bold=True), drawn("", bold=True)}) == 4


def test_markup_in_names_stays_text() -> None:
    assert "<b>&" in texts(replace(picture(2), group="<b>&"))


def test_equals_share_a_rank_and_are_counted_beyond_the_fifth_row() -> None:
    shown = texts(picture(20, groups=0))
    assert [text for text in shown if text.startswith("王")] == [
        "王",
        "王0",
        "王",
        "王1",
        "王",
        "王2",
        "王",
        "王3",
        "王",
        "王4",
    ]
    assert not any("并列" in text for text in texts(picture(5)))
    tied = replace(board(0), shown=top(ranked(Score(id_, f"王{id_}", 10) for id_ in range(20)))[0], equals_left_out=10)
    shown = texts(replace(picture(0, groups=0), board=tied))
    assert shown.count("1") == 5
    assert "另有 15 人并列" in shown


def test_groups_stand_by_rate_and_the_seventh_is_not_shown() -> None:
    facts = replace(picture(2), groups=tuple(GroupRate(f"组{number}", number / 10) for number in range(1, 9)))
    assert [text for text in texts(facts) if text.startswith("组")] == ["组8", "组7", "组6", "组5", "组4", "组3"]
    assert "各组出勤率" not in texts(picture(2, groups=1))


@pytest.mark.parametrize(
    ("came", "before", "said"),
    [
        (50, 0.4, ["50", "提高 10 个百分点", "前一周 40%"]),
        (50, 0.6, ["50", "下降 10 个百分点", "前一周 60%"]),
        (50, 0.5, ["50", "与前一周持平"]),
        (50, None, ["50", "前一周没有出勤率"]),
        (0, 1.0, ["0", "下降 100 个百分点"]),
        (100, 0.0, ["100", "提高 100 个百分点"]),
        # The change is that of the numbers as shown: 67 % − 33 %, though it is nearer to 33 than to 34 points.
        (67, 1 / 3, ["67", "提高 34 个百分点", "前一周 33%"]),
    ],
)
def test_the_rate_and_its_change(came: int, before: float | None, said: list[str]) -> None:
    facts = replace(picture(2), board=board(2, Tally(1, 0, came, 100, 0), before))
    assert set(said) <= set(texts(facts))


def test_what_there_is_not_is_not_shown() -> None:
    bare = BoardPicture("第二学习小组", Board(1, WEEK, Tally(), None, (), 0, running=False))
    shown = texts(bare)
    assert {"–", "还没有结束的场次", "还没有人得分", "尚未安排"} <= set(shown)
    assert "连续全勤" not in shown
    assert "连续全勤" not in texts(replace(bare, streak=1))
    assert {"连续全勤", "2"} <= set(texts(replace(bare, streak=2)))
    assert "请假" not in shown


def test_dates_are_those_of_the_group() -> None:
    assert {"第47周", "2026年11月16日至22日", "12月2日 周三 19:00"} <= set(texts(picture(2)))
    assert {"Week 47", "16–22 Nov 2026", "Wed 2 Dec 19:00"} <= set(texts(picture(2), "en"))
    over_the_year = replace(board(2), week=Week(date(2026, 12, 28), WEEK.zone))
    assert "28 Dec 2026 – 3 Jan 2027" in texts(replace(picture(2), board=over_the_year), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_pictures_has_its_glyphs(language: str) -> None:
    path = next(path for path in catalogue_files(language) if path.name == "pictures.po")
    with path.open("rb") as file:
        sentences = [message.string for message in read_po(file) if message.id]
    assert len(sentences) > 20
    for sentence in sentences:
        said = sentence if isinstance(sentence, str) else "".join(sentence or ())
        assert said
        assert [sign for sign in said if sign not in LETTERING] == []


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_against_what_is_behind_it(palette: Palette) -> None:
    pairs = [
        (palette.ink, palette.ground),
        (palette.grey, palette.ground),
        (palette.accent, palette.ground),
        (palette.accent, palette.tint),
        (palette.grey, palette.line),
        (palette.on_accent, palette.accent),
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
    greys = [colour for colour in astuple(palette) if spread(colour) < 40]
    assert len(greys) >= 5


def test_contrast_is_reckoned_as_the_guidelines_say() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def channels(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def spread(colour: str) -> int:
    return max(channels(colour)) - min(channels(colour))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    shares = [channel / 255 for channel in channels(colour)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
