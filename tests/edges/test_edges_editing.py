"""Two people who change one session at the same time: nothing is overwritten that somebody has not seen."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from edge_life import OURS, EdgeTalk, Life, edge_talk, open_life, rows
from sqlalchemy import select, update

from chat.callback_data import pack
from db.tables import membership, person, study_session
from sandbox.client import Json

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings(OURS)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeTalk]:
    async with edge_talk(tmp_path_factory.mktemp("editing")) as made:
        yield made


async def propose(talk: EdgeTalk, life: Life, who: Json, place: str) -> Json:
    """Somebody opens the session, asks for another place, and is shown what it will be."""
    await talk.sandbox.press_start(who)
    page = await talk.see(who, who["id"], str(who["id"]))
    await talk.sandbox.tap(who, who["id"], page, data=pack("edit_field", life.made.session_id, 1), forge=True)
    await talk.see(who, who["id"], "新的地点")
    said = await talk.sandbox.say(who, who["id"], place)
    return await talk.see(who, who["id"], place, said["message_id"])


def confirming(echo: Json) -> str:
    """The data of the button that confirms."""
    buttons = [button for row in echo["reply_markup"]["inline_keyboard"] for button in row]
    return next(str(each["callback_data"]) for each in buttons if str(each["callback_data"]).startswith("edit_yes"))


async def test_two_people_editing_one_session_overwrite_nothing_unseen(talk: EdgeTalk) -> None:
    life = await open_life(talk, "副组长", in_hours=48, announced=False)
    deputy = life.members[0]
    is_deputy = membership.c.person_id.in_(select(person.c.id).where(person.c.telegram_id == deputy["id"]))
    await talk.bot.store.write(lambda c: c.execute(update(membership).where(is_deputy).values(role="deputy")))
    first = await propose(talk, life, life.leader, "三楼东厅")
    second = await propose(talk, life, deputy, "五楼西厅")
    await talk.sandbox.tap(life.leader, life.leader["id"], first, data=confirming(first))
    await talk.see(life.leader, life.leader["id"], "已修改")
    answer = await talk.sandbox.tap(deputy, deputy["id"], second, data=confirming(second))
    assert answer is not None
    shown = await talk.see(deputy, deputy["id"], "三楼东厅")  # what the first left, to be confirmed anew
    assert [row.place for row in await _session(talk, life)] == ["三楼东厅"]
    await talk.sandbox.tap(deputy, deputy["id"], shown, data=confirming(shown))
    await talk.see(deputy, deputy["id"], "已修改")
    assert [row.place for row in await _session(talk, life)] == ["五楼西厅"]


async def _session(talk: EdgeTalk, life: Life) -> list[Any]:
    return list(await rows(talk, study_session, study_session.c.id == life.made.session_id))
