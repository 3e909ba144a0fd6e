"""What is no person's act: the clock, scripted faults, the bot's privacy mode, beginning anew."""

import asyncio
import inspect
from datetime import datetime

from aiohttp import web

from sandbox import cast
from sandbox.control.body import DONE, answer, body, maybe_text, number, text, wait_of
from sandbox.control.looking import clock_view
from sandbox.errors import RefusedError
from sandbox.keys import CAST, ON_SHIFT, WORLD


async def clock(request: web.Request) -> web.Response:
    """The time; with `after` it waits until the offset is another."""
    world = request.app[WORLD]
    after = request.query.get("after")
    if after is not None and _seconds(after) == world.clock.offset_seconds:
        await world.clock.moved.wait(wait_of(request.query.get("timeout"), 25))
    return answer(clock_view(world))


async def move_clock(request: web.Request) -> web.Response:
    """Shift or set the clock, and tell the launcher."""
    world = request.app[WORLD]
    given = await body(request)
    if "shift" in given:
        world.clock.shift(_seconds(given["shift"]))
    else:
        world.clock.set(_instant(given.get("now")))
    world.keep_settings()
    await _tell_shift(request)
    return answer(clock_view(world))


async def _tell_shift(request: web.Request) -> None:
    world = request.app[WORLD]
    world.feed.tell("clock", offset_seconds=world.clock.offset_seconds)
    hook = request.app[ON_SHIFT]
    if hook:
        told = hook(world.clock.offset_seconds)
        if inspect.isawaitable(told):
            await told


def _seconds(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise RefusedError("a number of seconds is expected") from None


def _instant(value: object) -> float:
    if isinstance(value, str) and not value.replace(".", "").isdigit():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise RefusedError(f"{value} is no time in ISO 8601") from None
        if moment.tzinfo is None:
            raise RefusedError("a time needs its offset from UTC")
        return moment.timestamp()
    return _seconds(value)


async def faults(request: web.Request) -> web.Response:
    """The faults still to come."""
    return answer([fault.view() for fault in request.app[WORLD].faults.waiting])


async def new_fault(request: web.Request) -> web.Response:
    """Script a fault."""
    world = request.app[WORLD]
    given = await body(request)
    nth, times = number(given.get("nth", 1), "nth"), number(given.get("times", 1), "times")
    seconds = None if given.get("seconds") is None else _seconds(given["seconds"])
    fault = world.faults.add(
        text(given, "method"),
        given.get("chat"),
        nth,
        times,
        given.get("action"),
        name=maybe_text(given, "name") or "",
        seconds=seconds,
    )
    world.feed.tell("fault", id=fault.id)
    if seconds is not None:  # pages show that it is over
        asyncio.get_running_loop().call_later(seconds, world.feed.tell, "fault")
    return answer({"id": fault.id})


async def drop_faults(request: web.Request) -> web.Response:
    """Take back one fault, or all."""
    world = request.app[WORLD]
    wanted = request.match_info.get("fault_id")
    world.faults.remove(None if wanted is None else number(wanted, "a fault's id"))
    world.feed.tell("fault")
    return answer(DONE)


async def incidents(request: web.Request) -> web.Response:
    """What became of what faults struck, the newest first."""
    return answer(request.app[WORLD].incidents.view())


async def clear_incidents(request: web.Request) -> web.Response:
    """Forget them."""
    world = request.app[WORLD]
    world.incidents.clear()
    world.feed.tell("incident")
    return answer(DONE)


async def take_hints(request: web.Request) -> web.Response:
    """What the bot tells the page beside the Bot API; pages are told where it is something else."""
    world = request.app[WORLD]
    hints = await body(request)
    if hints != world.hints:
        world.hints = hints
        world.feed.tell("hints")
    return answer(DONE)


async def set_bot(request: web.Request) -> web.Response:
    """Privacy mode on or off, as BotFather does it."""
    world = request.app[WORLD]
    given = await body(request)
    if not isinstance(given.get("privacy"), bool):
        raise RefusedError('"privacy" is true or false')
    world.privacy = given["privacy"]
    world.keep_settings()
    world.feed.tell("bot")
    return answer(DONE)


async def reset(request: web.Request) -> web.Response:
    """Forget everything and begin as a new sandbox does."""
    world = request.app[WORLD]
    await world.reset()
    if language := request.app[CAST]:
        cast.settle(world, language)
    await _tell_shift(request)
    return answer(DONE)


def add_routes(app: web.Application) -> None:
    """The addresses of the stage."""
    root = "/sandbox/api"
    app.router.add_get(f"{root}/clock", clock)
    app.router.add_post(f"{root}/clock", move_clock)
    app.router.add_get(f"{root}/faults", faults)
    app.router.add_post(f"{root}/faults", new_fault)
    app.router.add_delete(f"{root}/faults", drop_faults)
    app.router.add_delete(f"{root}/faults/{{fault_id}}", drop_faults)
    app.router.add_get(f"{root}/incidents", incidents)
    app.router.add_delete(f"{root}/incidents", clear_incidents)
    app.router.add_post(f"{root}/hints", take_hints)
    app.router.add_post(f"{root}/bot", set_bot)
    app.router.add_post(f"{root}/reset", reset)
