"""Telegram's HTML mode: tags in, plain text and entities out, with the real refusals of what is badly formed.

Source of the rules: https://core.telegram.org/bots/api#html-style
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import utf16
from sandbox.errors import ApiError, bad_request
from sandbox.model import Json

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
_WITH_ATTRIBUTES = {"a", "span", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));?")
_PLAIN = re.compile(r"[^<&]+")
_TAG = re.compile(r"<(/?)([^\s<>/]*)([^<>]*?)/?>")
_ATTRIBUTE = re.compile(r"""([a-zA-Z0-9_-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_USER_LINK = re.compile(r"tg://user\?id=(\d+)$")

FindUser = Callable[[int], Json | None]


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end; `at` is in UTF-16 units, `byte` where it began in the source."""

    tag: str
    attributes: dict[str, str]
    at: int
    byte: int


def _cannot_parse(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def parse(source: str, find_user: FindUser) -> tuple[str, list[Json]]:
    """Text and entities of `source`; `find_user` resolves tg://user links to a User, or None if unknown.

    Raises ApiError "can't parse entities: …" for unknown, unclosed and crossed tags.
    """
    return _Parser(source, find_user).run()


class _Parser:
    def __init__(self, source: str, find_user: FindUser) -> None:
        self.source = source
        self.find_user = find_user
        self.out: list[str] = []
        self.length = 0
        self.stack: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        position = 0
        while position < len(self.source):
            sign = self.source[position]
            if sign == "<":
                position = self.tag(position)
            elif sign == "&":
                position = self.reference(position)
            else:
                plain = _PLAIN.match(self.source, position)
                assert plain is not None
                self.write(plain[0])
                position = plain.end()
        if self.stack:
            raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return "".join(self.out), sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))

    def write(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16.length(text)

    def byte(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def reference(self, position: int) -> int:
        match = _REFERENCE.match(self.source, position)
        char = _referred(match) if match else None
        if match is None or char is None:
            self.write("&")
            return position + 1
        self.write(char)
        return match.end()

    def tag(self, position: int) -> int:
        match = _TAG.match(self.source, position)
        byte = self.byte(position)
        if match is None:
            name = re.match(r"</?([^\s<>/]*)", self.source[position:])
            if name and name[1].lower() in {*_SIMPLE, *_WITH_ATTRIBUTES}:
                raise _cannot_parse(f"Unclosed start tag at byte offset {byte}")
            raise _cannot_parse(f'Unsupported start tag "{name[1] if name else ""}" at byte offset {byte}')
        closing, name_, rest = match[1], match[2].lower(), match[3]
        if closing:
            self.close(name_, byte)
        else:
            self.open(name_, rest, byte)
        return match.end()

    def open(self, name: str, rest: str, byte: int) -> None:
        attributes = {
            key.lower(): _unescape(double or single or bare) for key, double, single, bare in _ATTRIBUTE.findall(rest)
        }
        known = name in _SIMPLE or name in _WITH_ATTRIBUTES
        if not known or (name == "span" and attributes.get("class") != "tg-spoiler"):
            what = f'Tag "{name}" must have class "tg-spoiler"' if name == "span" else f'Unsupported start tag "{name}"'
            raise _cannot_parse(f"{what} at byte offset {byte}")
        self.stack.append(_Open(name, attributes, self.length, byte))

    def close(self, name: str, byte: int) -> None:
        if not self.stack:
            raise _cannot_parse(f"Unexpected end tag at byte offset {byte}")
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise _cannot_parse(
                f'Unmatched end tag at byte offset {byte}, expected "</{opened.tag}>", found "</{name}>"'
            )
        size = self.length - opened.at
        if size and (entity := self.entity(opened)):
            self.add({"type": entity.pop("type"), "offset": opened.at, "length": size, **entity})

    def add(self, entity: Json) -> None:
        """`<pre><code class="language-x">` is one entity, as Telegram joins it."""
        last = self.entities[-1] if self.entities else None
        same_place = last and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        if entity["type"] == "pre" and last and same_place and last["type"] == "code":
            self.entities.pop()
            if language := last.pop("language", None):
                entity["language"] = language
        self.entities.append(entity)

    def entity(self, opened: _Open) -> Json | None:
        match opened.tag:
            case "a":
                return self.link(opened.attributes.get("href") or self.covered(opened))
            case "span":
                return {"type": "spoiler"}
            case "blockquote":
                return {"type": "expandable_blockquote" if "expandable" in opened.attributes else "blockquote"}
            case "tg-emoji":
                return {"type": "custom_emoji", "custom_emoji_id": opened.attributes.get("emoji-id", "")}
            case "tg-time":
                return _time(opened)
            case "code" if opened.attributes.get("class", "").startswith("language-") and self.inside_pre():
                return {"type": "code", "language": opened.attributes["class"].removeprefix("language-")}
            case tag:
                return {"type": _SIMPLE[tag]}

    def inside_pre(self) -> bool:
        return bool(self.stack) and self.stack[-1].tag == "pre"

    def covered(self, opened: _Open) -> str:
        return utf16.part("".join(self.out), opened.at, self.length - opened.at)

    def link(self, url: str) -> Json | None:
        if match := _USER_LINK.match(url):
            user = self.find_user(int(match[1]))
            return {"type": "text_mention", "user": user} if user else None
        if "." not in url and "://" not in url:
            return None
        return {"type": "text_link", "url": url if "://" in url else f"http://{url}"}


def _time(opened: _Open) -> Json:
    unix = opened.attributes.get("unix", "")
    if not unix.lstrip("-").isdigit():
        raise _cannot_parse(f'Tag "tg-time" must have a valid "unix" attribute at byte offset {opened.byte}')
    entity: Json = {"type": "date_time", "unix_time": int(unix)}
    if shape := opened.attributes.get("format"):
        entity["date_time_format"] = shape
    return entity


def _referred(match: re.Match[str]) -> str | None:
    if match[3]:
        return _NAMED.get(match[3])
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else None


def _unescape(text: str) -> str:
    return _REFERENCE.sub(lambda match: _referred(match) or match[0], text)
