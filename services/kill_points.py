"""Places at which a test lets the process die: `FAULT_KILL=point:n` kills it the n-th time it passes one.

They stand where a death would matter most: between two steps that together must look like one. Unless the variable is
set when the process starts, passing one costs a comparison and does nothing.
"""

import os
import signal
from typing import Final

POINTS: Final = ("inbox_committed", "in_handler", "committed", "claimed", "fenced", "accepted", "recorded")
"""Of an update: taken in; its effect about to be committed; committed, its tap unanswered. Of a delivery: claimed; let
through by the fence; accepted by Telegram, its outcome not recorded; recorded."""

ANY: Final = "any"
"""Stands for every point: the n-th passing of whichever it is."""

_wanted, _, _number = os.environ.get("FAULT_KILL", "").partition(":")
if _wanted and _wanted not in (*POINTS, ANY):
    raise ValueError(f"FAULT_KILL names no point: {_wanted!r}; there are {', '.join((*POINTS, ANY))}")
_left = int(_number or 1)


def passing(point: str) -> None:
    """This point is reached."""
    global _left
    if not _wanted or _wanted not in (point, ANY):
        return
    _left -= 1
    if not _left:
        os.kill(os.getpid(), signal.SIGKILL)
