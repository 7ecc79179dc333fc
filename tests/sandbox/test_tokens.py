"""The token endpoint: signatures, times, scopes, delegation, refresh tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import jwt
import pytest
import requests
from google.oauth2 import credentials as user_credentials

from sandbox.people import SERVICE_ACCOUNT
from sandbox.server import Box
from sandbox.tokens import JWT_BEARER, ServiceKey
from tests.sandbox.conftest import GMAIL_SCOPES, QuietCredentials, service_credentials

DRIVE = "https://www.googleapis.com/auth/drive"


def exchange(box: Box, key: ServiceKey | None = None, **claims: Any) -> requests.Response:
    now = int(time.time())
    content = {
        "iss": SERVICE_ACCOUNT.email,
        "scope": DRIVE,
        "aud": f"{box.url}/token",
        "iat": now,
        "exp": now + 3600,
        **claims,
    }
    present = {name: value for name, value in content.items() if value is not None}
    assertion = jwt.encode(present, (key or box.world.key).private_pem, algorithm="RS256")
    form = {"grant_type": JWT_BEARER, "assertion": assertion}
    return requests.post(f"{box.url}/token", data=form, timeout=10)


def test_service_account_gets_a_token_of_an_hour(box: Box) -> None:
    answer = exchange(box).json()
    assert answer["expires_in"] == 3599
    assert answer["token_type"] == "Bearer"
    assert answer["access_token"].startswith("ya29.")


@pytest.mark.parametrize(
    ("claims", "status", "error", "description"),
    [
        ({"iss": "other@example.com"}, 400, "invalid_grant", "account not found"),
        ({"aud": "https://elsewhere"}, 400, "invalid_grant", "Failed audience check"),
        ({"exp": 1_000_000_000, "iat": 999_999_000}, 400, "invalid_grant", "short-lived token"),
        ({"exp": int(time.time()) + 9000}, 400, "invalid_grant", "short-lived token"),
        ({"iat": int(time.time()) + 3000}, 400, "invalid_grant", "short-lived token"),
        ({"iat": None}, 400, "invalid_grant", "short-lived token"),
        ({"scope": "https://nonsense"}, 400, "invalid_scope", "Invalid OAuth scope"),
        ({"scope": None}, 400, "invalid_scope", "Invalid OAuth scope"),
        ({"sub": "stranger@example.com"}, 400, "invalid_grant", "Invalid email or User ID"),
        ({"sub": "lead@example.com"}, 401, "unauthorized_client", "Client is unauthorized"),
    ],
)
def test_refused_assertions(
    box: Box, claims: dict[str, Any], status: int, error: str, description: str
) -> None:
    """P: delegation refused is 401 `unauthorized_client`; times beyond an hour are refused."""
    answer = exchange(box, **claims)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert description in answer.json()["error_description"]


def test_key_file_is_read_by_google_auth(box: Box, tmp_path: Path) -> None:
    path = box.write_credentials(tmp_path)
    credentials = QuietCredentials.from_service_account_file(  # type: ignore[no-untyped-call]
        str(path), scopes=[DRIVE]
    )
    with google.auth.transport.requests.AuthorizedSession(credentials) as session:
        assert session.get(f"{box.url}/drive/v3/files").status_code == 200


def test_signature_of_another_key_is_refused(box: Box) -> None:
    answer = exchange(box, ServiceKey.generate())
    assert answer.json()["error_description"] == "Invalid JWT Signature."


def test_small_clock_skew_is_forgiven(box: Box) -> None:
    assert exchange(box, iat=int(time.time()) + 120).status_code == 200


@pytest.mark.parametrize("assertion", ["", "abc", "a.b.c"])
def test_garbage_is_refused(box: Box, assertion: str) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": assertion}
    assert requests.post(f"{box.url}/token", data=form, timeout=10).status_code == 400
    assert requests.post(f"{box.url}/token", data=b"\xff", timeout=10).status_code == 400


def test_google_auth_reads_a_refused_delegation(box: Box) -> None:
    """Delegation covers Gmail scopes only."""
    credentials = service_credentials(box, [DRIVE], "manager1@example.com")
    with (
        google.auth.transport.requests.AuthorizedSession(credentials) as session,
        pytest.raises(google.auth.exceptions.RefreshError, match="unauthorized_client"),
    ):
        session.get(f"{box.url}/drive/v3/files")


def test_token_dies_with_the_sandbox_clock_and_is_renewed(
    gmail: Any, control: Callable[..., Any]
) -> None:
    gmail.users().getProfile(userId="me").execute()
    control("POST", "clock", advance_seconds=3600)
    assert gmail.users().getProfile(userId="me").execute()["emailAddress"]


def test_authorised_user_refreshes(box: Box, control: Callable[..., Any]) -> None:
    info = control("POST", "authorized-user", user="manager2@example.com", scopes=GMAIL_SCOPES)
    # google-auth's own reader of this form ignores its token_uri.
    credentials = user_credentials.Credentials(
        None, **{name: value for name, value in info.items() if name != "type"}
    )
    with google.auth.transport.requests.AuthorizedSession(credentials) as session:
        answer = session.get(f"{box.url}/gmail/v1/users/me/profile")
    assert answer.json()["emailAddress"] == "manager2@example.com"


def test_unknown_refresh_token_is_refused(box: Box) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "1//0x", "client_id": "c"}
    answer = requests.post(f"{box.url}/token", data=form, timeout=10)
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }


def test_service_account_without_a_subject_has_no_mailbox(
    box: Box, token_of: Callable[..., str]
) -> None:
    headers = {"authorization": f"Bearer {token_of(SERVICE_ACCOUNT.email)}"}
    answer = requests.get(f"{box.url}/gmail/v1/users/me/profile", headers=headers, timeout=10)
    assert answer.json()["error"]["status"] == "FAILED_PRECONDITION"
