"""Structured logs: ids and codes, never names, texts or tokens."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.settings import Log

# What looks like a token anywhere, whoever wrote it.
_TOKEN = re.compile(r"\b(\d{5,}):[A-Za-z0-9_-]{10,}")
_HIDDEN = r"\1:…"


_TALKATIVE = (
    "aiohttp",
    "aiosqlite",
    "alembic",
    "apscheduler",
    "asyncio",
    "asyncpg",
    "httpcore",
    "httpx",
    "sqlalchemy",
    "telegram",
    "telegram.ext",
)


def scrub(text: str) -> str:
    """The text without anything that looks like a bot token."""
    return _TOKEN.sub(_HIDDEN, text)


class _ScrubbingFormatter(structlog.stdlib.ProcessorFormatter):
    """Scrubs the finished line, tracebacks and all."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def set_up(settings: Log) -> None:
    """Send everything, other libraries' records too, through one scrubbing handler to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _ScrubbingFormatter(
            foreign_pre_chain=[*shared, _first_line],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _with_traceback,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    # These write tokens, texts and names at INFO and DEBUG; scrubbing is the second line, this is the first.
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _first_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of what other libraries say: asyncio, for one, goes on with the whole exception of a task in the lines below."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _with_traceback(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Only where the fault lies and its type: the message of an exception may quote what a person wrote."""
    error = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__, limit=-6)
        ]
        event["at"] = " > ".join(frames)
        event.setdefault("error", type(error).__name__)
    return event
