"""Looks up sentences and writes dates as people of each language expect them."""

import datetime as dt
import gettext
import html
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, match_skeleton
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT: Final = "zh-CN"
LANGUAGES: Final = ("zh-CN", "en")

_FOLDER: Final = Path(__file__).parent
# First strong isolate and its end: a name in a right-to-left script does not turn the sentence around.
_ISOLATE: Final = "\u2068{}\u2069"


def choose(*wishes: str | None) -> str:
    """The first wish that names a language we have, else the default; `zh-hans` and `zh` mean zh-CN."""
    for wish in wishes:
        if wish:
            main = wish.lower().replace("_", "-").split("-")[0]
            for language in LANGUAGES:
                if language.lower().split("-")[0] == main:
                    return language
    return DEFAULT


class Words:
    """The sentences of one language. Call it with a key and values; `html` escapes the values for Telegram."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale.parse(language, sep="-")
        self._catalogue = _catalogue(language)

    def __call__(self, key: str, /, count: int | None = None, **values: object) -> str:
        """The plain sentence of `key`; `count` chooses its plural and is a value too. KeyError: no such text."""
        if count is None:
            sentence = self._catalogue.gettext(key)
        else:
            sentence = self._catalogue.ngettext(key, key, count)
            values["count"] = count
        if sentence == key:
            raise KeyError(f"no text {key!r} in {self.language}")
        return sentence.format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a text, for keys that come from people's own files."""
        return self._catalogue.gettext(key) != key

    def html(self, key: str, /, count: int | None = None, **values: object) -> str:
        """The same as HTML: the catalogue's own tags stand, values are escaped."""
        return self(key, count, **{name: _escape(value) for name, value in values.items()})

    def day(self, moment: datetime, zone: ZoneInfo) -> str:
        """12月2日 周三 / Wed 2 Dec."""
        local = moment.astimezone(zone)
        if self.language == "en":
            return f"{self._skeleton('EEE', local)} {local.day} {self._skeleton('MMM', local)}"
        return f"{local.month}月{local.day}日 {self._skeleton('EEE', local)}"

    def date(self, moment: datetime, zone: ZoneInfo) -> str:
        """The day with its year: 2026年12月2日 周三 / Wed 2 Dec 2026."""
        local = moment.astimezone(zone)
        return (
            f"{self.day(moment, zone)} {local.year}"
            if self.language == "en"
            else f"{local.year}年{self.day(moment, zone)}"
        )

    def short_day(self, moment: datetime, zone: ZoneInfo) -> str:
        """12月2日 / 2 Dec."""
        local = moment.astimezone(zone)
        if self.language == "en":
            return f"{local.day} {self._skeleton('MMM', local)}"
        return f"{local.month}月{local.day}日"

    def weekday(self, day: dt.date) -> str:
        """周三 / Wed."""
        return format_date(day, "EEE", locale=self._locale)

    def month(self, day: dt.date) -> str:
        """12月 / December."""
        return format_date(day, "LLLL", locale=self._locale) if self.language == "en" else f"{day.month}月"

    def time(self, moment: datetime, zone: ZoneInfo) -> str:
        """19:00."""
        return f"{moment.astimezone(zone):%H:%M}"

    def when(self, moment: datetime, zone: ZoneInfo) -> str:
        """Day and time together."""
        return f"{self.day(moment, zone)} {self.time(moment, zone)}"

    def zone(self, zone: ZoneInfo) -> str:
        """A time zone as people call it: 北京时间 / Beijing time, else its own name."""
        key = f"zone.{zone.key}"
        named = self._catalogue.gettext(key)
        return zone.key if named == key else named

    def percent(self, share: float) -> str:
        """92%."""
        return f"{round(share * 100)}%"

    def _skeleton(self, skeleton: str, local: datetime) -> str:
        return format_datetime(local, _pattern(self._locale, skeleton), locale=self._locale)


@cache
def _pattern(locale: Locale, skeleton: str) -> str:
    """The locale's pattern for a skeleton, as babel's format_skeleton finds it: that takes longer than to format."""
    skeletons = Locale.parse(locale).datetime_skeletons
    found = skeleton if skeleton in skeletons else match_skeleton(skeleton, skeletons)
    return str(skeletons[found].pattern)


def name(text: str) -> str:
    """Somebody's name, kept from turning the text around it; it is escaped where it becomes HTML."""
    return _ISOLATE.format(" ".join(text.split()))


def person_name(stored: str, spoken: Words) -> str:
    """The name of somebody as a message shows it; whoever had theirs erased is a former member."""
    return name(stored) if stored else spoken("roster.former")


@cache
def words(language: str) -> Words:
    """The words of a language; one object for each."""
    return Words(language)


def _escape(value: object) -> object:
    return html.escape(value, quote=False) if isinstance(value, str) else value


def catalogue_files(language: str) -> list[Path]:
    """The catalogues of a language, one a feature."""
    return sorted((_FOLDER / language.replace("-", "_")).glob("*.po"))


def _catalogue(language: str) -> gettext.NullTranslations:
    """All catalogues of a language as one; they are read as text, so nothing compiled is kept on disk."""
    merged = Catalog(locale=language.replace("-", "_"))
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.replace("-", "_")):
                if message.id:
                    merged[message.id] = message
    binary = BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    return gettext.GNUTranslations(binary)
