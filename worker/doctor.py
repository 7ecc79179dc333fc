"""`crm doctor`: what keeps the worker from working, a line each, with what to do about it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import redis

from rules.folders import say_root_trouble
from rules.mail_counts import count_mail
from rules.playbook import Playbook
from rules.values import serial_date
from sync.errors import StructureError, SyncError
from sync.folders.news import look_at_root
from sync.google.auth import ME, Account, load_account
from sync.google.drive import GoogleDrive
from sync.google.probes import PROBES, run_probe, scratch_space
from sync.google.raw import RawGoogle
from sync.google.sheets import GoogleSheets
from sync.layout import LETTERS
from sync.outside import listed_mailboxes
from sync.snapshot import Snapshot, read_snapshot
from worker.broker import BrokerError, broker_url
from worker.mail_audit import count_line
from worker.settings import Settings
from worker.wiring import SystemClock

Status = Literal["ok", "warning", "failed", "skipped"]

BROKER_SECONDS = 5
LETTER_DAYS = 7
"""So many days of letters are told."""
ALL = {"supportsAllDrives": "true"}

READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it if anything."""

    check: str
    status: Status
    detail: str
    advice: str = ""

    @property
    def line(self) -> str:
        """The finding for people."""
        advice = f" → {self.advice}" if self.advice else ""
        return f"{self.status:<8} {self.check}: {self.detail}{advice}"


def examine(settings: Settings, playbook: Playbook) -> Iterator[Finding]:
    """Yield the findings as they are made, the credentials' first."""
    try:
        account = load_account(settings.google_credentials)
    except SyncError as error:
        yield Finding("credentials", "failed", str(error), "see README, “Use it for real”")
    else:
        yield from _key_file(settings.google_credentials, account)
        with closing(raw_google(settings, account)) as google:
            yield from _google(settings, playbook, google)
    yield from _broker(settings.redis_url)


def raw_google(settings: Settings, account: Account) -> RawGoogle:
    """Return plain requests to the APIs at the endpoints that are set."""
    return RawGoogle(
        account,
        {
            "sheets": settings.sheets_endpoint,
            "drive": settings.drive_endpoint,
            "gmail": settings.gmail_endpoint,
        },
    )


def _tried(
    check: str, advice: str, look: Callable[[], Finding | Sequence[Finding]]
) -> Iterator[Finding]:
    """Yield what a look found; an expected error is a failure with that advice."""
    try:
        found = look()
    except SyncError as error:
        yield Finding(check, "failed", str(error), _better_advice(str(error)) or advice)
    else:
        yield from (found,) if isinstance(found, Finding) else found


def _better_advice(text: str) -> str:
    """Return what to do about trouble that is the same whatever was asked."""
    if "accessNotConfigured" in text or "SERVICE_DISABLED" in text:
        return "enable this API in the account's Google Cloud project"
    if "SCOPE_INSUFFICIENT" in text or "insufficientPermissions" in text:
        return "sign in again and allow all that is asked for"
    return ""


def _key_file(path: Path, account: Account) -> Iterator[Finding]:
    yield Finding("credentials", "ok", f"{path} is that of {account.email}")
    mode = path.stat().st_mode
    if mode & READABLE_BY_OTHERS:
        yield Finding(
            "credentials",
            "warning",
            f"{path} can be read by others (mode {stat.S_IMODE(mode):o})",
            f"chmod 600 {path}",
        )


def _google(settings: Settings, playbook: Playbook, google: RawGoogle) -> Iterator[Finding]:
    yield from _tried(
        "scopes",
        "make a new key, or sign in again",
        partial(_signs_in, google),
    )
    yield from _tried("Drive API", "see Google's own message", partial(_drive_answers, google))
    snapshots: list[Snapshot] = []
    if not settings.spreadsheets:
        yield Finding(
            "workbook",
            "failed",
            "none is configured",
            "set CRM_SPREADSHEETS to its id; `crm init` makes one",
        )
    with closing(GoogleSheets(google.account, settings.sheets_endpoint)) as sheets:
        for spreadsheet_id in settings.spreadsheets:
            look = partial(_workbook, settings, playbook, sheets, spreadsheet_id, snapshots)
            check = f"workbook {spreadsheet_id}"
            yield from _tried(check, f"share it with {google.account.email} as an editor", look)
            yield from _tried(check, "", partial(_sharing, google, spreadsheet_id))
    yield from _drive_root(settings, google.account)
    yield from _mailboxes(settings, google, snapshots)
    for snapshot in snapshots:
        yield from _letters(snapshot)


def _signs_in(google: RawGoogle) -> Finding:
    missing = google.missing_scopes()
    if missing:
        advice = "sign in again and allow all that is asked for"
        return Finding("scopes", "failed", f"not allowed: {', '.join(sorted(missing))}", advice)
    return Finding("scopes", "ok", "access tokens are given for all that is needed")


def _drive_answers(google: RawGoogle) -> Finding:
    about = google.read("drive", "/drive/v3/about", "Drive", fields="user/emailAddress")
    who = about["user"].get("emailAddress", google.account.email)
    return Finding("Drive API", "ok", f"answers {who}")


def _workbook(
    settings: Settings,
    playbook: Playbook,
    sheets: GoogleSheets,
    spreadsheet_id: str,
    snapshots: list[Snapshot],
) -> Finding:
    check = f"workbook {spreadsheet_id}"
    advice = f"crm init --spreadsheet {spreadsheet_id} adds what is missing"
    try:
        snapshot = read_snapshot(sheets, spreadsheet_id, playbook, SystemClock(), settings.timezone)
    except StructureError as error:
        return Finding(check, "failed", str(error), advice)
    snapshots.append(snapshot)
    if snapshot.faults:
        lacks = any(fault.kind.endswith("missing") for fault in snapshot.faults)
        told = "; ".join(map(str, snapshot.faults))
        return Finding(check, "failed", told, advice if lacks else "mend it by hand")
    return Finding(check, "ok", f"“{snapshot.structure.title}” has all tabs and columns")


def _sharing(google: RawGoogle, spreadsheet_id: str) -> Sequence[Finding]:
    """Whether the account may edit a workbook, and whether anybody with the link may see it."""
    check = f"workbook {spreadsheet_id}"
    path = f"/drive/v3/files/{spreadsheet_id}"
    file = google.read("drive", path, check, fields="capabilities/canEdit", **ALL)
    if not file["capabilities"]["canEdit"]:
        advice = f"make {google.account.email} an editor"
        return [Finding(check, "failed", "may be read but not changed", advice)]
    fields = "permissions(type,role)"
    rights = google.read("drive", f"{path}/permissions", check, fields=fields, **ALL)
    everybody = [right for right in rights["permissions"] if right["type"] == "anyone"]
    if everybody:
        detail = f"anybody with the link is its {everybody[0]['role']}"
        return [Finding(check, "warning", detail, "share it with named people only")]
    return []


def _drive_root(settings: Settings, account: Account) -> Iterator[Finding]:
    root = settings.drive_root
    if root is None:
        yield Finding(
            "Drive root", "skipped", "none is set: no folders are made", "set CRM_DRIVE_ROOT"
        )
        return
    with closing(GoogleDrive(account, settings.drive_endpoint)) as drive:
        yield from _tried("Drive root", "", partial(_look_at_root, drive, root))


def _look_at_root(drive: GoogleDrive, root: str) -> Finding:
    """As each pass does, in the same words."""
    file, found = look_at_root(drive, root)
    if file is None or found.trouble:
        told = say_root_trouble("en", found.trouble, root, drive.account)
        detail, _, advice = told.partition(". ")
        return Finding("Drive root", "failed", detail, advice)
    return Finding("Drive root", "ok", f"folders can be made in “{file.name}”")


def mailboxes_of(settings: Settings, snapshots: Sequence[Snapshot]) -> Sequence[str]:
    """Return the mailboxes that are read: those that are set, or those of the Lists tabs."""
    if settings.mailboxes is not None:
        return settings.mailboxes
    return sorted({address for snapshot in snapshots for address in listed_mailboxes(snapshot)})


def _mailboxes(
    settings: Settings, google: RawGoogle, snapshots: Sequence[Snapshot]
) -> Iterator[Finding]:
    addresses = mailboxes_of(settings, snapshots)
    if not addresses:
        advice = "fill Mailboxes on the tab Lists, or set CRM_MAILBOXES"
        yield Finding("mailbox", "skipped", "none is named: no letters are read", advice)
    for address in addresses:
        advice = "grant domain-wide delegation with gmail.readonly, or set CRM_MAILBOXES=me"
        yield from _tried(f"mailbox {address}", advice, partial(_look_into, google, address))


def _look_into(google: RawGoogle, address: str) -> Finding:
    path, what = "/gmail/v1/users/me/profile", f"mailbox {address}"
    profile = google.read("gmail", path, what, subject=address)
    whose = profile["emailAddress"] if address == ME else f"{profile['messagesTotal']} letters"
    return Finding(what, "ok", f"can be read ({whose})")


def _letters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield, by mailbox and day, what became of the letters of the last days."""
    if not snapshot.has("comments", LETTERS):
        return
    since = int(snapshot.serial(snapshot.read_at)) - LETTER_DAYS
    counts = count_mail(snapshot.tables[LETTERS], snapshot.tables["comments"], since)
    for mailbox, days in sorted(counts.items()):
        for day, count in sorted(days.items(), reverse=True):
            advice = "crm mail audit tries them again" if count.failed else ""
            status: Status = "warning" if count.failed else "ok"
            check = f"letters {mailbox} {serial_date(day):%Y-%m-%d}"
            yield Finding(check, status, count_line(count), advice)


def _broker(url: str | None) -> Iterator[Finding]:
    advice = "start it, or set CRM_REDIS_URL" if url else "set CRM_REDIS_URL to a Redis of your own"
    try:
        with broker_url(url) as address:
            client = redis.Redis.from_url(
                address, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
            )
            with closing(client):
                client.ping()
    except (BrokerError, redis.RedisError, OSError) as error:
        yield Finding("broker", "failed", f"{_without_password(url)}: {error}", advice)
        return
    yield Finding("broker", "ok", f"{_without_password(url)} answers")
    if url and not urlsplit(url).password and not is_local(url):
        yield Finding(
            "broker",
            "warning",
            f"{_without_password(url)} is on the network and asks for no password",
            "give it a password (requirepass) and name it in CRM_REDIS_URL",
        )


def _without_password(url: str | None) -> str:
    if url is None:
        return "the embedded server"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or parts.path}" + (
        f":{parts.port}" if parts.port else ""
    )


def is_local(url: str) -> bool:
    """Whether a Redis is on this machine, where no password is called for."""
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.hostname in (None, "localhost"):
        return True
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Probed:
    """The verdict of a probe, as people and machines read it."""

    probe: str
    assumed: str
    holds: bool | None
    seen: str

    @property
    def line(self) -> str:
        """The verdict for people."""
        word = {True: "as assumed", False: "DIFFERS", None: "unknown"}[self.holds]
        return f"{word:<10} {self.probe}: {self.assumed} — {self.seen}"


def try_probes(settings: Settings) -> Iterator[Probed]:
    """Yield the verdicts of all probes, tried on scratch files that are removed in the end.

    Raises SyncError if the scratch files cannot be made or removed.
    """
    account = load_account(settings.google_credentials)
    mailbox = next(iter(settings.mailboxes or ()), None)
    with (
        closing(raw_google(settings, account)) as google,
        scratch_space(google, settings.drive_root, mailbox) as scratch,
    ):
        for one in PROBES:
            verdict = run_probe(one, scratch)
            yield Probed(one.key, one.assumed, verdict.holds, verdict.seen)


def doctor_json(findings: Sequence[Finding], probed: Sequence[Probed]) -> dict[str, Any]:
    """Return the same for machines."""
    return {
        "checks": [asdict(finding) for finding in findings],
        "probes": [asdict(one) for one in probed],
    }
