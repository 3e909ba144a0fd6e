"""How often each kind of session is due: the list of kinds, and one kind with its choices."""

from typing import Final

from chat.callback_data import pack
from chat.drafts_cards import rows_of
from chat.outgoing import Button, Message
from chat.plans_cards import form_name
from domain.kinds import Attendees, KindRule
from services.duties import BRANCH
from services.kind_settings import DAYS, EVERY, FIELDS, GROUP, KINDS, QUORUMS, TIMES, UNIT, Settings, rule_of
from texts import Words
from texts.words import name

FORMS: Final = ("group", BRANCH)
"""A button carries the place."""


def page(facts: Settings, spoken: Words) -> Message:
    """What is due how often; admins change it, leaders read it."""
    key = "kinds.of_group" if facts.scope == GROUP else "kinds.of_unit"
    lines = [spoken.html(key, name=name(facts.name))]
    if facts.scope == GROUP:
        lines.append(spoken.html("kinds.form", form=form_name(facts.form, spoken)))
    lines.append("")
    lines += [_line(rule, rule.kind in facts.set_here, spoken) for rule in facts.table if _concerns(facts, rule)]
    if not facts.may_change:
        lines += ["", spoken.html("kinds.ask_admin")]
    return Message("\n".join(lines), _keyboard(facts, spoken))


def _concerns(facts: Settings, rule: KindRule) -> bool:
    """A group that only studies is not told of a branch's meetings."""
    in_branch = rule.attendees in (Attendees.MEMBERS, Attendees.COMMITTEE, Attendees.SUBGROUP)
    return facts.scope == UNIT or facts.form == BRANCH or not in_branch


def _keyboard(facts: Settings, spoken: Words) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    if facts.may_change:
        rows += rows_of(
            [
                Button(spoken(f"kind.{kind}"), pack("kind", facts.group_id, facts.scope, number))
                for number, kind in enumerate(KINDS)
                if _concerns(facts, facts.table[kind])
            ],
            3,
        )
    if facts.scope == GROUP and facts.may_form:
        other = FORMS.index("group" if facts.form == BRANCH else BRANCH)
        label = spoken("button.kinds_form", form=form_name(FORMS[other], spoken))
        rows.append((Button(label, pack("kinds_form", facts.group_id, other)),))
    if facts.may_change:
        scope = UNIT if facts.scope == GROUP else GROUP
        label = spoken("button.kinds_unit" if scope == UNIT else "button.kinds_group")
        rows.append((Button(label, pack("kinds", facts.group_id, scope)),))
    rows.append((Button(spoken("button.plan_year"), pack("plan_y", facts.group_id, 0)),))
    return tuple(rows)


def _line(rule: KindRule, is_set: bool, spoken: Words) -> str:
    parts = [spoken(f"kind.{rule.kind}"), often(rule, spoken)]
    if rule.day is not None:
        parts.append(_day(rule.day, spoken))
    if rule.quorum is not None:
        parts.append(_quorum(str(rule.quorum), spoken))
    text = spoken.html("kinds.line", parts=" · ".join(parts))
    return spoken.html("kinds.changed", line=text) if is_set else text


def often(rule: KindRule, spoken: Words) -> str:
    """How often it is due, in words."""
    if not rule.on:
        return spoken("kinds.off")
    if not rule.times:
        return spoken("kinds.never")
    return spoken(f"kinds.every_{rule.every}", number=rule.times)


def kind(facts: Settings, number: int, spoken: Words) -> Message:
    """One kind: each choice is one tap."""
    rule = rule_of(facts, number)
    where = (facts.group_id, facts.scope, number)
    title = spoken.html("kinds.one", kind=spoken(f"kind.{rule.kind}"), name=name(facts.name), often=often(rule, spoken))
    rows: list[tuple[Button, ...]] = []
    for field, (key, chosen, labels) in enumerate(_choices(rule, spoken)):
        buttons = [
            Button(f"✓ {label}" if value == chosen else label, pack("kind_set", *where, field, place))
            for place, (value, label) in enumerate(zip(FIELDS[key], labels, strict=True))
            if key != "on" or value != chosen
        ]
        if key == "on" or rule.on:
            rows += rows_of(buttons, 4)
    last = [Button(spoken("button.back"), pack("kinds", facts.group_id, facts.scope))]
    if rule.kind in facts.set_here:
        last.insert(0, Button(spoken("button.kind_default"), pack("kind_default", *where)))
    return Message(title, (*rows, tuple(last)))


def _choices(rule: KindRule, spoken: Words) -> list[tuple[str, object, list[str]]]:
    """Each field with what is chosen and the labels of its values."""
    return [
        ("on", rule.on, [spoken("button.kind_off"), spoken("button.kind_on")]),
        ("times", rule.times, [spoken("kinds.times", number=number) for number in TIMES]),
        ("every", rule.every, [spoken(f"kinds.per_{each}") for each in EVERY]),
        ("day", rule.day or 0, [_day(day, spoken) for day in DAYS]),
        ("quorum", str(rule.quorum or "none"), [_quorum(each, spoken) for each in QUORUMS]),
    ]


def _day(day: int, spoken: Words) -> str:
    if not day:
        return spoken("kinds.any_day")
    return spoken("kinds.last_day") if day == DAYS[-1] else spoken("kinds.fixed_day", day=day)


def _quorum(text: str, spoken: Words) -> str:
    known = {"none": "none", "> 1/2": "half_strict", ">= 1/2": "half", ">= 2/3": "two_thirds"}
    return spoken(f"kinds.quorum_{known[text]}") if text in known else spoken("kinds.quorum_other", share=text)
