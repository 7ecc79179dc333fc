"""`Last letter`: its date, and the note with the latest comments and a way to write."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from tests.sync.conftest import DEAL, Crm, both_locales

CLIENT = "anna@steppe.example"


def note(crm: Crm) -> str:
    """The note of the first deal's last letter."""
    at = [field.in_locale(crm.locale) for field in crm.playbook.tabs["deals"].fields.values()]
    column = at.index(crm.playbook.tabs["deals"].fields["last_letter"].in_locale(crm.locale))
    answer = crm.as_manager(
        "get",
        {"ranges": [f"'{crm.title('deals')}'"], "fields": "sheets.data.rowData.values.note"},
        {},
    )
    rows = answer["sheets"][0]["data"][0].get("rowData", [])
    cells = rows[1].get("values", []) if len(rows) > 1 else []
    return str(cells[column].get("note", "")) if column < len(cells) else ""


@both_locales
def test_the_note_shows_the_latest_five_and_a_link_that_writes_about_the_deal(crm: Crm) -> None:
    crm.fill(crm.local({**DEAL, "stage": "MQL"}))
    for number in range(6):
        date = f"2026-11-0{number + 1}T10:00:00Z"
        crm.letter(sender=CLIENT, subject=f"Letter {number}", text="text", date=date)
    crm.sync()
    lines = note(crm).split("\n")
    assert [line.rpartition(" · ")[2] for line in lines[:5]] == [
        f"Letter {number}" for number in (5, 4, 3, 2, 1)
    ]
    link = urlsplit(lines[-1].rpartition(" ")[2])
    assert link.netloc == "mail.google.com"
    query = parse_qs(link.query)
    assert query["to"] == [CLIENT]
    assert query["su"] == ["[D-000001] Spring campaign"]
    assert crm.sync().cells == 0


def test_notes_of_managers_stand_in_the_note_and_are_no_letters(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, subject="Letter", text="text", date="2026-11-01T10:00:00Z")
    crm.sync()
    before = crm.row("deals")["last_letter"]
    crm.write("comments", 1, {"deal_id": "D-000001", "when": 46_400, "text": "Called her"})
    crm.sync()
    assert note(crm).split("\n")[0].endswith("Called her")
    assert crm.row("deals")["last_letter"] == before
    crm.write("comments", 1, {"direction": "Incoming"})
    crm.sync()
    assert crm.row("deals")["last_letter"] == 46_400
    assert crm.sync().cells == 0


def test_a_comment_on_another_deal_leaves_no_note_behind(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, subject="Letter", text="text")
    crm.sync()
    assert note(crm)
    crm.write("comments", 0, {"deal_id": "D-000099"})
    crm.sync()
    assert note(crm) == ""
    assert crm.row("deals")["last_letter"] is None


def test_a_text_too_long_for_a_cell_ends_with_the_link_to_the_letter(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, text="word " * 20_000)
    crm.sync()
    row = crm.row("comments")
    assert len(row["text"]) <= 45_000
    assert row["letter"] in row["text"]
