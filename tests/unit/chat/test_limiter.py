"""The rate budget, by an injected clock: exact to the instant, and no chat waits behind another."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import RetryAfter

from chat.answers import FloodControl
from chat.limiter import GROUP_PER_MINUTE, OVERALL_PER_SECOND, RESERVED, Limiter


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def run(dues: list[int], clock: Clock, limiter: Limiter) -> list[tuple[float, int]]:
    """Send all dues as the ticker would: what is free at once, then sleep until the next can be free."""
    sent: list[tuple[float, int]] = []
    while dues:
        busy = limiter.busy_chats()
        later = []
        for chat in dues:
            free = limiter.overall() > 0 and chat not in busy and limiter.delay(chat) == 0
            assert limiter.take(chat) is free
            if free:
                sent.append((clock.now, chat))
            else:
                later.append(chat)
        dues = later
        if dues:
            pause = max(limiter.overall_delay(), min(limiter.delay(chat) for chat in set(dues)))
            assert pause > 0
            clock.now += pause
    return sent


def most_within(times: list[float], window: float) -> int:
    """The most events in any half-open window of this length."""
    first = most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def assert_within_limits(sent: list[tuple[float, int]]) -> None:
    assert most_within([moment for moment, _ in sent], 1.0) <= OVERALL_PER_SECOND
    by_chat: defaultdict[int, list[float]] = defaultdict(list)
    for moment, chat in sent:
        by_chat[chat].append(moment)
    for chat, times in by_chat.items():
        assert most_within(times, 1.0) == 1
        if chat < 0:
            assert most_within(times, 60.0) <= GROUP_PER_MINUTE


def test_a_flood_goes_out_at_the_limit_and_not_over_it() -> None:
    clock = Clock()
    dues = [*range(1, 701), *range(-300, 0)] * 3
    random.Random(1).shuffle(dues)
    sent = run(dues, clock, Limiter(clock))
    assert len(sent) == 3000
    assert_within_limits(sent)
    seconds = sent[-1][0] - sent[0][0]
    assert 3000 / (seconds + 1) >= 0.95 * OVERALL_PER_SECOND


@given(
    chats=st.lists(
        st.one_of(st.integers(-3, -1), st.integers(1, 40), st.integers(-(10**6), 10**6).filter(bool)),
        max_size=150,
    ),
    pauses=st.lists(st.floats(0, 3), max_size=5),
)
@settings(deadline=None, max_examples=60)
def test_no_window_ever_holds_more_than_the_limits(chats: list[int], pauses: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(clock)
    sent = []
    for part in range(len(pauses) + 1):
        sent += run(chats[part :: len(pauses) + 1], clock, limiter)
        clock.now += pauses[part] if part < len(pauses) else 0
    assert Counter(chat for _, chat in sent) == Counter(chats)
    assert_within_limits(sent)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.04)), min_size=70, max_size=140))
def test_what_arrives_keeps_the_limit_however_long_it_took_to_leave_and_to_travel(
    delays: list[tuple[float, float]],
) -> None:
    """Places are taken at once, messages leave when they are ready, and Telegram counts when they arrive."""
    clock = Clock()
    limiter = Limiter(clock)
    arrived: list[float] = []
    travels: dict[int, float] = {}

    async def send(chat: int, travel: float) -> None:
        async def call() -> bool:
            arrived.append(clock.now + travel)
            clock.now += travel
            return True

        await limiter.process_request(call, (), {}, "sendMessage", {"chat_id": chat}, RESERVED)

    waiting = dict(enumerate(delays, start=1))
    ready: list[tuple[float, int]] = []  # taken, and when it will leave
    while waiting or ready:
        for chat in [chat for chat in waiting if limiter.take(chat)]:
            ready.append((clock.now + waiting[chat][0], chat))
            travels[chat] = waiting.pop(chat)[1]
        ready.sort()
        if ready and (not waiting or ready[0][0] <= clock.now + limiter.overall_delay()):
            moment, chat = ready.pop(0)
            clock.now = max(clock.now, moment)
            asyncio.run(send(chat, travels[chat]))
        else:
            clock.now += max(limiter.overall_delay(), 0.001)
    assert most_within(sorted(arrived), 1.0) <= OVERALL_PER_SECOND


def test_a_group_gets_twenty_a_minute_and_a_private_chat_one_a_second() -> None:
    clock = Clock()
    sent = run([-7] * 41 + [7] * 41, clock, Limiter(clock))
    private = [moment for moment, chat in sent if chat > 0]
    group = [moment for moment, chat in sent if chat < 0]
    assert private[-1] - private[0] == pytest.approx(40, rel=0.05)
    assert group[GROUP_PER_MINUTE] - group[0] == pytest.approx(60, rel=0.01)
    assert group[2 * GROUP_PER_MINUTE] - group[0] == pytest.approx(120, rel=0.01)


def test_a_hold_is_of_its_own_chat_only() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    limiter.hold(1, 3600)
    limiter.hold(1, 1)  # a shorter one does not shorten it
    assert not limiter.take(1)
    assert limiter.delay(1) == 3600
    assert limiter.busy_chats() == {1}
    assert limiter.overall() == OVERALL_PER_SECOND
    assert limiter.take(2)
    clock.now += 3600
    assert limiter.delay(1) == 0
    assert limiter.take(1)


def test_a_hold_of_all() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    limiter.hold_all(5)
    assert limiter.overall() == 0
    assert limiter.overall_delay() == 5
    assert not limiter.take(1)
    clock.now += 5
    assert limiter.overall() == OVERALL_PER_SECOND
    assert limiter.take(1)


def test_idle_chats_are_forgotten_and_held_ones_are_not() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    limiter.hold(-1, 10**6)
    for chat in range(1, 3001):
        clock.now += 1
        assert limiter.take(chat * random.Random(chat).choice((-10, 10)))
    assert len(limiter._chats) < 200
    assert limiter.delay(-1) > 0


class Telegram:
    """What the bot would call: it notes the order and can refuse."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent: list[tuple[float, object]] = []
        self.refusal: Exception | None = None

    async def __call__(self, endpoint: str, data: dict[str, Any]) -> bool:
        self.sent.append((self.clock.now, data.get("chat_id")))
        if self.refusal is not None:
            raise self.refusal
        return True


class Bench:
    """A limiter and all it needs, and a way to let time pass."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.limiter = Limiter(self.clock)
        self.telegram = Telegram(self.clock)

    def call(self, endpoint: str, reserved: bool = False, **data: object) -> asyncio.Task[Any]:
        return asyncio.create_task(
            self.limiter.process_request(
                self.telegram, (endpoint, data), {}, endpoint, data, RESERVED if reserved else None
            )
        )

    async def settle(self) -> None:
        """Let every task run until it waits."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def move(self, seconds: float) -> None:
        self.clock.now += seconds
        self.limiter.serve()
        await self.settle()

    def chats(self) -> list[object]:
        return [chat for _, chat in self.telegram.sent]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.limiter.initialize()
    yield bench
    await bench.limiter.shutdown()


async def test_direct_sends_wait_in_order_within_their_chat_and_not_for_others(bench: Bench) -> None:
    first = [bench.call("sendMessage", chat_id=1, text=str(n)) for n in range(3)]
    await bench.settle()
    other = bench.call("editMessageText", chat_id=2)
    await bench.settle()
    assert bench.chats() == [1, 2]
    assert [task.done() for task in first] == [True, False, False]
    await bench.move(1.1)
    assert [task.done() for task in first] == [True, True, False]
    await bench.move(1.1)
    assert await asyncio.gather(*first, other) == [True] * 4


async def test_the_whole_limit_holds_direct_sends_back_too(bench: Bench) -> None:
    tasks = [bench.call("sendMessage", chat_id=chat) for chat in range(1, 71)]
    await bench.settle()
    for done in (30, 60, 70):
        assert sum(task.done() for task in tasks) == done
        await bench.move(1.1)
    assert bench.chats() == list(range(1, 71))  # first come, first served


async def test_who_waits_comes_before_the_ticker(bench: Bench) -> None:
    assert sum(bench.limiter.take(chat) for chat in range(1, 41)) == OVERALL_PER_SECOND
    waiting = [bench.call("sendMessage", chat_id=chat) for chat in range(100, 129)]
    await bench.settle()
    assert bench.chats() == []
    assert 100 in bench.limiter.busy_chats()
    bench.clock.now += 1.1
    assert bench.limiter.overall() == 1  # the 29 who wait have theirs already
    assert not bench.limiter.take(100)
    await asyncio.gather(*waiting)


async def test_the_ticker_does_not_overtake_within_a_chat(bench: Bench) -> None:
    assert bench.limiter.take(1)
    waiting = bench.call("sendMessage", chat_id=1)
    await bench.settle()
    bench.clock.now += 1.1
    assert not bench.limiter.take(1)
    await waiting
    assert bench.chats() == [1]


async def test_the_ticker_does_not_overtake_when_time_passes_while_it_asks(bench: Bench) -> None:
    assert bench.limiter.take(1)
    waiting = bench.call("sendMessage", chat_id=1)
    await bench.settle()
    bench.clock.step = 0.6  # the chat becomes free between two looks at the clock
    assert not bench.limiter.take(1)
    bench.clock.step = 0
    await bench.move(0)
    assert waiting.done()


@pytest.mark.parametrize(
    ("endpoint", "data"),
    [
        ("answerCallbackQuery", {"callback_query_id": "1"}),
        ("getChatMember", {"chat_id": 1}),
        ("sendChatAction", {"chat_id": 1}),
        ("deleteMessage", {"chat_id": 1}),
        ("editMessageText", {"inline_message_id": "x"}),
    ],
)
async def test_what_is_no_message_to_a_chat_is_exempt(bench: Bench, endpoint: str, data: dict[str, Any]) -> None:
    bench.limiter.hold(1, 60)
    bench.limiter.hold_all(60)
    await bench.call(endpoint, **data)
    assert len(bench.telegram.sent) == 1


async def test_what_was_reserved_goes_at_once_and_costs_no_second_time(bench: Bench) -> None:
    assert bench.limiter.take(1)
    await bench.call("sendMessage", reserved=True, chat_id=1)
    assert bench.limiter.overall() == OVERALL_PER_SECOND - 1


@pytest.mark.parametrize("reserved", [False, True])
async def test_a_429_holds_its_chat_and_is_told(bench: Bench, reserved: bool) -> None:
    bench.telegram.refusal = FloodControl(30)
    with pytest.raises(RetryAfter):
        await bench.call("sendMessage", reserved=reserved, chat_id=1)
    assert bench.limiter.delay(1) == 30
    assert bench.limiter.delay(2) == 0


async def test_a_hold_that_begins_while_one_waits_is_kept(bench: Bench) -> None:
    assert bench.limiter.take(1)
    waiting = bench.call("sendMessage", chat_id=1)
    await bench.settle()
    bench.limiter.hold(1, 30)
    await bench.move(29)
    assert not waiting.done()
    await bench.move(1)
    assert waiting.done()


async def test_a_hold_beyond_patience_fails_at_once(bench: Bench) -> None:
    bench.limiter.hold(1, 3600)
    with pytest.raises(RetryAfter):
        await bench.call("sendMessage", chat_id=1)
    assert bench.telegram.sent == []


async def test_who_is_cancelled_while_waiting_leaves_no_gap(bench: Bench) -> None:
    assert bench.limiter.take(1)
    first = bench.call("sendMessage", chat_id=1)
    second = bench.call("sendMessage", chat_id=1)
    await bench.settle()
    first.cancel()
    await bench.move(1.1)
    assert second.done()
    assert bench.chats() == [1]
    assert bench.limiter.busy_chats() == {1}
    await bench.move(1.1)
    assert bench.limiter.busy_chats() == set()


async def test_the_timer_wakes_who_waits_without_anybody_asking() -> None:
    """By the clock of the loop, as in the running bot."""
    limiter = Limiter(asyncio.get_running_loop().time)
    limiter.hold(1, 0.02)

    async def callback() -> bool:
        return True

    assert await limiter.process_request(callback, (), {}, "sendMessage", {"chat_id": 1}, None)
    await limiter.shutdown()


async def test_shutdown_cancels_who_waits(bench: Bench) -> None:
    assert bench.limiter.take(1)
    waiting = bench.call("sendMessage", chat_id=1)
    await bench.settle()
    await bench.limiter.shutdown()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert bench.telegram.sent == []
