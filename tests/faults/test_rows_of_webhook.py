"""Rows 25 and 26 of the fault matrix, and whatever else comes in at the webhook's door."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import httpx
import orjson
import pytest
from bot_stage import BotStage, bot_stage
from hypothesis import given
from hypothesis import strategies as st
from outbox_room import NOON
from sqlalchemy import func, insert, select
from starlette.applications import Starlette
from telegram import Update

from bot.webhook import Webhook, secret_of
from chat.context import Context
from chat.feature import Feature
from db.tables import audit, inbox
from services.inbox import NotNow
from web import webhook

URL = "https://bot.example/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def _note(_update: Update, context: Context, number: int) -> None:
    now = context.now
    await context.write(
        lambda c, actor_id: c.execute(insert(audit).values(at=now, actor_id=actor_id, action="noted")), number
    )


async def _say(_update: Update, context: Context, number: int) -> None:
    await _note(_update, context, number)
    await context.answer(f"noted {number}", alert=number > 1)
    await context.answer("said again")  # goes by a call, as the second answer of an update always does


async def _stop_spinner(_update: Update, context: Context) -> None:
    await context.answer()


FEATURES: Mapping[str, Feature] = {"notes": Feature(taps={"note": _note, "say": _say, "spin": _stop_spinner})}


class Door:
    """The webhook's route, and what knocks at it."""

    def __init__(self, stage: BotStage) -> None:
        self.stage = stage
        self.intake = stage.intake(FEATURES)
        self.hook = Webhook(stage.bot, self.intake, stage.store, stage.clock, URL, pause=stage.pauses)
        app = Starlette(routes=[webhook.route(self.hook.path, self.hook.secret, self.hook.accept)])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://bot.example")

    async def bring(self, body: bytes, secret: str | None = "") -> int:
        """Bring a body, with the right secret unless another, or None, is given; the status of the answer."""
        return (await self._post(body, secret)).status_code

    async def called(self, body: bytes) -> Any:
        """The call that the answer to an update carries; None: none."""
        answer = await self._post(body, "")
        assert answer.status_code == 200
        return orjson.loads(answer.content) if answer.content else None

    async def calls(self) -> int:
        """How often the bot called to answer a tap."""
        return int((await self.stage.sandbox.ledger())["calls"].get("answerCallbackQuery", 0))

    async def _post(self, body: bytes, secret: str | None) -> httpx.Response:
        headers = {} if secret is None else {HEADER: secret or self.hook.secret}
        return await self.client.post("/telegram", content=body, headers=headers)

    async def noted(self) -> list[int]:
        query = select(audit.c.actor_id).order_by(audit.c.actor_id)
        return await self.stage.store.inner.read(lambda c: list(c.execute(query).scalars()))


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with bot_stage(database_url, NOON) as stage:
        made = Door(stage)
        yield made
        await made.client.aclose()


def tap(update_id: int, number: int = 1, does: str = "note") -> bytes:
    sender = {"id": 7, "is_bot": False, "first_name": "Wang"}
    message = {"message_id": 5, "date": 0, "chat": {"id": -1001, "type": "supergroup", "title": "x"}}
    query = {"id": str(update_id), "from": sender, "chat_instance": "1", "data": f"{does}:{number}", "message": message}
    return orjson.dumps({"update_id": update_id, "callback_query": query})


async def test_row_25_without_the_secret_nothing_comes_in(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    secret = door.hook.secret
    assert len(secret) == 64
    for given_ in (None, "x", secret[:-1], secret + "x", secret.upper()):
        assert await door.bring(tap(1), given_) == 403
    count = select(func.count()).select_from(inbox)
    assert await door.stage.store.inner.read(lambda c: c.execute(count).scalar_one()) == 0
    said = "".join(capfd.readouterr())
    assert secret not in said
    assert secret[:-1] not in said
    assert await door.bring(tap(1)) == 200


async def test_row_26_a_hundred_times_the_same_has_one_effect(door: Door) -> None:
    answers = await asyncio.gather(*(door.bring(tap(1)) for _ in range(100)))
    await door.intake.drain()
    assert set(answers) == {200}
    assert await door.noted() == [1]


async def test_a_200_comes_after_the_commit_only(door: Door) -> None:
    door.stage.store.out_of_reach = True
    assert await door.bring(tap(1)) == 503
    door.stage.store.out_of_reach = False
    assert await door.stage.inbox_states() == {}
    assert await door.bring(tap(1)) == 200
    assert set(await door.stage.inbox_states()) == {1}
    await door.intake.drain()
    assert await door.noted() == [1]


async def test_the_200_carries_the_answer_to_a_tap_and_spares_a_call(door: Door) -> None:
    said = {"method": "answerCallbackQuery", "callback_query_id": "1", "text": "noted 2", "show_alert": True}
    assert await door.called(tap(1, 2, "say")) == said
    assert await door.noted() == [2]  # it is said after the commit of the effect, as by a call
    assert await door.called(tap(1, 2, "say")) is None  # it came again: nothing is done, nothing said
    await door.intake.drain()
    assert await door.calls() == 1  # of "said again"
    spin = tap(2, does="spin").replace(b"spin:1", b"spin")
    assert await door.called(spin) == {"method": "answerCallbackQuery", "callback_query_id": "2"}
    assert await door.called(tap(3)) is None  # a tap whose handler says nothing
    assert await door.calls() == 1


async def test_an_answer_that_comes_too_late_for_the_200_goes_by_a_call(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.HOLDING", 0.0)
    assert await door.called(tap(1, 2, "say")) is None
    await door.intake.drain()
    assert await door.noted() == [2]
    assert await door.calls() == 2


async def test_what_arrives_during_a_commit_shares_the_next_one(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    accept = door.intake.accept

    async def counted(updates: Any, *more: Any) -> None:
        batches.append(len(updates))
        await accept(updates, *more)

    monkeypatch.setattr(door.intake, "accept", counted)
    assert set(await asyncio.gather(*(door.bring(tap(number, number)) for number in range(1, 31)))) == {200}
    await door.intake.drain()
    assert await door.noted() == list(range(1, 31))
    assert sum(batches) == 30
    assert len(batches) < 6


async def test_what_is_no_update_is_told_so_and_changes_nothing(door: Door) -> None:
    for body in (b"", b"{", b"[]", b"null", b"{}", b'{"update_id": "1"}', b'{"update_id": -1}', b'{"update_id": 1e3}'):
        assert await door.bring(body) == 400
    assert await door.bring(b'{"update_id": 1, "pad": "' + b"x" * webhook.LARGEST + b'"}') == 413
    assert await door.bring(b'{"update_id": 9223372036854775808}') == 400
    assert await door.stage.inbox_states() == {}


async def test_an_update_that_cannot_be_read_is_taken_and_set_aside(door: Door) -> None:
    assert await door.bring(b'{"update_id": 5, "callback_query": {"id": []}}') == 200
    assert await door.bring(tap(6, 2)) == 200
    await door.intake.drain()
    assert await door.stage.inbox_states() == {5: "quarantined", 6: "done"}
    assert await door.noted() == [2]


async def test_too_much_that_waits_is_brought_again_later(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.webhook.BACKLOG", -1)
    assert await door.bring(tap(1)) == 503
    monkeypatch.setattr("bot.webhook.BACKLOG", 2000)
    assert await door.bring(tap(1)) == 200
    await door.intake.drain()


@pytest.mark.parametrize("why", ["database", "backlog"])
async def test_what_was_refused_is_not_late_when_it_comes_again(
    door: Door, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    def refuse(on: bool) -> None:
        door.stage.store.out_of_reach = on and why == "database"
        monkeypatch.setattr("bot.webhook.BACKLOG", -1 if on and why == "backlog" else 2000)

    async def not_before(update_id: int) -> datetime | None:
        query = select(inbox.c.not_before).where(inbox.c.update_id == update_id)
        return await door.stage.store.inner.read(lambda c: c.execute(query).scalar_one())

    assert await door.bring(tap(1)) == 200
    for _ in range(3):
        door.stage.clock.move(minutes=4)
        refuse(True)
        assert await door.bring(tap(2)) == 503
    refuse(False)
    door.stage.clock.move(minutes=4)
    assert await door.bring(tap(2)) == 200
    door.stage.clock.move(minutes=11)
    assert await door.bring(tap(3)) == 200
    await door.intake.drain()
    assert [await not_before(number) for number in (1, 2, 3)] == [None, NOON, None]


async def test_telegram_is_told_the_address_and_the_secret(door: Door) -> None:
    beats = asyncio.Event()
    door.stage.pauses.then = beats.set
    running = asyncio.create_task(door.hook.run())
    await beats.wait()
    running.cancel()
    (entry,) = await door.stage.sandbox.accepted("setWebhook")
    assert entry["params"]["url"] == URL
    assert entry["params"]["secret_token"] == secret_of(door.stage.bot.token)
    assert door.hook.trouble is None


class _Taken:
    """Takes everything in."""

    async def __call__(self, update: Mapping[str, Any]) -> None:
        if update["update_id"] % 7 == 3:
            raise NotNow("now and then")


@given(
    st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        ).map(lambda value: orjson.dumps(value) if _fits(value) else b"{"),
        st.integers(-5, 2**65).map(lambda number: b'{"update_id": %d}' % number),
    )
)
def test_whatever_is_brought_is_answered(body: bytes) -> None:
    async def bring() -> int:
        app = Starlette(routes=[webhook.route("/telegram", "s" * 64, _Taken())])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://bot.example") as client:
            return (await client.post("/telegram", content=body, headers={HEADER: "s" * 64})).status_code

    assert asyncio.run(bring()) in (200, 400, 413, 503)


def _fits(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True
