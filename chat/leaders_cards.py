"""Who leads a group: answers to appointments in its chat, the page in private, and what people are told of roles."""

from dataclasses import replace

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from chat.replies import Reply, render
from services.leaders import Appointed, Change, Choice, Named, Page
from services.role_notices import Notice
from texts import Words, choose
from texts.words import name

LABEL_NAME = 24
"""Characters of a name on a button."""

SHOWN_NAME = 40
"""Characters of a name in an answer to a tap, which holds 200 in all (Bot API, answerCallbackQuery)."""

MOST_LINES = 20
"""Leaders, and deputies, of whom the page tells one by one."""


def leading(result: Appointed, spoken: Words) -> str:
    """What the new leader reads at once; the group gets a line."""
    return spoken("groups.leading_already" if result.repeated else "groups.leading")


def leads_already(result: Appointed, spoken: Words) -> Message:
    """The answer to an appointment that changes nothing."""
    return Message(spoken.html("groups.leads_already", name=name(result.name)))


def undone(person: Named, spoken: Words) -> Message:
    """The line that named a leader, after ⟦Undo⟧."""
    return Message(spoken.html("leaders.undone", name=name(person.name)))


def notice(facts: Notice) -> Message:
    """What a person or a group is told of a role."""
    said = render(Reply(facts.text, choose(*facts.languages), facts.values, facts.buttons))
    return replace(said, silent=facts.silent)


def page(facts: Page, spoken: Words, change: Change | None = None) -> Message:
    """Who leads, who stands in, and what the reader may change; `change` was made just now and can be undone."""
    lines = [spoken.html("leaders.title", group=name(facts.group_name))]
    if change is not None:
        lines.insert(0, _changed_line(change, spoken))
    lines.append(_named("leaders.leaders", "leaders.no_leader", facts.leaders, spoken))
    lines.append(_named("leaders.deputies", "leaders.no_deputy", facts.deputies, spoken))
    if facts.invited is not None:
        lines.append(spoken.html("leaders.invited", name=name(facts.invited or spoken("roster.former"))))
    return Message("\n".join(lines), tuple(_rows(facts, spoken, change)))


def _rows(facts: Page, spoken: Words, change: Change | None) -> list[tuple[Button, ...]]:
    group_id = facts.group_id
    rows: list[tuple[Button, ...]] = []
    if change is not None and not change.repeated:
        verb = "undeputy" if change.role == "deputy" else "deputy"
        rows.append((Button(spoken("button.undo"), pack(verb, group_id, change.person.id)),))
    if facts.may_appoint:
        rows.append((Button(spoken("button.appoint_deputy"), pack("deputies", group_id, 0)),))
        rows += [
            (
                Button(
                    spoken("button.dismiss", name=name(_shown(one, spoken, LABEL_NAME))),
                    pack("undeputy", group_id, one.id),
                ),
            )
            for one in facts.deputies[:MOST_LINES]
        ]
    if facts.leads:
        hand = ("button.withdraw_offer", "hand_back") if facts.invited is not None else ("button.hand_over", "hand")
        rows.append((Button(spoken(hand[0]), pack(hand[1], group_id)),))
    if facts.leads or facts.is_deputy:
        rows.append((Button(spoken("button.step_down"), pack("step_down", group_id)),))
    if facts.may_appoint or facts.is_deputy:
        rows.append((Button(spoken("button.back"), pack("manage", group_id)),))
    return rows


def changed(change: Change, spoken: Words) -> str:
    """What the leader reads at once after changing a role."""
    key = "leaders.unchanged_toast" if change.repeated else "leaders.changed_toast"
    return spoken(key, name=name(change.person.name[:SHOWN_NAME]), role=spoken(f"role.{change.role}"))


def pick_deputy(facts: Choice, spoken: Words) -> Message:
    """Who is to stand in for the leader?"""
    key = "leaders.pick_deputy" if facts.people else "leaders.nobody_to_pick"
    return choice(facts, spoken, key, "deputy", "deputies")


def choice(facts: Choice, spoken: Words, key: str, verb: str, turn: str) -> Message:
    """A page of people, each a button for `verb`; `turn` turns the pages."""
    rows: list[tuple[Button, ...]] = [
        (Button(name(_shown(one, spoken, LABEL_NAME)), pack(verb, facts.group_id, one.id)),) for one in facts.people
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack(turn, facts.group_id, page), spoken)
    rows.append((Button(spoken("button.back"), pack("leaders", facts.group_id)),))
    return Message(spoken.html(key, group=name(facts.group_name)), tuple(rows))


def _changed_line(change: Change, spoken: Words) -> str:
    key = "leaders.unchanged" if change.repeated else "leaders.changed"
    return spoken.html(key, name=name(_shown(change.person, spoken)), role=spoken(f"role.{change.role}")) + "\n"


def _named(key: str, none: str, people: tuple[Named, ...], spoken: Words) -> str:
    if not people:
        return spoken.html(none)
    shown = [name(_shown(one, spoken)) for one in people[:MOST_LINES]]
    more = len(people) - len(shown)
    text = spoken.html(key, names=spoken("groups.between").join(shown))
    return text + spoken.html("leaders.more", count=more) if more else text


def _shown(person: Named, spoken: Words, longest: int = 64) -> str:
    return person.name[:longest] or spoken("roster.former")
