"""How somebody's own record reads, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chat import records_cards as cards
from domain.attendance import Status
from domain.ledger import count
from services.records import LatestSession, OwnRecord
from texts import LANGUAGES, words

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATEST = LatestSession("study", "<b>原著</b>", datetime(2026, 11, 25, 11, tzinfo=UTC), SHANGHAI, Status.LATE)
COUNTS = count([Status.ABSENT, Status.LATE, Status.PRESENT, Status.PRESENT, Status.EXCUSED])
RECORD = OwnRecord(COUNTS, 10, 26, (LATEST,))


def test_a_record_lists_statuses_from_good_to_bad_and_escapes_titles() -> None:
    text = cards.record(RECORD, words("zh-CN")).text
    assert text.splitlines()[1:4] == [
        "应参加 5 次，出勤率 75%",
        "出勤 2 · 迟到 1 · 请假 1 · 缺勤 1",
        "积分：本周 10，累计 26",
    ]
    assert "11月25日 周三" in text
    assert "&lt;b&gt;原著&lt;/b&gt;" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_is_offered_only_where_there_is_something_to_correct(language: str) -> None:
    ((why,),) = cards.record(RECORD, words(language)).keyboard
    assert why.data == "why:0:0"
    _, (button,) = cards.record(replace(RECORD, correctable=True), words(language)).keyboard
    assert button.data == "corrections_own"
