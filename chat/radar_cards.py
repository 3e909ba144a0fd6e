"""The radar's message, the reasons of what was missed, and the monthly digest."""

from datetime import date, datetime, time, timedelta
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.drafts_cards import rows_of
from chat.outgoing import Button, Keyboard
from chat.outgoing import Message as Out
from chat.plans_cards import line_name, period_name, sign
from domain.plan import Totals
from services.digests import Digest, GroupMonth
from services.duty_reasons import REASONS, Missed, Misses
from services.radar import Message, Warned
from texts import Words, choose, words
from texts.words import name

SHOWN: Final = 6
"""Lines of a radar message; the rest stands in the plan."""

GROUPS: Final = 3
"""Groups that have buttons under a radar message."""

DIGEST_GROUPS: Final = 12
"""Groups in a digest; the rest stands in the plan."""

LISTED: Final = 12
"""Missed periods to choose from."""

LABEL: Final = 24


def message(facts: Message) -> Out:
    """What is missing and until when, most urgent first, with the way to do something about it."""
    spoken = words(choose(facts.language))
    lines = [spoken.html("radar.heading", day=_day(facts.day, spoken)), ""]
    lines += [_warned(each, spoken) for each in facts.lines[:SHOWN]]
    if len(facts.lines) > SHOWN:
        lines.append(spoken.html("radar.more", count=len(facts.lines) - SHOWN))
    return Out("\n".join(lines), _warned_keyboard(facts, spoken))


def _warned(facts: Warned, spoken: Words) -> str:
    period = facts.period
    line = spoken.html(
        f"radar.{facts.matter}",
        light=sign(facts.light),
        group=name(facts.group_name),
        what=line_name(facts.line, spoken),
        period=period_name(period, facts.line, spoken),
        number=period.missing,
        last=_day(period.last, spoken),
    )
    return f"{line}\n{spoken.html('radar.pass_on')}" if facts.pass_on else line


def _warned_keyboard(facts: Message, spoken: Words) -> Keyboard:
    groups = dict.fromkeys((each.group_id, each.group_name) for each in facts.lines)
    rows: list[tuple[Button, ...]] = []
    for group_id, group_name in list(groups)[:GROUPS]:
        label = spoken("button.radar_plan", group=group_name[:LABEL]) if len(groups) > 1 else spoken("button.radar_one")
        row = [Button(label, pack("plan_y", group_id, 0))]
        own = [each.period for each in facts.lines if each.group_id == group_id]
        open_years = [period.last.year for period in own if not period.over]
        if open_years:
            row.append(Button(spoken("button.radar_auto"), pack("auto", group_id, open_years[0], 0)))
        if any(period.over for period in own):
            row.append(Button(spoken("button.give_reason"), pack("reasons", group_id)))
        rows.append(tuple(row))
    return tuple(rows)


def misses(facts: Misses, spoken: Words) -> Out:
    """The missed periods as buttons."""
    back = (Button(spoken("button.plan_year"), pack("plan_y", facts.group_id, facts.year)),)
    if not facts.entries:
        return Out(spoken.html("radar.no_misses", group=name(facts.group_name)), (back,))
    shown = facts.entries[:LISTED]
    rows = [(Button(_label(each, spoken)[:60], pack("reason", facts.group_id, *each.where)),) for each in shown]
    return Out(spoken.html("radar.misses", group=name(facts.group_name)), (*rows, back))


def _label(facts: Missed, spoken: Words) -> str:
    label = f"{period_name(facts.period, facts.line, spoken)} {line_name(facts.line, spoken)}"
    return label if facts.reason is None else f"{label} · {spoken(f'duty_reason.{facts.reason.reason}')}"


def missed(group_id: int, facts: Missed, spoken: Words) -> Out:
    """One missed period: the reasons to choose from, and a note."""
    where = (group_id, *facts.where)
    lines = [
        spoken.html(
            "radar.why",
            what=line_name(facts.line, spoken),
            period=period_name(facts.period, facts.line, spoken),
            number=facts.period.missing,
        )
    ]
    if facts.reason is not None:
        lines.append(spoken.html("radar.reason_is", reason=spoken(f"duty_reason.{facts.reason.reason}")))
        if facts.reason.note:
            lines.append(spoken.html("radar.note_is", note=facts.reason.note))
    chosen = facts.reason.reason if facts.reason else None
    buttons = [
        Button(
            f"✓ {spoken(f'duty_reason.{reason}')}" if reason == chosen else spoken(f"duty_reason.{reason}"),
            pack("reason_is", *where, number),
        )
        for number, reason in enumerate(REASONS)
    ]
    rows = rows_of(buttons, 2)
    last = [Button(spoken("button.reason_note"), pack("reason_note", *where))]
    if facts.reason is not None:
        last.append(Button(spoken("button.reason_withdraw"), pack("reason_off", *where)))
    return Out("\n".join(lines), (*rows, tuple(last), (_to_list(group_id, spoken),)))


def ask_note(group_id: int, facts: Missed, spoken: Words) -> Out:
    """Please type it."""
    what = line_name(facts.line, spoken)
    return Out(spoken.html("radar.ask_note", what=what), ((_to_list(group_id, spoken),),))


def _to_list(group_id: int, spoken: Words) -> Button:
    return Button(spoken("button.back"), pack("reasons", group_id))


def digest(facts: Digest) -> Out:
    """The month before and the one that begins, group by group."""
    spoken = words(choose(facts.language))
    lines = [spoken.html("digest.heading", month=spoken.month(facts.month))]
    for group in facts.groups[:DIGEST_GROUPS]:
        lines += ["", *_month(group, facts, spoken)]
    if len(facts.groups) > DIGEST_GROUPS:
        lines += ["", spoken.html("digest.more", count=len(facts.groups) - DIGEST_GROUPS)]
    ahead = facts.month + timedelta(days=31)  # a digest of December looks into the new year's plan
    button = Button(spoken("button.radar_one"), pack("plans", ahead.year, 0))
    return Out("\n".join(lines), ((button,),))


def _month(facts: GroupMonth, digest: Digest, spoken: Words) -> list[str]:
    rate = spoken.percent(facts.rate) if facts.rate is not None else spoken("digest.no_rate")
    lines = [f"<b>{escape(name(facts.name), quote=False)}</b>"]
    lines.append(spoken.html("digest.held", count=facts.sessions, rate=rate))
    if facts.before.overdue:
        lines.append(spoken.html("digest.overdue", number=facts.before.overdue, due=facts.before.due))
    lines.append(_ahead(facts.this, spoken))
    waiting = {name: getattr(facts, name) for name in ("unclosed", "leaves", "long_leaves", "corrections", "makeups")}
    parts = [spoken(f"digest.{key}", number=number) for key, number in waiting.items() if number]
    if parts:
        lines.append(spoken.html("digest.waiting", parts=spoken("digest.join").join(parts)))
    return lines


def _ahead(found: Totals, spoken: Words) -> str:
    if not found.due:
        return spoken.html("digest.nothing_due")
    return spoken.html(
        "digest.ahead", due=found.due, arranged=found.held + found.planned, missing=found.missing + found.overdue
    )


def _day(day: date, spoken: Words) -> str:
    zone = ZoneInfo("UTC")
    return spoken.short_day(datetime.combine(day, time(), zone), zone)
