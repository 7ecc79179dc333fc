"""Promises 1, 2, 7, 8 and 12: shared editing, with trouble at any call."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from rules.playbook import Playbook
from rules.playbook_file import load_playbook
from sandbox.server import Box
from sync.plan import Plan
from sync.ports import SheetsPort
from sync.relocate import Placed
from sync.snapshot import Snapshot
from tests.properties.machine import SharedEditing
from tests.sync.conftest import MAILBOXES, Crm
from worker.settings import Settings
from worker.setup import create_workbook
from worker.wiring import connected

SCHEDULES = int(os.environ.get("CRM_SCHEDULES", "12"))
STEPS = int(os.environ.get("CRM_STEPS", "12"))

PLAYBOOK = load_playbook()


@pytest.fixture
def machine(
    shared_box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> type[SharedEditing]:
    """The machine, each of its schedules in a new world; retries of calls do not wait."""
    monkeypatch.setattr("sync.google.retry._retry._initial", 0.01)

    def make_crm() -> tuple[Crm, ExitStack]:
        shared_box.world.reset()
        settings = Settings.model_validate(
            {
                "google_credentials": shared_box.write_credentials(tmp_path),
                "drive_root": shared_box.world.drive.shared_drive_id,
                "mailboxes": MAILBOXES[:1],
                "timezone": "Asia/Almaty",
                "sheets_endpoint": shared_box.url,
                "drive_endpoint": shared_box.url,
                "gmail_endpoint": shared_box.url,
                "log_dir": tmp_path / "log",
            }
        )
        held_open = ExitStack()
        outside = held_open.enter_context(connected(settings))
        spreadsheet_id = create_workbook("CRM", PLAYBOOK, outside, "en")
        requests.delete(f"{shared_box.url}/sandbox/log", json={}, timeout=10)
        path = tmp_path / "credentials.json"
        return Crm(shared_box, PLAYBOOK, "en", outside, spreadsheet_id, path), held_open

    return type("Machine", (SharedEditing,), {"make_crm": staticmethod(make_crm)})


SHORT = settings(
    max_examples=SCHEDULES,
    stateful_step_count=STEPS,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a seed replays; shrinking takes long
    suppress_health_check=list(HealthCheck),
)


def test_whatever_managers_do_and_whatever_fails_all_comes_right(
    machine: type[SharedEditing],
) -> None:
    run_state_machine_as_test(machine, settings=SHORT)


def rows_by_number(
    snapshot: Snapshot, plan: Plan, sheets: SheetsPort, playbook: Playbook
) -> Placed:
    """The broken variant: a row is where it was when it was read."""
    return Placed(plan)


def sorted_before_the_links_are_written(machine: type[SharedEditing]) -> None:
    schedule = machine()
    try:
        schedule.open_for_business(deals=3)
        schedule.a_manager_edits_right_before_a_write(kind="sort", choice=0, wait=1)
        schedule.a_pass()
    finally:
        schedule.teardown()


def test_a_sort_right_before_the_links_are_written_mixes_up_nothing(
    machine: type[SharedEditing],
) -> None:
    sorted_before_the_links_are_written(machine)


def test_a_worker_that_writes_by_row_number_is_caught(
    machine: type[SharedEditing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.committing.relocate", rows_by_number)
    monkeypatch.setattr("sync.committing.all_in_place", lambda *_: True)
    with pytest.raises(AssertionError, match="another deal's folder"):
        sorted_before_the_links_are_written(machine)


def test_a_copy_whose_new_id_landed_on_another_row_keeps_no_link_of_the_original(
    machine: type[SharedEditing],
) -> None:
    schedule = machine()
    try:
        schedule.open_for_business(deals=1)
        schedule.a_pass()
        schedule.a_manager_edits_right_before_a_write(kind="insert", choice=9, wait=0)
        schedule.a_manager_edits(kind="copy and rename", choice=6)
        schedule.a_pass()
    finally:
        schedule.teardown()


def test_the_same_seed_gives_the_same_calls(
    machine: type[SharedEditing], shared_box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.committing.FRESH_SECONDS", 1e9)  # how long a machine takes varies
    logs: list[list[tuple[str, int]]] = []
    teardown = machine.teardown

    def noting(self: SharedEditing) -> None:
        log = self.crm.calls()
        logs[-1] += [(entry["method"], entry["status"]) for entry in log]
        teardown(self)

    monkeypatch.setattr(machine, "teardown", noting)
    for _ in range(2):
        logs.append([])
        run_state_machine_as_test(
            machine, settings=settings(SHORT, max_examples=3, derandomize=True, database=None)
        )
    assert logs[0] == logs[1]
    assert len(logs[0]) > 20
