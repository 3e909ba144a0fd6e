"""The files of a session: sending them, and the leader's list of them."""

from typing import Final

from chat.callback_data import pack
from chat.outgoing import Button, Document, Message, Photo
from services.materials import MOST, Entry, Materials
from texts import Words

_NAMELESS: Final = "file"


def file(entry: Entry) -> Document | Photo:
    """A file as it was handed in; Telegram has it, so only its id goes out."""
    if entry.form == "photo":
        return Photo(entry.file_id)
    return Document(entry.file_name or _NAMELESS, entry.file_id)


def ask(facts: Materials, spoken: Words) -> Message:
    """Asks for the files, one message each."""
    text = spoken.html("materials.ask", title=facts.title, most=MOST, total=len(facts.entries))
    done = Button(spoken("button.files_done"), pack("material_done", facts.session_id, facts.purpose))
    return Message(text, ((done,),))


def listed(facts: Materials, spoken: Words) -> Message:
    """The files with a button each to remove them, and room for more."""
    rows = [
        (Button(spoken("materials.remove_button", file=_named(entry, spoken)), pack("material_drop", entry.id)),)
        for entry in facts.entries
    ]
    back = pack("minutes", facts.session_id) if facts.purpose else pack("session", facts.session_id)
    last = [Button(spoken("button.back"), back)]
    if len(facts.entries) < MOST:
        last.insert(0, Button(spoken("button.files_add"), pack("material_add", facts.session_id, facts.purpose)))
    key = "materials.listed" if facts.entries else "materials.none"
    return Message(spoken.html(key, title=facts.title, total=len(facts.entries)), (*rows, tuple(last)))


def confirm(facts: Materials, entry: Entry, spoken: Words) -> Message:
    """Removing is confirmed: the file would have to be sent again."""
    rows = (
        (Button(spoken("button.file_remove"), pack("material_drop_yes", entry.id)),),
        (Button(spoken("button.keep"), pack("material_list", facts.session_id, facts.purpose)),),
    )
    return Message(spoken.html("materials.confirm", file=_named(entry, spoken), title=facts.title), rows)


def _named(entry: Entry, spoken: Words) -> str:
    return entry.file_name[:40] or spoken(f"materials.form_{entry.form}")
