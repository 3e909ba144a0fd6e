"""The duty radar: how a period of the plan stands as its time runs out, and whom to tell when.

Nothing here judges anybody: a miss is amber or red until it is held or its reason is recorded, and a person reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.plan import PeriodState, PlanPeriod


class Light(StrEnum):
    """How urgent a period is; the order is from calm to urgent."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


LOOK_BACK: Final = timedelta(days=62)
"""How long after its end a miss is still told of."""

LIGHTS: Final = tuple(Light)


class Who(StrEnum):
    """Who is told: those who lead what the plan is of, then the admins of its unit."""

    LEADER = "leader"
    ADMIN = "admin"


class Matter(StrEnum):
    """What is said, one step each: please arrange it; it is nearly too late; please record why; it was missed."""

    ARRANGE = "arrange"
    URGENT = "urgent"
    REASON = "reason"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class RadarRule:
    """When a period turns amber and red, in percent of its days gone, and how long a reason is waited for, in days.

    Raises ValueError unless 0 ≤ amber ≤ red ≤ 100 and the wait is a day or more.
    """

    amber_percent: int = 50
    red_percent: int = 80
    reason_days: int = 7

    def __post_init__(self) -> None:
        if not 0 <= self.amber_percent <= self.red_percent <= 100:
            raise ValueError(f"amber {self.amber_percent} and red {self.red_percent} are not in order within 0–100")
        if self.reason_days < 1:
            raise ValueError("a reason needs a day at least")

    def amber_from(self, period: PlanPeriod) -> date:
        """The first day that a period with something missing is amber."""
        return _day_at(period, self.amber_percent)

    def red_from(self, period: PlanPeriod) -> date:
        """The first day that a period with something missing is red."""
        return _day_at(period, self.red_percent)


def _day_at(period: PlanPeriod, percent: int) -> date:
    """The first day before which so many percent of a period's days are gone, but never after its last."""
    length = (period.last - period.since).days + 1
    return min(period.since + timedelta(days=-(-length * percent // 100)), period.last)


def light(period: PlanPeriod, today: date, rule: RadarRule, *, explained: bool = False) -> Light:
    """The light of a period.

    Green: nothing due, held, planned, or time enough. A session that is over and not closed makes it amber once the
    period is over. A miss whose reason is recorded (`explained`) is amber at most, and never green.
    """
    if period.state is PeriodState.OVERDUE:
        return Light.AMBER if explained else Light.RED
    if not period.missing:
        return Light.AMBER if period.over and period.arranged else Light.GREEN
    if today < rule.amber_from(period):
        return Light.GREEN
    return Light.RED if today >= rule.red_from(period) and not explained else Light.AMBER


def worst(lights: Iterable[Light]) -> Light:
    """The most urgent of lights; green of none."""
    return max(lights, key=LIGHTS.index, default=Light.GREEN)


class Step(NamedTuple):
    """One step of telling: who, from which day on, and what."""

    who: Who
    on: date
    matter: Matter


def steps(period: PlanPeriod, rule: RadarRule) -> tuple[Step, ...]:
    """How a period with something missing is escalated, in order of days.

    The leader when it turns amber; the admin when it turns red, a day later at least; the leader for the reason the day
    after it ended; the admin when no reason was given for `reason_days` more.
    """
    amber, ended = rule.amber_from(period), period.last + timedelta(days=1)
    urgent = max(rule.red_from(period), amber + timedelta(days=1))
    before_end = [Step(Who.LEADER, amber, Matter.ARRANGE), Step(Who.ADMIN, urgent, Matter.URGENT)]
    return (
        *(step for step in before_end if step.on < ended),
        Step(Who.LEADER, ended, Matter.REASON),
        Step(Who.ADMIN, ended + timedelta(days=rule.reason_days), Matter.MISSED),
    )


@dataclass(frozen=True, slots=True)
class Watch:
    """A period under watch: what was said of it already and on which day, and whether its miss is explained."""

    period: PlanPeriod
    told: Mapping[Matter, date]
    explained: bool = False


def next_step(watch: Watch, today: date, rule: RadarRule) -> Step | None:
    """The step to take now; None where nothing is missing, it is explained, or the last due step was taken.

    Steps that were slept through are left out, but the admin is never told before the leader was: a day earlier at
    least, and of a miss only when the leader has had `reason_days` to explain it.
    """
    if not watch.period.missing or watch.explained:
        return None
    due = [step for step in steps(watch.period, rule) if step.on <= today]
    if not due or due[-1].matter in watch.told:
        return None
    last = due[-1]
    if last.who is Who.LEADER:
        return last
    before = due[-2]
    if before.matter not in watch.told:
        return before
    patience = rule.reason_days if last.matter is Matter.MISSED else 1
    return last if (today - watch.told[before.matter]).days >= patience else None
