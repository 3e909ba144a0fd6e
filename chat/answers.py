"""What an HTTP answer of the Bot API means, above all: whether the request may have been accepted."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

import orjson
from telegram.error import NetworkError, RetryAfter

# The refusals for which python-telegram-bot has a class of its own; the others arrive as BadRequest.
_NAMED_REFUSALS: Final = frozenset({400, 401, 403, 404, 409})


class NotSent(NetworkError):
    """The request certainly was not accepted: it can be sent again without any risk of a duplicate."""

    __slots__ = ()


class MaybeSent(NetworkError):
    """The request was written, or could have been, and no readable answer came: it may have been accepted.

    ``status`` is the HTTP status where there was one, such as 502.
    """

    __slots__ = ("status",)

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class FloodControl(RetryAfter):
    """A 429 that asks for at least one second, also where Telegram said 0 or nothing."""

    __slots__ = ()

    @property
    def retry_after(self) -> dt.timedelta:
        """How long Telegram wants us to wait."""
        return self._retry_after


def retry_seconds(error: RetryAfter) -> float:
    """The waiting time of a 429 in seconds, whichever type python-telegram-bot is set to give it in."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)


def read_answer(payload: bytes) -> dict[str, Any]:
    """Read an answer; MaybeSent if it is none of the Bot API's."""
    answer = _read_json(payload)
    if answer is None or (answer.get("ok") is True and "result" not in answer):
        raise MaybeSent("the answer cannot be read", 200)
    return answer


def judge(status: int, payload: bytes, *, is_call: bool) -> tuple[int, bytes]:
    """Give the status python-telegram-bot should see, or raise what the answer means."""
    if status >= 500:
        raise MaybeSent(f"the server failed with {status}", status)
    if status < 300:
        # What a success begins with in practice; it spares reading every answer twice.
        if not is_call or payload.startswith(b'{"ok":true'):
            return status, payload
        answer = read_answer(payload)
        if answer.get("ok") is True:
            return status, payload
        if answer.get("ok") is not False:
            raise MaybeSent("the answer cannot be read", status)
        code = answer.get("error_code")
        status = code if isinstance(code, int) and code >= 400 else 400
        return judge(status, payload, is_call=is_call)
    return _refusal(status, payload)


def _refusal(status: int, payload: bytes) -> tuple[int, bytes]:
    """Sort out a redirect or a 4xx."""
    answer = _read_json(payload)
    if status == 413:  # too large for Telegram or for what stands before it: no attempt will ever get through
        return 400, payload
    if answer is None or status < 400 or answer.get("ok") is not False:
        # A proxy, a login page of the network or a firewall answered in the place of Telegram.
        raise NotSent(f"something other than the Bot API answered with {status}")
    if status == 429:
        raise FloodControl(max(1, _retry_after(answer)))
    return (status if status in _NAMED_REFUSALS else 400), payload


def _retry_after(answer: Mapping[str, Any]) -> int:
    """The seconds a 429 asks for, 0 if it does not say."""
    parameters = answer.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return int(wait) if isinstance(wait, int | float) else 0


def _read_json(payload: bytes) -> dict[str, Any] | None:
    """A JSON object, or None. What orjson finds too loose, such as half a surrogate pair, is still read."""
    try:
        answer = orjson.loads(payload)
    except ValueError:
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            return None
    return answer if isinstance(answer, dict) else None
