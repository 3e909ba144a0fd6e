"""The table of the talk: every command and button, by role, kind of chat, state and language, with its answer.

`talk_table.tsv` holds the answers as keys of texts/: an alert or toast, an edit of the message, a message here, in
private to somebody or in the group; `-` is silence. Where an answer is wrong, mend the code; where it is right and
new, run `TALK_TABLE=write pytest tests/table` and read the change of the file line by line.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from acts import BUTTONS, LINES, MONDAY
from conversation import Conversation, Heard
from one_transaction import OneTransaction
from sentences import keys_of, says
from sqlalchemy import select
from table_file import Row, read, write
from town import NOW, ROLES, STATES, Side, build, changed

from chat.callback_data import pack
from db import sqlite
from db.tables import draft, metadata, proposal
from handlers.registry import all_features

pytestmark = pytest.mark.slow

FILE = Path(__file__).with_name("talk_table.tsv")
WRITING = os.environ.get("TALK_TABLE") == "write"
PLACES = ("private", "group")
LANGUAGES = ("zh-CN", "en")


def acts() -> Iterator[tuple[str, str]]:
    """Every act by its name in the table, with what is said (or, for a button, its verb)."""
    for feature in all_features().values():
        for command in feature.commands:
            yield f"/{command.name}", f"/{command.name}"
            for line in LINES.get(command.name, ()):
                yield f"/{command.name} {line}", f"/{command.name} {line}"
        for verb in feature.taps:
            yield f"[{verb}]", verb


@asynccontextmanager
async def town(state: str, path: Path) -> AsyncIterator[tuple[Conversation, list[Side]]]:
    """A bot and both sides, in one state."""
    engine = sqlite.make_engine(path)
    metadata.create_all(engine)
    with engine.connect() as connection, connection.begin() as transaction:
        sides = [build(connection, language, state) for language in LANGUAGES]
        operators = frozenset(side.actors["operator"].telegram_id for side in sides)
        conversation = Conversation(OneTransaction(connection), NOW[state], operators)
        await conversation.start()
        yield conversation, [await _begun(conversation, side) for side in sides]
        transaction.rollback()
    engine.dispose()


async def _begun(conversation: Conversation, side: Side) -> Side:
    """A leader has typed a line in the group, begun another session step by step, and begun to change one."""
    if not side.group:
        return side
    await conversation.keep(side, "leader", "group", "/new 12月18日19:00 读书会")
    drafted = {"draft": _newest_draft(conversation, side)}
    await conversation.keep_tap(side, "leader", "private", pack("plan_new", side.group))
    drafted["plan"] = _newest_draft(conversation, side)
    await conversation.keep_tap(side, "leader", "private", pack("auto", side.group, 2027, 0))
    newest = select(proposal.c.id).where(proposal.c.group_id == side.group).order_by(proposal.c.id.desc())
    drafted["proposal"] = int(conversation.store.connection.execute(newest).scalars().first() or 0)
    if side.session:
        await conversation.keep_tap(side, "leader", "private", pack("edit_length", side.session, 60))
        drafted["edit"] = _newest_draft(conversation, side)
    return changed(side, **drafted)


def _newest_draft(conversation: Conversation, side: Side) -> int:
    query = select(draft.c.id).where(draft.c.group_id == side.group).order_by(draft.c.id.desc())
    return int(conversation.store.connection.execute(query).scalars().first() or 0)


async def heard(conversation: Conversation, side: Side, who: str, place: str, what: str) -> list[Heard]:
    if what.startswith("/"):
        return await conversation.say(side, who, place, what)
    return await conversation.tap(side, who, place, pack(what, *BUTTONS[what](side)))


def named(told: list[Heard], language: str) -> str:
    """What was told, as the table writes it."""
    return " ".join(f"{each.way}:{next(iter(_keys(each.text, language)), '?')}" for each in told) or "-"


def named_in_both(chinese: list[Heard], english: list[Heard]) -> str:
    """The same, by the key that fits both languages where several fit one."""
    parts = []
    for one, other in zip(chinese, english, strict=True):
        keys = _keys(one.text, "zh-CN")
        parts.append(f"{one.way}:{next((key for key in keys if _says(other.text, key, 'en')), '?')}")
    return " ".join(parts) or "-"


def _keys(text: str, language: str) -> list[str]:
    return keys_of(text, language) or keys_of(text, _other(language))


def _says(text: str, key: str, language: str) -> bool:
    return says(text, key, language) or says(text, key, _other(language))


def _other(language: str) -> str:
    """A button may change the language, and is answered in the new one."""
    return next(each for each in LANGUAGES if each != language)


def agrees(told: list[Heard], expected: str, language: str) -> bool:
    """Whether what was told is what the table says, in this language."""
    wanted = [] if expected == "-" else [part.split(":", 1) for part in expected.split(" ")]
    if [way for way, _ in wanted] != [each.way for each in told]:
        return False
    return all(_says(each.text, key, language) for each, (_, key) in zip(told, wanted, strict=True))


@pytest.mark.parametrize("state", STATES)
async def test_every_cell_has_its_answer(state: str, tmp_path: Path) -> None:
    table = {} if WRITING else read(FILE)
    wrong: list[str] = []
    found: list[Row] = []
    async with town(state, tmp_path / "town.sqlite3") as (conversation, (chinese, english)):
        for name, what in acts():
            for place in PLACES:
                answers = {}
                for who in ROLES:
                    told = [await heard(conversation, side, who, place, what) for side in (chinese, english)]
                    if WRITING:
                        answers[who] = named_in_both(*told)
                    expected = answers.get(who) or table.get((name, place, state, who), "(no such cell)")
                    for language, each in zip(LANGUAGES, told, strict=True):
                        if not agrees(each, expected, language):
                            cell = f"{name} · {place} · {state} · {who} · {language}"
                            wrong.append(f"{cell}: {named(each, language)}, not {expected}")
                found.append(Row(name, place, (state,), answers))
    if WRITING:
        write(FILE, found)
    assert not wrong, "\n".join(wrong)


def test_every_button_is_in_the_table() -> None:
    verbs = {verb for feature in all_features().values() for verb in feature.taps}
    assert set(BUTTONS) == verbs


def test_every_row_is_about_an_act_that_there_is() -> None:
    assert {act for act, *_ in read(FILE)} == {name for name, _ in acts()}


def test_the_monday_is_one() -> None:
    assert date.fromordinal(MONDAY) == date(2026, 11, 30)
