"""Texts that are too long are cut where Telegram can still read them, and only those."""

from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from chat.fitting import CUT, fitted, length
from texts.words import name


class Reader(HTMLParser):
    """Reads HTML as Telegram does: every tag that opens is closed, in the right order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == [], f"{self.open} is not closed"

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


plain = st.text(
    st.one_of(st.sampled_from("a<>&组👍🏽\u200d\u0301\u202e \n"), st.characters(exclude_categories=["Cs", "Cc"]))
)
escaped = plain.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
leaf = st.one_of(escaped, escaped.map(name))
html = st.recursive(
    leaf,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["b", "i", "code"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=8,
)


@given(st.lists(html, max_size=6).map("".join), st.integers(4, 60))
def test_what_is_cut_fits_and_can_be_read_and_is_a_beginning(text: str, limit: int) -> None:
    cut = fitted(text, limit)
    whole, read = Reader(text).text, Reader(cut).text
    assert length(cut) == units(read) <= limit
    if units(whole) <= limit:
        assert cut == text
    else:
        assert CUT in read
        assert whole.startswith(read.rpartition(CUT)[0])
        assert read.count("\u2068") == read.count("\u2069") or whole.count("\u2068") != whole.count("\u2069")


def test_half_a_character_is_never_left() -> None:
    assert fitted("👩🏽\u200d🚀" * 2, 8) == "👩🏽\u200d🚀" + CUT
    assert fitted("e\u0301" * 4, 6) == "e\u0301e\u0301" + CUT
    assert fitted("&amp;" * 5, 4) == "&amp;" * 3 + CUT
    assert fitted("👍" * 5, 5) == "👍👍" + CUT


def test_names_and_tags_that_are_open_at_the_cut_are_ended() -> None:
    assert fitted("<b>" + name("王" * 50) + "</b>", 10) == "<b>\u2068" + "王" * 7 + CUT + "\u2069</b>"


def test_length_is_counted_as_telegram_counts_it() -> None:
    assert length('<a href="https://t.me/x">签到</a> &lt;👍&#39;') == units(unescape("签到 <👍'"))
    assert length("1 < 2 & 3") == 9
