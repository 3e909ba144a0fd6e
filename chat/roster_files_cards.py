"""A roster from a file: asking for it, what it would change, what was done; and the roster as a file."""

from chat.callback_data import pack
from chat.exports_cards import UNSAFE_IN_FILE_NAMES
from chat.outgoing import Button, Message
from domain.rosters import Wrong
from services.roster_files import FORMATS, Asked, Change, File, Preview
from texts import Words, words
from texts.words import name

SHOWN = 12
"""People, and wrong rows, that are named in a message."""

LONGEST_GROUP_NAME = 40


def ask(facts: Asked, spoken: Words) -> Message:
    """The next message is to be the file; what it has to hold, and where a form is."""
    rows = (
        tuple(
            Button(spoken("button.roster_save", format=file_format.upper()), pack("roster_save", facts.group_id, at))
            for at, file_format in enumerate(FORMATS)
        ),
        (Button(spoken("button.back"), pack("roster", facts.group_id, 0)),),
    )
    return Message(spoken.html("roster_files.ask", group=name(facts.group_name)), rows)


def preview(facts: Preview, spoken: Words) -> Message:
    """What would change, what would not, and what is wrong with which row."""
    lines = [spoken.html("roster_files.title", group=name(facts.group_name)), ""]
    if facts.added:
        lines.append(spoken.html("roster_files.added", number=len(facts.added), names=_names(facts.added, spoken)))
    if facts.changed:
        lines.append(spoken.html("roster_files.changed", number=len(facts.changed)))
        lines += [_changed(change, spoken) for change in facts.changed[:SHOWN]]
        lines += _more(len(facts.changed), spoken)
    if facts.same:
        lines.append(spoken.html("roster_files.same", number=facts.same))
    if facts.others:
        lines.append(spoken.html("roster_files.others", number=facts.others))
    if facts.wrong:
        lines += ["", spoken.html("roster_files.wrong", number=len(facts.wrong))]
        lines += [_wrong(wrong, spoken) for wrong in facts.wrong[:SHOWN]]
        lines += _more(len(facts.wrong), spoken)
    if not facts.changes:
        lines += ["", spoken.html("roster_files.nothing")]
    rows: list[tuple[Button, ...]] = []
    if facts.changes:
        label = spoken("button.roster_apply", number=len(facts.changes))
        rows.append((Button(label, pack("roster_apply", facts.id)),))
    rows.append((Button(spoken("button.roster_drop"), pack("roster_drop", facts.id)),))
    return Message("\n".join(lines), tuple(rows))


def done(facts: Preview, spoken: Words) -> Message:
    """It is taken over."""
    text = spoken.html(
        "roster_files.done", group=name(facts.group_name), added=len(facts.added), changed=len(facts.changed)
    )
    return Message(text, ((Button(spoken("button.back"), pack("roster", facts.group_id, 0)),),))


def file_name(facts: File, spoken: Words) -> str:
    """名册_第一学习小组_2026-11-30.xlsx, with nothing a disk refuses."""
    group = "".join(char for char in facts.group_name if char.isprintable() and char not in UNSAFE_IN_FILE_NAMES)
    stem = spoken("roster_files.file", group=group.strip(" .")[:LONGEST_GROUP_NAME] or "-", day=facts.made_at.date())
    return f"{stem}.{facts.file_format}"


def caption(facts: File) -> str:
    """How many are in it, and that it can be handed in again."""
    return words(facts.language).html("roster_files.caption", number=len(facts.entries))


def _names(changes: tuple[Change, ...], spoken: Words) -> str:
    named = spoken("roster_files.join").join(name(change.row.name) for change in changes[:SHOWN])
    return named + spoken("roster_files.and_more") if len(changes) > SHOWN else named


def _changed(change: Change, spoken: Words) -> str:
    columns = spoken("roster_files.join").join(spoken(f"roster_files.column_{column}") for column in change.columns)
    return spoken.html("roster_files.change", name=name(change.row.name), columns=columns)


def _wrong(wrong: Wrong, spoken: Words) -> str:
    said = spoken(f"roster_files.wrong_{wrong.code}", text=name(wrong.text))
    return spoken.html("roster_files.row", line=wrong.line, said=said)


def _more(count: int, spoken: Words) -> list[str]:
    return [spoken.html("roster_files.more", number=count - SHOWN)] if count > SHOWN else []
