"""Catching up many letters: simulated time against the quota, units by letter, memory, idle units.

`python -m benchmarks.mail [--letters 10000] [--strangers 2000] [--mailboxes 5]`. The worker's and
the sandbox's clocks are one, which moves only while the worker waits for quota: so the simulated
time is what Gmail's quota makes of the job, and the real time is what this machine does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from benchmarks.figures import megabytes
from benchmarks.processes import Connection, started
from rules.playbook_file import load_playbook
from sync.google.auth import Accounts, load_account
from sync.google.gmail import GoogleMail
from sync.google.units import Units
from sync.outside import Outside
from sync.run import PassResult
from worker.passes import run_to_end
from worker.settings import Settings
from worker.setup import create_workbook
from worker.wiring import connected

QUOTA = 6_000
CONTACTS = 60
DAYS = 300
PARAGRAPH = "We have looked at the plan, and these are our remarks on it. " * 5


@dataclass
class VirtualClock:
    """The worker's and the sandbox's common clock; waiting moves it."""

    sandbox: Connection
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds + 0.001)
        self.tell()

    def tell(self) -> None:
        wish = {"set": self.moment.isoformat(), "frozen": True}
        self.sandbox.ask("POST", "/sandbox/clock", orjson.dumps(wish))


@contextmanager
def server(mailboxes: int) -> Iterator[tuple[str, Path]]:
    os.environ["MAILBOXES"] = str(mailboxes)
    root = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "benchmarks.mail_server", "--port", "0", "--state", state]
        with started(command, root) as (url, _):
            yield url, Path(state)


def settings_of(state: Path, url: str, mailboxes: list[str]) -> Settings:
    env = dict(
        line.split("=", 1) for line in (state / "sandbox.env").read_text("utf-8").splitlines()
    )
    return Settings.model_validate(
        {
            "google_credentials": state / "credentials.json",
            "drive_root": env["CRM_DRIVE_ROOT"].strip("'"),
            "mailboxes": mailboxes,
            "timezone": "Asia/Almaty",
            "sheets_endpoint": url,
            "drive_endpoint": url,
            "gmail_endpoint": url,
        }
    )


def fill_workbook(outside: Outside, spreadsheet_id: str, sandbox: Connection) -> None:
    """Type a company and a deal for each contact, as a manager would."""
    tabs = load_playbook().tabs
    rows = {
        "companies": [{"title": f"Company {n}"} for n in range(CONTACTS)],
        "contacts": [
            {"first_name": f"F{n}", "last_name": f"L{n}", "email": address(n)}
            | {"company": f"Company {n}"}
            for n in range(CONTACTS)
        ],
        "deals": [
            {"title": f"Deal {n}", "stage": "MQL", "company": f"Company {n}", "contact": address(n)}
            for n in range(CONTACTS)
        ],
    }
    data = [
        {
            "range": f"'{tabs[tab].en}'!A2",
            "values": [[record.get(key) for key in tabs[tab].fields] for record in records],
        }
        for tab, records in rows.items()
    ]
    wish = {
        "user": "manager1@example.com",
        "method": "sheets.spreadsheets.values.batchUpdate",
        "params": {"spreadsheetId": spreadsheet_id},
        "body": {"valueInputOption": "RAW", "data": data},
    }
    sandbox.ask("POST", "/sandbox/act", orjson.dumps(wish))


def address(number: int) -> str:
    return f"person{number}@client{number}.example"


def deliver(
    sandbox: Connection, mailboxes: list[str], letters: int, strangers: int, now: datetime
) -> None:
    """Put the letters into the mailboxes in turn, spread over the last months."""
    for number in range(letters + strangers):
        known = number < letters
        age = timedelta(days=DAYS * (number % max(letters, 1)) / max(letters, 1), seconds=1)
        letter = {
            "mailbox": mailboxes[number % len(mailboxes)],
            "sender": address(number % CONTACTS) if known else f"x{number}@nowhere.example",
            "subject": f"Letter {number}",
            "text": f"Letter {number}.\n\n{PARAGRAPH}\n\nOn Mon, Mar 2, 2026 at 10:00 AM D L "
            f"<manager1@example.com> wrote:\n> {PARAGRAPH}",
            "date": (now - age).isoformat(),
        }
        sandbox.ask("POST", "/sandbox/letters", orjson.dumps(letter))


def units_spent(sandbox: Connection) -> tuple[Counter[str], Counter[str]]:
    """Return the quota units by mailbox, and the calls by method; the log is emptied."""
    answer = orjson.loads(sandbox.ask("GET", "/sandbox/log?method=gmail.*"))
    units: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for entry in answer["entries"]:
        units[entry["user"]] += entry["quota_cost"]
        calls[entry["method"].removeprefix("gmail.users.")] += 1
    sandbox.ask("DELETE", "/sandbox/log")
    return units, calls


@dataclass(frozen=True)
class Figures:
    result: PassResult
    simulated: timedelta
    real_seconds: float
    units: Counter[str]
    calls: Counter[str]


def caught_up(run: Any, clock: VirtualClock, sandbox: Connection) -> Figures:
    began, started_at = clock.now(), time.perf_counter()
    result = run()
    real = time.perf_counter() - started_at
    return Figures(result, clock.now() - began, real, *units_spent(sandbox))


def show(title: str, figures: Figures, letters: int, mailboxes: int) -> None:
    units = sum(figures.units.values())
    print(f"\n{title}")
    print(f"  letters logged        {figures.result.letters}")
    print(f"  units                 {units}, {units / max(letters, 1):.2f} a letter")
    print(f"  calls                 {dict(figures.calls)}")
    if letters:
        # Nothing but the letters themselves, at the whole quota: a minute's worth goes at once.
        allowed = timedelta(minutes=letters * 20 / mailboxes / QUOTA)
        print(f"  simulated time        {figures.simulated}, the quota allows {allowed}")
        print(f"  ratio                 {figures.simulated / allowed:.3f}  (target 1.2)")
    print(f"  real time             {figures.real_seconds:.1f} s")
    print(f"  peak memory           {megabytes(peak=True):.0f} MB")
    if figures.result.failures:
        print(f"  FAILED                {figures.result.failures}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--strangers", type=int, default=2_000)
    parser.add_argument("--mailboxes", type=int, default=5)
    options = parser.parse_args()
    mailboxes = [f"manager{number}@example.com" for number in range(1, options.mailboxes + 1)]
    with server(options.mailboxes) as (url, state):
        sandbox = Connection(url)
        settings = settings_of(state, url, mailboxes)
        with connected(settings) as real:
            clock = VirtualClock(sandbox)
            clock.tell()
            accounts = Accounts(load_account(settings.google_credentials))
            mail = GoogleMail(accounts, Units(clock.now), url)
            outside = replace(real, mail=mail, clock=clock)
            playbook = load_playbook(settings.playbook)
            spreadsheet_id = create_workbook("Mail", playbook, outside, "en")
            fill_workbook(outside, spreadsheet_id, sandbox)
            deliver(sandbox, mailboxes, options.letters, options.strangers, clock.now())
            sandbox.ask(
                "POST",
                "/sandbox/quotas",
                orjson.dumps({"limits": {"GmailUnitsPerMinutePerUser": QUOTA}}),
            )
            sandbox.ask("DELETE", "/sandbox/log")
            print(
                f"{options.letters} letters with clients and {options.strangers} with strangers in "
                f"{options.mailboxes} mailboxes; memory before: {megabytes(peak=True):.0f} MB"
            )

            def run() -> PassResult:
                return run_to_end(spreadsheet_id, playbook, outside, clock.sleep)

            boxes = options.mailboxes
            show("New mailboxes, caught up", caught_up(run, clock, sandbox), options.letters, boxes)
            clock.sleep(120)
            idle = caught_up(run, clock, sandbox)
            show("Nothing new", idle, 0, boxes)
            print(f"  units a mailbox       {sorted(idle.units.values())}  (target 2)")
            deliver(sandbox, mailboxes, 5 * boxes, 5 * boxes, clock.now())
            clock.sleep(60)
            sandbox.ask("DELETE", "/sandbox/log")
            few = caught_up(run, clock, sandbox)
            show("A few new ones, as many of strangers", few, 5 * boxes, boxes)
            mail.close()


if __name__ == "__main__":
    main()
