"""What the bot can learn of chats and members, and leaving."""

from sandbox import groups
from sandbox.errors import bad_request, forbidden
from sandbox.methods.registry import method
from sandbox.model import Chat, Json, Member
from sandbox.params import Params
from sandbox.posting import without_reply
from sandbox.world import World

# The default permissions of members in a new group.
PERMISSIONS = {
    **dict.fromkeys(
        (
            "can_send_messages",
            "can_send_audios",
            "can_send_documents",
            "can_send_photos",
            "can_send_videos",
            "can_send_video_notes",
            "can_send_voice_notes",
            "can_send_polls",
            "can_send_other_messages",
            "can_add_web_page_previews",
            "can_invite_users",
        ),
        True,
    ),
    **dict.fromkeys(("can_change_info", "can_pin_messages", "can_manage_topics"), False),
}
_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


def _group(world: World, params: Params) -> Chat:
    """A group the bot is in."""
    chat = world.reachable(params.chat_id())
    if chat.is_private:
        raise bad_request(
            "chat not found" if chat.id not in world.people else "there are no members in the private chat"
        )
    return chat


@method("getChat", recorded=False)
def get_chat(world: World, params: Params) -> Json:
    """ChatFullInfo."""
    chat = world.chat(params.chat_id())
    if not chat.is_private:
        world.reachable(chat.id)
    view = {**world.chat_view(chat), "accent_color_id": abs(chat.id) % 7, "max_reaction_count": 11}
    view["accepted_gift_types"] = _GIFTS
    if not chat.is_private:
        view["permissions"] = PERMISSIONS
    if chat.pinned and (entry := chat.posts.get(chat.pinned[-1])):
        view["pinned_message"] = without_reply(entry.message)
    return view


def _view(world: World, chat: Chat, member: Member) -> Json:
    user = world.user(member.user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member.view(user, supergroup=chat.type == "supergroup")


@method("getChatMember", recorded=False)
def get_chat_member(world: World, params: Params) -> Json:
    """Somebody's standing; whoever was never in the group has "left"."""
    chat = world.reachable(params.chat_id())
    user_id = params.must("user_id", "invalid user_id specified")
    if chat.is_private:
        if user_id not in (chat.id, world.bot.id):
            raise bad_request("user not found")
        return _view(world, chat, Member(user_id, "member"))
    return _view(world, chat, chat.members.get(user_id) or Member(user_id, "left"))


@method("getChatAdministrators", recorded=False)
def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """Creator and admins who are people, and the bot itself; other bots are left out by Telegram."""
    chat = world.reachable(params.chat_id())
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return [_view(world, chat, member) for member in chat.members.values() if member.is_admin]


@method("getChatMemberCount", recorded=False)
@method("getChatMembersCount", recorded=False)
def get_chat_member_count(world: World, params: Params) -> int:
    """How many are in the chat."""
    chat = world.reachable(params.chat_id())
    return 2 if chat.is_private else sum(member.inside for member in chat.members.values())


@method("leaveChat")
def leave_chat(world: World, params: Params) -> bool:
    """The bot leaves a group."""
    chat = _group(world, params)
    groups.leave(world, chat, world.bot)
    return True


@method("exportChatInviteLink")
def export_chat_invite_link(world: World, params: Params) -> str:
    """A link to the group; only admins who may invite get one."""
    chat = _group(world, params)
    member = world.bot_member(chat)
    if member is None or not member.may("can_invite_users"):
        raise forbidden("not enough rights to export chat invite link")
    return f"https://t.me/+sandbox{abs(chat.id)}"
