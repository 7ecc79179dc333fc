"""Settings: environment variables `CRM_…`, then `.env`, then `crm.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rules.playbook import BUILT_IN, Locale

PREFIX = "CRM_"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


Several = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Optional = Annotated[str | None, BeforeValidator(_none_if_blank)]


class Settings(BaseSettings):
    """What an operator may set; the names and defaults are those of the README."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", toml_file="crm.toml", extra="ignore", frozen=True
    )

    google_credentials: Path = Path("credentials.json")
    spreadsheets: Several = ()
    drive_root: Optional = None
    mailboxes: Several | None = None
    redis_url: Optional = None
    locale: Locale = "en"
    timezone: Optional = None
    base_currency: str = "KZT"
    playbook: Path = BUILT_IN
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


def load_settings() -> Settings:
    """Return the settings. Raises SettingsError, naming every wrong one."""
    try:
        return Settings()
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
