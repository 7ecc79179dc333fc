"""A pass over 100,000 deals, 60,000 contacts and 30,000 companies: its time, memory and calls.

The workbook lies in the sandbox, a process of its own; the worker talks to it over HTTP. Seconds
are those of the worker's processor without the transfer: from the bytes received to the bodies of
the requests. P is what orjson takes to parse the managers' tabs, events and lists, in the same
process; what a pass reads holds the worker's own columns, memory and reports as well. The clock
stands on the day that the workbook was made for. Beside it: a pass with the usual idioms of gspread
and pydantic.

`python -m benchmarks.passes [deals]`
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gspread
import orjson
import requests
from google.auth.transport.requests import AuthorizedSession

from benchmarks.book import TODAY, Sizes, edited, make_answer
from benchmarks.figures import megabytes
from benchmarks.processes import Connection, Sandbox, sandbox_process
from benchmarks.usual_idioms import usual_pass
from rules.playbook_file import load_playbook
from sync.google.auth import DRIVE_SCOPE, SHEETS_SCOPE, load_account
from sync.google.sheets import EndpointClient
from sync.run import run_pass
from worker.settings import Settings
from worker.setup import create_workbook
from worker.wiring import connected

MUST_AIM = {"full": (10, 4.5), "changed": (2, 0.7), "nothing": (0.6, 0.3)}
SCRIPT_ROWS = (1, 100, 10_000)
TABS = ("deals", "contacts", "companies", "events", "lists")


@dataclass
class Transfer:
    """Processor seconds that went into sending and receiving."""

    seconds: float = 0.0
    depth: int = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count what gspread's session takes while this lasts, and taking in what it streams."""
        ask, stream = AuthorizedSession.request, requests.Response.iter_content

        def request(session: AuthorizedSession, *args: Any, **kwargs: Any) -> Any:
            with self._counted():
                return ask(session, *args, **kwargs)  # type: ignore[no-untyped-call]

        def iter_content(response: requests.Response, *args: Any, **kwargs: Any) -> Iterator[bytes]:
            chunks = stream(response, *args, **kwargs)
            while True:
                with self._counted():
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                yield chunk

        AuthorizedSession.request = request  # type: ignore[assignment]
        requests.Response.iter_content = iter_content  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            AuthorizedSession.request = ask  # type: ignore[method-assign]
            requests.Response.iter_content = stream  # type: ignore[method-assign]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        started, self.depth = time.process_time(), self.depth + 1
        try:
            yield
        finally:
            self.depth -= 1
            if not self.depth:  # a request that is not streamed takes in its content itself
                self.seconds += time.process_time() - started


def timed(call: Callable[[], object]) -> float:
    """Return the processor's seconds of a call, without the transfer."""
    transfer = Transfer()
    with transfer.measured():
        started = time.process_time()
        call()
        return time.process_time() - started - transfer.seconds


class ClockOfThatDay:
    """A clock that goes as ours does, on the day that the workbook was made for."""

    def __init__(self) -> None:
        self._ahead = datetime.now(UTC) - (datetime(1899, 12, 30, 7, tzinfo=UTC) + timedelta(TODAY))

    def now(self) -> datetime:
        """Return the moment, aware."""
        return datetime.now(UTC) - self._ahead


# ── The worker, a process of its own ─────────────────────────────────────────────────────────────


def work(steps: str, spreadsheet_id: str, deals: int, url: str, token: str) -> None:
    """Do passes as the steps say and print a line of JSON for each."""
    before = megabytes()
    playbook = load_playbook()
    manager = Connection(url, {"authorization": f"Bearer {token}"})
    with connected(Settings()) as connected_outside:
        outside = replace(
            connected_outside, clock=ClockOfThatDay(), drive_root=None, mailboxes=(), known={},
            log=None,
        )  # fmt: skip
        for step in steps.split(","):
            if step.startswith("changed"):  # by another process: this one's memory is measured
                edit = [sys.executable, "-m", "benchmarks.passes", "edit", step]
                subprocess.run([*edit, spreadsheet_id, str(deals), url, token], check=True)
            forget_calls(url)
            if step == "usual":
                workbook = open_as_scripts_do(Settings(), url).open_by_key(spreadsheet_id)
                seconds = timed(lambda: usual_pass(workbook, playbook))  # noqa: B023
            else:
                seconds = timed(lambda: run_pass(spreadsheet_id, playbook, outside))
            shown = {
                "step": step,
                "seconds": seconds,
                "peak": megabytes(peak=True) - before,
                "calls": count_calls(url),
            }
            print(orjson.dumps(shown).decode(), flush=True)
    content = manager.ask("GET", values_path(spreadsheet_id, playbook.tabs))
    parse = []
    for _ in range(3):
        started = time.process_time()
        orjson.loads(content)
        parse.append(time.process_time() - started)
    print(orjson.dumps({"step": "P", "seconds": sorted(parse)[1]}).decode(), flush=True)


def values_path(spreadsheet_id: str, tabs: Mapping[str, Any]) -> str:
    """Return the path that reads all tabs by columns."""
    ranges = "".join(f"&ranges={tabs[key].en}" for key in TABS)
    return (
        f"/v4/spreadsheets/{spreadsheet_id}/values:batchGet?majorDimension=COLUMNS&prettyPrint=false"
        f"&valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=SERIAL_NUMBER{ranges}"
    )


def change_rows(manager: Connection, spreadsheet_id: str, deals: int, step: str) -> None:
    """Edit rows as a manager: `changed` 1% of all, `changed:N` the budgets of N deals."""
    if ":" in step:
        rows = int(step.partition(":")[2])
        step_size = deals // rows
        numbers = [2 + at * step_size for at in range(rows)]
        data = [{"range": f"Deals!K{row}", "values": [[1_000_003.0 + rows]]} for row in numbers]
        write_values(manager, spreadsheet_id, data)
        return
    playbook = load_playbook()
    answer = make_answer(playbook, sizes_of(deals))
    after = edited(answer, playbook)
    for tab in ("deals", "contacts", "companies"):
        for at, (old, new) in enumerate(zip(answer[tab], after[tab], strict=True)):
            if old != new and list(playbook.tabs[tab].fields.values())[at].owner == "managers":
                letters = gspread.utils.rowcol_to_a1(1, at + 1)[:-1]
                data = [
                    {"range": f"{playbook.tabs[tab].en}!{letters}{row + 1}", "values": [[cell]]}
                    for row, cell in enumerate(new)
                    if cell != old[row]
                ]
                write_values(manager, spreadsheet_id, data)


def write_values(
    manager: Connection, spreadsheet_id: str, data: Sequence[Mapping[str, Any]]
) -> None:
    """Write values as they are."""
    body = orjson.dumps({"valueInputOption": "RAW", "data": data})
    manager.ask("POST", f"/v4/spreadsheets/{spreadsheet_id}/values:batchUpdate", body)


def forget_calls(url: str) -> None:
    """Empty the sandbox's log."""
    Connection(url).ask("DELETE", "/sandbox/log")


def count_calls(url: str) -> Mapping[str, int]:
    """Return the reads and writes of Sheets since the log was emptied."""
    entries = orjson.loads(Connection(url).ask("GET", "/sandbox/log?method=sheets.*"))["entries"]
    return Counter(entry["kind"] for entry in entries)


# ── The workbook ─────────────────────────────────────────────────────────────────────────────────


def sizes_of(deals: int) -> Sizes:
    """Return the sizes of a workbook with so many deals."""
    return Sizes(deals, deals * 6 // 10, deals * 3 // 10)


def fill(sandbox: Sandbox, spreadsheet_id: str, deals: int) -> None:
    """Write the workbook's rows as a manager would import them."""
    playbook = load_playbook()
    manager = sandbox.connect()
    found = orjson.loads(
        manager.ask("GET", f"/v4/spreadsheets/{spreadsheet_id}?fields=sheets.properties")
    )
    ids = {one["properties"]["title"]: one["properties"]["sheetId"] for one in found["sheets"]}
    for tab, columns in make_answer(playbook, sizes_of(deals)).items():
        title, height = playbook.tabs[tab].en, len(columns[0])
        if height > 1_000:
            grow = {"sheetId": ids[title], "dimension": "ROWS", "length": height - 900}
            body = orjson.dumps({"requests": [{"appendDimension": grow}]})
            manager.ask("POST", f"/v4/spreadsheets/{spreadsheet_id}:batchUpdate", body)
        if height > 1:
            data = {"range": f"{title}!A1", "majorDimension": "COLUMNS", "values": columns}
            write_values(manager, spreadsheet_id, [data])


def open_as_scripts_do(settings: Settings, url: str) -> gspread.Client:
    """Return gspread's client."""
    account = load_account(settings.google_credentials)
    session = AuthorizedSession(account.scoped([SHEETS_SCOPE, DRIVE_SCOPE]))
    client = gspread.Client(session.credentials, session=session, http_client=EndpointClient)
    client.http_client.endpoint = url  # type: ignore[attr-defined]
    return client


def script_calls(sandbox: Sandbox, settings: Settings, spreadsheet_id: str, rows: int) -> int:
    """Let a plain gspread script mark that many rows, a cell at a time; return its calls."""
    client = open_as_scripts_do(settings, sandbox.url)
    forget_calls(sandbox.url)
    worksheet = client.open_by_key(spreadsheet_id).worksheet("Deals")
    budgets = worksheet.col_values(11)
    for number in range(rows):
        worksheet.update_cell(number + 2, 2, "OK" if budgets[1:] else "Error")
    return sum(count_calls(sandbox.url).values())


# ── The table ────────────────────────────────────────────────────────────────────────────────────


def main(deals: int) -> None:
    """Print the table."""
    with sandbox_process() as sandbox, tempfile.TemporaryDirectory() as folder:
        settings = make_settings(sandbox, Path(folder))
        with connected(settings) as outside:
            spreadsheet_id = create_workbook("Benchmark", load_playbook(), outside, "en")
        fill(sandbox, spreadsheet_id, deals)
        environment = {
            f"CRM_{name.upper()}": str(value)
            for name, value in settings.model_dump(exclude_none=True).items()
            if value not in ((), "")
        }
        command = [sys.executable, "-m", "benchmarks.passes", "work"]
        common = [spreadsheet_id, str(deals), sandbox.url, sandbox.token]
        first = run_worker([*command, "first", *common], environment)
        many = ",".join(f"changed:{rows}" for rows in SCRIPT_ROWS if rows <= deals)
        steps = f"full,nothing,changed,nothing again,{many}"
        rest = run_worker([*command, steps, *common], environment)
        usual = run_worker([*command, "usual", *common], environment)
        show(deals, {**first, **rest, "usual": usual["usual"]})
        scripts = {
            rows: script_calls(sandbox, settings, spreadsheet_id, rows)
            for rows in SCRIPT_ROWS
            if rows <= deals
        }
        show_calls(rest, scripts)


def make_settings(sandbox: Sandbox, folder: Path) -> Settings:
    """Return the settings to reach the sandbox."""
    found = dict(
        line.split("=", 1)
        for line in (sandbox.credentials.with_name("sandbox.env"))
        .read_text(encoding="utf-8")
        .splitlines()
        if "=" in line
    )
    return Settings.model_validate(
        {
            "google_credentials": found["CRM_GOOGLE_CREDENTIALS"],
            "drive_root": found["CRM_DRIVE_ROOT"],
            "timezone": "Asia/Almaty",
            "sheets_endpoint": sandbox.url,
            "drive_endpoint": sandbox.url,
            "gmail_endpoint": sandbox.url,
            "log_dir": folder,
        }
    )


def run_worker(command: list[str], environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Run a worker; return what it printed, by step."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, env={"PATH": "/usr/bin:/bin", **environment}
    )
    lines = map(orjson.loads, done.stdout.splitlines())
    return {line["step"]: line for line in lines}


def show(deals: int, found: Mapping[str, Any]) -> None:
    """Print times and memory beside the targets."""
    parse = found["P"]["seconds"]
    print(
        f"\n{'a pass over ' + format(deals, ',') + ' deals':<34}"
        f" {'s':>8} {'P':>7} {'MB':>6}  must / aim"
    )
    print(f"{'P: orjson parses the answer':<34} {parse:8.3f} {1:7.1f}")
    titles: Mapping[str, str] = {
        "first": "first of all: 190% new IDs, verdicts",
        "full": "full, in a new process",
        "nothing": "nothing changed",
        "changed": "1% of rows changed",
        "nothing again": "nothing changed after that",
        "usual": "usual idioms: gspread, pydantic",
    }
    for step, title in titles.items():
        line = found[step]
        must, aim = MUST_AIM.get(step.split()[0], ("", ""))
        print(
            f"{title:<34} {line['seconds']:8.3f} {line['seconds'] / parse:7.2f} {line['peak']:6.0f}"
            f"  {must} / {aim}"
        )
    print("memory: the peak above import, must 300, aim 100")


def show_calls(found: Mapping[str, Any], scripts: Mapping[int, int]) -> None:
    """Print calls beside those of a plain script."""
    print(f"\n{'calls of Sheets':<34} {'reads':>6} {'writes':>7}   a script, a cell a call")
    for step, line in found.items():
        if "calls" not in line:
            continue
        rows = int(step.partition(":")[2] or 0)
        beside = f"{scripts[rows]}" if rows in scripts else ""
        calls = line["calls"]
        print(f"{step:<34} {calls.get('read', 0):>6} {calls.get('write', 0):>7}   {beside}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["work", steps, spreadsheet_id, deals, url, token]:
            work(steps, spreadsheet_id, int(deals), url, token)
        case ["edit", step, spreadsheet_id, deals, url, token]:
            manager = Connection(url, {"authorization": f"Bearer {token}"})
            change_rows(manager, spreadsheet_id, int(deals), step)
        case [deals]:
            main(int(deals))
        case _:
            main(100_000)
