"""What an account is called: any script and direction, emoji, very long, or nothing to see at all."""

import unicodedata

import pytest
from group_life import HERE, NOW, register
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from chat import groups_cards, roster_cards
from db.tables import study_group
from domain.people import Actor
from services import groups, people
from services.people import LONGEST_NAME, usable_name
from services.roster import Person
from texts import words

STRANGE = st.text(alphabet=st.characters(), max_size=140) | st.text(
    alphabet="\u200b\u200d\u2060\ufeff\u3164\u2800\u00ad\u202e\u2066\u2069\u0301 \t\n\r\u2028ab李", max_size=12
)


def shows(text: str) -> bool:
    return any(
        unicodedata.category(char)[0] in "LNPS" and char not in "\u3164\u2800\u115f\u1160\uffa0" for char in text
    )


@given(name=STRANGE, number=st.integers(1, 2**52))
def test_a_name_is_always_one_visible_line(name: str, number: int) -> None:
    usable = usable_name(Actor(number, name))
    assert usable == " ".join(usable.split(" ")).strip()
    assert shows(usable)
    assert len(usable) <= LONGEST_NAME
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") for char in usable)
    assert not set(usable) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b\u200d", "\u3164\u3164", "\u2800", "\u202e\u2066", "\u0301", "\u00ad"]
)
def test_an_empty_looking_name_becomes_the_number(name: str) -> None:
    assert usable_name(Actor(5012, name)) == "5012"


@pytest.mark.parametrize("name", ["محمد علی", "מֹשֶׁה", "👩‍👩‍👧 家人", "Nguyễn Văn A", "பிரியா", "می‌خواهم", "O'Brien <b>&"])
def test_a_real_name_stays_as_it_is(name: str) -> None:
    assert usable_name(Actor(1, name)) == name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=STRANGE)
def test_what_is_stored_is_usable_and_stable(connection: Connection, name: str) -> None:
    actor = Actor(77, name)
    first = people.meet(connection, actor, NOW)
    assert first.name == usable_name(actor)
    found = people.find(connection, 77)
    assert found is not None
    assert found.name == people.meet(connection, actor, NOW).name == first.name


def test_a_chat_without_a_readable_title_is_named_by_its_number(connection: Connection) -> None:
    register(connection, title="\u202e\u200b")
    assert connection.execute(select(study_group.c.name)).scalar_one() == str(HERE)


@given(name=STRANGE)
def test_no_name_leaves_its_place_in_a_text(name: str) -> None:
    """It is isolated from the text around it, escaped, and fits the button it stands on."""
    usable = usable_name(Actor(1, name))
    facts = Person(1, usable, 2, usable, None, "member", NOW, "Asia/Shanghai", True, True, True)
    for language in ("zh-CN", "en"):
        shown = roster_cards.person(facts, words(language))
        assert shown.text.count("\u2068") == shown.text.count("\u2069")
        assert "<" not in shown.text.replace("<b>", "").replace("</b>", "")
        card = groups_cards.card(groups.Card(1, usable, language, 3, (usable,), "study_bot"))
        assert card.text.count("\u2068") == card.text.count("\u2069")
