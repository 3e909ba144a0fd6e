"""Writes a span of days as people of each language expect it."""

from datetime import date
from typing import Final

from babel.dates import format_interval

# Babel's plain English puts the month first; all other dates of ours put the day first.
_LOCALES: Final = {"zh-CN": "zh_CN", "en": "en_GB"}


def span(first: date, last: date, language: str) -> str:
    """2026年11月16日至22日 / 16–22 Nov 2026."""
    return format_interval(first, last, skeleton="yMMMd", locale=_LOCALES[language])
