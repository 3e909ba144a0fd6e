"""Names of any script, length or direction become text that can be drawn and that fits."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exports.lettering import BOLD, PLACEHOLDER, REGULAR, Lettering

LETTERING = Lettering()

ANYTHING = st.text(max_size=40) | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=40)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("王小明", "王小明"),
        ("Łukasz Žižka", "Łukasz Žižka"),
        ("Қазақ", "Қазақ"),
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("🌸小美🌸", "小美"),
        ("👩‍👩‍👧 Kim 🇨🇳", "Kim"),
        ("𝓐𝓵𝓲𝓬𝓮", "Alice"),
        ("Ｗｅｉ", "Ｗｅｉ"),
        ("李𠮷𠮷明", "李·明"),
        ("O’Brien", "O'Brien"),
        ("“小明”", "“小明”"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Z\u0335\u0321\u034da\u0337\u0322l\u0334g\u0337o\u0335", "Zalgo"),
        ("\u202eEvil\u202c", "Evil"),
        ("محمد علي", ""),
        ("สมชาย", ""),
        ("🎉", ""),
        ("···", ""),
        ("", ""),
        ("\ud800\udfff\x00", ""),
    ],
)
def test_what_becomes_of_a_name(given_name: str, shown: str) -> None:
    assert LETTERING.clean(given_name) == shown


@given(ANYTHING)
def test_what_is_shown_is_in_the_fonts_and_stays_as_it_is(text: str) -> None:
    shown = LETTERING.clean(text)
    assert all(sign in LETTERING for sign in shown)
    assert LETTERING.clean(shown) == shown
    assert shown == "" or any(sign.isalnum() for sign in shown)
    assert all(sign in LETTERING for sign in LETTERING.initials(shown))
    assert bool(LETTERING.initials(shown)) == bool(shown)


def test_the_placeholder_and_the_ellipses_are_in_both_weights() -> None:
    for lettering in (Lettering(), Lettering(BOLD)):
        assert all(sign in lettering for sign in PLACEHOLDER + "….–%")


@given(ANYTHING, st.sampled_from([20, 30, 60]), st.integers(60, 900), st.booleans())
@example("i" * 4000, 30, 300, False)
def test_a_fitted_text_is_no_wider_than_its_room(text: str, size: int, room: int, bold: bool) -> None:
    shown = LETTERING.clean(text)
    fitted = LETTERING.fitted(shown, size, room, bold=bold)
    assert LETTERING.width(fitted, size, bold=bold) <= room
    if fitted != shown:
        assert fitted.endswith(("…", "..."))
        assert shown.startswith(fitted.rstrip("….").rstrip())


@given(ANYTHING, st.integers(80, 900), st.integers(1, 3))
def test_lines_fit_and_lose_nothing_but_the_end(text: str, room: int, most: int) -> None:
    shown = LETTERING.clean(text)
    lines = LETTERING.lines(shown, 30, room, most=most)
    assert len(lines) <= most
    assert all(LETTERING.width(line, 30) <= room for line in lines)
    if lines and not lines[-1].endswith(("…", "...")):
        assert "".join(lines).replace(" ", "") == shown.replace(" ", "")


def test_lines_break_where_people_would() -> None:
    assert LETTERING.lines("Chapter four of the reader", 30, 260, most=2) == ["Chapter four of", "the reader"]
    assert LETTERING.lines("学习全会精神，谈体会", 30, 185, most=2) == ["学习全会精", "神，谈体会"]
    assert LETTERING.lines("一二三四五六七八九十", 30, 95, most=2) == ["一二三", "四五…"]


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("王小明", "王"),
        ("Ada Byron Lovelace", "AL"),
        ("kim", "K"),
        ("欧阳 子轩", "欧"),
        ("(Tom)", "T"),
        ("ß x", "ßX"),
        ("", ""),
    ],
)
def test_initials(name: str, initials: str) -> None:
    assert LETTERING.initials(name) == initials


def test_a_full_font_stands_behind_ours(tmp_path: Path) -> None:
    copy = tmp_path / "full.otf"
    copy.write_bytes(REGULAR.read_bytes())
    assert Lettering(copy).files == [REGULAR, BOLD, copy]
    copy.write_bytes(b"no font")
    with pytest.raises(ValueError, match="font"):
        Lettering(tmp_path / ".." / tmp_path.name / "full.otf")
    with pytest.raises(OSError, match="missing"):
        Lettering(tmp_path / "missing.otf")
