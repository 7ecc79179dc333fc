"""`crm auth gmail`: a person signs in for a mailbox, and the worker reads it with what they grant.

Google's sign-in page is played by a browser that consents at once, its token endpoint by a server
that takes the code and renews what it gave; the mailbox is the sandbox's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread
from urllib.parse import parse_qs

import pytest

from tests.e2e.conftest import MANAGER, Sandbox

SCOPE = "https://www.googleapis.com/auth/gmail.readonly"

BROWSER = """
import sys, urllib.parse, urllib.request
asked = urllib.parse.parse_qs(urllib.parse.urlsplit(sys.argv[1]).query)
assert asked["scope"] == ["https://www.googleapis.com/auth/gmail.readonly"], asked
back = urllib.parse.urlencode({"code": "consented", "state": asked["state"][0]})
urllib.request.urlopen(asked["redirect_uri"][0] + "?" + back, timeout=20).read()
"""


@pytest.fixture
def exchange(sandbox: Sandbox) -> Iterator[str]:
    """The address of a token endpoint that gives the manager's credentials for a code."""
    granted = sandbox.control("POST", "authorized-user", user=MANAGER)

    class Exchange(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            assert form.get("code", ["consented"]) == ["consented"]
            assert form.get("refresh_token", [granted["refresh_token"]]) == [
                granted["refresh_token"]
            ]
            answer = {
                "access_token": sandbox.token(),
                "refresh_token": granted["refresh_token"],
                "token_type": "Bearer",
                "expires_in": 3599,
                "scope": SCOPE,
            }
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Exchange) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()
        thread.join()


def client_file(folder: Path, sandbox: Sandbox, token_uri: str) -> Path:
    granted = sandbox.control("POST", "authorized-user", user=MANAGER)
    client = {
        "client_id": granted["client_id"],
        "client_secret": granted["client_secret"],
        "auth_uri": "http://127.0.0.1:9/never-called",
        "token_uri": token_uri,
        "redirect_uris": ["http://localhost"],
    }
    path = folder / "client_secret.json"
    path.write_text(json.dumps({"installed": client}))
    return path


def sign_in(
    sandbox: Sandbox, tmp_path: Path, token_uri: str, *arguments: str
) -> CompletedProcess[str]:
    browser = tmp_path / "browser.py"
    browser.write_text(BROWSER)
    return sandbox.crm(
        *("auth", "gmail", "--client", str(client_file(tmp_path, sandbox, token_uri)), *arguments),
        BROWSER=f"{sys.executable} {browser} %s",
        CRM_GMAIL_TOKENS=str(tmp_path / "tokens"),
        OAUTHLIB_INSECURE_TRANSPORT="1",  # the exchange of this test speaks plain http
    )


def test_what_a_person_grants_is_kept_for_their_eyes_and_reads_their_mailbox(
    sandbox: Sandbox, exchange: str, tmp_path: Path
) -> None:
    done = sign_in(sandbox, tmp_path, exchange)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "tokens" / f"{MANAGER}.json"
    assert str(path) in done.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(path.read_text())
    assert kept["refresh_token"]
    assert kept["refresh_token"] not in done.stdout + done.stderr
    # It reads that mailbox, and no other; for the rest the service account acts.
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 5)
    sandbox.forget_calls()
    settings = {"CRM_SPREADSHEETS": spreadsheet_id, "CRM_GMAIL_TOKENS": str(tmp_path / "tokens")}
    synced = sandbox.crm("sync", CRM_MAILBOXES=MANAGER, **settings)
    assert synced.returncode == 0, synced.stderr
    assert {call["user"] for call in sandbox.calls("gmail")} == {MANAGER}


def test_somebody_else_who_signs_in_is_refused_and_nothing_is_kept(
    sandbox: Sandbox, exchange: str, tmp_path: Path
) -> None:
    done = sign_in(sandbox, tmp_path, exchange, "--mailbox", "lead@example.com")
    assert done.returncode == 2
    assert "manager1@example.com has signed in, not lead@example.com" in done.stderr
    assert list((tmp_path / "tokens").iterdir()) == []


@pytest.mark.parametrize("content", [None, "{", '{"web": {}}'])
def test_a_client_file_that_does_not_fit_is_one_clear_line(
    sandbox: Sandbox, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "client.json"
    if content is not None:
        path.write_text(content)
    done = sandbox.crm("auth", "gmail", "--client", str(path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"crm: {path} ")
    assert done.stderr.count("\n") == 1
