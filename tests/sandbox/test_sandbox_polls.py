"""Polls: asked, voted in, taken back, closed, kept."""

from pathlib import Path

import pytest
from sandbox_stage import TOKEN, Stage, stage

from sandbox.app import create_app
from sandbox.client import Json, SandboxRefusedError
from sandbox.testing import serve


async def _ask(s: Stage, chat: Json, **more: object) -> Json:
    options = [{"text": "Mon"}, {"text": "Tue"}]
    sent: Json = await s.ok("sendPoll", chat_id=chat["id"], question="When?", options=options, **more)
    return sent


async def test_votes_are_counted_changed_and_taken_back() -> None:
    async with stage() as s:
        li, wang = await s.people("李明", "王芳")
        group = await s.group()
        sent = await _ask(s, group, is_anonymous=False)
        assert (sent["poll"]["question"], sent["poll"]["total_voter_count"]) == ("When?", 0)
        await s.sandbox.vote(li, group, sent, 0)
        voted = (await s.sandbox.vote(wang, group, sent, 1))["poll"]
        assert [option["voter_count"] for option in voted["options"]] == [1, 1]
        moved = await s.sandbox.vote(wang, group, sent, 0)
        assert [option["voter_count"] for option in moved["poll"]["options"]] == [2, 0]
        assert "edit_date" not in moved  # a vote is no edit
        back = (await s.sandbox.vote(wang, group, sent))["poll"]
        assert (back["total_voter_count"], back["options"][0]["voter_count"]) == (1, 1)
        (seen,) = [m for m in await s.sandbox.messages(li, group) if "poll" in m]
        assert seen["poll"]["chosen"] == [0]
        answers = [u["poll_answer"] for u in await s.news() if "poll_answer" in u]
        assert [(a["user"]["id"], a["option_ids"]) for a in answers] == [
            (li["id"], [0]),
            (wang["id"], [1]),
            (wang["id"], [0]),
            (wang["id"], []),
        ]


async def test_what_cannot_be_chosen_is_refused_and_a_closed_poll_stays_as_it_is() -> None:
    async with stage() as s:
        li, zhou = await s.people("李明", "周伟")
        group = await s.group()
        sent = await _ask(s, group)
        for who, options in ((li, (0, 1)), (li, (2,)), (zhou, (0,))):
            with pytest.raises(SandboxRefusedError):
                await s.sandbox.vote(who, group, sent, *options)
        await s.sandbox.vote(li, group, sent, 1)
        assert not [u for u in await s.news() if "poll_answer" in u]  # anonymous
        ended = await s.ok("stopPoll", chat_id=group["id"], message_id=sent["message_id"])
        assert (ended["is_closed"], ended["total_voter_count"]) == (True, 1)
        assert (await s.refused("stopPoll", chat_id=group["id"], message_id=sent["message_id"]))[0] == 400
        with pytest.raises(SandboxRefusedError, match="closed"):
            await s.sandbox.vote(li, group, sent, 0)
        several = await _ask(s, group, allows_multiple_answers=True)
        assert (await s.sandbox.vote(li, group, several, 1, 0))["poll"]["total_voter_count"] == 1


@pytest.mark.parametrize("wrong", [{"question": ""}, {"options": []}, {"options": [{"text": ""}]}, {"type": "quiz"}])
async def test_a_poll_that_cannot_be_is_refused(wrong: Json) -> None:
    async with stage() as s:
        group = await s.group()
        given = {"chat_id": group["id"], "question": "When?", "options": ["Mon"], **wrong}
        assert (await s.refused("sendPoll", **given))[0] == 400


async def test_votes_outlive_the_process(tmp_path: Path) -> None:
    async with stage(create_app(TOKEN, data=tmp_path)) as s:
        group, li = await s.group(), await s.sandbox.person("李明")
        sent = await _ask(s, group)
        await s.sandbox.vote(li, group, sent, 1)
    async with serve(create_app(TOKEN, data=tmp_path)) as sandbox:
        (seen,) = [m for m in await sandbox.messages(li, group) if "poll" in m]
        assert seen["poll"]["chosen"] == [1]
        assert (await sandbox.vote(li, group, seen, 0))["poll"]["options"][0]["voter_count"] == 1
