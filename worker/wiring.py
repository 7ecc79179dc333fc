"""The composition root: the ports, connected to Google as the settings say."""

from __future__ import annotations

from datetime import UTC, datetime

from sync.google.auth import load_account
from sync.google.drive import GoogleDrive
from sync.google.gmail import GoogleMail
from sync.google.sheets import GoogleSheets
from sync.run import Outside
from worker.settings import Settings


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return datetime.now(UTC)


def connect(settings: Settings) -> Outside:
    """Return the outside of a pass. Raises SyncError if the credentials cannot be used."""
    account = load_account(settings.google_credentials)
    return Outside(
        sheets=GoogleSheets(account, settings.sheets_endpoint),
        drive=GoogleDrive(account, settings.drive_endpoint),
        mail=GoogleMail(account, settings.gmail_endpoint),
        clock=SystemClock(),
        drive_root=settings.drive_root,
        mailboxes=settings.mailboxes,
        base_currency=settings.base_currency,
        time_zone=settings.timezone,
    )
