"""Scripted faults: what goes wrong, for which method and chat, at which call, how often or for how long."""

import time
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.errors import ApiError, RefusedError
from sandbox.model import Json

Kind = Literal["status", "drop_before", "drop_after_accept", "hang", "body", "delay"]
MAX_SECONDS = 600
_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(slots=True)
class Action:
    """What goes wrong. `accepts`: the call takes effect, although the bot may not learn of it."""

    kind: Kind
    accepts: bool
    seconds: float = 0.0
    error: ApiError | None = None
    status: int = 200
    body: str = ""


@dataclass(slots=True)
class Fault:
    """An action and when: after `wait` matching calls, for `left` calls (None = for ever), until `ends` (monotonic)."""

    id: int
    method: str
    chat: str | None
    wait: int
    left: int | None
    action: Action
    script: Any
    name: str = ""
    ends: float | None = None

    def matches(self, method: str, chat: str | None) -> bool:
        """True if the call is one that this fault counts."""
        return self._names(method) and (self.chat is None or self.chat == chat)

    def _names(self, method: str) -> bool:
        if self.method.endswith("*"):  # that somebody is typing is nothing that is sent
            return method.startswith(self.method[:-1]) and (self.method == "*" or method != "sendchataction")
        return self.method == method

    def seconds_left(self) -> float | None:
        """How long it still lasts; None where no time was set."""
        return None if self.ends is None else max(self.ends - time.monotonic(), 0.0)

    def view(self) -> Json:
        """The fault as the control side lists it."""
        return {
            "id": self.id,
            "method": self.method,
            "chat": self.chat,
            "nth": self.wait + 1,
            "times": self.left or 0,
            "action": self.script,
            "name": self.name,
            "seconds_left": self.seconds_left(),
        }


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []
        self._last_id = 0

    @property
    def waiting(self) -> list[Fault]:
        """What may still strike; what has lasted its time is forgotten."""
        if self._coming:
            self._coming = [fault for fault in self._coming if fault.seconds_left() != 0.0]
        return self._coming

    def add(
        self,
        method: str,
        chat: object,
        nth: int,
        times: int,
        script: Any,
        *,
        name: str = "",
        seconds: float | None = None,
    ) -> Fault:
        """Script a fault; `name` is what a page calls it. Raises RefusedError if the action cannot be read."""
        if nth < 1 or times < 0 or (seconds is not None and not 0 < seconds <= MAX_SECONDS):
            raise RefusedError(f"nth counts from 1, times is not negative, seconds are {MAX_SECONDS} at most")
        self._last_id += 1
        where = None if chat is None else str(chat)
        ends = None if seconds is None else time.monotonic() + seconds
        action = read_action(script)
        fault = Fault(self._last_id, method.lower(), where, nth - 1, times or None, action, script, name, ends)
        self._coming.append(fault)
        return fault

    def remove(self, fault_id: int | None) -> None:
        """Take back one fault, or all."""
        self._coming = [fault for fault in self._coming if fault_id is not None and fault.id != fault_id]

    def strike(self, method: str, chat: str | None) -> Fault | None:
        """The fault that hits this call, if any; every matching fault counts the call."""
        struck = None
        for fault in [fault for fault in self.waiting if fault.matches(method, chat)]:
            if fault.wait:
                fault.wait -= 1
            elif struck is None:
                struck = fault
                self._use(fault)
        return struck

    def _use(self, fault: Fault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left == 0:
            self._coming.remove(fault)


def read_action(script: Any) -> Action:
    """The action of the control side's JSON. Raises RefusedError."""
    try:
        return _read(script)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"this is no action: {script!r}") from error


def _read(script: Any) -> Action:
    if script in ("drop_before", "drop_after_accept"):
        return Action(script, accepts=script == "drop_after_accept")
    accepts = bool(script.get("accept", False))
    if "hang" in script:
        return Action("hang", accepts, seconds=float(script["hang"]))
    if "delay" in script:
        return Action("delay", True, seconds=float(script["delay"]))
    status = int(script.get("status", 200))
    if "body" in script:
        return Action("body", accepts, status=status, body=str(script["body"]))
    parameters = script.get("parameters")
    description = script.get("description") or _describe(int(script["status"]), parameters or {})
    return Action("status", False, error=ApiError(status, description, parameters))


def _describe(status: int, parameters: Json) -> str:
    reason = _REASONS.get(status, "Error")
    return f"{reason}: retry after {parameters['retry_after']}" if "retry_after" in parameters else reason
