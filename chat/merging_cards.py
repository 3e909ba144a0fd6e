"""Making one of somebody who is listed twice: whom, what it does, and the way back."""

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.merging import UNDO_WITHIN, Choice, Merged, Preview
from texts import Words
from texts.words import person_name

LABEL = 24


def choice(facts: Choice, spoken: Words) -> Message:
    """Who is the same?"""
    ids = (facts.group_id, facts.person_id)
    rows: list[tuple[Button, ...]] = [
        (
            Button(
                spoken("button.twin_alike" if twin.same_name else "button.twin", name=_named(twin.name, spoken)),
                pack("merge_look", *ids, twin.id),
            ),
        )
        for twin in facts.twins
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("merge", *ids, page), spoken)
    rows.append((Button(spoken("button.back"), pack("member", *ids)),))
    key = "merging.choose" if facts.twins else "merging.nobody"
    return Message(spoken.html(key, name=person_name(facts.name, spoken)), tuple(rows))


def preview(facts: Preview, spoken: Words) -> Message:
    """What becomes of both."""
    text = spoken.html(
        "merging.preview",
        kept=person_name(facts.kept_name, spoken),
        gone=person_name(facts.gone_name, spoken),
        days=UNDO_WITHIN.days,
    )
    rows = (
        (Button(spoken("button.merge_yes"), pack("merge_yes", facts.group_id, facts.kept_id, facts.gone_id)),),
        (Button(spoken("button.back"), pack("member", facts.group_id, facts.kept_id)),),
    )
    return Message(text, rows)


def merged(facts: Merged, spoken: Words) -> Message:
    """They are one."""
    text = spoken.html("merging.done", kept=person_name(facts.kept_name, spoken), days=UNDO_WITHIN.days)
    rows = (
        (Button(spoken("button.merge_undo"), pack("merge_undo", facts.id)),),
        (Button(spoken("button.back"), pack("member", facts.group_id, facts.person_id)),),
    )
    return Message(text, rows)


def undone(facts: Merged, spoken: Words) -> Message:
    """They are two again."""
    kept, gone = person_name(facts.kept_name, spoken), person_name(facts.gone_name, spoken)
    back = Button(spoken("button.back"), pack("member", facts.group_id, facts.person_id))
    return Message(spoken.html("merging.undone", kept=kept, gone=gone), ((back,),))


def _named(text: str, spoken: Words) -> str:
    return person_name(text[:LABEL], spoken)
