"""Acting on groups: making, joining, removing, appointing, upgrading."""

from aiohttp import web

from sandbox import channels, groups, topics
from sandbox.control.body import DONE, actor, answer, body, group, maybe_text, number, text
from sandbox.errors import RefusedError
from sandbox.keys import WORLD
from sandbox.model import Channel

_TOPIC_ACTS = {"close": topics.close, "reopen": topics.reopen, "delete": topics.remove}


async def create(request: web.Request) -> web.Response:
    """Make a group."""
    world = request.app[WORLD]
    given = await body(request)
    members = [world.anyone(user) for user in given.get("members") or []]
    kind = given.get("type", "supergroup")
    forum = bool(given.get("is_forum"))
    return answer(
        groups.create(world, actor(request, given), text(given, "title"), members, kind, is_forum=forum).view()
    )


async def add(request: web.Request) -> web.Response:
    """Add somebody, or the bot."""
    world = request.app[WORLD]
    given = await body(request)
    user = world.anyone(given.get("user"))
    groups.add(world, group(request), user, actor(request, given), maybe_text(given, "payload"))
    return answer(DONE)


async def remove(request: web.Request) -> web.Response:
    """Remove somebody, or the bot."""
    world = request.app[WORLD]
    given = await body(request)
    groups.remove(world, group(request), world.anyone(given.get("user")), actor(request, given))
    return answer(DONE)


async def leave(request: web.Request) -> web.Response:
    """Leave."""
    groups.leave(request.app[WORLD], group(request), actor(request, await body(request)))
    return answer(DONE)


async def promote(request: web.Request) -> web.Response:
    """Make somebody an admin, the bot too."""
    world = request.app[WORLD]
    given = await body(request)
    rights = given.get("rights")
    if rights is not None and not isinstance(rights, list):
        raise RefusedError("rights is a list of names")
    groups.promote(
        world,
        group(request),
        world.anyone(given.get("user")),
        actor(request, given),
        rights=rights,
        anonymous=bool(given.get("anonymous")),
        title=maybe_text(given, "title"),
    )
    return answer(DONE)


async def demote(request: web.Request) -> web.Response:
    """Make an admin a member again."""
    world = request.app[WORLD]
    given = await body(request)
    groups.demote(world, group(request), world.anyone(given.get("user")), actor(request, given))
    return answer(DONE)


async def upgrade(request: web.Request) -> web.Response:
    """Make a basic group a supergroup."""
    return answer(groups.upgrade(request.app[WORLD], group(request), actor(request, await body(request))).view())


async def rename(request: web.Request) -> web.Response:
    """Another title."""
    given = await body(request)
    groups.rename(request.app[WORLD], group(request), text(given, "title"), actor(request, given))
    return answer(DONE)


async def new_topic(request: web.Request) -> web.Response:
    """A topic of a forum."""
    given = await body(request)
    thread = topics.create(request.app[WORLD], group(request), text(given, "name"), actor(request, given))
    return answer({"message_thread_id": thread})


async def change_topic(request: web.Request) -> web.Response:
    """Close, reopen or delete a topic."""
    given = await body(request)
    act = _TOPIC_ACTS[request.match_info["act"]]
    thread = number(request.match_info["thread"], "a topic's id")
    act(request.app[WORLD], group(request), thread, actor(request, given))
    return answer(DONE)


async def new_channel(request: web.Request) -> web.Response:
    """Make a channel."""
    given = await body(request)
    return answer(channels.create(request.app[WORLD], actor(request, given), text(given, "title")).view())


async def link_channel(request: web.Request) -> web.Response:
    """Link a channel with a group."""
    world, given = request.app[WORLD], await body(request)
    channels.link(world, _channel(request), world.place(given.get("group")), actor(request, given))
    return answer(DONE)


async def publish(request: web.Request) -> web.Response:
    """Post in a channel; the message that this brings into the linked group, or null."""
    given = await body(request)
    entry = channels.publish(request.app[WORLD], _channel(request), actor(request, given), text(given, "text"))
    return answer(entry.view() if entry else None)


def _channel(request: web.Request) -> Channel:
    return request.app[WORLD].channel(number(request.match_info["id"], "a channel's id"))


def add_routes(app: web.Application) -> None:
    """The addresses for groups."""
    root = "/sandbox/api/groups"
    app.router.add_post(root, create)
    acts = {
        "members": add,
        "remove": remove,
        "leave": leave,
        "promote": promote,
        "demote": demote,
        "upgrade": upgrade,
        "title": rename,
        "topics": new_topic,
    }
    for name, handler in acts.items():
        app.router.add_post(f"{root}/{{id}}/{name}", handler)
    app.router.add_post(f"{root}/{{id}}/topics/{{thread}}/{{act:{'|'.join(_TOPIC_ACTS)}}}", change_topic)
    app.router.add_post("/sandbox/api/channels", new_channel)
    app.router.add_post("/sandbox/api/channels/{id}/link", link_channel)
    app.router.add_post("/sandbox/api/channels/{id}/posts", publish)
