"""Who can decide: shares of voters, and whose chair counts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendance import Status
from domain.quorum import ASSEMBLY, COMMITTEE, Attender, Quorum, standing

quorums = (
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.booleans())
    .filter(lambda parts: parts[0] < parts[1] or (parts[0] == parts[1] and not parts[2]))
    .map(lambda parts: Quorum(*parts))
)
people = st.lists(st.builds(Attender, st.booleans(), st.sampled_from(Status), st.booleans()), max_size=20)


@given(quorums, st.integers(1, 500))
def test_what_is_needed_is_the_least_that_reaches_the_share(quorum: Quorum, voters: int) -> None:
    share = Fraction(quorum.numerator, quorum.denominator)

    def reaches(there: int) -> bool:
        return Fraction(there, voters) > share if quorum.strict else Fraction(there, voters) >= share

    needed = quorum.needed(voters)
    assert 1 <= needed <= voters
    assert reaches(needed)
    assert not reaches(needed - 1)


@given(quorums)
def test_nobody_decides_nothing(quorum: Quorum) -> None:
    found = standing([], quorum)
    assert not found.can_decide
    assert found.short == 1


@given(people, quorums)
def test_it_can_decide_exactly_when_nobody_is_short(given_people: list[Attender], quorum: Quorum) -> None:
    found = standing(given_people, quorum)
    assert found.can_decide == (found.voters_there >= found.needed) == (found.short == 0)
    assert found.voters_there <= found.voters <= found.expected
    assert found.voters_there <= found.there <= found.expected


@given(people, quorums)
def test_leave_never_helps_a_quorum(given_people: list[Attender], quorum: Quorum) -> None:
    excused = [Attender(one.vote, Status.EXCUSED, one.counted) for one in given_people if one.status is Status.ABSENT]
    others = [one for one in given_people if one.status is not Status.ABSENT]
    assert standing(others + excused, quorum) == standing(given_people, quorum)


@given(people, quorums, st.data())
def test_whoever_comes_never_breaks_it(given_people: list[Attender], quorum: Quorum, data: st.DataObject) -> None:
    missing = [index for index, one in enumerate(given_people) if one.counted and one.status is Status.UNRECORDED]
    if not missing:
        return
    index = data.draw(st.sampled_from(missing))
    come = given_people.copy()
    come[index] = Attender(given_people[index].vote, Status.PRESENT)
    before, after = standing(given_people, quorum), standing(come, quorum)
    assert after.short == max(before.short - given_people[index].vote, 0)
    assert after.needed == before.needed


@given(people, quorums, st.integers(1, 5), st.sampled_from(Status))
def test_who_has_no_vote_or_sits_in_changes_no_quorum(
    given_people: list[Attender], quorum: Quorum, count: int, status: Status
) -> None:
    before = standing(given_people, quorum)
    for guest in (Attender(False, status), Attender(True, Status.SITTING_IN)):
        after = standing([*given_people, *[guest] * count], quorum)
        assert (after.needed, after.voters, after.voters_there) == (before.needed, before.voters, before.voters_there)


def attending(**statuses: int) -> list[Attender]:
    return [Attender(True, Status(name)) for name, count in statuses.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("quorum", "voters", "needed"),
    [(ASSEMBLY, 10, 6), (ASSEMBLY, 11, 6), (COMMITTEE, 5, 3), (COMMITTEE, 6, 3), (Quorum(4, 5, False), 11, 9)],
)
def test_customary_numbers(quorum: Quorum, voters: int, needed: int) -> None:
    assert quorum.needed(voters) == needed


def test_an_assembly_that_is_one_short() -> None:
    found = standing(attending(present=4, late=1, left_early=1, excused=3, absent=1), ASSEMBLY)
    assert (found.voters, found.voters_there, found.needed, found.short) == (10, 5, 6, 1)


def test_only_who_was_left_out_of_the_number_leaves_it() -> None:
    ill = Attender(True, Status.EXCUSED, counted=False)
    assert standing([*attending(present=2, unrecorded=2), ill], ASSEMBLY).needed == 3
    # Who was left out and comes after all counts on both sides.
    came = Attender(True, Status.PRESENT, counted=False)
    found = standing([*attending(present=2, unrecorded=2), came], ASSEMBLY)
    assert (found.voters, found.voters_there, found.can_decide) == (5, 3, True)


@given(quorums)
def test_it_reads_what_it_writes(quorum: Quorum) -> None:
    assert Quorum.parse(str(quorum)) == quorum


@pytest.mark.parametrize("text", ["", "1/2", "> 1", ">= 0/2", "> 2/2", "> 3/2", "=> 1/2", "> 1/0", "> ½"])
def test_what_is_no_quorum_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Quorum.parse(text)
