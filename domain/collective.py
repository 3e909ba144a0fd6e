"""Groups beside each other over a period: by attendance, with change and the most improved; ties by the worst week."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A group's attendance over a period and the one before, from 0 to 1; None: nothing that could be counted.

    `worst_week` is its lowest rate of a single week: of two equal groups the steadier one is first.
    """

    group_id: int
    name: str
    rate: float | None
    before: float | None = None
    sessions: int = 0
    worst_week: float = 0.0

    @property
    def change(self) -> float | None:
        """How much it rose or fell; None without a period before."""
        return None if self.rate is None or self.before is None else self.rate - self.before


@dataclass(frozen=True, slots=True)
class Ranked:
    """A group with its rank; groups that are equal in rate and worst week share one."""

    rank: int
    share: GroupShare


def collective(shares: Iterable[GroupShare], minimum: int = 1) -> tuple[Ranked, ...]:
    """The groups that have a rate and held `minimum` sessions at least, best first; equals by name."""
    counted = [one for one in shares if one.rate is not None and one.sessions >= minimum]
    counted.sort(key=lambda one: (-(one.rate or 0), -one.worst_week, one.name, one.group_id))
    ranked: list[Ranked] = []
    for position, one in enumerate(counted, start=1):
        last = ranked[-1] if ranked else None
        shares_rank = last is not None and (last.share.rate, last.share.worst_week) == (one.rate, one.worst_week)
        ranked.append(Ranked(last.rank if last is not None and shares_rank else position, one))
    return tuple(ranked)


def most_improved(ranked: Iterable[Ranked]) -> Ranked | None:
    """The group that rose most; None where none rose, or where one alone is counted."""
    groups = list(ranked)
    rising = [one for one in groups if (one.share.change or 0) > 0]
    if len(groups) < 2 or not rising:
        return None
    return max(rising, key=lambda one: (one.share.change or 0, -one.rank))
