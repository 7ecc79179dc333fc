"""``python -m sandbox``."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]


@contextmanager
def sandbox(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "sandbox", "--state", str(folder), *options]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline(), process
        finally:
            process.kill()


def test_it_writes_its_settings_says_ready_and_ends_at_once(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--port", "0") as (line, process):
        assert line.startswith("ready http://127.0.0.1:")
        url = line.split()[1]
        assert requests.get(f"{url}/sandbox/", timeout=10).status_code == 200
        credentials = tmp_path / "credentials.json"
        assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
        info = json.loads(credentials.read_text())
        assert info["token_uri"] == f"{url}/token"
        settings = dict(
            row.split("=", 1) for row in (tmp_path / "sandbox.env").read_text().splitlines()
        )
        assert settings["CRM_GOOGLE_CREDENTIALS"] == str(credentials)
        assert settings["CRM_MAILBOXES"] == "manager1@example.com,manager2@example.com"
        assert settings["CRM_SHEETS_ENDPOINT"] == url
        world = requests.get(f"{url}/sandbox/world", timeout=10).json()
        assert settings["CRM_DRIVE_ROOT"] == world["shared_drive_id"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=3) == 0
    with sandbox(tmp_path, "--port", "0"):
        again = json.loads(credentials.read_text())
        assert again["private_key"] == info["private_key"], "tokens keep working"


def test_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path, shared_box_port: int) -> None:
    command = [sys.executable, "-m", "sandbox", "--state", str(tmp_path)]
    done = subprocess.run(
        [*command, "--port", str(shared_box_port)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"sandbox: port {shared_box_port} of 127.0.0.1 is in use\n"


@pytest.fixture
def shared_box_port(shared_box: object) -> int:
    return int(str(getattr(shared_box, "url", "")).rpartition(":")[2])
