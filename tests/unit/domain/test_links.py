"""A link of an online session is a web address and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.links import LONGEST_LINK, is_link


@pytest.mark.parametrize(
    "link",
    [
        "https://meeting.tencent.com/dm/a1?b=2#c",
        "http://192.0.2.1:8080/",
        "HTTPS://Example.org",
        "https://会议.example/第一场",
        "https://x.example/" + "a" * (LONGEST_LINK - 18),
    ],
)
def test_a_web_address_is_one(link: str) -> None:
    assert is_link(link)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "https://",
        "https:///path",
        "https://[::1",
        "ftp://example.org",
        "javascript:alert(1)",
        "tg://user?id=1",
        "https://a b",
        "https://a.example\nhttps://b.example",
        "https://a.example/\u202e",
        "https://x.example/" + "a" * LONGEST_LINK,
    ],
)
def test_everything_else_is_none(text: str) -> None:
    assert not is_link(text)


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "HTTPS://["]))
def test_no_text_breaks_it(text: str, before: str) -> None:
    if is_link(before + text):
        assert (before + text).lower().startswith(("http://", "https://"))
