"""Channels of people, which the bot is not in: writing as one in a group, and posts that a group is linked to."""

from sandbox import entities
from sandbox.errors import RefusedError
from sandbox.model import CHANNEL_POSTS, CHANNEL_WRITER, Channel, Chat, Json, Post, User
from sandbox.posting import post
from sandbox.world import World


def create(world: World, owner: User, title: str) -> Channel:
    """A new channel; only its owner writes as it."""
    if not title.strip():
        raise RefusedError("a channel needs a title")
    channel = Channel(world.new_id("channel"), title.strip()[:128], owner.id)
    world.channels[channel.id] = channel
    world.keep_channel(channel)
    return channel


def link(world: World, channel: Channel, group: Chat, by: User) -> None:
    """Make a supergroup the place where the channel's posts are talked about: they come there by themselves."""
    member = group.member(by.id)
    if channel.owner != by.id or member is None or not member.may("can_change_info"):
        raise RefusedError(f"{by.first_name} may not link this channel and this group")
    if group.type != "supergroup":
        raise RefusedError("only a supergroup can be linked")
    channel.group = group.id
    world.keep_channel(channel)


def publish(world: World, channel: Channel, by: User, text: str) -> Post | None:
    """Post in a channel; what came of it in the linked group, None where there is none."""
    if channel.owner != by.id:
        raise RefusedError(f"{by.first_name} may not post in this channel")
    channel.posts += 1
    world.keep_channel(channel)
    if channel.group is None:
        return None
    origin = {
        "type": "channel",
        "chat": channel.view(),
        "message_id": channel.posts,
        "date": world.clock.date(),
    }
    content: Json = {"text": text, "forward_origin": origin, "is_automatic_forward": True}
    if found := entities.find(text, []):
        content["entities"] = found
    return post(world, world.chats[channel.group], by, content, writer=_as_channel(channel, CHANNEL_POSTS))


def writer(channel: Channel, person: User, chat: Chat) -> Json:
    """Who a message is from that somebody writes in a group in the name of a channel."""
    if channel.owner != person.id:
        raise RefusedError(f"{person.first_name} may not write as this channel")
    if chat.type != "supergroup":
        raise RefusedError("one writes as a channel in supergroups only")
    return _as_channel(channel, CHANNEL_WRITER)


def _as_channel(channel: Channel, user: Json) -> Json:
    return {"from": user, "sender_chat": channel.view()}
