"""Groups beside each other: ranks, ties, the minimum, and who improved most."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.collective import GroupShare, collective, most_improved

rates = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))
shares = st.lists(
    st.builds(
        GroupShare,
        group_id=st.integers(1, 99),
        name=st.text("甲乙丙丁", min_size=1, max_size=3),
        rate=rates,
        before=rates,
        sessions=st.integers(0, 5),
        worst_week=st.sampled_from([0.0, 0.5, 1.0]),
    ),
    max_size=8,
    unique_by=lambda one: one.group_id,
)


@given(shares, st.integers(1, 4))
def test_better_is_before_and_equals_share_a_rank(given_shares: list[GroupShare], minimum: int) -> None:
    ranked = collective(given_shares, minimum)
    assert {one.share.group_id for one in ranked} == {
        one.group_id for one in given_shares if one.rate is not None and one.sessions >= minimum
    }
    for before, after in pairwise(ranked):
        first = (before.share.rate, before.share.worst_week)
        second = (after.share.rate, after.share.worst_week)
        assert first >= second
        assert (before.rank == after.rank) == (first == second)
    for position, one in enumerate(ranked, start=1):
        ahead = [other for other in ranked if other.rank < one.rank]
        assert one.rank == len(ahead) + 1 <= position
    assert collective(reversed(given_shares), minimum) == ranked


@given(shares)
def test_the_most_improved_rose_at_least_as_much_as_any(given_shares: list[GroupShare]) -> None:
    ranked = collective(given_shares)
    best = most_improved(ranked)
    changes = [one.share.change or 0 for one in ranked]
    if best is None:
        assert len(ranked) < 2 or max(changes, default=0) <= 0
    else:
        assert best.share.change == max(changes) > 0


def test_of_two_equal_groups_the_steadier_one_is_first() -> None:
    steady = GroupShare(1, "乙", 0.8, sessions=3, worst_week=0.8)
    moody = GroupShare(2, "甲", 0.8, sessions=3, worst_week=0.2)
    assert [(one.rank, one.share.name) for one in collective([moody, steady])] == [(1, "乙"), (2, "甲")]
