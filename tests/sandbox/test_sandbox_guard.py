"""Loopback only: Host and Origin."""

import pytest
from sandbox_stage import TOKEN, stage

from sandbox.app import create_app
from sandbox.testing import serve


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1", "0.0.0.0:{port}"])
@pytest.mark.parametrize("path", ["/", "/sandbox/api/state", f"/bot{TOKEN}/getMe", "/page/index.html"])
async def test_a_foreign_host_is_refused(host: str, path: str) -> None:
    async with stage() as s:
        port = s.sandbox.url.rpartition(":")[2]
        headers = {"Host": host.format(port=port)}
        async with s.sandbox.session.get(s.sandbox.url + path, headers=headers) as response:
            assert response.status == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_every_name_of_loopback_is_fine(name: str) -> None:
    async with stage() as s:
        port = s.sandbox.url.rpartition(":")[2]
        own = {"Host": f"{name}:{port}", "Origin": f"http://{name}:{port}"}
        async with s.sandbox.session.post(
            f"{s.sandbox.url}/sandbox/api/clock", json={"shift": 1}, headers=own
        ) as response:
            assert response.status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/sandbox/api/clock", f"/bot{TOKEN}/sendMessage"])
async def test_a_foreign_origin_is_refused(origin: str, path: str) -> None:
    async with stage() as s:
        headers = {"Origin": origin}
        async with s.sandbox.session.post(s.sandbox.url + path, json={"shift": 60}, headers=headers) as response:
            assert response.status == 403
        assert (await s.sandbox.clock())["offset_seconds"] == 0


async def test_it_binds_loopback_only() -> None:
    async with stage() as s:
        assert s.sandbox.url.startswith("http://127.0.0.1:")


async def test_a_host_that_was_named_at_the_start_is_let_in_and_no_other() -> None:
    app = create_app(TOKEN, also_at=["10.0.0.1:8081"])
    async with serve(app) as sandbox:
        for host, status in (("10.0.0.1:8081", 200), ("10.0.0.1:8082", 403), ("10.0.0.1", 403)):
            async with sandbox.session.get(f"{sandbox.url}/sandbox/api/state", headers={"Host": host}) as response:
                assert response.status == status
