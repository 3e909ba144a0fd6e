"""Reading: state, feed, messages, files, ledger, updates."""

from urllib.parse import quote

from aiohttp import web

from sandbox.acts import require_inside
from sandbox.control.body import actor, answer, number, wait_of
from sandbox.errors import RefusedError
from sandbox.groups import members_view
from sandbox.guard import FILE_POLICY
from sandbox.keys import WORLD
from sandbox.methods.profile import commands_for
from sandbox.methods.updates import get_webhook_info
from sandbox.model import Chat, Json, Post, User
from sandbox.params import Params
from sandbox.posting import without_reply
from sandbox.world import World


def clock_view(world: World) -> Json:
    """The time and how far it is from the computer's."""
    return {"now": world.clock.now(), "offset_seconds": world.clock.offset_seconds}


async def state(request: web.Request) -> web.Response:
    """Everything a page shows beside the messages."""
    world = request.app[WORLD]
    asked = request.query.get("as", "")
    person = world.people.get(int(asked)) if asked.isdigit() else None
    clock = clock_view(world)
    bot = world.bot.view()
    people = [p.view() for p in world.people.values()]
    chats = [_chat(world, person, chat) for chat in world.seen_by(person)] if person else []
    return answer(
        {
            "seq": world.feed.seq,
            "now": clock["now"],
            "clock": clock,
            "bot": bot,
            "bots": [bot],
            "people": people,
            "chats": chats,
            "other_groups": _others(world, person),
            "faults": [fault.view() for fault in world.faults.waiting],
            "incidents": world.incidents.view(),
            "hints": world.hints,
        }
    )


def _others(world: World, person: User | None) -> list[Json]:
    return [
        {"id": chat.id, "title": chat.title, "type": chat.type}
        for chat in world.chats.values()
        if not chat.is_private and not chat.migrated_to and not (person and chat.member(person.id))
    ]


def _chat(world: World, person: User, chat: Chat) -> Json:
    pinned = chat.posts.get(chat.pinned[-1]) if chat.pinned else None
    last = next(reversed(chat.posts.values()), None)
    commands = commands_for(world, person, chat)
    view = {
        "id": chat.id,
        "type": chat.type,
        "pinned": without_reply(pinned.message) if pinned else None,
        "last": without_reply(last.message) if last else None,
        "commands": [{**command, "bot": world.bot.username} for command in commands],
    }
    return view | (_private(world, person) if chat.is_private else _group(world, chat))


def _private(world: World, person: User) -> Json:
    standing = [{"user_id": user, "status": "member", "anonymous": False} for user in (person.id, world.bot.id)]
    shown = {"title": world.bot.first_name, "bot": world.bot.id, "members": standing}
    return shown | {"started": person.started, "blocked": person.blocked, "bot_status": "member"}


def _group(world: World, chat: Chat) -> Json:
    bot = chat.members.get(world.bot.id)
    return {
        "title": chat.title,
        "members": members_view(chat),
        "bot_status": bot.status if bot else "left",
        "is_forum": chat.is_forum,
        "topics": [
            {"message_thread_id": int(thread), "name": name, "is_closed": int(thread) in chat.closed_topics}
            for thread, name in chat.topics.items()
        ],
        "migrated_from": chat.migrated_from,
    }


async def events(request: web.Request) -> web.Response:
    """The feed, as a long poll."""
    after = number(request.query.get("after", "0"), "after")
    return answer(await request.app[WORLD].feed.wait(after, wait_of(request.query.get("timeout"), 25)))


async def messages(request: web.Request) -> web.Response:
    """What a person sees in a chat."""
    world = request.app[WORLD]
    chat = world.place(number(request.match_info["id"], "a chat's id"))
    person = actor(request, {"as": number(request.query.get("as", ""), "as")})
    if not chat.migrated_to:
        require_inside(person, chat)
    after = number(request.query.get("after", "0"), "after")
    return answer([_seen(world, person, post) for post in _newer(chat, after)])


def _seen(world: World, person: User, post: Post) -> Json:
    """A message as this person's program has it: with their own vote, if it is a poll."""
    view = post.view()
    if poll := view.get("poll"):
        chosen = world.votes.get(poll["id"], {}).get(str(person.id), [])
        view = {**view, "poll": {**poll, "chosen": chosen}}
    return view


def _newer(chat: Chat, after: int) -> list[Post]:
    newer = []
    for post in reversed(chat.posts.values()):
        if post.id <= after:
            break
        newer.append(post)
    return newer[::-1]


async def file(request: web.Request) -> web.Response:
    """The bytes of a file, with its name."""
    world = request.app[WORLD]
    found = world.files.get(request.match_info["file_id"])
    if found is None:
        raise RefusedError("there is no such file", 404)
    # A photo is shown by the page; everything else is a download, so that no uploaded page runs as ours.
    shown = "inline" if found.width and found.mime_type.startswith("image/") else "attachment"
    plain = "".join(ch if ch.isascii() and (ch.isalnum() or ch in "._- ") else "_" for ch in found.name)
    disposition = f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": FILE_POLICY}
    kind = found.mime_type if shown == "inline" else "application/octet-stream"
    return web.Response(body=await world.store.read_file(found.path), content_type=kind, headers=headers)


async def ledger(request: web.Request) -> web.Response:
    """Accepted calls."""
    return answer(request.app[WORLD].ledger.view(number(request.query.get("after", "0"), "after")))


async def updates(request: web.Request) -> web.Response:
    """How far the bot has come with its updates."""
    return answer(request.app[WORLD].updates.view())


async def bot(request: web.Request) -> web.Response:
    """The bot as it presents itself."""
    world = request.app[WORLD]
    return answer(
        {
            "user": world.bot.view(),
            "privacy": world.privacy,
            "commands": world.commands,
            "names": world.names,
            "menu_buttons": world.menu_buttons,
            "webhook": get_webhook_info(world, Params()),
        }
    )


def add_routes(app: web.Application) -> None:
    """The addresses for reading."""
    root = "/sandbox/api"
    app.router.add_get(f"{root}/state", state)
    app.router.add_get(f"{root}/events", events)
    app.router.add_get(f"{root}/chats/{{id}}/messages", messages)
    app.router.add_get(f"{root}/files/{{file_id}}", file)
    app.router.add_get(f"{root}/ledger", ledger)
    app.router.add_get(f"{root}/updates", updates)
    app.router.add_get(f"{root}/bot", bot)
