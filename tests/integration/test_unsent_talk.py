"""Over HTTP: the line breaks while a file is sent; its reader is asked, and has it sent again or says it is there."""

import pytest
from talk import Talk, talking

from sandbox.client import Json


def is_file(message: Json) -> bool:
    return "document" in message


async def asked_about_a_file(talk: Talk) -> tuple[Json, int, Json]:
    """A leader orders an export whose sending breaks after Telegram has it: they, their chat, the question."""
    leader = await talk.started("李明")
    group, own = await talk.registered(leader), talk.sandbox.private(leader)
    await talk.press(leader, group, await talk.see(leader, group, "我来当组长"), "我来当组长")
    await talk.sandbox.fault("sendDocument", "drop_after_accept")
    await talk.sandbox.say(leader, own, "/export")
    days = await talk.see(leader, own, "导出哪段时间")
    await talk.press(leader, own, days, "本月")
    form = await talk.see(leader, own, "用哪种格式")
    await talk.press(leader, own, form, "CSV")
    asked = await talk.see(leader, own, "您要的内容可能没有发到")
    await talk.sandbox.wait_for_message(leader, own, where=is_file)
    return leader, own, asked


@pytest.mark.timeout(120)
async def test_a_file_whose_fate_is_unknown_is_sent_again_once(database_url: str) -> None:
    async with talking(database_url) as talk:
        leader, own, asked = await asked_about_a_file(talk)
        assert await talk.press(leader, own, asked, "再发一次") == "马上再发"
        second = await talk.sandbox.wait_for_message(leader, own, where=is_file, after=asked["message_id"])
        again = await talk.sandbox.tap(
            leader, own, asked, data=asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"], forge=True
        )
        assert again is not None
        assert again["text"] == "已经有人处理过，没有重复发送。"
        assert (await talk.see(leader, own, "已再发一次")).get("reply_markup") is None
        await talk.sandbox.wait_until_idle()
        files = [each for each in await talk.sandbox.messages(leader, own) if is_file(each)]
        assert [each["message_id"] for each in files][-1] == second["message_id"]
        assert len(files) == 2


@pytest.mark.timeout(120)
async def test_a_file_that_is_there_is_left_at_that(database_url: str) -> None:
    async with talking(database_url) as talk:
        leader, own, asked = await asked_about_a_file(talk)
        assert await talk.press(leader, own, asked, "已经看到") == "好的，不再发"
        assert (await talk.see(leader, own, "已确认收到")).get("reply_markup") is None
        await talk.sandbox.wait_until_idle()
        assert len([each for each in await talk.sandbox.messages(leader, own) if is_file(each)]) == 1
