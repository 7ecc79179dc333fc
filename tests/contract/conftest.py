"""One suite for the sandbox and for Google itself.

By default everything runs against a sandbox of its own. With ``CRM_LIVE=1`` (``make test-live``) it
runs against whatever the usual ``CRM_…`` settings point at: a service account with a shared drive
as ``CRM_DRIVE_ROOT``. Letters are inserted and deleted only in the mailbox ``CRM_LIVE_MAILBOX``;
without one the tests of Gmail are left out. What is made is made in a scratch folder, which is
removed in the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from sandbox.server import running
from sync.errors import SyncError
from sync.google.auth import DRIVE_SCOPE, SHEETS_SCOPE, Account, load_account
from sync.google.probes import Scratch, scratch_space
from worker.doctor import raw_google
from worker.settings import Settings, SettingsError, load_settings

LIVE = os.environ.get("CRM_LIVE") == "1"
MAILBOX = "CRM_LIVE_MAILBOX"
MAIL_SCOPE = "https://mail.google.com/"
METADATA_SCOPE = "https://www.googleapis.com/auth/gmail.metadata"
RETRIES = 8 if LIVE else 0
"""Google counts requests by the minute; the sandbox does not unless asked."""


def run(call: Any) -> Any:
    """What the call gives."""
    return call.execute(num_retries=RETRIES)


def refusal(call: Any) -> tuple[int, Any]:
    """The status and the error of a call that is refused."""
    with pytest.raises(HttpError) as refused:
        call.execute(num_retries=RETRIES)
    return int(refused.value.resp.status), json.loads(refused.value.content)["error"]


def reason(call: Any) -> tuple[int, str]:
    """The status and the reason of a refusal of Drive's or Gmail's."""
    status, error = refusal(call)
    return status, error["errors"][0]["reason"]


@dataclass(frozen=True)
class Google:
    """The official clients, and the scratch files that tests may do anything with."""

    sheets: Any
    drive: Any
    scratch: Scratch

    @property
    def values(self) -> Any:
        return self.sheets.spreadsheets().values()

    def change(self, *requests: Any, **more: Any) -> Any:
        """A batchUpdate of the scratch spreadsheet, not yet sent."""
        body = {"requests": list(requests), **more}
        book = self.scratch.spreadsheet_id
        return self.sheets.spreadsheets().batchUpdate(spreadsheetId=book, body=body)

    def tab(self, rows: int = 1000, columns: int = 26) -> Tab:
        """A new tab."""
        grid = {"rowCount": rows, "columnCount": columns}
        return Tab(self, *self.scratch.add_sheet(gridProperties=grid))


@dataclass(frozen=True)
class Tab:
    """A tab of the scratch spreadsheet."""

    google: Google
    id: int
    title: str

    def at(self, place: str) -> dict[str, str]:
        return {
            "spreadsheetId": self.google.scratch.spreadsheet_id,
            "range": f"{self.title}!{place}" if place else self.title,
        }

    def write(self, rows: Any, place: str = "A1", how: str = "RAW") -> Any:
        call = self.google.values.update(
            **self.at(place), body={"values": rows}, valueInputOption=how
        )
        return run(call)

    def answer(self, place: str = "", **params: str) -> Any:
        return run(self.google.values.get(**self.at(place), **params))

    def read(self, place: str = "", **params: str) -> Any:
        return self.answer(place, **params).get("values", [])

    def area(self, rows: tuple[int, int], columns: tuple[int, int]) -> dict[str, int]:
        return {
            "sheetId": self.id,
            "startRowIndex": rows[0],
            "endRowIndex": rows[1],
            "startColumnIndex": columns[0],
            "endColumnIndex": columns[1],
        }


def _settings(stack: ExitStack, folder: Path) -> tuple[Settings, str | None]:
    """The settings of the run, and the mailbox that may be written to."""
    if LIVE:
        try:
            settings = load_settings()
            load_account(settings.google_credentials)
        except (SettingsError, SyncError) as error:
            pytest.exit(f"CRM_LIVE=1 wants the credentials of a Google account: {error}", 2)
        return settings, os.environ.get(MAILBOX)
    box = stack.enter_context(running(checks_responses=True))
    settings = load_settings(
        google_credentials=box.write_credentials(folder),
        drive_root=box.world.drive.shared_drive_id,
        sheets_endpoint=box.url,
        drive_endpoint=box.url,
        gmail_endpoint=box.url,
    )
    return settings, "manager1@example.com"


@dataclass(frozen=True)
class Run:
    """Whose account and which endpoints a run works with."""

    settings: Settings
    account: Account
    mailbox: str | None

    def service(
        self, name: str, version: str, scopes: list[str], subject: str | None = None
    ) -> Any:
        endpoint = getattr(self.settings, f"{name}_endpoint")
        path = "/drive/v3/" if name == "drive" else "/"
        return build(
            name,
            version,
            http=self.account.http(scopes, subject),
            client_options={"api_endpoint": endpoint + path} if endpoint else None,
            static_discovery=True,
            cache_discovery=False,
        )


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with ExitStack() as stack:
        settings, mailbox = _settings(stack, tmp_path_factory.mktemp("contract"))
        yield Run(settings, load_account(settings.google_credentials), mailbox)


@pytest.fixture(scope="session")
def google(whole_run: Run) -> Iterator[Google]:
    settings = whole_run.settings
    with (
        closing(raw_google(settings, whole_run.account)) as raw,
        closing(whole_run.service("sheets", "v4", [SHEETS_SCOPE, DRIVE_SCOPE])) as sheets,
        closing(whole_run.service("drive", "v3", [DRIVE_SCOPE])) as drive,
        scratch_space(raw, settings.drive_root, whole_run.mailbox) as scratch,
    ):
        yield Google(sheets, drive, scratch)


@pytest.fixture(scope="session")
def mail(whole_run: Run) -> Iterator[Any]:
    """The client of a mailbox that may be written to."""
    if whole_run.mailbox is None:
        pytest.skip(f"{MAILBOX} is not set")
    with closing(whole_run.service("gmail", "v1", [MAIL_SCOPE], whole_run.mailbox)) as service:
        yield service.users()


@pytest.fixture(scope="session")
def restricted_mail(whole_run: Run) -> Iterator[Any]:
    """The same with the metadata scope alone."""
    if whole_run.mailbox is None:
        pytest.skip(f"{MAILBOX} is not set")
    with closing(whole_run.service("gmail", "v1", [METADATA_SCOPE], whole_run.mailbox)) as service:
        yield service.users()


@pytest.fixture
def inserted(mail: Any) -> Iterator[Callable[..., str]]:
    """Put a letter into the mailbox; it is gone after the test."""
    ids: list[str] = []

    def insert(raw: str, *labels: str) -> str:
        body = {"raw": raw, "labelIds": list(labels)}
        ids.append(run(mail.messages().insert(userId="me", body=body))["id"])
        return ids[-1]

    yield insert
    if ids:
        run(mail.messages().batchDelete(userId="me", body={"ids": ids}))


@pytest.fixture
def tab(google: Google) -> Tab:
    return google.tab()
