"""How many calls the folders take: ``python -m benchmarks.drive [N …]``.

The worker runs passes over a workbook of N deals at SQL, N/5 companies; beside it, on the same
sandbox, what a user would write with Google's client: find each folder by its name, create it where
there is none. Counted are API calls as Google's quota counts them (each part of a batch is one),
quota units (2026), requests over the wire, and seconds of the whole pass or script.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httplib2
import requests
from googleapiclient.discovery import build

from benchmarks.processes import sandbox_process
from rules.playbook_file import load_playbook
from sync.google.auth import DRIVE_SCOPE, load_account
from sync.layout import column_letters
from sync.outside import Outside
from sync.run import run_pass
from worker.settings import Settings
from worker.setup import create_workbook
from worker.wiring import connected

FOLDER = "application/vnd.google-apps.folder"
ALL = {"supportsAllDrives": True}
NUMBERS = (50, 500)
PLAYBOOK = load_playbook()
SUBFOLDERS = [name.en for name in PLAYBOOK.folders.subfolders.values()]


@dataclass
class Wire:
    """Counts requests of httplib2, which both sides use."""

    requests: int = 0

    def count(self) -> None:
        plain = httplib2.Http.request

        def counted(http: httplib2.Http, *args: Any, **kwargs: Any) -> Any:
            self.requests += 1
            return plain(http, *args, **kwargs)

        httplib2.Http.request = counted


WIRE = Wire()


@dataclass
class Bench:
    """A sandbox with a workbook of `deals` deals, the worker, and the plain script's client."""

    url: str
    outside: Outside
    spreadsheet_id: str
    deals: int
    service: str = "Campaign"
    client: Any = field(default=None)

    def measure(self, name: str, run: Callable[[], Any], method: str = "drive.*") -> None:
        requests.delete(f"{self.url}/sandbox/log", json={}, timeout=60)
        WIRE.requests, started = 0, time.perf_counter()
        run()
        seconds = time.perf_counter() - started
        wish = {"method": method}
        answer = requests.get(f"{self.url}/sandbox/log", json=wish, timeout=600).json()
        calls = answer["entries"]
        units = sum(call["quota_cost"] for call in calls)
        figures = (len(calls), len(calls) / self.deals, units, WIRE.requests, seconds)
        print(f"{name:<44}" + " {:>7} {:>7.2f} {:>9,} {:>9} {:>8.1f}".format(*figures), flush=True)

    def sync(self) -> None:
        result = run_pass(self.spreadsheet_id, PLAYBOOK, self.outside)
        if result.failures or result.folders_waiting:
            raise RuntimeError(f"{result.failures} {result.folders_waiting}")

    def type_columns(self, tab: str, **columns: list[Any]) -> None:
        """Type whole columns, as an import would."""
        title, fields = PLAYBOOK.tabs[tab].en, list(PLAYBOOK.tabs[tab].fields)
        data = [
            {
                "range": f"'{title}'!{column_letters(fields.index(key))}2",
                "majorDimension": "COLUMNS",
                "values": [values],
            }
            for key, values in columns.items()
        ]
        wish = {
            "user": "manager1@example.com",
            "method": "sheets.spreadsheets.values.batchUpdate",
            "params": {"spreadsheetId": self.spreadsheet_id},
            "body": {"valueInputOption": "RAW", "data": data},
        }
        requests.post(f"{self.url}/sandbox/act", json=wish, timeout=600).raise_for_status()

    def import_deals(self) -> None:
        companies = [f"Company {number}" for number in range(max(1, self.deals // 5))]
        self.type_columns("companies", title=companies)
        self.type_columns(
            "deals",
            title=[f"Deal {number}" for number in range(self.deals)],
            stage=["SQL"] * self.deals,
            company=[companies[number % len(companies)] for number in range(self.deals)],
            service=[self.service] * self.deals,
        )

    def rename(self) -> None:
        self.service = "Strategy"
        self.type_columns("deals", service=["Strategy"] * self.deals)

    # What a user would write

    def plain_script(self) -> None:
        companies = max(1, self.deals // 5)
        root = str(self.outside.drive_root)
        for number in range(self.deals):
            title = f"Company {number % companies}"
            company = self.find_or_create(f"Plain {title}", root)
            own = self.find_or_create(f"D-{number + 1:06d} {title} — Campaign", company)
            for name in SUBFOLDERS:
                self.find_or_create(name, own)

    def plain_rename(self) -> None:
        companies = max(1, self.deals // 5)
        for number in range(self.deals):
            title = f"Company {number % companies}"
            company = self.find(f"Plain {title}", str(self.outside.drive_root))
            own = self.find(f"D-{number + 1:06d} {title} — Campaign", str(company))
            body = {"name": f"D-{number + 1:06d} {title} — Strategy"}
            self.client.files().update(fileId=own, body=body, **ALL).execute()

    def find(self, name: str, parent: str) -> str | None:
        query = f"name = '{name}' and '{parent}' in parents and trashed = false"
        found = (
            self.client.files().list(q=query, includeItemsFromAllDrives=True, **ALL).execute()
        )["files"]
        return str(found[0]["id"]) if found else None

    def find_or_create(self, name: str, parent: str) -> str:
        if found := self.find(name, parent):
            return found
        body = {"name": name, "mimeType": FOLDER, "parents": [parent]}
        return str(self.client.files().create(body=body, **ALL).execute()["id"])


@contextmanager
def bench(url: str, credentials: Path, root: str, deals: int) -> Iterator[Bench]:
    settings = Settings.model_validate(
        {
            "google_credentials": credentials,
            "drive_root": root,
            "mailboxes": (),
            "sheets_endpoint": url,
            "drive_endpoint": url,
            "gmail_endpoint": url,
        }
    )
    with connected(settings) as outside:
        spreadsheet_id = create_workbook(f"{deals} deals", PLAYBOOK, outside, "en")
        http = load_account(credentials).http([DRIVE_SCOPE])
        options = {"api_endpoint": f"{url}/drive/v3/"}
        client = build("drive", "v3", http=http, client_options=options, static_discovery=True)
        yield Bench(url, outside, spreadsheet_id, deals, client=client)
        client.close()


def main() -> None:
    """Print the table."""
    WIRE.count()
    numbers = [int(text) for text in sys.argv[1:]] or list(NUMBERS)
    with sandbox_process() as box:
        world = requests.get(f"{box.url}/sandbox/world", timeout=60).json()
        for deals in numbers:
            with bench(box.url, box.credentials, world["shared_drive_id"], deals) as one:
                show(one)


def show(one: Bench) -> None:
    titles = ("calls", "a deal", "units", "requests", "s")
    print(f"\n{one.deals} deals".ljust(45) + "{:>7} {:>7} {:>9} {:>9} {:>8}".format(*titles))
    one.sync()
    one.import_deals()
    one.measure("worker: new folders, 6 a deal and its company", one.sync)
    one.measure("worker: idle pass", one.sync)
    one.rename()
    one.measure("worker: renamed", one.sync)
    one.measure("worker: idle pass after", one.sync)
    one.measure("plain script: new folders", one.plain_script)
    one.measure("plain script: nothing to do", one.plain_script)
    one.measure("plain script: renamed", one.plain_rename)


if __name__ == "__main__":
    main()
