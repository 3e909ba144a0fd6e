"""How the bot presents itself: commands by scope and language, names, descriptions, the menu button."""

import re
from typing import Any

from sandbox.errors import bad_request
from sandbox.methods.registry import method
from sandbox.model import Chat, Json, User
from sandbox.params import Params, whole
from sandbox.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def _language(params: Params) -> str:
    code = params.text("language_code")
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _scope(world: World, params: Params) -> str:
    scope = params.thing("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    ids = [scope.get(name) for name in _SCOPES[kind]]
    if None in ids:
        raise bad_request(f"can't parse BotCommandScope: can't find field \"{_SCOPES[kind][ids.index(None)]}\"")
    if ids:
        _check_scope_chat(world, kind, whole(ids[0], "chat_id"))
    return _key(kind, *ids)


def _check_scope_chat(world: World, kind: str, chat_id: int) -> None:
    chat = world.chat(chat_id)
    if chat.is_private and kind != "chat":
        raise bad_request(f"can't use {kind} scope in private chats")


def _key(kind: str, *ids: Any) -> str:
    return ":".join([kind, *(str(part) for part in ids)])


def _slot(world: World, params: Params) -> str:
    return f"{_scope(world, params)}|{_language(params)}"


@method("setMyCommands")
def set_my_commands(world: World, params: Params) -> bool:
    """The list of one scope and language."""
    commands = params.things("commands")
    if commands is None:
        raise bad_request("can't parse commands JSON object")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = [_command(command) for command in commands]
    slot = _slot(world, params)
    world.commands[slot] = kept
    if not kept:
        del world.commands[slot]
    return _changed(world, "commands")


def _command(command: Json) -> Json:
    name = str(command.get("command", "")).removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _changed(world: World, kind: str) -> bool:
    world.keep_settings()
    world.feed.tell(kind)
    return True


@method("getMyCommands", recorded=False)
def get_my_commands(world: World, params: Params) -> list[Json]:
    """Exactly the list of this scope and language, with no falling back."""
    return world.commands.get(_slot(world, params), [])


@method("deleteMyCommands")
def delete_my_commands(world: World, params: Params) -> bool:
    """Take one list away, so that a wider one shows."""
    world.commands.pop(_slot(world, params), None)
    return _changed(world, "commands")


def commands_for(world: World, person: User, chat: Chat) -> list[Json]:
    """What a person is shown in a chat: the narrowest scope first, in each the person's language first.

    https://core.telegram.org/bots/api#determining-list-of-commands
    """
    if chat.is_private:
        scopes = [_key("chat", chat.id), "all_private_chats", "default"]
    else:
        member = chat.member(person.id)
        admin = member is not None and member.is_admin
        scopes = [_key("chat_member", chat.id, person.id)]
        scopes += [_key("chat_administrators", chat.id)] if admin else []
        scopes += [_key("chat", chat.id)]
        scopes += ["all_chat_administrators"] if admin else []
        scopes += ["all_group_chats", "default"]
    language = (person.language_code or "")[:2]
    slots = [f"{scope}|{code}" for scope in scopes for code in dict.fromkeys((language, ""))]
    return next((world.commands[slot] for slot in slots if slot in world.commands), [])


def _menu_key(params: Params) -> str:
    return str(params.whole("chat_id") or "default")


@method("setChatMenuButton")
def set_chat_menu_button(world: World, params: Params) -> bool:
    """The button beside the composer in private chats."""
    button = params.thing("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: unsupported type specified")
    world.menu_buttons[_menu_key(params)] = button
    return _changed(world, "bot")


@method("getChatMenuButton", recorded=False)
def get_chat_menu_button(world: World, params: Params) -> Json:
    """The menu button of a private chat, or the common one."""
    common = world.menu_buttons.get("default", {"type": "commands"})
    return world.menu_buttons.get(_menu_key(params), common)


def _define_name(kind: str, field: str, limit: int) -> None:
    """setMy… and getMy… of one of the bot's texts, each with a text for every language."""

    @method(f"setMy{kind}")
    def set_it(world: World, params: Params) -> bool:
        text, language = params.text(field), _language(params)
        if len(text) > limit:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        world.names[f"{field}|{language}"] = text
        if field == "name" and not language and text:
            world.bot.first_name = text
        return _changed(world, "bot")

    @method(f"getMy{kind}", recorded=False)
    def get_it(world: World, params: Params) -> Json:
        default = world.bot.first_name if field == "name" else ""
        common = world.names.get(f"{field}|") or default
        return {field: world.names.get(f"{field}|{_language(params)}") or common}


_define_name("Name", "name", 64)
_define_name("Description", "description", 512)
_define_name("ShortDescription", "short_description", 120)


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(world: World, params: Params) -> bool:
    """Accepted; the sandbox's people choose the rights themselves."""
    return True
