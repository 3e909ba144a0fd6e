"""The card of a group with its ⟦Join⟧ button, what people read when they join, and one's own groups."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from chat.paging import turning
from services.groups import SETUP_LINK, Card, Joined
from services.leaving import Membership, MyGroups
from texts import Words, words
from texts.words import name

SHOWN_NAME = 40
"""Characters of a group's name in an answer to a tap, which holds 200 in all (Bot API, answerCallbackQuery)."""

LABEL_NAME = 24
"""Characters of a group's name on a button, so that it is read on one line."""


def card(facts: Card) -> Message:
    """The card as a new message."""
    return Message(_card_text(facts), _card_keyboard(facts))


def edited(facts: Card) -> Edit:
    """The card as it hangs in the chat, brought up to date."""
    return Edit(facts.message_id or 0, _card_text(facts), _card_keyboard(facts))


def _card_text(facts: Card) -> str:
    spoken = words(facts.language)
    lines = [
        spoken.html("groups.registered", name=name(facts.name)),
        spoken.html("groups.members", count=facts.members),
    ]
    if facts.leaders:
        leaders = spoken("groups.between").join(name(leader) for leader in facts.leaders)
        lines += [spoken.html("groups.leader", name=leaders), spoken.html("groups.next_step")]
    else:
        lines.append(spoken.html("groups.needs_leader"))
    return "\n".join(lines)


def _card_keyboard(facts: Card) -> Keyboard:
    spoken = words(facts.language)
    first = [Button(spoken("button.join"), pack("join", facts.group_id))]
    if not facts.leaders:
        first.append(Button(spoken("button.lead"), pack("lead", facts.group_id)))
    bot = f"https://t.me/{facts.bot_username}"
    rows = [tuple(first), (Button(spoken("button.private_reminders"), url=f"{bot}?start=remind_on"),)]
    last = []
    if facts.setup_token is not None:
        last.append(Button(spoken("button.setup"), url=f"{bot}?start={SETUP_LINK}_{facts.setup_token}"))
    if facts.undoable:
        last.append(Button(spoken("button.undo"), pack("unregister", facts.group_id)))
    return (*rows, tuple(last)) if last else tuple(rows)


def joined(result: Joined, spoken: Words) -> str:
    """What whoever joined reads, with the way to private reminders where they are off."""
    group = name(result.group[:SHOWN_NAME])
    if result.repeated:
        return spoken("groups.joined_already", group=group)
    text = spoken("groups.joined", group=group)
    return text if result.reachable else f"{text}\n{spoken('groups.joined_hint')}"


def my_groups(facts: MyGroups, spoken: Words) -> Message:
    """One's groups with one's role in each, and the way out of each."""
    if not facts.count:
        return Message(spoken.html("groups.mine_none"))
    lines = [
        spoken.html("groups.mine_line", name=name(one.group_name), role=spoken(f"role.{one.role}"))
        for one in facts.groups
    ]
    rows: list[tuple[Button, ...]] = [
        (Button(spoken("button.quit", group=one.group_name[:LABEL_NAME]), pack("quit", one.group_id)),)
        for one in facts.groups
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("my_groups", page), spoken)
    if facts.leads:
        rows.append((Button(spoken("button.manage"), pack("manage_list")),))
    return Message("\n".join([spoken.html("groups.mine", count=facts.count), *lines]), tuple(rows))


def ask_quit(facts: Membership, spoken: Words) -> Message:
    """Really? What stays, and how to come back."""
    since = spoken.date(facts.joined_at, ZoneInfo(facts.time_zone))
    text = spoken.html("groups.ask_quit", name=name(facts.group_name), role=spoken(f"role.{facts.role}"), since=since)
    if facts.leads_alone:
        text += "\n" + spoken.html("groups.ask_quit_alone")
    rows = (
        (Button(spoken("button.quit_yes"), pack("quit_yes", facts.group_id)),),
        (Button(spoken("button.back"), pack("my_groups")),),
    )
    return Message(text, rows)


def left(group_name: str, spoken: Words) -> Message:
    """Somebody left a group by themselves."""
    back = (Button(spoken("button.my_groups"), pack("my_groups")),)
    return Message(spoken.html("groups.left", name=name(group_name)), (back,))
