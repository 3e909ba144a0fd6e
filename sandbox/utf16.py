"""Telegram counts text in UTF-16 units: characters beyond the basic plane count twice."""


def length(text: str) -> int:
    """The number of UTF-16 units of a text."""
    return len(text) + sum(ch > "\uffff" for ch in text)


def part(text: str, offset: int, size: int) -> str:
    """The piece of a text that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * offset : 2 * (offset + size)].decode("utf-16-le", "replace")
