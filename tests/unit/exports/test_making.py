"""Files are made in a process of their own, which is gone when nothing is left to make."""

import asyncio
import multiprocessing
from dataclasses import replace
from multiprocessing.connection import wait

import pytest
from ledger_of_a_month import LEDGER, ORIGIN

from exports.making import Maker, Order, make
from services.point_rules import STARTER, read_point_rules


def order(file_format: str) -> Order:
    return Order(LEDGER, read_point_rules(STARTER), ORIGIN, "zh-CN", file_format)


async def test_two_orders_at_once_and_no_process_is_left() -> None:
    maker, others = Maker(), set(multiprocessing.active_children())
    workbook, table = await asyncio.gather(maker.run(make, order("xlsx")), maker.run(make, order("csv")))
    assert workbook.startswith(b"PK")
    assert table == make(order("csv"))
    # By its sentinel: the pool's own thread joins it too, and of two that join only one learns of the end.
    for process in set(multiprocessing.active_children()) - others:
        assert await asyncio.to_thread(wait, [process.sentinel], 20)


def test_whoever_had_their_name_erased_is_a_former_member() -> None:
    erased = replace(LEDGER, people=dict.fromkeys(LEDGER.people, ""))
    table = make(replace(order("csv"), ledger=erased)).decode("utf-8-sig")
    assert "已注销成员" in table
    assert not any(name in table for name in LEDGER.people.values())


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_it_is_told_how_much_is_written(file_format: str) -> None:
    long, told = replace(order(file_format), ledger=replace(LEDGER, records=LEDGER.records[:1] * 5000)), list[float]()
    assert make(long, told.append)[:2] == make(long)[:2]
    assert told == sorted(told)
    assert len(told) == 5
    assert 0.9 < told[-1] <= 1.0


async def test_an_order_that_fails_leaves_the_maker_able_to_work() -> None:
    maker = Maker()
    with pytest.raises(ValueError, match="docx"):
        await maker.run(make, order("docx"))
    assert await maker.run(make, order("csv")) == make(order("csv"))
