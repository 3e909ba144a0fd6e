"""The seven days before somebody is erased: out of sight at once, undone with a tap, and then for good."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from known_leader import LONG_AGO, Known
from session_life import NOW, RULES
from sqlalchemy import Connection, update

from chat import privacy_cards as cards
from db.queries import nudges, reminders
from db.tables import person
from services import forgetting, leaderboards, people
from texts import LANGUAGES, words

AFTER = NOW + forgetting.GRACE


@pytest.fixture
def known(connection: Connection) -> Known:
    return Known(connection)


def ask(known: Known, key: str = "k", days: int = 0) -> None:
    now = NOW + timedelta(days=days)
    forgetting.forget(known.connection, known.who.actor, "删除", reply_key=key, language="zh-CN", now=now, rules=RULES)


def test_until_then_everything_is_there_and_one_tap_brings_it_back(known: Known) -> None:
    before = known.row()._asdict()
    ask(known)
    assert known.row()._asdict() == before | {"forget_at": AFTER}
    assert forgetting.stay(known.connection, known.who.actor)
    assert known.row()._asdict() == before
    assert not forgetting.stay(known.connection, known.who.actor)
    forgetting.erase_due(known.connection, AFTER, RULES)
    assert known.row()._asdict() == before


def test_when_the_days_are_over_it_is_done_and_not_before(known: Known) -> None:
    ask(known)
    just_before = AFTER - timedelta(seconds=1)
    assert not forgetting.any_due(known.connection, just_before)
    forgetting.erase_due(known.connection, just_before, RULES)
    assert people.find(known.connection, known.who.actor.telegram_id) is not None
    assert forgetting.any_due(known.connection, AFTER)
    forgetting.erase_due(known.connection, AFTER, RULES)
    assert people.find(known.connection, known.who.actor.telegram_id) is None
    assert (known.row().forgotten_at, known.row().forget_at) == (AFTER, None)
    assert not forgetting.any_due(known.connection, AFTER)


def test_asking_twice_does_not_put_it_off(known: Known) -> None:
    ask(known)
    ask(known, "again", days=3)
    assert known.row().forget_at == AFTER


def test_who_leaves_is_on_no_board_and_gets_no_reminder_at_once(known: Known) -> None:
    connection, coming = known.connection, known.coming
    connection.execute(
        update(person).where(person.c.id == known.who.id).values(private_reminders=True, board_name="name")
    )
    week = (LONG_AGO - timedelta(days=7)).date(), (LONG_AGO + timedelta(days=7)).date()
    zone = ZoneInfo("Asia/Shanghai")

    def seen() -> tuple[bool, bool, bool]:
        scores = leaderboards.scores_between(connection, known.group.id, *week, zone)
        nudged = {row.id for row in nudges.missing(connection, coming) if row.reachable}
        wished = reminders.wishes(connection, known.who.id, coming)
        return known.who.id in {score.person_id for score in scores}, known.who.id in nudged, wished

    before = seen()
    ask(known)
    assert (before[0], before[2], seen()) == (True, True, (False, False, False))


def test_whoever_asks_again_is_told_when_and_how_to_stay(known: Known) -> None:
    ask(known)
    forgetting.ask_by_command(
        known.connection, known.who.actor, language="zh-CN", now=NOW, reply_key="asked again", rules=RULES
    )
    told = [row for row in known.group.deliveries("reply") if row.payload["text"] == "privacy.leaving"]
    assert len(told) == 2
    assert [row[0][1] for row in told[-1].payload["buttons"]] == ["forget_undo", "forget_now"]
    assert known.group.deliveries(forgetting.FAREWELL) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_when_and_offers_both_ways(known: Known, language: str) -> None:
    ask(known)
    facts = forgetting.leaving(known.connection, known.who.actor, RULES)
    assert facts is not None
    page = cards.leaving(facts, words(language))
    assert [button.data for row in page.keyboard for button in row] == ["forget_undo", "forget_now"]
    assert "18:00" in page.text  # in their own time zone
