"""Settings: environment variables `CRM_…`, then `.env`, then `crm.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from redis import ConnectionPool

from rules.playbook import Locale
from rules.playbook_file import BUILT_IN

PREFIX = "CRM_"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


def _known_zone(value: str | None) -> str | None:
    try:
        if value is not None:
            ZoneInfo(value)
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        raise PydanticCustomError(
            "time_zone", "no such time zone: {zone}; one is Asia/Almaty", {"zone": value}
        ) from error
    return value


def _redis_address(value: str | None) -> str | None:
    try:
        if value is not None:
            ConnectionPool.from_url(value)
    except ValueError as error:
        raise PydanticCustomError("redis_url", "{reason}", {"reason": str(error)}) from error
    return value


Several = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Optional = Annotated[str | None, BeforeValidator(_none_if_blank)]


class Settings(BaseSettings):
    """What an operator may set; the names and defaults are those of the README."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        toml_file="crm.toml",
        extra="ignore",
        frozen=True,
    )

    google_credentials: Path = Path("credentials.json")
    gmail_credentials: Annotated[Path | None, BeforeValidator(_none_if_blank)] = None
    gmail_tokens: Path = Path("gmail-tokens")
    gmail_units_per_minute: int = Field(default=6_000, gt=0)
    spreadsheets: Several = ()
    drive_root: Optional = None
    mailboxes: Several | None = None
    redis_url: Annotated[Optional, AfterValidator(_redis_address)] = None
    locale: Locale = "en"
    timezone: Annotated[Optional, AfterValidator(_known_zone)] = None
    base_currency: str = "KZT"
    playbook: Path = BUILT_IN
    log_dir: Path = Path(".state/log")
    sheets_endpoint: Optional = None
    drive_endpoint: Optional = None
    gmail_endpoint: Optional = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, the strongest first."""
        toml = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, dotenv_settings, toml


def load_settings(**given: Any) -> Settings:
    """Return the settings; what is given wins. Raises SettingsError, naming every wrong one."""
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = (f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError("; ".join(wrong)) from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"settings cannot be read: {error}") from error


def configured_spreadsheets(settings: Settings) -> tuple[str, ...]:
    """Return the ids of the workbooks to work on. Raises SettingsError if there are none."""
    if not settings.spreadsheets:
        raise SettingsError(
            "no spreadsheet is configured: set CRM_SPREADSHEETS to the id of your workbook "
            "(`crm init` makes one and prints its id)"
        )
    return settings.spreadsheets
