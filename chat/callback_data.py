"""What a button carries: a verb and whole numbers, `verb:1:2`, in at most 64 bytes.

It can be forged by whoever speaks the protocol, so it names things and grants nothing: the use case checks.
"""

from typing import Final

_LARGEST: Final = 2**63 - 1


def pack(verb: str, *numbers: int) -> str:
    """The data of a button for `verb` with its numbers."""
    return ":".join((verb, *map(str, numbers)))


def parse(data: str) -> tuple[str, tuple[int, ...]] | None:
    """The verb and numbers of a button's data; None for what `pack` cannot have made."""
    verb, *rest = data.split(":")
    if not all(part.isascii() and part.removeprefix("-").isdigit() and len(part) < 21 for part in rest):
        return None
    numbers = tuple(map(int, rest))
    return (verb, numbers) if all(abs(number) <= _LARGEST for number in numbers) else None
