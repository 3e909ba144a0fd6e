"""Three processes behind nginx, brought their updates by webhook: one is killed, one restarted, nothing is lost."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from processes import bot_process, sandbox_process
from test_webhook import came, free_port, prepare

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 90

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream bots {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        location /telegram {{
            proxy_pass http://bots;
            proxy_connect_timeout 1s;
            client_max_body_size 1m;
        }}
    }}
}}
"""


def nginx() -> str:
    """Path of nginx; without one the test is skipped with the way to get it, but fails where CI=true."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found:
        return found
    sentence = "nginx is missing; install it (Debian: apt-get install nginx-light) to test replicas behind a proxy"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@asynccontextmanager
async def proxy(folder: Path, ports: list[int]) -> AsyncIterator[int]:
    """A proxy before these ports; its own."""
    port, path = free_port(), nginx()
    servers = " ".join(f"server 127.0.0.1:{each} max_fails=1 fail_timeout=1s;" for each in ports)
    configuration = folder / "nginx.conf"
    await asyncio.to_thread(
        configuration.write_text, _CONFIGURATION.format(folder=folder, servers=servers, port=port), "utf-8"
    )
    process = await asyncio.create_subprocess_exec(path, "-c", str(configuration), "-p", str(folder))
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


async def test_a_killed_and_a_restarted_replica_lose_nothing(postgres_url: str, tmp_path: Path) -> None:
    nginx()
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = await sandbox.new_people(PEOPLE, group=group)
        made = await asyncio.to_thread(prepare, postgres_url, group, leader, people)
        ports = [free_port() for _ in range(3)]
        async with proxy(tmp_path, ports) as door:
            bots = []
            for port in ports:
                folder = tmp_path / str(port)
                folder.mkdir()
                bots.append(bot_process(sandbox.url, postgres_url, folder))
            settings = [
                {"BOT__WEB__PORT": str(port), "BOT__WEBHOOK__URL": f"http://127.0.0.1:{door}/telegram"}
                for port in ports
            ]
            try:
                for bot, each in zip(bots, settings, strict=True):
                    await bot.start(**each)
                card = await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)

                async def recorded(number: int) -> None:
                    async def enough() -> bool:
                        return await asyncio.to_thread(came, postgres_url) >= number

                    await sandbox.wait_for(enough, timeout=90)

                await sandbox.tap_all(group, card, made.button, people[:30])
                await recorded(10)
                await bots[0].kill()  # in the middle of it
                await sandbox.wait_until_idle(timeout=60)  # the others take in what comes
                await bots[0].start(**settings[0])  # and what it had taken in, it handles now
                await recorded(30)
                await sandbox.tap_all(group, card, made.button, people[30:60])
                await bots[1].stop()  # a rolling restart: one after the other
                await bots[1].start(**settings[1])
                await bots[2].stop()
                await bots[2].start(**settings[2])
                await recorded(60)
                await sandbox.tap_all(group, card, made.button, people[60:])
                await recorded(PEOPLE)
                await sandbox.wait_until_idle(timeout=60)
                assert await asyncio.to_thread(came, postgres_url) == PEOPLE
                cards = await sandbox.accepted("sendMessage", group)
                assert sum("党课" in entry["params"]["text"] for entry in cards) == 1
            finally:
                for bot in bots:
                    await bot.stop()
