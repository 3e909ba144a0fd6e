"""A program whose faults all quote what a person wrote; run by test_logs.py, which reads what it logs."""

import asyncio
import gc
import logging
import sys
from pathlib import Path

import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.settings import Log
from db import sqlite
from db.tables import metadata, person

SECRET = "王芳的秘密"
TOKEN = "700000009:AAtoken-of-nobody-at-all"


def refused_by_the_database(path: Path) -> IntegrityError:
    """An error of SQLAlchemy, whose message would quote the values of the statement."""
    engine = sqlite.make_engine(path)
    metadata.create_all(engine)
    try:
        with engine.begin() as connection:
            connection.execute(insert(person).values(id=1, name=SECRET, created_at=None))
    except IntegrityError as error:
        return error
    finally:
        engine.dispose()
    raise AssertionError("the database took it")


async def fail(error: Exception) -> None:
    """A task that nobody waits for."""
    raise error


async def main(path: Path) -> None:
    """Everything that logs an exception, with one that tells too much."""
    errors = [refused_by_the_database(path), ValueError(f"cannot read {SECRET!r}")]
    for error in errors:
        structlog.get_logger("bot.errors").error("update_failed", error=type(error).__name__, exc_info=error)
        logging.getLogger("telegram.ext.Application").error("An error was raised", exc_info=error)
        logging.getLogger("httpx").info("POST https://api.telegram.org/bot%s/sendMessage %s", TOKEN, SECRET)
        logging.getLogger("aiosqlite").debug("executing %s", SECRET)
        try:
            raise error
        except Exception:
            structlog.get_logger("x").exception("in_place")
            logging.getLogger("anybody").exception("in place\nwith %s", error)
        tasks = [asyncio.create_task(fail(error))]
        await asyncio.wait(tasks)
        tasks.clear()
        gc.collect()
        logging.getLogger("apscheduler.executors.default").error('Job "%s" raised an exception', "x", exc_info=error)
    logging.getLogger("anybody").warning("token %s", TOKEN)


if __name__ == "__main__":
    logs.set_up(Log(level="info", format=sys.argv[1]))  # type: ignore[arg-type]  # text or json
    asyncio.run(main(Path(sys.argv[2])))
