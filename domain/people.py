"""Who acts: what Telegram says of a person with every update."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A Telegram account at the moment it does something; `telegram_id` is the only part that lasts."""

    telegram_id: int
    name: str
    language_code: str | None = None
