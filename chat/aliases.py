"""Words that mean a command in private, in any language: 签到, 请假, 榜单."""

from collections.abc import Iterable

from texts import LANGUAGES, words

DIVIDER = "|"


class Aliases:
    """Finds the command that a text means. Raises ValueError where two commands have the same word."""

    def __init__(self, commands: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        for command in commands:
            for alias in {alias for language in LANGUAGES for alias in aliases_of(command, language)}:
                if self._names.setdefault(alias, command) != command:
                    raise ValueError(f"{alias!r} means /{command} and /{self._names[alias]}")
        self._longest_first = sorted(self._names, key=len, reverse=True)

    def find(self, text: str) -> tuple[str, str] | None:
        """The command and what stands after the word; None for a text that begins with none of them."""
        plain = " ".join(text.split()).casefold()
        for alias in self._longest_first:
            if plain == alias:
                return self._names[alias], ""
            if plain.startswith(alias + " "):
                return self._names[alias], " ".join(text.split())[len(alias) :].strip()
        return None


def aliases_of(command: str, language: str) -> list[str]:
    """The words of one language for a command."""
    return [alias.strip().casefold() for alias in words(language)(f"alias.{command}").split(DIVIDER)]
