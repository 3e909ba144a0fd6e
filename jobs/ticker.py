"""Sends what is due: plans, claims, renders, fences, sends, and records what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from chat.context import Store
from chat.limiter import Limiter
from chat.outgoing import Outgoing, Photo, in_topic
from chat.sender import Gone, Moved, Outcome, Sender, Sent, TopicGone, TryLater, Unknown
from db import kill_points
from exports.making import MAKER
from jobs.job import Apart, Job, Kind, Planner
from jobs.sharing import BEAT_EVERY, SETTLING, Sharing
from services import deliveries, sent_files, unsent
from services.deliveries import Claim
from services.rules import Rules

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=60)
SEND_SECONDS: Final = 40.0
"""The hard limit of one request: shorter than the lease, so that nobody else sends while we still might."""

HOLD_SECONDS: Final = 20.0
"""How often the lease of something that takes long to make begins anew."""

AT_ONCE: Final = 30

SWEEP_EVERY: Final = 15
"""Ticks between two looks for leases that ended."""


class Ticker:
    """One for each process. `wake` makes it look at once; `tick` is what APScheduler calls every second."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        limiter: Limiter,
        jobs: Mapping[str, Job],
        now: Callable[[], datetime],
        rules: Rules,
        database_url: str,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_outcome: Callable[[str], None] = lambda _outcome: None,
        on_tick: Callable[[], None] = lambda: None,
        owner: str | None = None,
        alone: bool = True,
    ) -> None:
        self._on_outcome = on_outcome
        self._on_tick = on_tick
        self.owner = owner or secrets.token_hex(8)
        self._store = store
        self._sender = sender
        self._limiter = limiter
        self._now = now
        self._rules = rules
        self._database_url = database_url
        self._pause = pause
        self._kinds: dict[str, Kind | Apart] = {}
        for job in jobs.values():
            self._kinds |= job.kinds
            self._kinds |= job.apart
        self._planners: list[Planner] = [planner for job in jobs.values() for planner in job.planners]
        self._awake = asyncio.Event()
        self._stopping = False
        self._ticks = 0
        self._sending: set[asyncio.Task[None]] = set()
        self._chats: set[int] = set()  # Telegram's numbers of the chats that something is under way to
        self._sharing = Sharing(store, limiter, self.owner, sender.reaches, alone=alone)
        self._refused: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing can be sent at all, for whoever asks after our health."""
        return self._refused or ("Telegram is out of reach" if self._sharing.cut_off else None)

    def wake(self) -> None:
        """Something may be due."""
        self._awake.set()

    async def tick(self) -> None:
        """A second has gone by."""
        self._ticks += 1
        try:
            if self._ticks % BEAT_EVERY == 0:
                await self._sharing.beat(self._ticks)
            if self._ticks % SWEEP_EVERY == 0:
                await self._recover(all_of_others=False)
        except Exception as error:  # the database is away: the next tick tries again
            log.warning("beat_failed", error=type(error).__name__)
        self._awake.set()

    async def recover(self, *, alone: bool) -> None:
        """At the start: take back what ended leases held, and what others held where only one can have the database.

        Before anything comes in, the others learn of us: what we take in is in our hands.
        """
        await self._sharing.beat(self._ticks)
        await self._recover(all_of_others=alone)

    async def run(self) -> None:
        """Work until `stop`, then finish what is under way; a database out of reach only makes it wait."""
        await self._join()
        while not self._stopping:
            await self._awake.wait()
            self._awake.clear()
            try:
                await self._plan()
                if await self._send_due():
                    self._awake.set()
                self._on_tick()
            except Exception as error:
                log.warning("tick_failed", error=type(error).__name__, exc_info=error)
                await self._pause(1.0)
        if self._sending:
            await asyncio.wait(self._sending)
        with contextlib.suppress(Exception):  # if this fails, the others wait until we are missed
            await self._sharing.leave()

    async def _join(self) -> None:
        """Before anything is sent."""
        while not self._stopping:
            try:
                await self._sharing.beat(self._ticks)
                if self._sharing.of > 1:
                    # Until the others have seen us, they send at a pace that leaves nothing for us.
                    await self._pause(float(SETTLING))
                return
            except Exception as error:
                log.warning("not_joined", error=type(error).__name__)
                await self._pause(1.0)

    async def stop(self) -> None:
        """Claim nothing more; `run` returns when what is under way is finished."""
        self._stopping = True
        self._awake.set()

    async def _plan(self) -> None:
        now = self._now()
        due = await self._store.read(
            lambda connection: [planner for planner in self._planners if planner.due(connection, now)]
        )
        for planner in due:
            await self._store.write(_planned(planner, now, self._rules))

    async def _recover(self, *, all_of_others: bool) -> None:
        count = await self._store.write(
            lambda connection: unsent.recover(connection, self._now(), owner=self.owner, all_of_others=all_of_others)
        )
        if count:
            log.info("deliveries_recovered", count=count)

    async def _send_due(self) -> bool:
        """Start sending what is due and may go; whether there may be more right now."""
        at_once = 1 if self.trouble else AT_ONCE  # one finds out whether it is over; the others wait meanwhile
        limit = min(at_once - len(self._sending), self._limiter.overall())
        if self._sharing.stepped_back or self._stopping:
            return False
        if limit <= 0:
            self._wake_later(self._limiter.overall_delay())
            return False
        now = self._now()
        busy = {int(chat) for chat in self._limiter.busy_chats()} | self._chats
        claims = await self._store.write(lambda connection: self._claim(connection, now, limit, busy))
        if claims is None:
            await self._sharing.beat(self._ticks)
            return True
        if claims:
            kill_points.passing("claimed")
        for claim in claims:
            self._chats.add(claim.telegram_id)
            task = asyncio.create_task(self._deliver(claim))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if not claims and busy:
            self._wake_later(min((self._limiter.delay(chat) for chat in busy), default=0.0))
        return bool(claims)

    def _claim(self, connection: Connection, now: datetime, limit: int, busy: set[int]) -> list[Claim] | None:
        """Take what is due and ours; None where the others have shared that out."""
        if self._sharing.is_missed(connection):
            return None
        unsent.skip_expired(connection, now, self._rules)
        shares = self._sharing.shares(self._ticks)
        return deliveries.claim(connection, self.owner, now, LEASE, limit, busy, shares)

    def _wake_later(self, seconds: float) -> None:
        if seconds > 0:
            asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _deliver(self, claim: Claim) -> None:
        try:
            await self._deliver_one(claim)
        except Exception as error:
            # The lease ends by itself; until then the delivery is nobody's.
            log.error(
                "delivery_failed",
                delivery=claim.id,
                kind=claim.kind,
                error=type(error).__name__,
                exc_info=error,
            )
        finally:
            self._chats.discard(claim.telegram_id)
            self.wake()

    async def _deliver_one(self, claim: Claim) -> None:
        outgoing = await self._render(claim)
        if outgoing is None:
            return
        if not self._limiter.take(claim.telegram_id):
            await self._record(lambda c: deliveries.later(c, claim, self.owner, 1.0, "paced", self._now()))
            return
        now = self._now()
        send_until = asyncio.get_running_loop().time() + LEASE.total_seconds() - SEND_SECONDS
        if not await self._store.write(lambda c: self._fence(c, claim, now)):
            return
        if asyncio.get_running_loop().time() > send_until:
            # The database took so long to answer that the request could outlive the lease.
            await self._record(lambda c: deliveries.later(c, claim, self.owner, 1.0, "too late", self._now()))
            return
        kill_points.passing("fenced")
        outcome = await self._sender.send(claim.telegram_id, outgoing, timeout=SEND_SECONDS)
        kill_points.passing("accepted")
        self._note_trouble(outcome)
        await self._settle(claim, outcome, outgoing)
        kill_points.passing("recorded")

    def _fence(self, connection: Connection, claim: Claim, now: datetime) -> bool:
        if self._sharing.is_missed(connection):
            deliveries.later(connection, claim, self.owner, 1.0, "others have its chat", now)
            return False
        return deliveries.fence(connection, claim, self.owner, now, LEASE)

    def _note_trouble(self, outcome: Outcome) -> None:
        """A refused token is refused for every chat: leave all alone, and keep what is due."""
        refused = isinstance(outcome, TryLater) and outcome.unauthorized
        lost = isinstance(outcome, Unknown) or (isinstance(outcome, TryLater) and outcome.scope == "all")
        self._sharing.heard(through=refused or not lost)
        if isinstance(outcome, TryLater) and refused:
            if self._refused is None:
                log.error("sending_stopped", why="the token is not valid (any more)")
            self._refused = "the token is not valid (any more)"
            self._limiter.hold_all(outcome.seconds)
        elif self._refused is not None and not isinstance(outcome, TryLater | Unknown):
            log.info("sending_resumed")
            self._refused = None

    async def _render(self, claim: Claim) -> Outgoing | None:
        """The message as it is to be now; None where it is not wanted any more, or cannot be rendered."""
        kind = self._kinds.get(claim.kind)
        if kind is None:
            await self._store.write(lambda c: deliveries.skip(c, claim, self.owner, "unknown kind"))
            return None
        try:
            if isinstance(kind, Apart):
                outgoing = await self._made_apart(kind, claim)
            else:
                outgoing = await self._made_here(kind, claim)
            if outgoing is None:
                await self._store.write(lambda c: deliveries.skip(c, claim, self.owner, "not wanted"))
            return outgoing
        except Exception as error:
            log.error(
                "render_failed",
                delivery=claim.id,
                kind=claim.kind,
                error=type(error).__name__,
                exc_info=error,
            )
            wait = 2.0 ** min(claim.attempt, 8)
            await self._record(lambda c: deliveries.later(c, claim, self.owner, wait, "render failed", self._now()))
            return None

    async def _made_here(self, kind: Kind, claim: Claim) -> Outgoing | None:
        facts, thread = await self._store.read(lambda c: _facts(c, kind, claim, self._now(), self._rules))
        if facts is None:
            return None
        rendered = kind.rendered(facts, self._rules)
        return in_topic(await rendered if inspect.isawaitable(rendered) else rendered, thread)

    async def _made_apart(self, kind: Apart, claim: Claim) -> Outgoing | None:
        making = asyncio.ensure_future(
            MAKER.run(kind.make, self._database_url, claim.payload, self._now(), self._rules)
        )
        while not (await asyncio.wait([making], timeout=HOLD_SECONDS))[0]:
            await self._record(lambda c: deliveries.hold(c, claim, self.owner, LEASE))
        outgoing = making.result()
        thread = await self._store.read(lambda c: deliveries.thread_for(c, claim, kind.purpose))
        return None if outgoing is None else in_topic(outgoing, thread)

    async def _settle(self, claim: Claim, outcome: Outcome, outgoing: Outgoing) -> None:
        now, thread = self._now(), getattr(outgoing, "thread", None)
        match outcome:
            case Sent(message_id=message_id, file_id=file_id):
                await self._record(lambda c: self._sent(c, claim, message_id, now))
                if file_id and isinstance(outgoing, Photo) and outgoing.remembered_as:
                    name = outgoing.remembered_as
                    await self._record(lambda c: sent_files.keep(c, name, file_id, now))
            case Gone(reason=reason, destination=gone):
                await self._record(lambda c: deliveries.rejected(c, claim, self.owner, reason, gone))
            case TopicGone():
                await self._record(lambda c: deliveries.topic_gone(c, claim, self.owner, thread or 0, now))
            case Moved(new_chat_id=new_id):
                await self._record(lambda c: deliveries.moved(c, claim, self.owner, new_id, now))
            case TryLater(seconds=seconds):
                await self._record(lambda c: deliveries.later(c, claim, self.owner, seconds, "try later", now))
            case Unknown(reason=reason):
                await self._record(lambda c: unsent.unknown(c, claim, self.owner, reason, now))
        self._on_outcome(type(outcome).__name__)
        log.info(
            "delivery",
            delivery=claim.id,
            kind=claim.kind,
            attempt=claim.attempt,
            outcome=type(outcome).__name__,
        )

    def _sent(self, connection: Connection, claim: Claim, message_id: int, now: datetime) -> None:
        if deliveries.sent(connection, claim, self.owner, message_id, now):
            after = self._kinds[claim.kind].sent
            if after is not None:
                after(connection, claim.payload, message_id, now)

    async def _record(self, use_case: Callable[..., object]) -> None:
        """Record an outcome, however long it takes: it is held and tried until the database has it."""
        wait = 0.5
        while True:
            try:
                await self._store.write(use_case)
                return
            except Exception as error:
                log.warning("outcome_held", error=type(error).__name__)
                await self._pause(wait)
                wait = min(wait * 2, 15.0)


def _planned(planner: Planner, now: datetime, rules: Rules) -> Callable[[Connection], None]:
    return lambda connection: planner.plan(connection, now, rules)


def _facts(
    connection: Connection, kind: Kind, claim: Claim, now: datetime, rules: Rules
) -> tuple[Any | None, int | None]:
    """The facts of a delivery, and the topic it goes to."""
    facts = kind.facts_now(connection, claim.payload, now, rules)
    return facts, deliveries.thread_for(connection, claim, kind.purpose)
