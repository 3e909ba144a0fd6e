"""What people and groups are told of roles: privately whom it concerns, in the group one line without a sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from services import deliveries, quiet
from services.rules import Rules

NOTICE: Final = "role_notice"

LASTS: Final = timedelta(days=7)
"""How long a private notice is of use: so long an invitation can be accepted, too."""

Buttons = Sequence[Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: a key of texts/ with its values and buttons; the first of `languages` that we speak counts."""

    text: str
    values: Mapping[str, Any]
    buttons: Sequence[Sequence[Sequence[str]]]
    languages: tuple[str | None, ...]
    silent: bool


def tell(
    connection: Connection,
    person: Any,
    group: Any,
    text: str,
    *,
    key: str,
    now: datetime,
    rules: Rules,
    buttons: Buttons = (),
    said: str | None = None,
    at_once: bool = False,
    **values: str,
) -> None:
    """Tell a person in private, after their quiet hours; nothing where they never pressed Start.

    `person` needs id, chat_id and language; `said` is the language their Telegram speaks, where that is known.
    `at_once` is for what answers the person's own act.
    """
    if person.chat_id is None:
        return
    due_at = now if at_once else quiet.calm_at(connection, person.chat_id, rules, now)
    deliveries.enqueue(
        connection,
        key=f"{key}:to:{person.id}",
        kind=NOTICE,
        destination_id=person.chat_id,
        payload=_payload(text, {"group_name": group.name, **values}, buttons, (person.language, said, group.language)),
        due_at=due_at,
        expires_at=due_at + LASTS,
    )


def announce(
    connection: Connection,
    group: Any,
    text: str,
    *,
    key: str,
    now: datetime,
    buttons: Buttons = (),
    **values: str | int,
) -> None:
    """One line in the group, which makes no sound."""
    deliveries.enqueue(
        connection,
        key=key,
        kind=NOTICE,
        destination_id=group.chat_id,
        payload={**_payload(text, values, buttons, (group.language,)), "silent": True},
        due_at=now,
        expires_at=now + timedelta(days=1),
        priority=deliveries.REPLY,
    )


def notice(_connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Notice:
    """A notice says what was true when it was written."""
    return Notice(
        payload["text"],
        payload["values"],
        payload["buttons"],
        tuple(payload["languages"]),
        payload.get("silent", False),
    )


def _payload(
    text: str, values: Mapping[str, str | int], buttons: Buttons, languages: tuple[str | None, ...]
) -> dict[str, Any]:
    return {
        "text": text,
        "values": dict(values),
        "buttons": [[list(button) for button in row] for row in buttons],
        "languages": list(languages),
    }
