"""The dates people type, in Chinese and English: a small grammar of its own, read into one moment.

`parse_line` reads what follows /new, `parse_when` only the time of it. Both are pure: given `now` and the
group's zone, they answer with a moment or a DateError. The rules, where people differ, stand in days.py and
clocks.py.
"""

from chat.dates.errors import CODES, DateError
from chat.dates.line import LONGEST_PLACE, LONGEST_TITLE, SessionLine, parse_line
from chat.dates.when import LONGEST_SESSION, LONGEST_TEXT, Known, When, parse_when

__all__ = [
    "CODES",
    "LONGEST_PLACE",
    "LONGEST_SESSION",
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "DateError",
    "Known",
    "SessionLine",
    "When",
    "parse_line",
    "parse_when",
]
