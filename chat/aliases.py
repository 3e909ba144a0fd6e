"""Words that mean a command in private, in any language: 签到, 请假, 榜单."""

from collections.abc import Iterable
from typing import Final

from texts import LANGUAGES, words

DIVIDER: Final = "|"

_AROUND: Final = "/／"
_BEHIND: Final = "。．.！!～~"
"""What people set around a command's word; a question mark is none of it, because it is a word of /help itself."""


class Aliases:
    """Finds the command that a text means. Raises ValueError where two commands have the same word."""

    def __init__(self, commands: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        for command in commands:
            for alias in {alias for language in LANGUAGES for alias in aliases_of(command, language)}:
                if self._names.setdefault(alias, command) != command:
                    raise ValueError(f"{alias!r} means /{command} and /{self._names[alias]}")
        self._longest = max((len(alias.split()) for alias in self._names), default=0)

    def find(self, text: str) -> tuple[str, str] | None:
        """The command and what stands after the word; None for a text that begins with none of them."""
        plain = text.strip()
        command = self._names.get(_folded(plain.lstrip(_AROUND).rstrip(_BEHIND).split()))
        if command is not None:
            return command, ""
        count = len(plain.split(None, self._longest))
        for taken in range(min(self._longest, count - 1), 0, -1):
            *first, rest = plain.split(None, taken)
            if (command := self._names.get(_folded(first))) is not None:
                return command, rest.strip()
        return None


def aliases_of(command: str, language: str) -> list[str]:
    """The words of one language for a command."""
    return [_folded(alias.split()) for alias in words(language)(f"alias.{command}").split(DIVIDER)]


def _folded(parts: Iterable[str]) -> str:
    """Words as they are compared: one space between them, no difference between capital and small letters."""
    return " ".join(parts).casefold()
