"""A fresh spreadsheet for each test, and the ways to talk to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests

URL = "https://sheets.googleapis.com/v4/spreadsheets"

Ask = Callable[..., Any]


@pytest.fixture
def book(gc: gspread.Client) -> gspread.Spreadsheet:
    return gc.create("Book")


@pytest.fixture
def ws(book: gspread.Spreadsheet) -> gspread.Worksheet:
    return book.sheet1


def send(book: gspread.Spreadsheet, method: str, path: str, **options: Any) -> requests.Response:
    """A bare request to the spreadsheet: the path begins after its id."""
    session = book.client.session
    response: requests.Response = session.request(method, f"{URL}/{book.id}{path}", **options)
    return response


@pytest.fixture
def ask(book: gspread.Spreadsheet) -> Ask:
    """A request that must succeed; gives its JSON."""

    def request(method: str, path: str, body: Any = None, **params: Any) -> Any:
        response = send(book, method, path, json=body, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    return request


@pytest.fixture
def refusal(book: gspread.Spreadsheet) -> Ask:
    """A request that must fail; gives (status code, message) and checks the form of the body."""

    def request(method: str, path: str, body: Any = None, **params: Any) -> tuple[int, str]:
        response = send(book, method, path, json=body, params=params)
        error = response.json()["error"]
        assert error["code"] == response.status_code
        assert error["status"] == {
            400: "INVALID_ARGUMENT",
            403: "PERMISSION_DENIED",
            404: "NOT_FOUND",
            501: "UNIMPLEMENTED",
        }.get(response.status_code)
        return response.status_code, error["message"]

    return request


@pytest.fixture
def change(ask: Ask) -> Callable[..., list[Any]]:
    """Requests of batchUpdate; gives the replies."""

    def carry_out(*requests: dict[str, Any]) -> list[Any]:
        replies: list[Any] = ask("POST", ":batchUpdate", {"requests": list(requests)})["replies"]
        return replies

    return carry_out


@pytest.fixture
def refused(refusal: Ask) -> Callable[..., str]:
    """Requests of batchUpdate that must be refused with a 400; gives the message."""

    def carry_out(*requests: dict[str, Any]) -> str:
        code, message = refusal("POST", ":batchUpdate", {"requests": list(requests)})
        assert code == 400
        return str(message)

    return carry_out
