"""Is the log complete? The dashboard says so, and `crm mail audit` finds and mends what is not."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from rules.mail_counts import count_mail
from sync.mailbox_state import read_states
from sync.snapshot import read_snapshot
from tests.sync.conftest import DEAL, MAILBOXES, Crm, both_locales
from worker.mail_audit import audit_lines, audit_mail

CLIENT = "anna@steppe.example"
BOX = MAILBOXES[0]


def start(crm: Crm) -> None:
    crm.fill(crm.local({**DEAL, "stage": "MQL"}))


def dashboard(crm: Crm) -> list[list[Any]]:
    title = crm.title("dashboard")
    [columns] = crm.outside.sheets.read_columns(crm.spreadsheet_id, [f"'{title}'"])
    height = max(map(len, columns))
    return [[c[row] if row < len(c) else None for c in columns] for row in range(height)]


def raw_letter(*headers: str) -> str:
    lines = [f"From: {CLIENT}", "Subject: Sale", *headers, "", "Buy"]
    return "\r\n".join(lines)


def deliver_raw(crm: Crm, *headers: str) -> None:
    crm.letter(raw=base64.urlsafe_b64encode(raw_letter(*headers).encode()).decode())


@both_locales
def test_the_dashboard_says_what_became_of_each_mailboxs_letters(crm: Crm) -> None:
    start(crm)
    crm.write("deals", 1, crm.local({**DEAL, "stage": "MQL", "title": "Second"}))
    crm.letter(sender=CLIENT, text="whose?")
    crm.letter(sender=CLIENT, subject="[D-000001]", text="named")
    deliver_raw(crm, "List-Id: <news.steppe.example>")
    deliver_raw(crm, "Auto-Submitted: auto-replied")
    deliver_raw(crm, "Content-Type: text/calendar; method=REQUEST")
    crm.letter(sender="stranger@nowhere.example", text="not counted")
    crm.sync()
    assert len(crm.rows("comments")) == 2
    rows = dashboard(crm)
    [counted] = [row for row in rows if row[0] == BOX and isinstance(row[2], int | float)]
    assert counted[2:8] == [5, 2, 1, 0, 3, 0]
    states = {row[0]: row[1] for row in rows if row[0] in MAILBOXES and not row[2]}
    up_to_date = {"en": "Up to date", "ru": "Прочитано всё"}[crm.locale]
    assert states == dict.fromkeys(MAILBOXES, up_to_date)
    assert crm.sync().reports == ()


def test_the_dashboard_shows_how_far_a_search_has_come(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.letters.MOST_LETTERS", 3)
    monkeypatch.setattr("sync.mail_reading.LETTERS_A_FETCH", 1)
    monkeypatch.setattr("sync.google.gmail.SEARCH_PAGE", 2)
    start(crm)
    begun = datetime.now(UTC) - timedelta(days=360)
    for number in range(9):
        when = begun + timedelta(days=40 * number)
        crm.letter(sender=CLIENT, text=f"letter {number}", date=when.isoformat())
    shares = []
    for _ in range(4):
        crm.sync()
        said = next(str(row[1]) for row in dashboard(crm) if row[0] == BOX and not row[2])
        shares.append(said.rpartition(": ")[2])
    assert shares[-1] == "Up to date"
    done = [int(share.removesuffix("% done")) for share in shares if "%" in share]
    assert len(done) >= 2
    assert done == sorted(done)
    assert len(crm.rows("comments")) == 9


def test_the_dashboard_names_a_mailbox_that_cannot_be_read(crm: Crm) -> None:
    start(crm)
    crm.outside = replace(crm.outside, mailboxes=(BOX, "nobody@example.com"))
    crm.sync()
    states = {row[0]: row[1] for row in dashboard(crm)}
    assert states[BOX] == "Up to date"
    assert states["nobody@example.com"].startswith("Cannot be read: ")


def test_the_audit_finds_and_logs_what_the_cursor_has_passed_by(crm: Crm) -> None:
    start(crm)
    crm.letter(sender=CLIENT, text="logged")
    crm.sync()
    crm.letter(sender=CLIENT, text="passed by")
    skip_what_came(crm)
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["logged"]
    audit = audit_mail(crm.spreadsheet_id, crm.playbook, crm.outside, days=30)
    assert (audit.repaired, audit.failures) == (1, ())
    assert [row["text"] for row in crm.rows("comments")] == ["logged", "passed by"]
    lines = "\n".join(audit_lines(audit))
    assert f"{BOX}: 2 found, 2 logged, 0 waiting" in lines
    assert "Missing and logged now: 1" in lines
    assert audit_mail(crm.spreadsheet_id, crm.playbook, crm.outside, days=30).repaired == 0


def test_the_audit_brings_back_no_comment_that_somebody_deleted(crm: Crm) -> None:
    start(crm)
    crm.letter(sender=CLIENT, text="unwanted")
    crm.sync()
    rows = {"sheetId": crm.sheet_id("comments"), "dimension": "ROWS"}
    crm.batch_update({"deleteDimension": {"range": {**rows, "startIndex": 1, "endIndex": 2}}})
    audit = audit_mail(crm.spreadsheet_id, crm.playbook, crm.outside, days=30)
    assert crm.rows("comments") == []
    assert (audit.repaired, audit.counts[BOX].deleted) == (0, 1)


def test_a_memory_that_was_lost_doubles_no_comment(crm: Crm) -> None:
    start(crm)
    crm.letter(sender=CLIENT, text="once")
    crm.sync()
    structure = crm.outside.sheets.read_structure(crm.spreadsheet_id)
    memory = next(sheet for sheet in structure.sheets if sheet.title == "_letters")
    rows = {"sheetId": memory.sheet_id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    crm.batch_update({"deleteDimension": {"range": rows}})
    audit_mail(crm.spreadsheet_id, crm.playbook, crm.outside, days=30)
    assert [row["text"] for row in crm.rows("comments")] == ["once"]
    snapshot = read_snapshot(
        crm.outside.sheets, crm.spreadsheet_id, crm.playbook, crm.outside.clock, None
    )
    counts = count_mail(snapshot.tables["letters"], snapshot.tables["comments"])
    assert sum(count.logged for count in counts[BOX].values()) == 1


def skip_what_came(crm: Crm, mailbox: str = BOX) -> None:
    """Move the cursor past what has come, as a worker might that loses letters."""
    metadata = crm.outside.sheets.read_structure(crm.spreadsheet_id).metadata
    assert read_states(metadata)[mailbox]
    state = orjson.loads(metadata[f"crm.mail.{mailbox}"])
    state["history"] = crm.outside.mail.read_cursor(mailbox)
    crm.as_manager(
        "batchUpdate",
        {},
        {
            "requests": [
                {
                    "updateDeveloperMetadata": {
                        "dataFilters": [
                            {"developerMetadataLookup": {"metadataKey": f"crm.mail.{mailbox}"}}
                        ],
                        "developerMetadata": {"metadataValue": orjson.dumps(state).decode()},
                        "fields": "metadataValue",
                    }
                }
            ]
        },
    )


def test_the_audit_compares_every_mailbox_though_one_has_more_than_a_pass_takes_in(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(crm)
    crm.sync()
    old = (datetime.now(UTC) - timedelta(days=10)).isoformat()
    for mailbox in MAILBOXES:
        for number in range(4):
            crm.letter(mailbox, sender=CLIENT, text=f"{mailbox} {number}", date=old)
        skip_what_came(crm, mailbox)
    crm.sync()
    assert crm.rows("comments") == []
    monkeypatch.setattr("sync.letters.MOST_LETTERS", 2)
    audit = audit_mail(crm.spreadsheet_id, crm.playbook, crm.outside, days=30)
    assert (audit.repaired, audit.failures) == (8, ())
    assert all(count.logged == 4 for count in audit.counts.values())
