"""Something that takes as long to make as a test wishes, in a process of its own."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from chat.outgoing import Message
from services.rules import Rules


def made(_database_url: str, payload: Mapping[str, Any], _now: datetime, _rules: Rules) -> Message:
    """What the test writes into the pipe that is named as the text; it ends when that is closed."""
    return Message(Path(payload["text"]).read_text(encoding="utf-8"))
