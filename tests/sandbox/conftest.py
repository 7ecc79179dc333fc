"""A running sandbox for the tests, and the real clients pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import google.auth.transport.requests
import google_auth_httplib2
import gspread
import pytest
import requests
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.http import build_http

from sandbox.server import Box, running
from sandbox.tokens import ServiceKey

SHEETS_SCOPES = [
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive",
]
GMAIL_SCOPES = [
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/gmail.settings.basic",
    "https://www.googleapis.com/auth/gmail.settings.sharing",
]


class SandboxSession(google.auth.transport.requests.AuthorizedSession):
    """A requests session that sends what is meant for Google to the sandbox."""

    def __init__(self, credentials: Any, url: str) -> None:
        super().__init__(credentials)  # type: ignore[no-untyped-call]
        self._root = url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if ".googleapis.com" in urlsplit(url).netloc:
            url = self._root + url.split(".googleapis.com", 1)[1]
        return super().request(method, url, *args, **kwargs)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def service_key() -> ServiceKey:
    return ServiceKey.generate()


@pytest.fixture(scope="session")
def shared_box(service_key: ServiceKey) -> Iterator[Box]:
    with running(key=service_key, checks_responses=True) as box:
        yield box


@pytest.fixture
def box(shared_box: Box) -> Iterator[Box]:
    """A fresh sandbox; a traceback inside it fails the test that caused it."""
    shared_box.world.sa_storage = False
    shared_box.world.reset()
    yield shared_box
    assert shared_box.world.crashes == []


@pytest.fixture
def storage_box(box: Box) -> Box:
    """The same with room for the service account's own files."""
    box.world.sa_storage = True
    box.world.reset()
    return box


@pytest.fixture
def token_of(shared_box: Box) -> Callable[..., str]:
    """An access token of anybody: ``token_of("manager1@example.com", scopes…)``."""

    def issue(user: str, *scopes: str) -> str:
        wish = {"user": user, "scopes": list(scopes)}
        answer = requests.post(f"{shared_box.url}/sandbox/token", json=wish, timeout=10)
        token: str = answer.json()["access_token"]
        return token

    return issue


class QuietCredentials(service_account.Credentials):
    """Without google-auth's own look-up at iamcredentials.googleapis.com, which is not here."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def service_credentials(
    box: Box, scopes: list[str] | None = None, subject: str | None = None
) -> QuietCredentials:
    """The service account, acting for somebody when ``subject`` is given."""
    return QuietCredentials.from_service_account_info(  # type: ignore[no-any-return, no-untyped-call]
        box.credentials_info, scopes=scopes or SHEETS_SCOPES, subject=subject
    )


@contextmanager
def gspread_client(box: Box, credentials: Any) -> Iterator[gspread.Client]:
    """Plain gspread, its connections closed afterwards."""
    with SandboxSession(credentials, box.url) as session:
        yield gspread.Client(auth=credentials, session=session)


def google_service(box: Box, name: str, version: str, credentials: Any) -> Any:
    """An official client; every request of one service goes through one connection."""
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=build_http())
    return build(
        name,
        version,
        http=http,
        client_options={"api_endpoint": box.url + ("/drive/v3/" if name == "drive" else "/")},
        static_discovery=True,
    )


@pytest.fixture(scope="session")
def drive_service(shared_box: Box) -> Iterator[Any]:
    with google_service(shared_box, "drive", "v3", service_credentials(shared_box)) as service:
        yield service


@pytest.fixture(scope="session")
def gmail_service(shared_box: Box) -> Iterator[Any]:
    credentials = service_credentials(shared_box, GMAIL_SCOPES, "manager1@example.com")
    with google_service(shared_box, "gmail", "v1", credentials) as service:
        yield service


@pytest.fixture
def drive(box: Box, drive_service: Any) -> Any:
    """The Drive client of the service account; built once, as building takes long."""
    return drive_service


@pytest.fixture
def gmail(box: Box, gmail_service: Any) -> Any:
    """The Gmail client of the service account acting for manager1."""
    return gmail_service


@pytest.fixture
def drive_as(box: Box, token_of: Callable[..., str]) -> Iterator[Callable[[str], Any]]:
    """The Drive client of anybody."""
    with ExitStack() as stack:

        def open_service(user: str) -> Any:
            credentials = Credentials(token_of(user))
            return stack.enter_context(google_service(box, "drive", "v3", credentials))

        yield open_service


@pytest.fixture
def gc(storage_box: Box) -> Iterator[gspread.Client]:
    """Plain gspread as the service account, which may create spreadsheets of its own."""
    with gspread_client(storage_box, service_credentials(storage_box)) as client:
        yield client


@pytest.fixture
def gc_as(
    storage_box: Box, token_of: Callable[..., str]
) -> Iterator[Callable[[str], gspread.Client]]:
    """Plain gspread as anybody."""
    with ExitStack() as stack:

        def open_client(user: str) -> gspread.Client:
            credentials = Credentials(token_of(user))
            return stack.enter_context(gspread_client(storage_box, credentials))

        yield open_client


@pytest.fixture
def api(box: Box, token_of: Callable[..., str]) -> Callable[..., requests.Response]:
    """A bare request: ``api("GET", "/drive/v3/about?fields=user", json=…, user=…)``."""

    def request(method: str, path: str, **options: Any) -> requests.Response:
        user = options.pop("user", "manager1@example.com")
        headers = {"authorization": f"Bearer {token_of(user)}", **options.pop("headers", {})}
        return requests.request(method, box.url + path, headers=headers, timeout=10, **options)

    return request


@pytest.fixture
def control(shared_box: Box) -> Callable[..., Any]:
    """A control request: ``control("POST", "faults", kind="quota")``; its JSON answer."""

    def ask(method: str, endpoint: str, /, **wish: Any) -> Any:
        url = f"{shared_box.url}/sandbox/{endpoint}"
        answer = requests.request(method, url, json=wish, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask
