"""Puts the demo's book and letters into the sandbox, through Google's own APIs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from googleapiclient.discovery import build

from rules.playbook import Playbook
from sync.google.auth import Account, load_account
from sync.layout import find_sheets
from sync.ports import Request, SheetsPort
from worker.demo_book import DemoBook, Row
from worker.demo_letters import DemoLetter
from worker.settings import Settings

INSERT_SCOPE = "https://www.googleapis.com/auth/gmail.insert"


def write_book(sheets: SheetsPort, spreadsheet_id: str, playbook: Playbook, book: DemoBook) -> None:
    """Type the book's rows into a new workbook, whose columns stand in the playbook's order."""
    found = find_sheets(playbook, sheets.read_structure(spreadsheet_id).sheets)
    requests: list[Request] = []
    for tab, rows in book.tabs.items():
        sheet, fields = found[tab], list(playbook.tabs[tab].fields)
        if len(rows) + 1 > sheet.rows:
            length = len(rows) + 1 - sheet.rows
            requests.append(
                {
                    "appendDimension": {
                        "sheetId": sheet.sheet_id,
                        "dimension": "ROWS",
                        "length": length,
                    }
                }
            )
        requests.append(_rows_request(sheet.sheet_id, fields, rows))
    sheets.write(spreadsheet_id, requests)


def _rows_request(sheet_id: int, fields: Sequence[str], rows: Sequence[Row]) -> Request:
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": 1, "columnIndex": 0},
            "rows": [{"values": [_value(row.get(field)) for field in fields]} for row in rows],
            "fields": "userEnteredValue",
        }
    }


def _value(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    kind = "stringValue" if isinstance(value, str) else "numberValue"
    return {"userEnteredValue": {kind: value}}


def deliver_letters(settings: Settings, letters: Sequence[DemoLetter]) -> None:
    """Insert each letter into its mailboxes, dated as it says."""
    account = load_account(settings.google_credentials)
    with ExitStack() as services:
        inserters: dict[str, Any] = {}
        for letter in letters:
            for mailbox in letter.mailboxes:
                if mailbox not in inserters:
                    service = services.enter_context(_gmail(account, mailbox, settings))
                    inserters[mailbox] = service.users().messages()
                _insert(inserters[mailbox], letter)


def _gmail(account: Account, mailbox: str, settings: Settings) -> Any:
    return build(
        "gmail",
        "v1",
        http=account.http([INSERT_SCOPE], subject=mailbox),
        client_options={"api_endpoint": settings.gmail_endpoint},
        static_discovery=True,
        cache_discovery=False,
    )


def _insert(messages: Any, letter: DemoLetter) -> None:
    raw = base64.urlsafe_b64encode(letter.content).decode()
    body = {"raw": raw, "labelIds": ["INBOX"]}
    messages.insert(userId="me", body=body, internalDateSource="dateHeader").execute()
