"""The ledger: what was accepted from the bot, in order; tests count in it."""

from collections import Counter
from typing import Any

from sandbox.model import Json

# A text up to the size of a message is kept whole.
_MAX_TEXT = 4096


class Ledger:
    """Accepted calls that changed something, and counts of all calls. Lives as long as the process."""

    def __init__(self) -> None:
        self.entries: list[Json] = []
        self.accepted: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    def record(self, method: str, params: Json, result: Any, at: float, **notes: Any) -> Json:
        """Note an accepted call; `result` is what the bot is told, `notes` are further fields."""
        message_id = result.get("message_id") if isinstance(result, dict) else params.get("message_id")
        self.accepted[method] += 1
        entry = {
            "n": len(self.entries) + 1,
            "method": method,
            "chat": params.get("chat_id"),
            "message_id": message_id,
            "params": {name: _short(value) for name, value in params.items()},
            "at": at,
            "fault": None,
            **notes,
        }
        self.entries.append(entry)
        return entry

    def view(self, after: int) -> Json:
        """Entries with a number greater than `after`, and the counts."""
        return {
            "entries": self.entries[max(after, 0) :],
            "count": len(self.entries),
            "accepted": dict(self.accepted),
            "calls": dict(self.calls),
        }


def _short(value: Any) -> Any:
    return value[:_MAX_TEXT] if isinstance(value, str) else value
