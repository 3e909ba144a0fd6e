"""Documents and photos, both ways."""

import pytest
from sandbox_stage import TOKEN, png, stage

from sandbox.client import SandboxRefusedError


async def test_a_document_of_the_bot_can_be_opened_by_people_and_fetched_by_the_bot() -> None:
    async with stage() as s:
        group = await s.group()
        message = await s.send_file(group, "考勤 11月.xlsx", b"PK\x03\x04 bytes")
        document = message["document"]
        assert (document["file_name"], document["file_size"]) == ("考勤 11月.xlsx", 10)
        assert document["mime_type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        assert await s.sandbox.file(document["file_id"]) == ("考勤 11月.xlsx", b"PK\x03\x04 bytes")
        found = await s.ok("getFile", file_id=document["file_id"])
        async with s.sandbox.session.get(f"{s.sandbox.url}/file/bot{TOKEN}/{found['file_path']}") as response:
            assert await response.read() == b"PK\x03\x04 bytes"
        async with s.sandbox.session.get(f"{s.sandbox.url}/file/bot1:no/{found['file_path']}") as response:
            assert response.status == 401
        async with s.sandbox.session.get(f"{s.sandbox.url}/file/bot{TOKEN}/../sandbox.sqlite3") as response:
            assert response.status == 404


async def test_a_file_is_sent_again_by_its_id() -> None:
    async with stage() as s:
        group = await s.group()
        first = await s.send_file(group, "a.txt", b"a")
        again = await s.ok("sendDocument", chat_id=group["id"], document=first["document"]["file_id"], caption="再发")
        assert (again["document"], again["caption"]) == (first["document"], "再发")
        assert (await s.refused("sendDocument", chat_id=group["id"], document="none"))[0] == 400
        missing = await s.refused("sendDocument", chat_id=group["id"])
        assert missing == (400, "Bad Request: there is no document in the request")
        long = await s.refused(
            "sendDocument", chat_id=group["id"], document=first["document"]["file_id"], caption="a" * 1025
        )
        assert long == (400, "Bad Request: message caption is too long")


async def test_photos_have_a_size_and_other_bytes_are_no_photo() -> None:
    async with stage() as s:
        group = await s.group()
        photo = await s.send_file(group, "榜.png", png(1080, 1350), "photo")
        assert [(size["width"], size["height"]) for size in photo["photo"]] == [(1080, 1350)]
        text = await s.send_file(group, "a.txt", b"not a picture")
        refused = await s.refused("sendPhoto", chat_id=group["id"], photo=text["document"]["file_id"])
        assert refused == (400, "Bad Request: IMAGE_PROCESS_FAILED")
        flat = await s.send_file(group, "flat.png", png(2100, 100))
        refused = await s.refused("sendPhoto", chat_id=group["id"], photo=flat["document"]["file_id"])
        assert refused == (400, "Bad Request: PHOTO_INVALID_DIMENSIONS")


async def test_people_send_files_too() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        await s.sandbox.press_start(li)
        await s.news()
        await s.sandbox.upload(li, li, "名单.csv", b"name\n", caption="/import 名单")
        message = (await s.news())[-1]["message"]
        assert message["document"]["file_name"] == "名单.csv"
        assert message["caption_entities"][0]["type"] == "bot_command"
        await s.sandbox.upload(li, li, "a.png", png(10, 20), kind="photo")
        assert (await s.news())[-1]["message"]["photo"][0]["height"] == 20
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.upload(li, li, "a.png", b"none", kind="photo")


async def test_uploaded_pages_are_downloads_and_never_run() -> None:
    async with stage() as s:
        group = await s.group()
        sent = await s.send_file(group, "a.html", b"<script>")
        address = f"{s.sandbox.url}/sandbox/api/files/{sent['document']['file_id']}"
        async with s.sandbox.session.get(address) as response:
            assert response.headers["Content-Disposition"].startswith("attachment")
            assert response.content_type == "application/octet-stream"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
