"""Order within a chat, chats side by side, nobody starved, no more at once than the width."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lanes import Lanes, place_of


@dataclass(frozen=True)
class Item:
    """An update: its number, chat, and whose tap it is."""

    number: int
    chat: int
    person: int | None


class Handler:
    """Handles updates when it is told to, and remembers the order of beginnings and ends."""

    def __init__(self, width: int) -> None:
        self.lanes: Lanes[Item] = Lanes(self._handle, width=width)
        self.running: dict[int, tuple[Item, asyncio.Event]] = {}
        self.begun: list[Item] = []
        self.side_by_side: list[set[Item]] = []

    def put(self, *items: Item) -> None:
        for item in items:
            self.lanes.put(item.chat, item.person, item)

    async def _handle(self, item: Item) -> None:
        done = asyncio.Event()
        self.running[item.number] = (item, done)
        self.begun.append(item)
        self.side_by_side.append({other for other, _ in self.running.values()})
        await done.wait()
        del self.running[item.number]

    async def settle(self) -> None:
        """Let everything that may run now begin: an end takes one turn of the loop, a beginning the next."""
        for _ in range(4):
            await asyncio.sleep(0)

    async def finish(self, number: int) -> None:
        self.running[number][1].set()
        await self.settle()

    async def finish_all(self) -> None:
        while self.running:
            await self.finish(next(iter(self.running)))


def items(places: list[tuple[int, int | None]]) -> list[Item]:
    return [Item(number, chat, person) for number, (chat, person) in enumerate(places)]


places = st.lists(st.tuples(st.integers(1, 3), st.none() | st.integers(1, 3)), max_size=25)


@given(places, st.integers(1, 4), st.lists(st.integers(0, 5), min_size=25, max_size=25))
def test_everything_is_handled_in_order_and_within_the_width(
    where: list[tuple[int, int | None]], width: int, picks: list[int]
) -> None:
    asyncio.run(_everything_in_order(items(where), width, picks))


async def _everything_in_order(updates: list[Item], width: int, picks: list[int]) -> None:
    handler = Handler(width)
    handler.put(*updates)
    await handler.settle()
    for pick in picks[: len(updates)]:
        running = sorted(handler.running)
        await handler.finish(running[pick % len(running)])
    assert sorted(item.number for item in handler.begun) == [item.number for item in updates]
    assert handler.lanes.waiting == 0
    assert all(len(together) <= width for together in handler.side_by_side)
    by_chat = defaultdict(list)
    for item in handler.begun:
        by_chat[item.chat].append(item.number)
    assert all(numbers == sorted(numbers) for numbers in by_chat.values())
    for together in handler.side_by_side:
        assert all(_commute(one, other) for one in together for other in together if one != other)


def _commute(one: Item, other: Item) -> bool:
    return one.chat != other.chat or (None not in (one.person, other.person) and one.person != other.person)


async def test_taps_of_different_people_in_one_chat_run_side_by_side() -> None:
    handler = Handler(width=8)
    handler.put(*items([(1, person) for person in range(1, 6)]))
    await handler.settle()
    assert len(handler.running) == 5
    await handler.finish_all()


async def test_a_message_waits_for_the_taps_before_it_and_holds_up_those_after_it() -> None:
    handler = Handler(width=8)
    handler.put(*items([(1, 1), (1, 2), (1, None), (1, 3)]))
    await handler.settle()
    assert set(handler.running) == {0, 1}
    await handler.finish(0)
    assert set(handler.running) == {1}
    await handler.finish(1)
    assert set(handler.running) == {2}
    await handler.finish(2)
    assert set(handler.running) == {3}
    await handler.finish_all()


async def test_a_crowded_chat_leaves_room_for_the_others() -> None:
    handler = Handler(width=2)
    handler.put(*items([(1, person) for person in range(1, 51)] + [(2, None), (3, None)]))
    await handler.settle()
    for _ in range(4):
        await handler.finish(min(handler.running))
    begun = {item.chat for item in handler.begun}
    await handler.finish_all()
    assert begun == {1, 2, 3}


async def test_a_handler_that_fails_lets_the_next_go_on() -> None:
    seen: list[int] = []
    failures: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, facts: failures.append(facts["exception"]))

    async def handle(item: Item) -> None:
        seen.append(item.number)
        if item.number == 0:
            raise LookupError("the first fails")

    lanes: Lanes[Item] = Lanes(handle, width=1)
    for item in items([(1, None), (1, None)]):
        lanes.put(item.chat, item.person, item)
    await lanes.down_to(0)
    assert seen == [0, 1]


async def test_waiting_down_to_a_number_returns_as_soon_as_it_is_reached() -> None:
    handler = Handler(width=4)
    handler.put(*items([(chat, None) for chat in range(4)]))
    await handler.settle()
    waiter = asyncio.create_task(handler.lanes.down_to(2))
    await handler.finish(0)
    assert not waiter.done()
    await handler.finish(1)
    await waiter
    assert handler.lanes.waiting == 2
    await handler.finish_all()


@pytest.mark.parametrize(
    ("update", "place"),
    [
        ({"update_id": 1, "message": {"chat": {"id": -5}, "from": {"id": 7}}}, (-5, None)),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}}}, (-5, 7)),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}, "inline_message_id": "x"}}, (7, 7)),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -5}, "from": {"id": 7}}}, (-5, None)),
        ({"update_id": 1, "inline_query": {"from": {"id": 7}}}, (7, None)),
        ({"update_id": 1, "poll": {"id": "x"}}, (0, None)),
        ({"update_id": 1, "message": "nonsense"}, (0, None)),
        ({"update_id": 1, "callback_query": {"from": "nonsense", "message": []}}, (0, 0)),
    ],
)
def test_the_place_of_an_update(update: dict[str, object], place: tuple[int, int | None]) -> None:
    assert place_of(update) == place


def test_a_groups_move_waits_for_what_happens_in_its_new_chat() -> None:
    message = {"message_id": 1, "chat": {"id": -5}, "migrate_to_chat_id": -1005}
    assert place_of({"update_id": 1, "message": message}) == (-1005, None)
