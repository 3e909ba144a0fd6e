"""Settings: config.toml, every key also from the environment, everything that is wrong reported at once."""

import json
import os
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot import holidays
from domain.attendance import WindowRule
from domain.auto_schedule import Habit
from domain.kinds import STARTER, Kind, WrongKinds, override
from domain.quiet import QuietHours
from domain.radar import RadarRule
from services.rules import Rules

PREFIX: Final = "BOT__"
DEFAULT_FILE: Final = Path("config.toml")


class WrongSettings(Exception):
    """Settings that cannot be used; each line names a key and says what is wrong with it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Section(BaseModel):
    """A table of config.toml; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Telegram(Section):
    """How to reach the Bot API."""

    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    base_url: str = "https://api.telegram.org"
    proxy: SecretStr = SecretStr("")  # may hold a password

    @field_validator("base_url")
    @classmethod
    def _is_root(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must be the root of a Bot API server, such as https://api.telegram.org")
        return value.rstrip("/").removesuffix("/bot")

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not secret.startswith(("http://", "https://", "socks4://", "socks5://")):
            raise ValueError("must begin with http://, https://, socks4:// or socks5://")
        return value


class Database(Section):
    """Where everything is kept."""

    url: str = "sqlite:///data/bot.sqlite3"

    @field_validator("url")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value


class Organisation(Section):
    """What new groups start with."""

    name: str = ""
    language: Literal["zh-CN", "en"] = "zh-CN"
    time_zone: str = "Asia/Shanghai"

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("must be a time zone such as Asia/Shanghai") from error
        return value


class RuleSettings(Section):
    """Numbers of the domain, each with its default."""

    checkin_opens_minutes_before: int = Field(15, ge=0, le=24 * 60)
    late_minutes_after_start: int = Field(10, ge=0, le=24 * 60)
    session_minutes: int = Field(90, ge=5, le=24 * 60)
    group_reminder_hours_before: int = Field(24, ge=1, le=14 * 24)
    private_reminder_minutes_before: int = Field(60, ge=5, le=7 * 24 * 60)
    nudge_hours_before: int = Field(6, ge=0, le=14 * 24)
    leave_closes_minutes_before: int = Field(0, ge=0, le=7 * 24 * 60)
    quiet_from: time = time(22)
    quiet_to: time = time(8)
    board_weekday: int = Field(1, ge=1, le=7)  # 1 is Monday
    board_time: time = time(8, 30)
    board_minimum_sessions: int = Field(3, ge=1, le=100)
    usual_weekday: int = Field(3, ge=1, le=7)  # 1 is Monday
    usual_time: time = time(15)
    makeup_days: int = Field(7, ge=0, le=365)
    makeup_note_suffices: bool = True
    speaker_reminder_days: list[Annotated[int, Field(ge=1, le=60)]] = [7, 3, 1]


class Radar(Section):
    """When a period of the year's plan that lacks something turns amber and red, and when it is looked at."""

    amber_percent: int = Field(50, ge=0, le=100)
    red_percent: int = Field(80, ge=0, le=100)
    reason_days: int = Field(7, ge=1, le=365)
    at: time = time(9)

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.amber_percent > self.red_percent:
            raise ValueError("amber_percent must not be more than red_percent")
        return self


class HolidaySettings(Section):
    """Public holidays beside those that are known."""

    file: Path | None = None


class Pictures(Section):
    """How the pictures of boards are drawn."""

    full_font: Path | None = None


class Web(Section):
    """The page that a leader shows on a screen: the code to check in with."""

    host: str = "127.0.0.1"
    port: int = Field(8090, ge=0, le=65535)
    address: str = ""  # where others reach it

    @field_validator("address")
    @classmethod
    def _is_root(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")


class Webhook(Section):
    """Where Telegram brings updates, instead of being asked for them."""

    url: str = ""  # public, as Telegram reaches it; its path is served at web.port; empty: we ask

    @field_validator("url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if value and not (parts.scheme == "https" or (parts.scheme == "http" and local)):
            raise ValueError("must begin with https://, because Telegram brings updates no other way")
        if value and parts.path in ("", "/"):
            raise ValueError("needs a path of its own, such as https://bot.example/telegram")
        return value


class KindWindow(Section):
    """The check-in window of a kind of session."""

    opens_minutes_before: int = Field(15, ge=0, le=24 * 60)
    late_minutes_after_start: int = Field(10, ge=0, le=24 * 60)


class Sandbox(Section):
    """The local Telegram that is used while there is no token."""

    port: int = Field(8081, ge=0, le=65535)
    folder: Path = Path("data/sandbox")
    url: str = ""  # of one that runs already


class Privacy(Section):
    """How long personal details are kept; attendance stays."""

    details_months: int = Field(24, ge=0, le=600)  # 0: for ever


class Backup(Section):
    """Copies of the database, made by themselves where a folder is named; encrypted where there is a passphrase."""

    folder: Path | None = None
    keep: int = Field(14, ge=2, le=1000)
    passphrase: SecretStr = SecretStr("")
    passphrase_file: Path | None = None

    def secret(self) -> str | None:
        """The passphrase, if there is one. Raises OSError for a file that cannot be read."""
        if self.passphrase_file is not None:
            return self.passphrase_file.read_text(encoding="utf-8").strip() or None
        return self.passphrase.get_secret_value() or None


class Log(Section):
    """What is written to the log, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


def _ids(value: object) -> object:
    """`1,2` and `[1,2]` both name two operators."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _kinds(value: dict[str, Any]) -> dict[str, Any]:
    """What is set of the kinds of session, as `domain.kinds.override` takes it."""
    try:
        override(STARTER, value)
    except WrongKinds as wrong:
        raise ValueError("; ".join(f"{fault.key} must be {fault.allowed}" for fault in wrong.faults)) from wrong
    return value


class Settings(BaseSettings):
    """All settings. Environment goes before file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    operators: Annotated[list[int], NoDecode, BeforeValidator(_ids)] = []
    kinds: Annotated[dict[str, Any], AfterValidator(_kinds)] = {}
    windows: dict[Kind, KindWindow] = {}
    telegram: Telegram = Telegram()
    database: Database = Database()
    organisation: Organisation = Organisation()
    rules: RuleSettings = RuleSettings()  # type: ignore[call-arg]
    radar: Radar = Radar()  # type: ignore[call-arg]
    holidays: HolidaySettings = HolidaySettings()
    pictures: Pictures = Pictures()
    web: Web = Web()  # type: ignore[call-arg]
    webhook: Webhook = Webhook()
    sandbox: Sandbox = Sandbox()  # type: ignore[call-arg]
    privacy: Privacy = Privacy()  # type: ignore[call-arg]
    backup: Backup = Backup()  # type: ignore[call-arg]
    log: Log = Log()

    @model_validator(mode="after")
    def _webhook_is_served(self) -> Self:
        if self.webhook.url and not self.web.port:
            raise ValueError("webhook.url needs web.port: that is where it is served")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_file)) if _file else (env_settings,)

    def token(self) -> str:
        """The token from the setting, else from the file; empty: none."""
        if self.telegram.token.get_secret_value():
            return self.telegram.token.get_secret_value().strip()
        if self.telegram.token_file is not None:
            return self.telegram.token_file.read_text(encoding="utf-8").strip()
        return ""

    def screen(self) -> str:
        """Where the page with the check-in code is reached; empty: there is none."""
        if not self.web.port:
            return ""
        return self.web.address or f"http://{self.web.host}:{self.web.port}"

    def domain_rules(self) -> Rules:
        """The settings as the use cases need them."""
        rules = self.rules
        return Rules(
            window=WindowRule(
                timedelta(minutes=rules.checkin_opens_minutes_before),
                timedelta(minutes=rules.late_minutes_after_start),
            ),
            session_length=timedelta(minutes=rules.session_minutes),
            group_reminder=timedelta(hours=rules.group_reminder_hours_before),
            private_reminder=timedelta(minutes=rules.private_reminder_minutes_before),
            nudge=timedelta(hours=rules.nudge_hours_before),
            leave_before=timedelta(minutes=rules.leave_closes_minutes_before),
            quiet=QuietHours(_minute_of(rules.quiet_from), _minute_of(rules.quiet_to)),
            board_weekday=rules.board_weekday - 1,
            board_time=rules.board_time,
            board_minimum=rules.board_minimum_sessions,
            windows={
                kind: WindowRule(
                    timedelta(minutes=window.opens_minutes_before), timedelta(minutes=window.late_minutes_after_start)
                )
                for kind, window in self.windows.items()
            },
            kinds=override(STARTER, self.kinds),
            radar=RadarRule(self.radar.amber_percent, self.radar.red_percent, self.radar.reason_days),
            radar_time=self.radar.at,
            habit=Habit(rules.usual_weekday - 1, rules.usual_time),
            holidays=holidays.with_file(self.holidays.file),
            screen=self.screen(),
            details_months=self.privacy.details_months,
            full_font=str(self.pictures.full_font or ""),
            makeup_days=rules.makeup_days,
            makeup_note_suffices=rules.makeup_note_suffices,
            prepare_days=tuple(rules.speaker_reminder_days),
            time_zone=self.organisation.time_zone,
            language=self.organisation.language,
            organisation=self.organisation.name,
        )


def _minute_of(at: time) -> int:
    return at.hour * 60 + at.minute


_file: Path | None = None


def load(config: Path | None = None) -> Settings:
    """Read the settings: the file named, else by BOT_CONFIG, else config.toml where there is one.

    Raises WrongSettings with a line for every wrong or unknown key.
    """
    global _file  # pydantic-settings asks for its sources in a class method, which gets no arguments of ours
    named = config or (Path(os.environ["BOT_CONFIG"]) if os.environ.get("BOT_CONFIG") else None)
    if named is not None and not named.is_file():
        raise WrongSettings([f"{named}: there is no such file (named by --config or BOT_CONFIG)"])
    _file = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    lines = _unknown_variables()
    try:
        settings = Settings()
    except ValidationError as error:
        lines += [f"{_key(item['loc'])}: {_reason(item)}" for item in error.errors()]
    except ValueError as error:  # a file that is no TOML
        lines.append(f"{_file}: {error}")
    else:
        lines += [*_missing_files(settings), *_holidays_trouble(settings)]
        if not lines:
            return settings
    raise WrongSettings(sorted(set(lines)))


def setting_keys() -> list[str]:
    """Every key, as `section.key`; for the guard tests and for the documentation."""
    found: list[str] = []
    for name, item in Settings.model_fields.items():
        model = item.annotation
        if isinstance(model, type) and issubclass(model, Section):
            found += [f"{name}.{key}" for key in model.model_fields]
        else:
            found.append(name)
    return found


def _unknown_variables() -> list[str]:
    """The environment source looks only for what it knows, so misspelt sections are found here."""
    known = {PREFIX + key.upper().replace(".", "__") for key in setting_keys()}
    sections = tuple(f"{PREFIX}{key.split('.')[0].upper()}__" for key in setting_keys() if "." in key)
    return [
        f"{name}: there is no such setting"
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(sections)
    ]


def _missing_files(settings: Settings) -> list[str]:
    files = {"backup.passphrase_file": settings.backup.passphrase_file}
    if not settings.telegram.token.get_secret_value():
        files["telegram.token_file"] = settings.telegram.token_file
    return [f"{key}: there is no file {path}" for key, path in files.items() if path is not None and not path.is_file()]


def _holidays_trouble(settings: Settings) -> list[str]:
    try:
        holidays.with_file(settings.holidays.file)
    except (OSError, ValueError) as error:
        return [f"holidays.file: {line}" for line in str(error).splitlines()]
    return []


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _reason(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return "there is no such setting"
    return str(item["msg"]).removeprefix("Value error, ")
