"""Row 50 of the fault matrix: `make audit` fails for a dependency with a known hole, and when it cannot know.

What osv.dev would answer comes from a service on loopback that knows one advisory, in the same form.
"""

import asyncio
import json
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from packaging.version import Version

from sandbox.serving import listening

ROOT = Path(__file__).parents[2]
VULNERABLE = Path(__file__).with_name("vulnerable.lock")
HOLE, PACKAGE, FIXED = "CVE-2026-31958", "tornado", "6.5.8"


class Advisories:
    """Answers like osv.dev, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        name = asked["package"]["name"]
        self.asked.add(name)
        if name != PACKAGE or Version(asked["version"]) >= Version(FIXED):
            return web.json_response({})
        affected = {
            "package": {"name": PACKAGE, "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": FIXED}]}],
        }
        return web.json_response({"vulns": [{"id": HOLE, "summary": "a hole", "affected": [affected]}]})


@pytest.fixture
async def advisories() -> AsyncIterator[Advisories]:
    made = Advisories()
    app = web.Application()
    app.router.add_post("/v1/query", made.answer)
    async with listening(app) as root:
        made.url = f"{root}/v1/query"
        yield made


async def audit(url: str, *locks: Path) -> tuple[int, str]:
    """`make audit` with another service, of these locks or else the project's own: its code, and what it said."""
    chosen = [f"LOCKS={' '.join(map(str, locks))}"] if locks else []
    process = await asyncio.create_subprocess_exec(
        "make", "--silent", "audit", f"ARGS=--osv-url {url}", *chosen, cwd=ROOT, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_row_50_a_dependency_with_a_known_hole_fails_the_audit(advisories: Advisories) -> None:
    code, said = await audit(advisories.url, VULNERABLE)
    assert code != 0
    assert HOLE in said
    assert FIXED in said


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_row_50_every_pinned_dependency_is_asked_about(advisories: Advisories) -> None:
    code, said = await audit(advisories.url)
    assert code == 0, said
    locks = [ROOT / name for name in ("requirements.lock", "requirements-dev.lock")]
    pinned = {line.split("==")[0] for lock in locks for line in lock.read_text().splitlines() if "==" in line[:60]}
    assert {name.lower() for name in pinned if " " not in name} <= advisories.asked


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_row_50_where_nobody_can_be_asked_the_audit_fails(advisories: Advisories) -> None:
    nobody = advisories.url.replace("/v1/query", "/nowhere")
    code, _ = await audit(nobody, VULNERABLE)
    assert code != 0
