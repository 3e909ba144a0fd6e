"""Calendar files of everything that comes: of one person over their groups, of a group, and of nobody else."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from session_life import NOW, RULES, STARTS_AT, TYPED, Group
from sqlalchemy import Connection, update

from chat import calendar_cards
from db.tables import membership
from domain.errors import Refusal
from exports.calendar import calendar_file
from services import calendars, cancelling
from services.calendars import Coming
from texts import words


class Year:
    """A group with three sessions, one of its committee, and another group that is nobody's business."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        for days, audience in ((0, "group"), (7, "committee"), (14, "group")):
            moved = timedelta(days=days)
            typed = replace(
                TYPED,
                title=f"第{days}天，学习；讨论\\n",
                starts_local=TYPED.starts_local + moved,
                starts_at=STARTS_AT + moved,
                audience=audience,
            )
            self.group.publish(self.group.draft(typed, f"r:{days}"))
        self.ids = [row.id for row in self.group.sessions()]
        life = self.group.life
        self.elsewhere = life.group(self.group.unit_id, "别组")
        self.other = life.member(self.elsewhere, "别人", "leader")
        self.canary = life.session(self.elsewhere, STARTS_AT, self.other, title="别组的秘密", state="scheduled")


@pytest.fixture
def year(connection: Connection) -> Year:
    return Year(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def ids(facts: Coming) -> list[int]:
    return [entry.session_id for entry in facts.entries]


def test_ones_own_is_what_one_is_expected_at(year: Year) -> None:
    first, committee, last = year.ids
    member, leader = year.group.member, year.group.leader
    is_leader = membership.c.person_id == leader.id
    year.connection.execute(update(membership).where(is_leader).values(committee=True))
    assert ids(calendars.of_person(year.connection, member.actor, NOW, RULES)) == [first, last]
    assert ids(calendars.of_person(year.connection, leader.actor, NOW, RULES)) == [first, committee, last]
    assert ids(calendars.of_person(year.connection, year.other.actor, NOW, RULES)) == [year.canary]
    later = STARTS_AT + timedelta(days=1)
    assert ids(calendars.of_person(year.connection, member.actor, later, RULES)) == [last]
    with refused("nothing_in_calendar"):
        calendars.of_person(year.connection, year.group.outsider.actor, NOW, RULES)


def test_a_groups_is_for_its_leaders(year: Year) -> None:
    found = calendars.of_group(year.connection, year.group.id, year.group.leader.actor, NOW, RULES)
    assert ids(found) == year.ids
    for actor in (year.group.member.actor, year.other.actor, year.group.outsider.actor):
        with refused("not_leader"):
            calendars.of_group(year.connection, year.group.id, actor, NOW, RULES)


def test_what_was_cancelled_is_cancelled_in_the_calendar(year: Year) -> None:
    leader = year.group.leader.actor
    cancelling.cancel(year.connection, year.ids[2], leader, and_later=False, now=NOW)
    found = calendars.of_person(year.connection, year.group.member.actor, NOW, RULES)
    assert [entry.cancelled for entry in found.entries] == [False, True]
    cancelling.cancel(year.connection, year.ids[0], leader, and_later=False, now=NOW)
    with refused("nothing_in_calendar"):
        calendars.of_person(year.connection, year.group.member.actor, NOW, RULES)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_file_is_read_back(year: Year, language: str) -> None:
    found = calendars.of_group(year.connection, year.group.id, year.group.leader.actor, NOW, RULES)
    content = calendar_file(found.entries, "study_bot.t.me", NOW)
    sent = calendar_cards.coming(found, content, words(language))
    assert sent.file_name.endswith(".ics")
    events = Calendar.from_ical(content).walk("VEVENT")
    assert [str(event["uid"]) for event in events] == [f"session-{number}@study_bot.t.me" for number in year.ids]
    assert [event.decoded("dtstart") for event in events] == [STARTS_AT + timedelta(days=days) for days in (0, 7, 14)]
    assert len({str(event["uid"]) for event in events}) == 3
    # Read by hand as well, as RFC 5545 has it: CRLF, lines of 75 octets, folded lines joined, text escaped.
    lines = content.split(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    unfolded = re.sub(rb"\r\n[ \t]", b"", content).decode().split("\r\n")
    starts = [line.split(":", 1)[1] for line in unfolded if line.startswith("DTSTART")]
    assert [datetime.strptime(start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for start in starts] == [
        STARTS_AT + timedelta(days=days) for days in (0, 7, 14)
    ]
    assert next(line for line in unfolded if line.startswith("SUMMARY")) == r"SUMMARY:第0天，学习；讨论\\n"
    assert "别组的秘密" not in content.decode()
