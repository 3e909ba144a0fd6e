"""The sandbox for hosts that are cut off: at an address of the test's choosing, asked for under further ones.

python reachable_sandbox.py HOST PORT TOKEN [ADDRESS:PORT …]
"""

import asyncio
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sandbox.app import create_app
from sandbox.serving import listening


async def main(host: str, port: str, token: str, *also_at: str) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with listening(create_app(token, also_at=also_at), int(port), host) as address:
        print(f"sandbox listening on {address}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
