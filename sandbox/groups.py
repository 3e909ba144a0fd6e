"""What people do with groups: make them, add, remove, appoint, upgrade; and what the bot is told of it."""

from collections.abc import Iterable

from sandbox.errors import RefusedError
from sandbox.model import ADMIN_RIGHTS, PRESET_RIGHTS, Chat, ChatType, Json, Member, Status, User
from sandbox.posting import post
from sandbox.world import World


def create(
    world: World,
    creator: User,
    title: str,
    members: Iterable[User],
    kind: ChatType = "supergroup",
    *,
    is_forum: bool = False,
) -> Chat:
    """A new group. In it are the creator and `members`, who may include the bot."""
    if not title.strip():
        raise RefusedError("a group needs a title")
    if kind not in ("group", "supergroup") or (is_forum and kind == "group"):
        raise RefusedError('a group is a "group" or a "supergroup", and only a supergroup has topics')
    chat = Chat(world.new_id(kind), kind, title.strip()[:128], is_forum=is_forum)
    world.chats[chat.id] = chat
    world.keep_chat(chat)
    _set(world, chat, creator, creator, "creator")
    world.feed.tell("chat", chat=chat.id)
    others = [user for user in members if user.id != creator.id]
    if kind == "group":
        # A basic group begins with its first members; the bot, if among them, sees the founding message.
        for user in others:
            _set(world, chat, user, creator, "member")
        post(world, chat, creator, {"group_chat_created": True})
    else:
        post(world, chat, creator, {"supergroup_chat_created": True})
        _join(world, chat, others, creator)
    return chat


def _set(world: World, chat: Chat, user: User, by: User, status: Status, member: Member | None = None) -> None:
    """Give somebody a new standing; the bot hears of its own always, of others' as an admin who asked."""
    supergroup = chat.type == "supergroup"
    old = chat.members.get(user.id) or Member(user.id, "left")
    new = member or Member(user.id, status)
    bot_was_admin = (bot := world.bot_member(chat)) is not None and bot.is_admin
    chat.members[user.id] = new
    world.keep_member(chat, new)
    change = {
        "chat": chat.view(),
        "from": by.view(),
        "date": world.clock.date(),
        "old_chat_member": old.view(user, supergroup=supergroup),
        "new_chat_member": new.view(user, supergroup=supergroup),
    }
    if user.id == world.bot.id:
        world.updates.add("my_chat_member", change)
    elif bot_was_admin:
        world.updates.add("chat_member", change)
    world.feed.tell("member", chat=chat.id, user=user.id, status=new.status)


def _join(world: World, chat: Chat, users: list[User], by: User) -> None:
    """Those who are added together come in one service message."""
    for user in users:
        _set(world, chat, user, by, "member")
    if views := [user.view() for user in users]:
        first = {"new_chat_member": views[0], "new_chat_participant": views[0]}
        post(world, chat, by, {"new_chat_members": views, **first})


def add(world: World, chat: Chat, user: User, by: User, payload: str | None = None) -> None:
    """`by` adds `user`; with the payload of a ?startgroup= link the bot is also sent `/start@bot payload`."""
    _require_inside(chat, by)
    if chat.member(user.id):
        if user.id != world.bot.id or payload is None:
            raise RefusedError(f"{user.first_name} is already in the group")
    else:
        _join(world, chat, [user], by)
    if payload is not None and user.id == world.bot.id:
        text = f"/start@{world.bot.username} {payload}".strip()
        size = len(f"/start@{world.bot.username}")
        post(
            world,
            chat,
            by,
            {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": size}]},
        )


def join_silently(world: World, chat: Chat, users: Iterable[User]) -> None:
    """Many join without messages and updates, to prepare a load."""
    for user in users:
        chat.members[user.id] = Member(user.id, "member")
        world.keep_member(chat, chat.members[user.id])
    world.feed.tell("member", chat=chat.id)


def remove(world: World, chat: Chat, user: User, by: User) -> None:
    """An admin removes somebody from the group."""
    member = _require_inside(chat, by)
    target = _require_inside(chat, user)
    if not member.may("can_restrict_members"):
        raise RefusedError(f"{by.first_name} may not remove members")
    if target.status == "creator" or (target.is_admin and member.status != "creator"):
        raise RefusedError(f"{user.first_name} cannot be removed by {by.first_name}")
    _part(world, chat, user, by, "kicked")


def leave(world: World, chat: Chat, user: User) -> None:
    """Somebody leaves, or the bot does."""
    _require_inside(chat, user)
    _part(world, chat, user, user, "left")


def _part(world: World, chat: Chat, user: User, by: User, status: Status) -> None:
    # The message comes first: who is removed still sees it, as the bot does in Telegram.
    view = user.view()
    post(world, chat, by, {"left_chat_member": view, "left_chat_participant": view})
    _set(world, chat, user, by, status)


def promote(
    world: World,
    chat: Chat,
    user: User,
    by: User,
    *,
    rights: Iterable[str] | None = None,
    anonymous: bool = False,
    title: str | None = None,
) -> None:
    """Appoint an admin, or change an admin's rights; a creator can so become anonymous."""
    target = _require_inside(chat, user)
    if not _require_inside(chat, by).may("can_promote_members"):
        raise RefusedError(f"{by.first_name} may not appoint admins")
    chosen = list(PRESET_RIGHTS if rights is None else rights)
    if unknown := set(chosen) - set(ADMIN_RIGHTS):
        raise RefusedError(f"there is no right called {', '.join(sorted(unknown))}")
    if target.status == "creator":
        if user.id != by.id:
            raise RefusedError("the creator has all rights")
        _set(world, chat, user, by, "creator", Member(user.id, "creator", [], anonymous, title))
        return
    kept = [right for right in ADMIN_RIGHTS if right in chosen or right == "can_manage_chat"]
    _set(world, chat, user, by, "administrator", Member(user.id, "administrator", kept, anonymous, title))


def demote(world: World, chat: Chat, user: User, by: User) -> None:
    """An admin who may appoint takes an appointment back."""
    if not _require_inside(chat, by).may("can_promote_members"):
        raise RefusedError(f"{by.first_name} may not dismiss admins")
    if _require_inside(chat, user).status != "administrator":
        raise RefusedError(f"{user.first_name} is no administrator")
    _set(world, chat, user, by, "member")


def rename(world: World, chat: Chat, title: str, by: User) -> None:
    """An admin gives the group another title."""
    if not _require_inside(chat, by).may("can_change_info"):
        raise RefusedError(f"{by.first_name} may not change the title")
    chat.title = title.strip()[:128]
    world.keep_chat(chat)
    world.feed.tell("chat", chat=chat.id)
    post(world, chat, by, {"new_chat_title": chat.title})


def upgrade(world: World, chat: Chat, by: User) -> Chat:
    """The creator makes a supergroup of a basic group: a new id and both service messages.

    The bot is told that it joined the new chat, never that it left the old one, as Telegram does
    (tdlib/telegram-bot-api issue 266).
    """
    if chat.type != "group" or chat.migrated_to:
        raise RefusedError("this is no basic group any more")
    if _require_inside(chat, by).status != "creator":
        raise RefusedError("only the creator can upgrade the group")
    new = Chat(world.new_id("supergroup"), "supergroup", chat.title, migrated_from=chat.id)
    world.chats[new.id] = new
    world.keep_chat(new)
    for member in chat.members.values():
        moved = Member(member.user_id, member.status, list(member.rights), member.anonymous, member.title)
        user = world.user(member.user_id)
        if user is None:
            continue
        if user.id == world.bot.id and moved.inside:
            _set(world, new, user, by, moved.status, moved)
        else:
            new.members[moved.user_id] = moved
            world.keep_member(new, moved)
    post(world, chat, by, {"migrate_to_chat_id": new.id})
    _announce_migration(world, new, chat.id, by)
    chat.migrated_to = new.id
    world.keep_chat(chat)
    world.feed.tell("chat", chat=new.id, migrated_from=chat.id)
    return new


def _announce_migration(world: World, new: Chat, old_id: int, by: User) -> None:
    """In the supergroup the message comes from the group itself."""
    creator = new.members[by.id]
    was, creator.anonymous = creator.anonymous, True
    post(world, new, by, {"migrate_from_chat_id": old_id})
    creator.anonymous = was


def _require_inside(chat: Chat, user: User) -> Member:
    member = chat.member(user.id)
    if chat.migrated_to:
        raise RefusedError("this group was upgraded to a supergroup")
    if member is None:
        raise RefusedError(f"{user.first_name} is not in {chat.title}")
    return member


def members_view(chat: Chat) -> list[Json]:
    """Who is in a group now, for the control side."""
    inside = [member for member in chat.members.values() if member.inside]
    order = {"creator": 0, "administrator": 1}
    inside.sort(key=lambda member: order.get(member.status, 2))
    return [{"user_id": m.user_id, "status": m.status, "anonymous": m.anonymous, "title": m.title} for m in inside]
