"""HTML text: what becomes text, what becomes an entity, what is refused."""

from typing import Any

import pytest

from sandbox.entities import format_text
from sandbox.errors import ApiError


def _user(user_id: int) -> dict[str, Any] | None:
    return {"id": user_id, "is_bot": False, "first_name": "李明"} if user_id == 5 else None


def _parse(source: str) -> tuple[str, list[tuple[Any, ...]]]:
    text, entities = format_text(source, "HTML", None, _user)
    return text, [(e["type"], e["offset"], e["length"]) for e in entities]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>加粗</b> 与 <i>斜</i>", "加粗 与 斜", [("bold", 0, 2), ("italic", 5, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("📚<u>下</u>", "📚下", [("underline", 2, 1)]),
        ("&lt;b&gt; &amp; &quot;x&quot; &#39;&#x4e2d;", '<b> & "x" \'中', []),
        ("&nbsp; a & b", "&nbsp; a & b", []),
        ("<s>1</s><strike>2</strike><del>3</del>", "123", [("strikethrough", n, 1) for n in range(3)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<blockquote>a\nb</blockquote>", "a\nb", [("blockquote", 0, 3)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<code>/new @somebody</code>", "/new @somebody", [("code", 0, 14)]),
        ('<a href="https://example.org">x</a>', "x", [("text_link", 0, 1)]),
        ("<a href='tg://user?id=5'>李</a>", "李", [("text_mention", 0, 1)]),
        ('<a href="tg://user?id=6">李</a>', "李", []),
        ("  \n<b> a </b> ", "a", [("bold", 0, 1)]),
        ("<b></b>a", "a", []),
        (
            "发 /new 或 /help@other_bot",
            "发 /new 或 /help@other_bot",
            [("bot_command", 2, 4), ("bot_command", 9, 15)],
        ),
        ("见 https://example.org/a。", "见 https://example.org/a。", [("url", 2, 21)]),
        ('<tg-time unix="1795538165" format="wDT">周二</tg-time>', "周二", [("date_time", 0, 2)]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[tuple[Any, ...]]) -> None:
    assert _parse(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("中<div>a</div>", 'Unsupported start tag "div" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b", "Unclosed start tag at byte offset 0"),
    ],
)
def test_badly_formed_html_is_refused_as_telegram_does(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        _parse(source)
    assert caught.value.status == 400
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


def test_without_a_mode_tags_are_text() -> None:
    assert format_text("<b>a</b>", None, None, _user) == ("<b>a</b>", [])


def test_a_language_of_code_is_kept_on_pre_only() -> None:
    _, entities = format_text('<pre><code class="language-sql">x</code></pre>', "HTML", None, _user)
    assert entities == [{"type": "pre", "offset": 0, "length": 1, "language": "sql"}]
