"""Polls from the bot."""

from sandbox import polls
from sandbox.errors import bad_request
from sandbox.methods.registry import method
from sandbox.methods.sending import send
from sandbox.model import Json
from sandbox.params import Params
from sandbox.world import World


@method("sendPoll")
def send_poll(world: World, params: Params) -> Json:
    """A question with answers to choose from."""
    chat = world.reachable(params.chat_id())
    if params.text("type") not in ("", "regular"):
        raise bad_request("only regular polls are there")
    poll = polls.make(
        world,
        params.text("question"),
        params.json("options"),
        anonymous=str(params.values.get("is_anonymous", True)).lower() != "false",
        several=params.flag("allows_multiple_answers"),
    )
    return send(world, params, chat, {"poll": poll})


@method("stopPoll")
def stop_poll(world: World, params: Params) -> Json:
    """End a poll of its own."""
    chat = world.reachable(params.chat_id())
    entry = chat.posts.get(params.must("message_id", "message identifier is not specified"))
    if entry is None or entry.author != world.bot.id:
        raise bad_request("message with poll to stop not found")
    return polls.close(world, chat, entry)
