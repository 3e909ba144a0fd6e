"""Acting as a person: Start, texts, files, taps, blocking; and making people."""

import mimetypes

from aiohttp import web

from sandbox import acts, groups
from sandbox.bot_api import read_multipart
from sandbox.control.body import DONE, actor, answer, body, maybe_text, number, place, text, wait_of
from sandbox.errors import RefusedError
from sandbox.keys import WORLD
from sandbox.model import Json
from sandbox.params import Params
from sandbox.taps import Tap

MAX_BULK = 20_000


async def new_person(request: web.Request) -> web.Response:
    """Make a person."""
    given = await body(request)
    more = {name: maybe_text(given, name) for name in ("last_name", "username", "language_code")}
    return answer(acts.new_person(request.app[WORLD], text(given, "first_name"), **more).view())


async def new_people(request: web.Request) -> web.Response:
    """Make many people, and put them into a group with no messages."""
    world = request.app[WORLD]
    given = await body(request)
    count = number(given.get("count"), "count")
    if not 1 <= count <= MAX_BULK:
        raise RefusedError(f"count is between 1 and {MAX_BULK}")
    name, language = (
        maybe_text(given, "first_name") or "组员",
        maybe_text(given, "language_code") or "zh-hans",
    )
    people = [acts.new_person(world, f"{name}{n}", language_code=language) for n in range(1, count + 1)]
    if given.get("group") is not None:
        groups.join_silently(world, world.place(given["group"]), people)
    return answer({"ids": [person.id for person in people]})


async def start(request: web.Request) -> web.Response:
    """Press Start or open a deep link."""
    given = await body(request)
    entry = acts.press_start(request.app[WORLD], actor(request, given), maybe_text(given, "payload"))
    return answer(entry.view())


async def block(request: web.Request) -> web.Response:
    """Block the bot."""
    acts.block(request.app[WORLD], actor(request, await body(request)))
    return answer(DONE)


async def unblock(request: web.Request) -> web.Response:
    """Take the block back."""
    acts.unblock(request.app[WORLD], actor(request, await body(request)))
    return answer(DONE)


async def say(request: web.Request) -> web.Response:
    """Write a text, or send a sticker, a voice message, a place, one's contact."""
    world = request.app[WORLD]
    given = await body(request)
    person, chat = actor(request, given), place(request, given)
    if location := given.get("location"):
        return answer(acts.send_location(world, person, chat, location).view())
    if given.get("contact"):
        return answer(acts.send_contact(world, person, chat).view())
    if emoji := maybe_text(given, "sticker"):
        return answer(acts.send_sticker(world, person, chat, emoji).view())
    if given.get("voice") is not None:
        return answer(acts.send_voice(world, person, chat, number(given["voice"], "voice")).view())
    thread, channel = given.get("message_thread_id"), given.get("channel")
    entry = acts.say(
        world,
        person,
        chat,
        text(given, "text"),
        reply_to=given.get("reply_to"),
        thread=None if thread is None else number(thread, "message_thread_id"),
        channel=None if channel is None else world.channel(channel),
    )
    return answer(entry.view())


async def edit(request: web.Request) -> web.Response:
    """Change one's own text."""
    given = await body(request)
    chat, person = place(request, given), actor(request, given)
    return answer(acts.edit(request.app[WORLD], person, chat, given.get("message"), text(given, "text")).view())


async def vote(request: web.Request) -> web.Response:
    """Vote in a poll, or take the vote back with no options."""
    given = await body(request)
    chat, person, options = place(request, given), actor(request, given), given.get("options")
    if not isinstance(options, list) or not all(isinstance(option, int) for option in options):
        raise RefusedError('"options" is a list of numbers')
    return answer(acts.vote(request.app[WORLD], person, chat, given.get("message"), options).view())


async def upload(request: web.Request) -> web.Response:
    """Send a file."""
    world = request.app[WORLD]
    params = Params()
    await read_multipart(request, params)
    given = {name: number(params.values.get(name, ""), name) for name in ("as", "chat")}
    sent = params.uploads.get("file")
    if sent is None:
        raise RefusedError('"file" is missing')
    person, chat = actor(request, given), place(request, given)
    acts.require_inside(person, chat)
    kind = mimetypes.guess_type(sent.name)[0] or sent.mime_type
    stored = await world.add_file(sent.name, kind, sent.content)
    as_photo = params.text("kind") == "photo"
    return answer(acts.send_file(world, person, chat, stored, params.text("caption"), as_photo=as_photo).view())


async def tap(request: web.Request) -> web.Response:
    """Press a button and, if wanted, wait for the answer."""
    world = request.app[WORLD]
    given = await body(request)
    spot = None
    if given.get("data") is None:
        spot = number(given.get("row"), "row"), number(given.get("col"), "col")
    pressed = acts.tap(
        world,
        actor(request, given),
        place(request, given),
        given.get("message"),
        data=maybe_text(given, "data"),
        place=spot,
        forge=bool(given.get("forge")),
        inaccessible=bool(given.get("inaccessible")),
    )
    return answer(await _answered(request, pressed, given.get("wait")))


async def _answered(request: web.Request, pressed: Tap, wait: object) -> Json:
    seconds = wait_of(wait, 0)
    reply = await request.app[WORLD].taps.wait(pressed, seconds) if seconds else pressed.answer
    return {"query_id": pressed.id, "answer": reply}


async def tap_answer(request: web.Request) -> web.Response:
    """The answer of an earlier tap."""
    pressed = request.app[WORLD].taps.find(request.match_info["query_id"])
    if pressed is None:
        raise RefusedError("there is no such tap", 404)
    return answer(await _answered(request, pressed, request.query.get("wait")))


async def tap_all(request: web.Request) -> web.Response:
    """Many people press the same button, one right after the other."""
    world = request.app[WORLD]
    given = await body(request)
    chat, data = place(request, given), text(given, "data")
    people = [world.person(user) for user in given.get("users", [])]
    taps = [acts.tap(world, person, chat, given.get("message"), data=data) for person in people]
    return answer({"query_ids": [pressed.id for pressed in taps]})


def add_routes(app: web.Application) -> None:
    """The addresses for acting as a person."""
    root = "/sandbox/api"
    app.router.add_post(f"{root}/people", new_person)
    app.router.add_post(f"{root}/people/bulk", new_people)
    app.router.add_post(f"{root}/start", start)
    app.router.add_post(f"{root}/block", block)
    app.router.add_post(f"{root}/unblock", unblock)
    app.router.add_post(f"{root}/messages", say)
    app.router.add_post(f"{root}/messages/edit", edit)
    app.router.add_post(f"{root}/votes", vote)
    app.router.add_post(f"{root}/documents", upload)
    app.router.add_post(f"{root}/taps", tap)
    app.router.add_post(f"{root}/taps/bulk", tap_all)
    app.router.add_get(f"{root}/taps/{{query_id}}", tap_answer)
