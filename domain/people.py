"""Who acts: what Telegram says of a person with every update."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Actor:
    """A Telegram account at the moment it does something; `telegram_id` is the only part that lasts."""

    telegram_id: int
    name: str
    language_code: str | None = None


class Standing(StrEnum):
    """What somebody is in a branch: a full member 正式党员, one on probation 预备党员 (no vote), or none 列席人员."""

    FULL = "full"
    PROBATIONARY = "probationary"
    OUTSIDE = "outside"

    @property
    def votes(self) -> bool:
        """Whether they have a vote where a meeting decides."""
        return self is Standing.FULL
