"""Words that nobody would write: links with made-up payloads, and lines without sense."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from edge_life import OURS, EdgeTalk, edge_talk, open_life, without_fault
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.registry import all_features
from sandbox.client import Json

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings(OURS)]

LINKS = sorted({prefix for feature in all_features().values() for prefix in feature.links})
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeTalk]:
    async with edge_talk(tmp_path_factory.mktemp("words")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def leader(talk: EdgeTalk) -> Json:
    life = await open_life(talk, "王芳")
    await talk.sandbox.press_start(life.leader)
    return life.leader


letters = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", max_size=50)
payload = st.one_of(
    letters,
    st.builds(lambda prefix, rest: f"{prefix}_{rest}"[:64], st.sampled_from(LINKS), letters),
    st.builds(lambda prefix, number: f"{prefix}_{number}"[:64], st.sampled_from(LINKS), st.integers(-(2**70), 2**70)),
)


@QUICK
@given(payload=payload)
async def test_a_link_with_a_made_up_payload_is_never_a_fault(talk: EdgeTalk, leader: Json, payload: str) -> None:
    await talk.sandbox.press_start(leader, payload=payload)
    await without_fault(talk)


ODD = "明天 下周三 每周 隔周 每月第二个周五 19:00 25:99 31日 2月30日 next Wed weekly @ # ⟦ \u202e %s {name} <b>"
word = st.one_of(
    st.sampled_from(ODD.split(" ")),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    st.integers(-(10**12), 10**12).map(str),
)


@QUICK
@given(words=st.lists(word, min_size=1, max_size=8), command=st.sampled_from(["/new", "/export", "/leave", ""]))
async def test_a_line_without_sense_is_never_a_fault(
    talk: EdgeTalk, leader: Json, words: list[str], command: str
) -> None:
    text = f"{command} {' '.join(words)}".strip()
    if text:
        await talk.sandbox.say(leader, talk.sandbox.private(leader), text)
    await without_fault(talk)
