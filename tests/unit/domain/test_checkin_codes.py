"""Typed codes and QR tokens: right in their window and its grace, never again, never for another session."""

# ruff: noqa: DTZ001 — drawn without a zone, then given one

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.codes import (
    CODE_SECONDS,
    GRACE,
    LONGEST_OUTAGE,
    QR_SECONDS,
    STALE_WINDOWS,
    TRIES,
    Verdict,
    code,
    judge_code,
    qr_token,
    read_qr,
    tries_left,
)

SECRET = b"a secret of this installation"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
session_ids = st.integers(0, 2**63 - 1)
small = timedelta.resolution


@given(session_ids, moments)
def test_a_code_is_right_while_it_is_shown_and_in_its_grace(session_id: int, now: datetime) -> None:
    shown = code(SECRET, session_id, now)
    assert re.fullmatch(r"[0-9]{4}", shown.text)
    assert timedelta() < shown.until - now <= timedelta(seconds=CODE_SECONDS)
    assert code(SECRET, session_id, shown.until - small) == shown
    for moment in (now, shown.until - small, shown.until, shown.until + GRACE - small):
        assert judge_code(SECRET, session_id, shown.text, moment, wrong=0) is Verdict.RIGHT


@given(session_ids, moments)
def test_after_the_grace_it_is_expired_and_costs_no_try_for_a_while(session_id: int, now: datetime) -> None:
    shown = code(SECRET, session_id, now)
    late = shown.until + GRACE
    # One in some thousand codes is the same as a later one; that is not what is looked at here.
    assume(code(SECRET, session_id, late).text != shown.text)
    assert judge_code(SECRET, session_id, shown.text, late, wrong=0) is Verdict.EXPIRED
    after = late + timedelta(seconds=CODE_SECONDS) * (STALE_WINDOWS + 1)
    others = {
        code(SECRET, session_id, after - timedelta(seconds=CODE_SECONDS) * n).text for n in range(STALE_WINDOWS + 1)
    }
    assume(shown.text not in others)
    assert judge_code(SECRET, session_id, shown.text, after, wrong=0) is Verdict.WRONG


@given(session_ids, moments, st.text(max_size=8))
def test_anything_else_is_not_right(session_id: int, now: datetime, typed: str) -> None:
    assume(not any(char.isdigit() for char in typed))
    assert judge_code(SECRET, session_id, typed, now, wrong=0) is Verdict.WRONG


@given(session_ids, moments, st.integers(0, 12))
def test_five_wrong_codes_are_all_there_are(session_id: int, now: datetime, wrong: int) -> None:
    right = code(SECRET, session_id, now).text
    verdict = judge_code(SECRET, session_id, right, now, wrong=wrong)
    assert verdict is (Verdict.RIGHT if wrong < TRIES else Verdict.LOCKED)
    assert tries_left(wrong) == max(5 - wrong, 0)


def test_full_width_digits_and_spaces_do_no_harm() -> None:
    shown = code(SECRET, 7, NOON).text
    wide = "".join(chr(ord(char) - ord("0") + ord("０")) for char in shown)
    for typed in (wide, f" {shown[:2]} {shown[2:]}\n", f"{wide[:2]}\u3000{wide[2:]}"):
        assert judge_code(SECRET, 7, typed, NOON, wrong=0) is Verdict.RIGHT


def test_sessions_secrets_and_minutes_have_codes_of_their_own() -> None:
    minutes = [NOON + timedelta(minutes=minute) for minute in range(200)]
    ours = [code(SECRET, 7, at).text for at in minutes]
    for others in ([code(SECRET, 8, at).text for at in minutes], [code(b"other", 7, at).text for at in minutes]):
        assert sum(one == other for one, other in zip(ours, others, strict=True)) <= 2
    assert len(set(ours)) > 190
    # Every digit comes up in every place, or guessing were easier than one in ten thousand.
    assert all({text[place] for text in ours} == set("0123456789") for place in range(4))


def test_what_was_typed_while_we_were_down_is_taken() -> None:
    typed = code(SECRET, 7, NOON).text
    back = NOON + timedelta(minutes=10)
    assert judge_code(SECRET, 7, typed, back, wrong=0) is not Verdict.RIGHT
    assert judge_code(SECRET, 7, typed, back, wrong=0, not_before=NOON) is Verdict.RIGHT
    long = NOON + LONGEST_OUTAGE + timedelta(minutes=3)
    assert judge_code(SECRET, 7, typed, long, wrong=0, not_before=NOON) is not Verdict.RIGHT
    token = qr_token(SECRET, 7, NOON).text
    assert read_qr(SECRET, token, back) == (7, False)
    assert read_qr(SECRET, token, back, not_before=NOON) == (7, True)


@given(session_ids, moments)
def test_a_token_fits_a_deep_link_and_is_good_while_shown_and_in_its_grace(session_id: int, now: datetime) -> None:
    shown = qr_token(SECRET, session_id, now)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", f"c_{shown.text}")
    assert timedelta() < shown.until - now <= timedelta(seconds=QR_SECONDS)
    assert qr_token(SECRET, session_id, shown.until - small) == shown
    for moment in (now, shown.until - small, shown.until + GRACE - small):
        assert read_qr(SECRET, shown.text, moment) == (session_id, True)
    for moment in (shown.until + GRACE, now - timedelta(seconds=QR_SECONDS)):
        assert read_qr(SECRET, shown.text, moment) == (session_id, False)


@given(session_ids, moments, st.data())
def test_a_token_with_any_letter_changed_is_none_of_ours(session_id: int, now: datetime, data: st.DataObject) -> None:
    text = qr_token(SECRET, session_id, now).text
    place = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.characters(codec="utf-8").filter(lambda char: char != text[place]))
    assert read_qr(SECRET, text[:place] + char + text[place + 1 :], now) is None
    assert read_qr(b"another secret", text, now) is None


@given(st.text(max_size=64))
def test_what_we_never_made_is_none_of_ours(text: str) -> None:
    assert read_qr(SECRET, text, NOON) is None


@pytest.mark.parametrize("text", ["", "-", "--", "1-2", "1-2-", "-1-2-x", f"{'z' * 14}-1-x", "1-2-\ud800", "٣-1-x"])
def test_broken_tokens_are_none_of_ours(text: str) -> None:
    assert read_qr(SECRET, text, NOON) is None


def test_a_lone_surrogate_is_a_wrong_code() -> None:
    assert judge_code(SECRET, 7, "\ud800", NOON, wrong=0) is Verdict.WRONG


def test_no_secret_and_no_zone_are_faults_of_ours() -> None:
    with pytest.raises(ValueError, match="secret"):
        code(b"", 7, NOON)
    with pytest.raises(ValueError, match="zone"):
        code(SECRET, 7, NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="number"):
        qr_token(SECRET, -1, NOON)
