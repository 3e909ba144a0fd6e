"""Commands by scope and language, names and descriptions, the menu button."""

from typing import Any

import pytest
from sandbox_stage import Stage, stage

from sandbox.client import Json, Ref, id_of


def _list(*names: str) -> list[Json]:
    return [{"command": name, "description": f"about {name}"} for name in names]


async def _shown(s: Stage, person: Ref, chat: Ref) -> list[str]:
    chats = (await s.sandbox.state(person))["chats"]
    (one,) = [c for c in chats if c["id"] == id_of(chat)]
    return [command["command"] for command in one["commands"]]


async def test_a_person_sees_the_narrowest_list_in_their_language() -> None:
    async with stage() as s:
        (li, wang, alex), group = await s.people("李明", "王芳", "Alex"), await s.group()
        lists: list[tuple[str, Json, str]] = [
            ("default", {"type": "default"}, ""),
            ("default_en", {"type": "default"}, "en"),
            ("groups", {"type": "all_group_chats"}, ""),
            ("admins", {"type": "chat_administrators", "chat_id": group["id"]}, ""),
            ("one", {"type": "chat_member", "chat_id": group["id"], "user_id": wang["id"]}, "zh"),
            ("own", {"type": "chat", "chat_id": wang["id"]}, ""),
        ]
        for name, scope, language in lists:
            await s.ok("setMyCommands", commands=_list(name), scope=scope, language_code=language)
        shown = {person["first_name"]: await _shown(s, person, group) for person in (li, wang, alex)}
        assert shown == {"李明": ["admins"], "王芳": ["one"], "Alex": ["groups"]}
        private = [await _shown(s, person, person) for person in (li, wang, alex)]
        assert private == [["default"], ["own"], ["default_en"]]
        scope = {"type": "chat_member", "chat_id": group["id"], "user_id": wang["id"]}
        await s.ok("deleteMyCommands", scope=scope, language_code="zh")
        assert await _shown(s, wang, group) == ["groups"]
        assert await s.ok("getMyCommands", language_code="en") == _list("default_en")
        assert await s.ok("getMyCommands", language_code="fr") == []


@pytest.mark.parametrize(
    "params",
    [
        {"commands": _list("Big")},
        {"commands": _list("签到")},
        {"commands": _list("a" * 33)},
        {"commands": [{"command": "a", "description": ""}]},
        {"commands": _list("a") * 101},
        {"commands": _list("a"), "scope": {"type": "nobody"}},
        {"commands": _list("a"), "scope": {"type": "chat", "chat_id": 1}},
        {"commands": _list("a"), "scope": {"type": "chat_member", "chat_id": 1}},
        {"commands": _list("a"), "language_code": "zh-hans"},
        {"commands": "x"},
    ],
)
async def test_bad_commands_are_refused(params: dict[str, Any]) -> None:
    async with stage() as s:
        assert (await s.refused("setMyCommands", **params))[0] == 400
        assert await s.ok("getMyCommands") == []


async def test_names_and_descriptions_by_language() -> None:
    async with stage() as s:
        await s.ok("setMyName", name="学习助手")
        await s.ok("setMyName", name="Study helper", language_code="en")
        assert await s.ok("getMyName", language_code="en") == {"name": "Study helper"}
        assert await s.ok("getMyName", language_code="fr") == {"name": "学习助手"}
        await s.ok("setMyDescription", description="提醒、签到、榜单")
        assert await s.ok("getMyDescription") == {"description": "提醒、签到、榜单"}
        assert (await s.refused("setMyShortDescription", short_description="a" * 121))[0] == 400
        await s.ok("setChatMenuButton", menu_button={"type": "commands"})
        assert await s.ok("getChatMenuButton") == {"type": "commands"}


async def test_the_cast_can_be_english_and_stays_so_when_begun_anew() -> None:
    async with stage(language="en") as s:
        for _ in range(2):
            assert [person["language_code"] for person in await s.sandbox.people()].count("en") == 5
            grace = await s.sandbox.person("Grace")
            assert [group["title"] for group in await s.sandbox.groups(grace)] == ["Study Group One"]
            assert (await s.ok("getMe"))["first_name"] == "Study Helper"
            await s.sandbox.reset()
