"""What is outgoing goes into a topic and out of it; data of buttons comes back as it was packed."""

import pytest

from chat.callback_data import pack, parse
from chat.outgoing import Delete, Document, Edit, Message, in_topic, out_of_topic


def test_only_something_new_goes_to_a_topic_and_keeps_its_own() -> None:
    assert in_topic(Message("a"), 7) == Message("a", thread=7)
    assert in_topic(Message("a", thread=3), 7) == Message("a", thread=3)
    assert in_topic(Message("a"), None) == Message("a")
    for other in (Edit(1, "a"), Delete(1)):
        assert in_topic(other, 7) == other
        assert out_of_topic(other) == other


def test_out_of_a_topic_nothing_draws_a_message_back_into_it() -> None:
    assert out_of_topic(Message("a", reply_to=5, thread=7, silent=True)) == Message("a", silent=True)
    assert out_of_topic(Document("a.txt", b"x", thread=7)) == Document("a.txt", b"x")


@pytest.mark.parametrize(
    "data",
    [
        "checkin:",
        "checkin:1.5",
        "checkin:--1",
        "checkin:-",
        "checkin:１",
        "checkin:1:",
        "checkin:9223372036854775808",
        "a: 1",
    ],
)
def test_data_that_we_never_packed_is_none_of_ours(data: str) -> None:
    assert parse(data) is None


@pytest.mark.parametrize("numbers", [(), (0,), (-5, 2**63 - 1), (1, 2, 3, 4)])
def test_data_comes_back_as_it_was_packed(numbers: tuple[int, ...]) -> None:
    assert parse(pack("sheet", *numbers)) == ("sheet", numbers)
