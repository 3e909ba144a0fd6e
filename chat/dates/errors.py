"""What a typed date can be turned down for."""

from domain.errors import Refusal

CODES = frozenset(
    {"too_long", "no_date", "no_time", "no_title", "past", "too_far", "not_a_date", "not_a_time", "ambiguous",
     "bad_duration", "bad_link", "repeat_unsupported"}
)  # fmt: skip


class DateError(Refusal):
    """A line that does not say one moment; `code` is one of CODES and `params` are plain values:

    - too_long: `field` (text, title or place), `length` and `limit` in characters
    - no_date: `time` when a time was read · no_time: `date` when a date was read · no_title
    - past: `starts_local`, and `suggested_local` (naive), the next start like it that lies ahead
    - too_far: `starts_local`, `years` (the limit)
    - not_a_date, not_a_time: `text` as typed (31 February, 25:00)
    - ambiguous: `first`, `second` as typed, which contradict each other (equal: one piece contradicts itself)
    - bad_duration: `minutes`, `limit` (minutes) · repeat_unsupported: `text` as typed (daily, quarterly)
    - bad_link: `limit` (characters)
    """

    def __init__(self, code: str, **params: object) -> None:
        if code not in CODES:
            raise ValueError(f"unknown code {code}")
        super().__init__(code, **params)
