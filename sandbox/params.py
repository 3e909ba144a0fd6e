"""The arguments of a call, however they came, read with Telegram's leniency and its refusals."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.errors import bad_request
from sandbox.model import Json

_TRUE = {"true", "1", "yes", "y", "t"}


@dataclass(slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Arguments by name. Values are strings (form, query) or JSON values; both are understood everywhere."""

    values: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    # What the ledger is to know beyond the arguments; a method may put fields here.
    notes: Json = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise bad_request(f'field "{name}" must be of type String')
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str) -> bool:
        """A boolean, false when absent."""
        value = self.values.get(name, False)
        return value if isinstance(value, bool) else str(value).lower() in _TRUE

    def whole(self, name: str, default: int | None = None) -> int | None:
        """An integer, or the default when absent."""
        value = self.values.get(name)
        return default if value is None or value == "" else whole(value, name)

    def must(self, name: str, missing: str) -> int:
        """An integer that has to be there; `missing` is Telegram's refusal if it is not."""
        value = self.whole(name)
        if value is None:
            raise bad_request(missing)
        return value

    def chat_id(self, name: str = "chat_id") -> int:
        """A chat's id. Names of public chats (@…) are not found here, because the sandbox has none."""
        value = self.values.get(name)
        if value is None or value == "":
            raise bad_request(f"{name} is empty")
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request("chat not found") from None

    def json(self, name: str) -> Any:
        """A JSON value, also when it came as a string; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def thing(self, name: str) -> Json:
        """A JSON object, empty when absent."""
        value = self.json(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value

    def things(self, name: str) -> list[Json] | None:
        """A JSON list of objects, None when absent."""
        value = self.json(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value

    def essentials(self) -> Json:
        """What the ledger notes: nested values as JSON, files by name."""
        kept = {name: _readable(value) for name, value in self.values.items()}
        for name in ("chat_id", "message_id", "user_id"):
            if isinstance(kept.get(name), str) and kept[name].lstrip("-").isdigit():
                kept[name] = int(kept[name])
        return kept | {name: {"name": file.name, "size": len(file.content)} for name, file in self.uploads.items()}


def whole(value: object, name: str) -> int:
    """An integer from a JSON value or a string. Raises ApiError."""
    try:
        return int(str(value))
    except ValueError:
        raise bad_request(f'can\'t parse "{name}": integer expected') from None


def _readable(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value
