"""Telegram's limits on what a bot sends, enforced as its FAQ states them, and what a bot made of them."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

OVERALL: Final = (30, 1.0)
"""So many messages in so many seconds."""
PRIVATE: Final = ((1, 1.0),)
GROUP: Final = ((1, 1.0), (20, 60.0))

TOLERANCE: Final = 0.01
"""Seconds by which a window is shorter here: so much may messages close up between the bot's clock and ours."""


class Limits:
    """Takes or refuses each message by sliding windows; `sent` are the moments of those taken."""

    def __init__(self) -> None:
        self.sent: list[float] = []
        self.refused = 0
        self._chats: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=GROUP[-1][0]))

    def take(self, chat_id: int, now: float) -> int:
        """0 for a message that is taken, else the seconds of `retry_after` of its 429."""
        chat = self._chats[chat_id]
        rules = GROUP if chat_id < 0 else PRIVATE
        waits = [_wait(self.sent, *OVERALL, now), *(_wait(chat, *rule, now) for rule in rules)]
        if max(waits) > 0:
            self.refused += 1
            return int(max(waits)) + 1
        self.sent.append(now)
        chat.append(now)
        return 0

    def rate(self) -> float:
        """Messages a second, from the first to the last one taken."""
        return (len(self.sent) - 1) / (self.sent[-1] - self.sent[0]) if len(self.sent) > 1 else 0.0


def _wait(times: list[float] | deque[float], count: int, seconds: float, now: float) -> float:
    """Seconds until a window has room again."""
    return times[-count] + seconds - TOLERANCE - now if len(times) >= count else 0.0
