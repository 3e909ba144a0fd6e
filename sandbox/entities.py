"""From what is sent to what is shown: parse mode, trimming, and what Telegram finds in a text by itself."""

import re

from sandbox import html_text, utf16
from sandbox.errors import bad_request
from sandbox.html_text import FindUser
from sandbox.model import Json

_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("url", re.compile(r"(?:https?|tg)://[^\s<>\"]+[^\s<>\".,;:!?)\]，。；：！？）】]")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z0-9_]{4,32}\b", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d_]\w*")),
)
# Inside these nothing else is found.
_OPAQUE = {"code", "pre", "text_link", "text_mention", "url"}


def find(text: str, given: list[Json]) -> list[Json]:
    """`given` entities and those that Telegram finds by itself, in order."""
    entities = list(given)
    taken = [(e["offset"], e["offset"] + e["length"]) for e in given if e["type"] in _OPAQUE]
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start = utf16.length(text[: match.start()])
            end = start + utf16.length(match[0])
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            taken.append((start, end))
            entities.append({"type": kind, "offset": start, "length": end - start})
    return sorted(entities, key=lambda e: (e["offset"], -e["length"]))


def format_text(
    source: str, parse_mode: str | None, given: list[Json] | None, find_user: FindUser
) -> tuple[str, list[Json]]:
    """Text and entities of what the bot sends: parsed, trimmed at both ends, completed. Raises ApiError."""
    mode = (parse_mode or "").lower()
    if mode not in ("", "html"):
        known = "the sandbox reads HTML only" if mode in ("markdown", "markdownv2") else "unsupported parse_mode"
        raise bad_request(f"can't parse entities: {known}" if mode.startswith("markdown") else known)
    text, entities = html_text.parse(source, find_user) if mode else (source, _given(source, given or []))
    return _trim(text, entities)


def _given(text: str, entities: list[Json]) -> list[Json]:
    size = utf16.length(text)
    for entity in entities:
        offset, length = entity.get("offset"), entity.get("length")
        if not (isinstance(offset, int) and isinstance(length, int) and isinstance(entity.get("type"), str)):
            raise bad_request("can't parse MessageEntity: type, offset and length expected")
        if offset < 0 or length <= 0 or offset + length > size:
            raise bad_request(f"entity begins or ends outside of the text at UTF-16 offset {offset}")
    return list(entities)


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    lead = len(text) - len(text.lstrip())
    trimmed = text.strip()
    skipped, size = utf16.length(text[:lead]), utf16.length(trimmed)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - skipped, 0)
        end = min(entity["offset"] + entity["length"] - skipped, size)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return trimmed, find(trimmed, kept)
