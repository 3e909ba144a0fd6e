"""The year's plan: a group's year, one of its quarters, and the groups of a unit side by side."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from domain.plan import PeriodState, PlanPeriod, Totals
from domain.radar import Light
from services.duties import BRANCH, GroupPlan, Line
from services.plans import Groups, Period, Quarter, Year
from texts import Words
from texts.words import name

LABEL_NAME = 28


def look(facts: Year | Groups, spoken: Words) -> Message:
    """A group's year, or which group it is to be."""
    return year(facts, spoken) if isinstance(facts, Year) else groups(facts, spoken)


def year(facts: Year, spoken: Words) -> Message:
    """One line a kind, the sums on top; a quarter is one tap away."""
    plan = facts.plan
    lines = [spoken.html("plans.year", group=name(plan.group_name), year=plan.year)]
    lines.append(_totals(facts.totals, spoken))
    lines.append("")
    lines += [f"{sign(row.light)} {_row(line_name(row.line, spoken), row.totals, spoken)}" for row in facts.rows]
    if not facts.rows:
        lines.append(spoken.html("plans.nothing_due"))
    if plan.lacks_committee:
        lines += ["", spoken.html("plans.lacks_committee")]
    return Message("\n".join(lines), _year_keyboard(facts, spoken))


def _year_keyboard(facts: Year, spoken: Words) -> tuple[tuple[Button, ...], ...]:
    plan = facts.plan
    quarters = tuple(
        Button(spoken("button.plan_quarter", number=number), pack("plan_q", plan.group_id, plan.year, number))
        for number in range(1, 5)
    )
    rows: list[tuple[Button, ...]] = [quarters]
    if facts.may_plan and facts.schedulable:
        label = spoken("button.auto_schedule", number=facts.schedulable)
        rows.append((Button(label, pack("auto", plan.group_id, plan.year, 0)),))
    rows.append(
        (
            Button(f"‹ {plan.year - 1}", pack("plan_y", plan.group_id, plan.year - 1)),
            Button(spoken("button.plan_settings"), pack("kinds", plan.group_id)),
            Button(f"{plan.year + 1} ›", pack("plan_y", plan.group_id, plan.year + 1)),
        )
    )
    if facts.others:
        rows.append((Button(spoken("button.other_group"), pack("plans", plan.year, 0)),))
    return tuple(rows)


def quarter(facts: Quarter, spoken: Words) -> Message:
    """Each period of a quarter: what is due, what was or will be held, and why something was missed."""
    plan = facts.year.plan
    lines = [spoken.html("plans.quarter", group=name(plan.group_name), year=plan.year, number=facts.number)]
    shown = None
    for each in facts.periods:
        if each.line is not shown:
            shown = each.line
            lines += ["", f"<b>{escape(line_name(each.line, spoken), quote=False)}</b>"]
        lines += _period(each, plan, spoken)
    if not facts.periods:
        lines += ["", spoken.html("plans.nothing_due")]
    return Message("\n".join(lines), _quarter_keyboard(facts, spoken))


def _period(facts: Period, plan: GroupPlan, spoken: Words) -> Iterator[str]:
    period = facts.period
    state = spoken(f"plans.state_{period.state}", missing=period.missing)
    if facts.reason is not None and period.state is PeriodState.OVERDUE:
        state = spoken("plans.with_reason", state=state, reason=spoken(f"duty_reason.{facts.reason.reason}"))
    dates = spoken("plans.between").join(_date(held.starts_at, held.closed, plan, spoken) for held in facts.sessions)
    key = "plans.period_with_dates" if dates else "plans.period"
    yield spoken.html(
        key,
        light=sign(facts.light),
        period=period_name(period, facts.line, spoken),
        kept=period.kept,
        due=period.due,
        state=state,
        dates=dates,
    )


def _date(at: datetime, closed: bool, plan: GroupPlan, spoken: Words) -> str:
    day = spoken.short_day(at, ZoneInfo(plan.time_zone))
    return day if closed else spoken("plans.still_open", day=day)


def _quarter_keyboard(facts: Quarter, spoken: Words) -> tuple[tuple[Button, ...], ...]:
    plan = facts.year.plan
    rows: list[tuple[Button, ...]] = []
    missing = sum(each.period.missing for each in facts.periods if not each.period.over)
    if facts.year.may_plan and missing:
        label = spoken("button.auto_schedule", number=missing)
        rows.append((Button(label, pack("auto", plan.group_id, plan.year, facts.number)),))
    overdue = any(each.period.state is PeriodState.OVERDUE for each in facts.periods)
    if facts.year.may_plan and overdue:
        rows.append((Button(spoken("button.give_reason"), pack("reasons", plan.group_id)),))
    turn = [
        Button(spoken("button.plan_quarter", number=number), pack("plan_q", plan.group_id, plan.year, number))
        for number in (facts.number - 1, facts.number + 1)
        if number in range(1, 5)
    ]
    rows.append((*turn, Button(spoken("button.plan_year"), pack("plan_y", plan.group_id, plan.year))))
    return tuple(rows)


def groups(facts: Groups, spoken: Words) -> Message:
    """The groups somebody may look at, each with its light and sums, and the sums of all."""
    lines = [spoken.html("plans.groups", count=facts.count, year=facts.year), _totals(facts.totals, spoken), ""]
    lines += [f"{sign(row.light)} {_row(name(row.name), row.totals, spoken)}" for row in facts.groups]
    rows = [(Button(row.name[:LABEL_NAME], pack("plan_y", row.id, facts.year)),) for row in facts.groups]
    turn = turning(facts.page, facts.pages, lambda page: pack("plans", facts.year, page), spoken)
    return Message("\n".join(lines), (*rows, *turn))


def sign(light: Light) -> str:
    """A light as a sign; beside it there is always a number or a word."""
    return {Light.GREEN: "🟢", Light.AMBER: "🟡", Light.RED: "🔴"}[light]


def line_name(line: Line, spoken: Words) -> str:
    """What a line of the plan is called; of a subgroup, with its name. Plain text."""
    kind = spoken(f"kind.{line.kind}")
    return spoken("plans.line_of_subgroup", kind=kind, subgroup=name(line.subgroup)) if line.subgroup else kind


def period_name(period: PlanPeriod, line: Line, spoken: Words) -> str:
    """2月, or 一季度."""
    if line.rule.every == "month":
        return spoken.month(period.first)
    return spoken("plans.quarter_name", number=(period.first.month - 1) // 3 + 1)


def _totals(found: Totals, spoken: Words) -> str:
    sums = [spoken.html("plans.due", due=found.due), spoken.html("plans.held", held=found.held)]
    return " · ".join([*sums, *_open(found, spoken)])


def _row(label: str, found: Totals, spoken: Words) -> str:
    return " · ".join([spoken.html("plans.row", label=label, held=found.held, due=found.due), *_open(found, spoken)])


def _open(found: Totals, spoken: Words) -> list[str]:
    """What is not held of it, as far as there is any."""
    numbers = {"planned": found.planned, "missing": found.missing, "overdue": found.overdue}
    return [spoken.html(f"plans.{key}", number=number) for key, number in numbers.items() if number]


def form_name(plan_form: str, spoken: Words) -> str:
    """学习小组 or 党支部."""
    return spoken("plans.form_branch" if plan_form == BRANCH else "plans.form_group")
