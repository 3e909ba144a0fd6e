"""Taking something back: whatever is not asked about beforehand can be undone for a minute."""

from datetime import datetime, timedelta
from typing import Final

from domain.errors import Refusal

UNDO_WITHIN: Final = timedelta(seconds=60)
"""How long after an act its ⟦Undo⟧ button works."""


def require_in_time(done_at: datetime | None, now: datetime) -> None:
    """Raises Refusal `undo_too_late` for an act that is longer ago, or of which nobody knows when it was."""
    if done_at is None or now > done_at + UNDO_WITHIN:
        raise Refusal("undo_too_late")
