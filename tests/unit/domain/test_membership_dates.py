"""Who was expected: joining, leaving, coming back, several groups, joint sessions counted once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.attendance import expected
from domain.memberships import Membership, SessionSpan, expected_people, expected_sessions, is_expected, spells

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)

hours = st.integers(0, 40).map(lambda count: MONDAY + count * HOUR)
memberships = st.lists(
    st.builds(
        lambda person, group, joined, length: Membership(person, group, joined, length and joined + length * HOUR),
        st.integers(1, 4),
        st.integers(1, 3),
        hours,
        st.none() | st.integers(1, 20),
    ),
    max_size=12,
)
sessions = st.lists(
    st.builds(
        lambda number, groups, starts, length: SessionSpan(number, groups, starts, starts + length * HOUR),
        st.integers(1, 9),
        st.frozensets(st.integers(1, 3), min_size=1),
        hours,
        st.integers(1, 3),
    ),
    max_size=6,
    unique_by=lambda session: session.session_id,
)


@given(memberships, sessions)
def test_it_is_the_one_rule_for_every_membership(given_memberships: list[Membership], held: list[SessionSpan]) -> None:
    found = expected_sessions(given_memberships, held)
    for person in range(1, 5):
        mine = {
            session.session_id
            for session in held
            for one in given_memberships
            if one.person_id == person
            and one.group_id in session.group_ids
            and expected(one.joined_at, one.left_at, session.starts_at, session.ends_at)
        }
        assert found.get(person, frozenset()) == mine
    assert all(found.values())


@given(memberships, sessions)
def test_both_ways_of_asking_agree(given_memberships: list[Membership], held: list[SessionSpan]) -> None:
    found = expected_sessions(given_memberships, held)
    for session in held:
        people = expected_people(given_memberships, session)
        assert people == {person for person, ids in found.items() if session.session_id in ids}
        for person in range(1, 5):
            own = [one for one in given_memberships if one.person_id == person]
            assert is_expected(own, session) == (person in people)


@given(memberships, sessions)
def test_one_more_membership_never_takes_a_session_away(
    given_memberships: list[Membership], held: list[SessionSpan]
) -> None:
    fewer, more = expected_sessions(given_memberships[1:], held), expected_sessions(given_memberships, held)
    assert all(ids <= more[person] for person, ids in fewer.items())


def session(start: int, *groups: int, length: int = 2) -> SessionSpan:
    return SessionSpan(1, frozenset(groups), MONDAY + start * HOUR, MONDAY + (start + length) * HOUR)


def member(group: int, joined: int, left: int | None = None) -> Membership:
    return Membership(1, group, MONDAY + joined * HOUR, None if left is None else MONDAY + left * HOUR)


def test_who_left_and_came_back_was_not_absent_in_between() -> None:
    spans = [member(1, 0, 10), member(1, 20)]
    assert [is_expected(spans, session(start, 1)) for start in (5, 9, 10, 15, 18, 25)] == [
        True,
        True,  # left while it ran: had not left when it began
        False,
        False,
        True,  # joined at its very end
        True,
    ]


def test_a_joint_session_counts_a_member_of_both_groups_once() -> None:
    people = [member(1, 0), member(2, 0), Membership(2, 2, MONDAY)]
    assert expected_people(people, session(5, 1, 2)) == {1, 2}
    assert expected_sessions(people, [session(5, 1, 2)]) == {1: {1}, 2: {1}}


def test_a_transfer_is_no_time_away() -> None:
    assert spells([member(2, 10), member(1, 0, 10)]) == ((MONDAY, None),)
    assert spells([member(1, 0, 5), member(1, 6, 8)]) == (
        (MONDAY, MONDAY + 5 * HOUR),
        (MONDAY + 6 * HOUR, MONDAY + 8 * HOUR),
    )


@given(memberships, st.integers(0, 70))
def test_spells_cover_the_same_moments_and_never_touch(given_memberships: list[Membership], at: int) -> None:
    found = spells(given_memberships)
    moment = MONDAY + at * HOUR
    inside = any(one.joined_at <= moment and (one.left_at is None or moment < one.left_at) for one in given_memberships)
    assert inside == any(start <= moment and (end is None or moment < end) for start, end in found)
    assert all(one[1] is not None and one[1] < following[0] for one, following in pairwise(found))
