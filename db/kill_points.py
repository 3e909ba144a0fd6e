"""Places at which a test lets the process die or sleep: `FAULT_KILL=point:n` kills it the n-th time it passes one.

They stand where a death would matter most: between two steps that together must look like one. `FAULT_STOP=point:n`
halts it there instead (SIGSTOP), until somebody sends SIGCONT. Unless one of the variables is set when the process
starts, passing a point goes over an empty tuple (about 50 ns) and does nothing.
"""

import os
import signal
from typing import Final

POINTS: Final = (
    "inbox_committed",
    "in_handler",
    "committed",
    "claimed",
    "fenced",
    "accepted",
    "recorded",
    "copied",
    "migrating",
    "migrated",
)
"""Of an update: taken in; its effect about to be committed; committed, its tap unanswered. Of a delivery: claimed; let
through by the fence; accepted by Telegram, its outcome not recorded; recorded. Of a migration: the old database copied;
before each statement that changes the schema; all done, not committed."""

ANY: Final = "any"
"""Stands for every point: the n-th passing of whichever it is."""


class _Order:
    """What a variable asks for: at which point, after how many passings, by which signal."""

    def __init__(self, variable: str, number: signal.Signals) -> None:
        self.point, _, times = os.environ.get(variable, "").partition(":")
        if self.point and self.point not in (*POINTS, ANY):
            raise ValueError(f"{variable} names no point: {self.point!r}; there are {', '.join((*POINTS, ANY))}")
        self._left = int(times or 1)
        self._signal = number

    def passing(self, point: str) -> None:
        """Send the signal to ourselves at the n-th passing."""
        if self.point not in (point, ANY):
            return
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), self._signal)


_orders: tuple[_Order, ...] = ()


def read_orders() -> None:
    """Take what the environment asks for; done once at the import."""
    global _orders
    both = (_Order("FAULT_KILL", signal.SIGKILL), _Order("FAULT_STOP", signal.SIGSTOP))
    _orders = tuple(order for order in both if order.point)


def passing(point: str) -> None:
    """This point is reached."""
    for order in _orders:
        order.passing(point)


read_orders()
