"""Cuts HTML that is too long for Telegram, so that a text somebody made too long never keeps a message from going."""

import re
from collections.abc import Iterator
from typing import Final

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
"""What Telegram takes in a text and in a caption, in UTF-16 code units after the tags are read (Bot API)."""

CUT: Final = "…"

_PIECE: Final = re.compile(r"<(?P<closing>/?)(?P<tag>[A-Za-z][\w-]*)[^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|\w+);|.", re.DOTALL)
_ISOLATE, _END_OF_ISOLATE, _JOINER = "\u2068", "\u2069", "\u200d"
# These belong to what stands before them; a cut in front of them would leave half a character.
_JOINED: Final = re.compile("[\u0300-\u036f\u200d\ufe00-\ufe0f\u20d0-\u20ff\U0001f3fb-\U0001f3ff]")


def fitted(html: str, limit: int) -> str:
    """The HTML itself, or its beginning with every tag closed and an ellipsis; at most `limit` units of text."""
    if len(html.encode("utf-16-le", "surrogatepass")) // 2 <= limit or length(html) <= limit:
        return html
    return _cut(html, limit - len(CUT))


def length(html: str) -> int:
    """The length of the text as Telegram counts it: UTF-16 code units, without tags, a reference as one character."""
    return sum(size for _, size in _pieces(html))


def _pieces(html: str) -> Iterator[tuple[re.Match[str], int]]:
    """Tags, references and characters in their order, each with its length in UTF-16 code units."""
    for piece in _PIECE.finditer(html):
        if piece["tag"]:
            yield piece, 0
        elif len(piece[0]) > 1:
            yield piece, 1
        else:
            yield piece, 1 if piece[0] <= "\uffff" else 2


def _cut(html: str, room: int) -> str:
    """The longest beginning that fits into `room`; then the ellipsis and the ends of whatever is open there."""
    kept: list[str] = []
    tags: list[str] = []
    used = isolates = 0
    cut: tuple[int, str] = (0, "")
    for piece, size in _pieces(html):
        if not _JOINED.match(piece[0]) and kept[-1:] != [_JOINER]:
            cut = (len(kept), _END_OF_ISOLATE * isolates + "".join(f"</{tag}>" for tag in reversed(tags)))
        isolates += (piece[0] == _ISOLATE) - (piece[0] == _END_OF_ISOLATE and isolates > 0)
        if used + size + isolates > room:
            break
        used += size
        kept.append(piece[0])
        if piece["tag"] and not piece["closing"]:
            tags.append(piece["tag"])
        elif piece["tag"] and tags:
            tags.pop()
    return "".join(kept[: cut[0]]).rstrip() + CUT + cut[1]
