"""The bot without the pace of 30 messages a second that Telegram sets, which is far below what is to be measured."""

import chat.limiter
from bot.__main__ import main

if __name__ == "__main__":
    chat.limiter.OVERALL_PER_SECOND = 1_000_000  # type: ignore[misc]
    main(prog_name="python -m benchmarks.unpaced")
