"""The people of a group as its leader sees them in private."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.leaders import Named
from services.marks import STANDINGS
from services.roster import Entry, Page, Person
from texts import Words, choose, words
from texts.words import name

LABEL_NAME = 24
SHOWN_NAME = 40


def page(facts: Page, spoken: Words) -> Message:
    """The list: each person a button with their role and whether they can be written to."""
    rows: list[tuple[Button, ...]] = [
        (Button(_entry(entry, spoken), pack("member", facts.group_id, entry.id)),) for entry in facts.entries
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("roster", facts.group_id, page), spoken)
    if facts.unreachable:
        rows.append((Button(spoken("button.ask_reach"), pack("ask_reach", facts.group_id)),))
    rows.append((Button(spoken("button.roster_file"), pack("roster_file", facts.group_id)),))
    rows.append((Button(spoken("button.back"), pack("manage", facts.group_id)),))
    header = spoken.html("roster.members", count=facts.count)
    if facts.unreachable:
        header += spoken.html("roster.unreachable", count=facts.unreachable)
    return Message("\n".join([spoken.html("roster.title", group=name(facts.group_name)), header]), tuple(rows))


def person(facts: Person, spoken: Words) -> Message:
    """One person: what they are, since when, whether they can be written to, and what can be done."""
    group_id, person_id = facts.group_id, facts.id
    rows: list[tuple[Button, ...]] = []
    if facts.may_change_role:
        label, verb = {
            "member": ("button.make_deputy", "deputy"),
            "deputy": ("button.dismiss_deputy", "undeputy"),
            "leader": ("button.dismiss_leader", "undeputy"),
        }[facts.role]
        rows.append((Button(spoken(label), pack(verb, group_id, person_id, 1)),))
    rows.append((Button(spoken("button.set_name"), pack("name_of", group_id, person_id)),))
    rows += _marks(facts, spoken)
    if not facts.is_reader:
        rows.append((Button(spoken("button.long_leave_enter"), pack("long_for", group_id, person_id)),))
    if facts.may_merge:
        rows.append((Button(spoken("button.merge"), pack("merge", group_id, person_id, 0)),))
    if facts.may_remove and facts.role == "member":
        rows.append((Button(spoken("button.transfer"), pack("transfer", group_id, person_id, 0)),))
    if facts.may_remove:
        rows.append((Button(spoken("button.remove_member"), pack("remove_member", group_id, person_id)),))
    rows.append((Button(spoken("button.back"), pack("roster", group_id, 0)),))
    return Message(_person(facts, spoken), tuple(rows))


def waited(facts: Person) -> Message:
    """One person's page that waited in the outbox."""
    return person(facts, words(choose(facts.spoken)))


def ask_name(facts: Person, spoken: Words) -> Message:
    """The next message is to be the name."""
    back = (Button(spoken("button.back"), pack("member", facts.group_id, facts.id)),)
    return Message(spoken.html("roster.ask_name", name=name(_shown(facts.name, spoken))), (back,))


def ask_remove(facts: Person, spoken: Words) -> Message:
    """Really? What stays."""
    rows = (
        (Button(spoken("button.remove_member_yes"), pack("remove_member_yes", facts.group_id, facts.id)),),
        (Button(spoken("button.back"), pack("member", facts.group_id, facts.id)),),
    )
    text = spoken.html("roster.ask_remove", name=name(_shown(facts.name, spoken)), group=name(facts.group_name))
    return Message(text, rows)


def removed(someone: Named, spoken: Words) -> str:
    """What the leader reads at once."""
    return spoken("roster.removed_toast", name=name(_shown(someone.name[:SHOWN_NAME], spoken)))


def _entry(entry: Entry, spoken: Words) -> str:
    label = name(_shown(entry.name[:LABEL_NAME], spoken))
    if entry.role != "member":
        label = spoken("roster.with_role", name=label, role=spoken(f"role.{entry.role}"))
    key = "roster.entry_reachable" if entry.reachable else "roster.entry_unreachable"
    return spoken(key, name=label)


def _person(facts: Person, spoken: Words) -> str:
    since = spoken.date(facts.joined_at, ZoneInfo(facts.time_zone))
    lines = [
        spoken.html("roster.person", name=name(_shown(facts.name, spoken))),
        spoken.html("roster.person_role", group=name(facts.group_name), role=spoken(f"role.{facts.role}")),
        spoken.html("roster.person_since", since=since),
        spoken.html("roster.person_reachable" if facts.reachable else "roster.person_unreachable"),
    ]
    if not facts.has_account:
        lines[-1] = spoken.html("roster.person_without_account")
    if facts.number:
        lines.append(spoken.html("roster.person_number", number=facts.number))
    if facts.real_name is None:
        lines.append(spoken.html("roster.person_unnamed"))
    return "\n".join(lines)


def _marks(facts: Person, spoken: Words) -> tuple[tuple[Button, ...], ...]:
    """What somebody is beside their role: each button says it, and a tap makes it the next."""
    ids = (facts.group_id, facts.id)
    standing = spoken(f"export.standing.{facts.standing}")
    after = STANDINGS[(STANDINGS.index(facts.standing) + 1) % len(STANDINGS)]
    subgroup = name(facts.subgroup[:LABEL_NAME]) if facts.subgroup else spoken("marks.none")
    committee, speaks = (
        spoken("data.is_true" if said else "data.is_false") for said in (facts.committee, facts.speaks)
    )
    return (
        (
            Button(spoken("button.standing", said=standing), pack("standing", *ids, STANDINGS.index(after))),
            Button(spoken("button.committee", said=committee), pack("committee", *ids, int(not facts.committee))),
        ),
        (
            Button(spoken("button.subgroup", said=subgroup), pack("subgroup", *ids)),
            Button(spoken("button.speaks", said=speaks), pack("speaks", *ids, int(not facts.speaks))),
        ),
    )


def _shown(text: str, spoken: Words) -> str:
    return text or spoken("roster.former")
