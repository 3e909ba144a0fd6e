"""The leader's hub: which group, and what there is to do in it."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.manage import Hub, Picker, Shown
from texts import Words, choose, words
from texts.words import name

LABEL_NAME = 32


def way_in(group_id: int, bot_username: str, spoken: Words) -> Message:
    """In a group: the button that leads to the hub."""
    link = f"https://t.me/{bot_username}?start=manage_{group_id}"
    return Message(spoken.html("manage.in_private"), ((Button(spoken("button.open_private"), url=link),),), silent=True)


def look(facts: Hub | Picker, spoken: Words) -> Message:
    """The group's page, or which group it is to be."""
    return hub(facts, spoken) if isinstance(facts, Hub) else _picker(facts, spoken)


def waited(facts: Shown) -> Message:
    """A group's page that waited in the outbox."""
    return hub(facts.hub, words(choose(facts.spoken)))


def hub(facts: Hub, spoken: Words) -> Message:
    """A group: what comes next, and what waits; numbers stand on the buttons they belong to."""
    group_id = facts.group_id
    rows: list[tuple[Button, ...]] = [
        (
            _button("button.hub_new", "plan_new", group_id, spoken),
            _button("button.hub_sessions", "sessions_of", group_id, spoken),
        ),
        (
            Button(_counted("button.hub_leaves", facts.leaves, spoken), pack("leaves", group_id)),
            Button(_counted("button.hub_corrections", facts.corrections, spoken), pack("corrections", group_id)),
        ),
        (
            Button(_counted("button.hub_roster", facts.members, spoken), pack("roster", group_id, 0)),
            _button("button.hub_leaders", "leaders", group_id, spoken),
        ),
        (
            Button(_makeups(facts, spoken), pack("makeups_of", group_id, 0)),
            Button(spoken("button.hub_plan"), pack("plan_y", group_id, 0)),
        ),
        (
            Button(spoken("button.rota"), pack("rota")),
            _button("button.calendar_group", "calendar_group", group_id, spoken),
        ),
        (_button("button.hub_settings", "group_settings", group_id, spoken),),
    ]
    if not facts.only:
        rows.append((Button(spoken("button.other_group"), pack("manage_list")),))
    title = spoken.html("manage.title", group=name(facts.group_name))
    return Message("\n".join([title, _next(facts, spoken)]), tuple(rows))


def _next(facts: Hub, spoken: Words) -> str:
    if facts.next_at is None or facts.next_title is None:
        return spoken.html("manage.nothing_next")
    when = spoken.when(facts.next_at, ZoneInfo(facts.time_zone))
    return spoken.html("manage.next", title=facts.next_title, when=when)


def _picker(facts: Picker, spoken: Words) -> Message:
    rows: list[tuple[Button, ...]] = [
        (Button(group.name[:LABEL_NAME], pack("manage", group.id)),) for group in facts.groups
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("manage_list", page), spoken)
    return Message(spoken.html("manage.which"), tuple(rows))


def _button(label: str, verb: str, group_id: int, spoken: Words) -> Button:
    return Button(spoken(label), pack(verb, group_id))


def _makeups(facts: Hub, spoken: Words) -> str:
    label = spoken("button.hub_makeups")
    if facts.overdue:
        return spoken("manage.counted_overdue", label=label, number=facts.makeups, overdue=facts.overdue)
    return _counted("button.hub_makeups", facts.makeups, spoken)


def _counted(label: str, count: int, spoken: Words) -> str:
    return spoken("manage.counted", label=spoken(label), number=count) if count else spoken(label)
