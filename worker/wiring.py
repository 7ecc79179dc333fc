"""The composition root: the ports, connected to Google as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from sync.google.auth import Accounts, load_account
from sync.google.drive import GoogleDrive
from sync.google.gmail import GoogleMail
from sync.google.sheets import GoogleSheets
from sync.google.units import Counters, LocalCounters, Units
from sync.outside import Outside
from worker.change_log import ChangeFiles
from worker.settings import Settings
from worker.shared_units import SharedCounters


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return datetime.now(UTC)


def mail_accounts(settings: Settings) -> Accounts:
    """Return who reads which mailbox. Raises SyncError if the credentials cannot be used."""
    path = settings.gmail_credentials or settings.google_credentials
    return Accounts(load_account(path), settings.gmail_tokens)


@contextmanager
def connected(settings: Settings, redis_url: str | None = None) -> Iterator[Outside]:
    """Yield the outside of a pass; its connections are closed afterwards.

    Workers with the same Redis (that of the settings, if no other is given) share Gmail's quota.
    Raises SyncError if the credentials cannot be used.
    """
    account = load_account(settings.google_credentials)
    clock = SystemClock()
    with (
        _counters(clock, redis_url or settings.redis_url) as counters,
        closing(GoogleSheets(account, settings.sheets_endpoint)) as sheets,
        closing(GoogleDrive(account, settings.drive_endpoint)) as drive,
        closing(
            GoogleMail(
                mail_accounts(settings),
                Units(clock.now, settings.gmail_units_per_minute, counters),
                settings.gmail_endpoint,
            )
        ) as mail,
    ):
        yield Outside(
            sheets=sheets,
            drive=drive,
            mail=mail,
            clock=clock,
            drive_root=settings.drive_root,
            mailboxes=settings.mailboxes,
            base_currency=settings.base_currency,
            time_zone=settings.timezone,
            log=ChangeFiles(settings.log_dir, SystemClock()),
        )


@contextmanager
def _counters(clock: SystemClock, redis_url: str | None) -> Iterator[Counters]:
    own = LocalCounters(clock.now)
    if redis_url is None:
        yield own
        return
    with closing(SharedCounters(redis_url, own)) as shared:
        yield shared
