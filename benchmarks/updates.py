"""The updates a benchmark feeds to a bot, as complete as Telegram's, made before the clock starts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

BOT_USER = {"id": 700_000_001, "is_bot": True, "first_name": "学习小组", "username": "bench_study_bot"}
GROUP = {"id": -1_001_900_000_001, "title": "青年理论学习小组", "type": "supergroup"}
FIRST_UPDATE_ID = 810_000_000
FIRST_QUERY_ID = 4_100_000_000_000_000_000
CARD = "📚 党课：学习原著\n🕖 今天 19:00–20:30\n📍 三楼会议室\n\n签到已开始，请点下面的按钮。\n已签到 0 人"


class Scenario(StrEnum):
    """What the people do: press one button in one group, each write one command in private, or nothing."""

    TAP = "tap"
    COMMAND = "command"
    SILENT = "silent"


@dataclass(frozen=True)
class Load:
    """Who does what; `data` is the pressed button's callback data, or the written command.

    `first`, where it is not empty, is a button that the first of the people presses in private before all that.
    """

    scenario: Scenario
    people: Sequence[int]
    data: str
    first: str = ""


@dataclass(frozen=True)
class PreparedUpdate:
    """One update as bytes, with the key by which its answer is recognised."""

    update_id: int
    key: str
    body: bytes


def prepare(load: Load) -> list[PreparedUpdate]:
    """Write one update for each person, in order."""
    if load.scenario is Scenario.SILENT:
        return []
    write = _tap if load.scenario is Scenario.TAP else _command
    updates = [_tap_in_private(load.people[0], load.first)] if load.first else []
    return updates + [write(index, person, load.data) for index, person in enumerate(load.people, len(updates))]


def _tap(index: int, person: int, data: str) -> PreparedUpdate:
    query_id = str(FIRST_QUERY_ID + index)
    query = {
        "id": query_id,
        "from": _person(person),
        "message": _card(data),
        "chat_instance": "-3081234567890123456",
        "data": data,
    }
    return _prepared(index, query_id, {"callback_query": query})


def _tap_in_private(person: int, data: str) -> PreparedUpdate:
    author = _person(person)
    chat = {"id": person, "type": "private"} | {k: author[k] for k in ("first_name", "username")}
    query_id = str(FIRST_QUERY_ID)
    query = {
        "id": query_id,
        "from": author,
        "message": _card(data) | {"chat": chat},
        "chat_instance": "-3081234567890123457",
        "data": data,
    }
    return _prepared(0, query_id, {"callback_query": query})


def _command(index: int, person: int, text: str) -> PreparedUpdate:
    author = _person(person)
    message = {
        "message_id": 1,
        "from": author,
        "chat": {"id": person, "type": "private"} | {k: author[k] for k in ("first_name", "username")},
        "date": int(time.time()),
        "text": text,
        "entities": [{"offset": 0, "length": len(text.split()[0]), "type": "bot_command"}],
    }
    return _prepared(index, str(person), {"message": message})


def _prepared(index: int, key: str, content: dict[str, Any]) -> PreparedUpdate:
    update_id = FIRST_UPDATE_ID + index
    return PreparedUpdate(update_id, key, orjson.dumps({"update_id": update_id, **content}))


def _person(person: int) -> dict[str, Any]:
    return {
        "id": person,
        "is_bot": False,
        "first_name": f"同学{person % 100_000}",
        "last_name": "王",
        "username": f"member_{person}",
        "language_code": "zh-hans",
    }


def _card(data: str) -> dict[str, Any]:
    return {
        "message_id": 4242,
        "from": BOT_USER,
        "chat": GROUP,
        "date": int(time.time()) - 60,
        "text": CARD,
        "entities": [
            {"offset": 3, "length": 7, "type": "bold"},
            {"offset": 14, "length": 14, "type": "italic"},
        ],
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "✅ 签到", "callback_data": data}],
                [{"text": "🔗 说明", "url": "https://t.me/bench_study_bot?start=help"}],
            ]
        },
    }
