"""Puts the parts together and keeps them going until a signal; then finishes what was taken in."""

import asyncio
import contextlib
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from telegram.ext import Application, ContextTypes, ExtBot

import services.editing
import services.inbox
import services.inputs
import services.retention
from bot import menus
from bot.backups import Backups
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.errors import on_error
from bot.intake import Intake
from bot.languages import Languages
from bot.measuring import Measures
from bot.poller import Poller
from bot.settings import Settings
from bot.webhook import Webhook
from chat.context import Context, World
from chat.limiter import Limiter
from chat.sender import Sender
from chat.transport import AiohttpRequest
from db.store import Store, is_sqlite, open_store
from handlers.registry import all_features
from jobs.registry import all_jobs
from jobs.ticker import Ticker
from services.rules import Rules

log = structlog.get_logger(__name__)


class PortTaken(Exception):
    """Nobody could reach us; the text says where."""


@dataclass(slots=True)
class Running:
    """The parts of a bot that is running."""

    application: Application[Any, Any, Any, Any, Any, Any]
    store: Store
    intake: Intake
    receiver: Poller | Webhook
    ticker: Ticker
    measures: Measures
    clock: Clock
    backups: Backups
    rules: Rules


def make_bot(settings: Settings, token: str, limiter: Limiter | None = None) -> ExtBot[Any]:
    """A bot on our transport. getUpdates has a connection of its own, so that no send can hold it up."""
    proxy = settings.telegram.proxy.get_secret_value() or None
    root = settings.telegram.base_url
    return ExtBot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=AiohttpRequest(proxy=proxy),
        get_updates_request=AiohttpRequest(proxy=proxy, connection_pool_size=1),
        rate_limiter=limiter,
    )


@contextlib.asynccontextmanager
async def start(settings: Settings, token: str, clock: Clock) -> AsyncIterator[Running]:
    """Start everything; on leaving, stop in the order that loses nothing: ask, handle, send, close."""
    limiter = Limiter()
    bot = make_bot(settings, token, limiter)
    application = (
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=Context))
        .build()
    )
    store = open_store(settings.database.url)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        await application.initialize()
        stack.push_async_callback(application.shutdown)
        running = await _assemble(settings, application, store, limiter, clock)
        await running.ticker.recover(alone=is_sqlite(settings.database.url))
        ticking = asyncio.create_task(running.ticker.run(), name="ticker")
        stack.push_async_callback(_end_ticker, running.ticker, ticking)
        stack.push_async_callback(running.intake.drain)
        scheduler = _scheduler(running)
        scheduler.start()
        stack.callback(scheduler.shutdown, wait=False)
        recovered = await running.intake.recover()
        if settings.web.port:
            await _serve(stack, settings, running)
        receiving = asyncio.create_task(running.receiver.run(), name="receiver")
        stack.push_async_callback(_cancel, receiving)
        publishing = asyncio.create_task(menus.publish(bot, list(application.bot_data["commands"])), name="menus")
        stack.push_async_callback(_cancel, publishing)
        log.info("started", recovered=recovered, bot_id=bot.id)
        yield running
        log.info("stopping", waiting=running.intake.waiting)


async def _serve(stack: contextlib.AsyncExitStack, settings: Settings, running: Running) -> None:
    """The page with the check-in code, health and figures, the webhook; a bot without them does not load this.

    Where the port is taken the bot goes on without, unless updates are to come in by it.
    """
    from web import app, health, webhook
    from web.serving import serving

    routes = health.routes(running.measures.wrong, running.measures.exposed)
    receiver, bot = running.receiver, running.application.bot
    if isinstance(receiver, Webhook):
        routes.append(webhook.route(receiver.path, receiver.secret, receiver.accept))
    site = app.make(routes, running.store, running.clock, lambda: bot.username)
    served = await stack.enter_async_context(serving(site, settings.web.host, settings.web.port))
    if not served and isinstance(receiver, Webhook):
        raise PortTaken(f"port {settings.web.port} is taken, and updates are to come in by it")


def stop_on_signal() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once: what is committed is safe."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    return stop


async def _assemble(settings: Settings, application: Any, store: Store, limiter: Limiter, clock: Clock) -> Running:
    bot = application.bot
    sender = Sender(bot)
    rules = settings.domain_rules()
    dispatch = Dispatch(all_features())
    dispatch.register(application)
    commands = list(dispatch.commands.values())
    jobs = {**all_jobs(), "menus": menus.job(commands, frozenset(settings.operators))}
    measures = Measures(store, clock)
    owner, alone = secrets.token_hex(8), is_sqlite(settings.database.url)
    ticker = Ticker(
        store,
        sender,
        limiter,
        jobs,
        clock,
        rules,
        settings.database.url,
        on_outcome=measures.sent,
        on_tick=measures.ticked,
        owner=owner,
        alone=alone,
    )
    application.add_error_handler(on_error)
    languages = Languages(store)
    intake = Intake(application, store, clock, bot.id, owner=owner, alone=alone, on_handled=measures.handled)
    receiver: Poller | Webhook = (
        Webhook(bot, intake, store, clock, settings.webhook.url)
        if settings.webhook.url
        else Poller(bot, intake, store, clock, bot.id)
    )
    measures.trouble = {"updates": lambda: receiver.trouble, "sending": lambda: ticker.trouble}
    application.bot_data["commands"] = commands
    application.bot_data["world"] = World(
        store=store,
        now=clock,
        wake=ticker.wake,
        sender=sender,
        rules=rules,
        operators=frozenset(settings.operators),
        languages=languages,
        forget_language=languages.forget,
        health=lambda: {"polling": receiver.trouble, "sending": ticker.trouble, "waiting": intake.waiting},
    )
    # By the real clock: it is about this machine, also where the sandbox's days fly by.
    copying = Backups(
        settings.database.url, settings.backup, settings.operators, store, lambda: datetime.now(UTC), ticker.wake
    )
    measures.copies = copying.standing
    return Running(application, store, intake, receiver, ticker, measures, clock, copying, rules)


def _scheduler(running: Running) -> AsyncIOScheduler:
    """APScheduler only ticks: what is due stands in the database."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(running.ticker.tick, "interval", seconds=1, **options)
    scheduler.add_job(_recover, "interval", seconds=15, args=[running], **options)
    scheduler.add_job(running.backups.look, "interval", hours=1, next_run_time=datetime.now(UTC), **options)
    scheduler.add_job(_prune, "interval", hours=1, args=[running], **options)
    return scheduler


async def _recover(running: Running) -> None:
    """Another process may have died with updates in hand, or the answer to a commit of ours may have been lost."""
    try:
        recovered = await running.intake.recover()
    except Exception as error:  # the database is away: in a while again
        log.warning("updates_not_recovered", error=type(error).__name__)
    else:
        if recovered:
            log.warning("updates_recovered", number=recovered)


async def _prune(running: Running) -> None:
    now = running.clock()
    await running.store.write(lambda connection: services.inbox.prune(connection, now))
    await running.store.write(lambda connection: services.inputs.prune(connection, now))
    rules = running.rules
    await running.store.write(lambda connection: services.retention.prune(connection, now, rules))
    await running.store.write(lambda connection: services.editing.forget_undone(connection, now))


async def _end_ticker(ticker: Ticker, ticking: asyncio.Task[None]) -> None:
    await ticker.stop()
    await ticking


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
