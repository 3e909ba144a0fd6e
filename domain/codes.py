"""Check-in by a code: four digits to type, and a token behind a QR code, both derived from a secret and the time.

Nothing is stored: a code is an HMAC (RFC 2104, truncated as in RFC 4226) of the session and the number of its window of
time, so showing it early, twice or on two screens changes nothing.
"""

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

CODE_SECONDS: Final = 60
QR_SECONDS: Final = 30
DIGITS: Final = 4

GRACE: Final = timedelta(seconds=15)
"""How long a code or token is still taken after the next one is shown: the way from the screen to the thumb."""

TRIES: Final = 5
"""Wrong codes that a person may type for a session; then the leader records them by hand."""

STALE_WINDOWS: Final = 5
"""A code of so many windows back was read from the screen: it is too late, but no wrong try."""

LONGEST_OUTAGE: Final = timedelta(minutes=15)
"""How far back an uncertain time is believed: with four digits, each more minute makes a guess more likely."""

_MAC_BYTES: Final = 12
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LARGEST: Final = 2**63


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen shows, and until when it does (UTC)."""

    text: str
    until: datetime


class Verdict(StrEnum):
    """What a typed code is worth; WRONG alone costs a try, LOCKED has none left."""

    RIGHT = "right"
    EXPIRED = "expired"
    WRONG = "wrong"
    LOCKED = "locked"


def code(secret: bytes, session_id: int, now: datetime) -> Shown:
    """The four digits of a session that are shown now."""
    number = _window(now, CODE_SECONDS)
    return Shown(_digits(secret, session_id, number), _begins(number + 1, CODE_SECONDS))


def judge_code(
    secret: bytes, session_id: int, typed: str, now: datetime, *, wrong: int, not_before: datetime | None = None
) -> Verdict:
    """What somebody typed; `wrong` counts their wrong codes for this session until now.

    The last code is taken GRACE longer. After an outage (`not_before` is when we last listened) a code that was shown
    since then is taken, back to LONGEST_OUTAGE. Full-width digits and spaces do no harm.
    """
    if wrong >= TRIES:
        return Verdict.LOCKED
    plain = "".join(unicodedata.normalize("NFKC", typed).split())
    first, last = _windows(now, CODE_SECONDS, not_before)
    if _matches(secret, session_id, plain, first, last):
        return Verdict.RIGHT
    return Verdict.EXPIRED if _matches(secret, session_id, plain, last - STALE_WINDOWS, first - 1) else Verdict.WRONG


def tries_left(wrong: int) -> int:
    """How many more wrong codes there may be."""
    return max(TRIES - wrong, 0)


def qr_token(secret: bytes, session_id: int, now: datetime) -> Shown:
    """The token for a deep link behind the QR code that is shown now: at most 43 of A-Z a-z 0-9 _ -."""
    number = _window(now, QR_SECONDS)
    text = f"{_base36(session_id)}-{_base36(number)}-{_mac(secret, session_id, number)}"
    return Shown(text, _begins(number + 1, QR_SECONDS))


def read_qr(secret: bytes, token: str, now: datetime, *, not_before: datetime | None = None) -> tuple[int, bool] | None:
    """The session of a token, and whether it is still good; None for what we never made.

    As with a typed code the last one is taken GRACE longer, and after an outage those shown since then.
    """
    parts = token.split("-", 2)
    if len(parts) != 3 or not all(part and set(part) <= set(_BASE36) and len(part) <= 13 for part in parts[:2]):
        return None
    session_id, number = int(parts[0], 36), int(parts[1], 36)
    if not _same(_mac(secret, session_id, number), parts[2]):
        return None
    first, last = _windows(now, QR_SECONDS, not_before)
    return session_id, first <= number <= last


def _window(moment: datetime, seconds: int) -> int:
    """The number of the window of time that a moment lies in. Raises ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(seconds=seconds)


def _begins(number: int, seconds: int) -> datetime:
    return datetime.fromtimestamp(number * seconds, UTC)


def _windows(now: datetime, seconds: int, not_before: datetime | None) -> tuple[int, int]:
    """The first and last window whose code is taken."""
    earliest = now if not_before is None else min(max(not_before, now - LONGEST_OUTAGE), now)
    return _window(earliest - GRACE, seconds), _window(now, seconds)


def _digest(secret: bytes, purpose: str, session_id: int, number: int) -> bytes:
    if not secret:
        raise ValueError("codes need a secret")
    return hmac.new(secret, f"{purpose}:{session_id}:{number}".encode(), hashlib.sha256).digest()


def _digits(secret: bytes, session_id: int, number: int) -> str:
    digest = _digest(secret, "code", session_id, number)
    offset = digest[-1] & 0x0F
    value = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{value % 10**DIGITS:0{DIGITS}}"


def _matches(secret: bytes, session_id: int, plain: str, first: int, last: int) -> bool:
    return any(_same(_digits(secret, session_id, number), plain) for number in range(first, last + 1))


def _same(ours: str, theirs: str) -> bool:
    """Compared in a time that tells nothing; what people send may hold any code point."""
    return hmac.compare_digest(ours.encode(), theirs.encode(errors="surrogatepass"))


def _mac(secret: bytes, session_id: int, number: int) -> str:
    return urlsafe_b64encode(_digest(secret, "qr", session_id, number)[:_MAC_BYTES]).decode()


def _base36(number: int) -> str:
    if not 0 <= number < _LARGEST:
        raise ValueError(f"{number} is no number of a row")
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
        if not number:
            return digits
