"""`python -m sandbox`: the sandbox as a process of its own."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox.app import DEFAULT_TOKEN, create_app
from sandbox.serving import listening
from sandbox.store import DirectoryInUseError
from sandbox.world import InvalidTokenError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A small Telegram on this computer.")
    parser.add_argument("--port", type=int, default=8081, help="0 chooses a free one (default: 8081)")
    parser.add_argument("--data", type=Path, help="directory that keeps the state (default: memory only)")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the bot's token (default: %(default)s)")
    parser.add_argument("--empty", action="store_true", help="begin without the ready-made people and group")
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="of the ready-made people (default: zh)")
    parser.add_argument("--query-ttl", type=float, default=60.0, help="seconds in which a tap can be answered")
    return parser.parse_args()


async def _run(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = create_app(given.token, given.data, empty=given.empty, query_ttl=given.query_ttl, language=given.language)
    async with listening(app, given.port) as address:
        print(f"sandbox listening on {address}", flush=True)
        await stop.wait()


def _serve(given: argparse.Namespace) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(_run(given))
    else:
        uvloop.run(_run(given))


def main() -> None:
    """Serve until SIGINT or SIGTERM; a wrong setting ends with one line."""
    given = _arguments()
    try:
        _serve(given)
    except (InvalidTokenError, DirectoryInUseError) as error:
        sys.exit(f"sandbox: {error}")
    except OSError as error:
        sys.exit(f"sandbox: cannot listen on port {given.port} or write to {given.data}: {error.strerror}")


if __name__ == "__main__":
    main()
