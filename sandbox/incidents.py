"""What became of each call that a fault struck: the tries that followed, and how many copies there are now."""

import html
import re
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import count

from sandbox.model import Json

KEPT = 30
SETTLED_SECONDS = 10.0
"""So long after the bot was told "accepted", the same words sent again still count as a copy of the same message."""

FORGOTTEN_SECONDS = 90.0
"""After so long without another try, the same words are another message."""

_TAG = re.compile(r"<[^>]+>")
_TOLD_APART_BY = ("chat_id", "message_id", "text", "caption", "callback_query_id")


@dataclass(slots=True)
class Incident:
    """One message, edit or answer that a fault struck, by what tells it from others (`mark`).

    A try is {at, accepted, answered, message_id, said}: `at` in real seconds since 1970, `accepted` if it took effect,
    `answered` if the bot was told what became of it, `said` the refusal's description.
    """

    n: int
    name: str
    kind: str
    method: str
    chat: object
    text: str
    mark: tuple[object, ...]
    tries: list[Json] = field(default_factory=list)
    tried_at: float = 0.0  # monotonic, the last time
    settled_at: float | None = None  # monotonic

    def add(self, *, accepted: bool, answered: bool, message_id: int | None = None, said: str = "") -> None:
        """Note a try."""
        one = {"at": time.time(), "accepted": accepted, "answered": answered, "message_id": message_id, "said": said}
        self.tries.append(one)
        self.tried_at = time.monotonic()
        if accepted and answered and self.settled_at is None:
            self.settled_at = time.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether a call with the same mark is still about it."""
        now = time.monotonic()
        if self.settled_at is not None:
            return now - self.settled_at < SETTLED_SECONDS
        return not self.tries or now - self.tried_at < FORGOTTEN_SECONDS

    def view(self) -> Json:
        """The incident as the control side lists it."""
        told = {"n": self.n, "name": self.name, "kind": self.kind, "method": self.method, "chat": self.chat}
        return told | {"text": self.text, "tries": self.tries, "copies": sum(one["accepted"] for one in self.tries)}


class Incidents:
    """The newest KEPT of them. They live as long as the process, like the ledger."""

    def __init__(self) -> None:
        self._kept: deque[Incident] = deque(maxlen=KEPT)
        self._numbers = count(1)

    def struck(self, method: str, params: Json, name: str, kind: str) -> Incident:
        """A fault strikes this call: the incident it belongs to, a new one unless it is a try of one that is there."""
        found = self.of(method, params)
        if found is None:
            found = Incident(
                next(self._numbers), name, kind, method, params.get("chat_id"), _words(params), _mark(method, params)
            )
            self._kept.append(found)
        return found

    def of(self, method: str, params: Json) -> Incident | None:
        """The open incident that this call is another try of."""
        if not self._kept:
            return None
        mark = _mark(method, params)
        return next((one for one in reversed(self._kept) if one.mark == mark and one.is_open), None)

    def clear(self) -> None:
        """Forget them."""
        self._kept.clear()

    def view(self) -> list[Json]:
        """All of them, the newest first."""
        return [one.view() for one in reversed(self._kept)]


def _mark(method: str, params: Json) -> tuple[object, ...]:
    return (method, *(str(params.get(name, "")) for name in _TOLD_APART_BY))


def _words(params: Json) -> str:
    """The beginning of what it says, without marks of formatting."""
    said = str(params.get("text") or params.get("caption") or "")
    plain = " ".join(html.unescape(_TAG.sub("", said)).split())
    return plain if len(plain) <= 60 else plain[:59] + "…"
