"""The Bot API's side: from a request to a method, through the scripted faults, to the answer."""

import asyncio
import inspect
from typing import Any

import orjson
from aiohttp import web
from aiohttp.multipart import BodyPartReader

from sandbox.errors import ApiError, bad_request
from sandbox.faults import Action, Fault
from sandbox.keys import WORLD
from sandbox.methods import METHODS, Method
from sandbox.model import Json
from sandbox.params import Params, Upload
from sandbox.world import World

_NOT_FOUND = ApiError(404, "Not Found")
_UNAUTHORIZED = ApiError(401, "Unauthorized")


async def read_params(request: web.Request) -> Params:
    """The arguments of a call from query and body."""
    params = Params(dict(request.query))
    if request.method == "POST" and request.can_read_body:
        kind = request.content_type
        if kind == "application/json":
            _read_json(await request.read(), params)
        elif kind == "multipart/form-data":
            await read_multipart(request, params)
        elif kind == "application/x-www-form-urlencoded":
            params.values |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return params


def _read_json(body: bytes, params: Params) -> None:
    try:
        values = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        raise bad_request("can't parse request: invalid JSON") from None
    if not isinstance(values, dict):
        raise bad_request("can't parse request: object expected")
    params.values |= values


async def read_multipart(request: web.Request, params: Params) -> None:
    """Fields and files of a multipart body."""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        if part.filename is None:
            params.values[part.name] = await part.text()
        else:
            params.uploads[part.name] = await _upload(part)


async def _upload(part: BodyPartReader) -> Upload:
    kind = part.headers.get("Content-Type", "application/octet-stream")
    return Upload(part.filename or "file", kind.partition(";")[0], await part.read())


def _answer(status: int, body: Any) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _refusal(error: ApiError) -> web.Response:
    headers = (
        {"Retry-After": str((error.parameters or {})["retry_after"])}
        if error.status == 429 and error.parameters
        else None
    )
    response = _answer(error.status, error.body())
    if headers:
        response.headers.update(headers)
    return response


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection with nothing said; the response goes nowhere."""
    if request.transport:
        request.transport.abort()
    return web.Response()


async def handle(request: web.Request) -> web.StreamResponse:
    """`/bot<token>/<method>`."""
    world = request.app[WORLD]
    if request.match_info["token"] != world.token:
        return _refusal(_UNAUTHORIZED)
    method = METHODS.get(request.match_info["method"].lower())
    if method is None:
        return _refusal(_NOT_FOUND)
    world.ledger.calls[method.name] += 1
    try:
        params = await read_params(request)
    except ApiError as error:
        return _refusal(error)
    fault = _struck(world, method, params)
    return await (_faulty(request, method, params, fault) if fault else _plain(world, method, params, None))


async def called_in_answer(world: World, call: Json) -> None:
    """A call that the answer to an update carries, without files; nobody is told what becomes of it.

    A fault that answers without accepting, or instead of it, loses the call.
    """
    method = METHODS.get(str(call.get("method", "")).lower())
    if method is None:
        return
    world.ledger.calls[method.name] += 1
    params = Params({name: value for name, value in call.items() if name != "method"})
    fault = _struck(world, method, params)
    if fault is None or fault.action.accepts:
        await _plain(world, method, params, fault.action.kind if fault else None)


def _struck(world: World, method: Method, params: Params) -> Fault | None:
    faults = world.faults
    if not faults.waiting:
        return None
    chat = params.values.get("chat_id")
    if chat is None and (tap := world.taps.find(params.text("callback_query_id"))):
        chat = tap.chat_id
    return faults.strike(method.name.lower(), None if chat is None else str(chat))


async def _plain(world: World, method: Method, params: Params, fault: str | None) -> web.Response:
    """Do what the method does and note it; a refusal is an answer too."""
    try:
        result = method.handler(world, params)
        if inspect.isawaitable(result):
            result = await result
    except ApiError as error:
        _follow(world, method, params, None, fault, error.description)
        return _refusal(error)
    _follow(world, method, params, result, fault)
    if method.recorded:
        notes = {**params.notes, "fault": fault} if fault else params.notes
        world.ledger.record(method.name, params.essentials(), result, world.clock.now(), **notes)
        world.feed.tell("accepted", method=method.name, n=len(world.ledger.entries))
    return _answer(200, {"ok": True, "result": result})


def _follow(
    world: World, method: Method, params: Params, result: Any, fault: str | None, refusal: str | None = None
) -> None:
    """Note the try, if this call is about something that a fault struck; `fault` hides its end from the bot."""
    if not (method.recorded and (incident := world.incidents.of(method.name, params.essentials()))):
        return
    message_id = result.get("message_id") if isinstance(result, dict) else None
    incident.add(accepted=refusal is None, answered=fault is None, message_id=message_id, said=refusal or "")
    world.feed.tell("incident", n=incident.n)


async def _faulty(request: web.Request, method: Method, params: Params, fault: Fault) -> web.Response:
    world, action = request.app[WORLD], fault.action
    world.feed.tell("fault", id=fault.id, method=method.name)
    if method.recorded and action.kind != "delay":
        incident = world.incidents.struck(method.name, params.essentials(), fault.name, action.kind)
        if not action.accepts:
            said = action.error.description if action.error else ""
            incident.add(accepted=False, answered=action.error is not None, said=said)
            world.feed.tell("incident", n=incident.n)
    if action.kind == "delay":
        await asyncio.sleep(action.seconds)
        return await _plain(world, method, params, None)
    accepted = await _plain(world, method, params, action.kind) if action.accepts else None
    return await _obscured(request, action, accepted, fault.seconds_left())


async def _obscured(
    request: web.Request, action: Action, accepted: web.Response | None, left: float | None
) -> web.Response:
    """What the bot gets instead of the answer; a silence ends with its fault, `left` seconds from now."""
    if action.error:
        return _refusal(action.error)
    if action.kind == "body":
        return web.Response(text=action.body, status=action.status)
    if action.kind == "hang":
        await asyncio.sleep(action.seconds if left is None else min(action.seconds, left))
        return accepted or _hang_up(request)
    return _hang_up(request)


async def download(request: web.Request) -> web.StreamResponse:
    """`/file/bot<token>/<path>`."""
    world = request.app[WORLD]
    if request.match_info["token"] != world.token:
        return _refusal(_UNAUTHORIZED)
    file = world.paths.get(request.match_info["path"])
    if file is None:
        return _refusal(_NOT_FOUND)
    return web.Response(body=await world.store.read_file(file.path), content_type="application/octet-stream")


def add_routes(app: web.Application) -> None:
    """The Bot API's addresses."""
    app.router.add_route("*", "/bot{token}/{method}", handle)
    app.router.add_get("/file/bot{token}/{path:.+}", download)
