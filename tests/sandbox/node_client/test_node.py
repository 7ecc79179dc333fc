"""The official Node clients drive the main calls; the assertions are in walk.mjs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.server import Box

HERE = Path(__file__).parent
SECONDS = 120

DRIVEN = {
    "drive.changes.list",
    "drive.drives.list",
    "drive.files.create",
    "drive.files.delete",
    "drive.files.export",
    "drive.files.generateIds",
    "drive.files.get",
    "drive.files.list",
    "drive.files.update",
    "drive.permissions.create",
    "gmail.users.drafts.create",
    "gmail.users.getProfile",
    "gmail.users.history.list",
    "gmail.users.labels.list",
    "gmail.users.messages.get",
    "gmail.users.messages.import",
    "gmail.users.messages.insert",
    "gmail.users.messages.list",
    "gmail.users.messages.modify",
    "gmail.users.messages.send",
    "gmail.users.threads.get",
    "sheets.spreadsheets.batchUpdate",
    "sheets.spreadsheets.get",
    "sheets.spreadsheets.values.append",
    "sheets.spreadsheets.values.batchGet",
    "sheets.spreadsheets.values.clear",
    "sheets.spreadsheets.values.get",
    "sheets.spreadsheets.values.update",
}


def test_main_calls(box: Box, token_of: Callable[..., str]) -> None:
    command = ["node", str(HERE / "walk.mjs"), box.url, token_of("manager1@example.com")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        pytest.fail("Node is not installed: install nodejs and npm, then run `make test`")
    assert done.returncode == 0, done.stderr or done.stdout
    assert done.stdout.split() == [
        "files:",
        "ok",
        "changes:",
        "ok",
        "workbook:",
        "ok",
        "letters:",
        "ok",
    ]
    assert {entry["method"] for entry in box.world.log.select()} >= DRIVEN


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (HERE / "package-lock.json").read_text(encoding="utf-8")
