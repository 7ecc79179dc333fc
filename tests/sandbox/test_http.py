"""How requests reach a method, and how answers are written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.server import Box

Api = Callable[..., requests.Response]


def test_unknown_path_gets_googles_html_page(api: Api) -> None:
    answer = api("GET", "/v4/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Error 404 (Not Found)!!1" in answer.text


def test_unimplemented_method_answers_501_with_its_name(api: Api) -> None:
    answer = api("GET", "/drive/v3/apps")
    assert answer.status_code == 501
    assert "drive.apps.list" in answer.json()["error"]["message"]


def test_trailing_slash_is_accepted(api: Api) -> None:
    assert api("GET", "/drive/v3/files/").status_code == 200


@pytest.mark.parametrize(
    "mask",
    [
        "sheets.properties.title,spreadsheetId",
        "sheets/properties/title,spreadsheetId",
        "spreadsheetId,sheets(properties(title))",
        "sheets(properties/title),spreadsheetId",
    ],
)
def test_partial_answers_in_every_form(api: Api, mask: str) -> None:
    made = api("POST", "/v4/spreadsheets", params={"fields": "spreadsheetId"}, json={}).json()
    assert made.keys() == {"spreadsheetId"}
    file_id = made["spreadsheetId"]
    answer = api("GET", f"/v4/spreadsheets/{file_id}/", params={"fields": mask})
    assert answer.json() == {
        "spreadsheetId": file_id,
        "sheets": [{"properties": {"title": "Sheet1"}}],
    }


def test_answers_are_printed_with_indents_unless_refused(api: Api) -> None:
    assert api("GET", "/drive/v3/files").text.startswith('{\n  "kind"')
    assert api("GET", "/drive/v3/files?prettyPrint=false").text.startswith('{"kind"')


def test_long_get_arrives_as_a_post_with_method_override(api: Api) -> None:
    """C: a GET longer than 2,048 characters becomes a POST with x-http-method-override: GET."""
    query = " or ".join(f"name = 'nobody {number}'" for number in range(200))
    answer = api(
        "POST",
        "/drive/v3/files",
        data={"q": query, "fields": "files(id)"},
        headers={"x-http-method-override": "GET"},
    )
    assert answer.json() == {"files": []}


def test_client_sends_a_long_get_by_itself(drive: Any, box: Box) -> None:
    """C: the official client does so, and the log shows the GET that it stands for."""
    query = " or ".join(f"name = 'nobody {number}'" for number in range(200))
    assert drive.files().list(q=query, fields="files(id)").execute() == {"files": []}
    entry = box.world.log.select()[-1]
    assert (entry["http_method"], entry["method"]) == ("GET", "drive.files.list")


def test_gzip_both_ways(box: Box, token_of: Callable[..., str]) -> None:
    body = gzip.compress(json.dumps({"name": "zipped", "mimeType": "text/plain"}).encode())
    headers = {
        "authorization": f"Bearer {token_of('manager1@example.com')}",
        "content-encoding": "gzip",
        "content-type": "application/json",
        "accept-encoding": "gzip",
    }
    url = f"{box.url}/drive/v3/files?fields=*"
    answer = requests.post(url, data=body, headers=headers, timeout=10)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["name"] == "zipped"


def test_token_may_stand_in_the_query(box: Box, token_of: Callable[..., str]) -> None:
    token = token_of("lead@example.com")
    url = f"{box.url}/drive/v3/about?fields=user/emailAddress&access_token={token}"
    assert requests.get(url, timeout=10).json() == {"user": {"emailAddress": "lead@example.com"}}


@pytest.mark.parametrize(
    "path", ["/v4/spreadsheets/1", "/drive/v3/files", "/gmail/v1/users/me/profile"]
)
def test_401_without_a_good_token(box: Box, path: str) -> None:
    """All say UNAUTHENTICATED; Drive and Gmail `required` and `authError` besides."""
    bare = requests.get(box.url + path, timeout=10)
    wrong = requests.get(box.url + path, headers={"authorization": "Bearer x"}, timeout=10)
    assert (bare.status_code, wrong.status_code) == (401, 401)
    assert bare.json()["error"]["message"].startswith("Request is missing required")
    assert wrong.json()["error"]["message"].startswith("Request had invalid")
    assert bare.json()["error"]["details"][0]["reason"] == "CREDENTIALS_MISSING"
    assert wrong.json()["error"]["status"] == "UNAUTHENTICATED"
    if path.startswith("/v4"):
        assert "errors" not in wrong.json()["error"]
    else:
        login = bare.json()["error"]["errors"][0]
        assert (login["message"], login["reason"]) == ("Login Required.", "required")
        assert wrong.json()["error"]["errors"][0] == {
            "message": "Invalid Credentials",
            "domain": "global",
            "reason": "authError",
            "location": "Authorization",
            "locationType": "header",
        }


def test_403_when_the_scopes_do_not_cover_the_method(
    box: Box, token_of: Callable[..., str]
) -> None:
    token = token_of("manager1@example.com", "https://www.googleapis.com/auth/drive.appdata")
    headers = {"authorization": f"Bearer {token}"}
    sheets = requests.get(f"{box.url}/v4/spreadsheets/1", headers=headers, timeout=10).json()
    assert sheets["error"]["message"] == "Request had insufficient authentication scopes."
    assert sheets["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    gmail = requests.get(f"{box.url}/gmail/v1/users/me/profile", headers=headers, timeout=10)
    assert gmail.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


def test_sheets_error_has_code_message_status(api: Api) -> None:
    """Sheets: `{"error": {"code", "message", "status"[, "details"]}}`."""
    error = api("GET", "/v4/spreadsheets/1?nonsense=1").json()["error"]
    assert set(error) == {"code", "message", "status", "details"}
    assert error["status"] == "INVALID_ARGUMENT"


def test_drive_error_has_a_list_with_domain_and_reason(api: Api) -> None:
    """Drive: `{"error": {"errors": [{"domain", "reason", "message", …}], "code", "message"}}`."""
    error = api("GET", "/drive/v3/files/missing").json()["error"]
    assert error == {
        "code": 404,
        "message": "File not found: missing.",
        "errors": [
            {
                "message": "File not found: missing.",
                "domain": "global",
                "reason": "notFound",
                "location": "fileId",
                "locationType": "parameter",
            }
        ],
    }
