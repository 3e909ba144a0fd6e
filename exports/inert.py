"""Text that no spreadsheet takes for a formula."""

from typing import Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What programs take for the start of a formula, its full-width forms among them (OWASP, CSV injection)."""


def inert(text: str) -> str:
    """The text as it is, or behind an apostrophe where it could be taken for a formula."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
