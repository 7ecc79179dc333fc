"""IDs: assigned once, kept through sorting, copying, clearing and overwriting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.identity import Identities, find_identities, find_standing
from tests.sync.conftest import CONTACT, DEAL, Crm


def test_a_row_keeps_its_id_when_the_table_is_sorted(crm: Crm) -> None:
    crm.fill({**DEAL, "title": "A"}, {**DEAL, "title": "B"}, {**DEAL, "title": "C"})
    crm.sync()
    before = {row["title"]: row["id"] for row in crm.rows("deals")}
    sort = {"dimensionIndex": 4, "sortOrder": "DESCENDING"}
    whole = {"sheetId": crm.sheet_id("deals"), "startRowIndex": 1}
    crm.batch_update({"sortRange": {"range": whole, "sortSpecs": [sort]}})
    crm.sync()
    assert [row["title"] for row in crm.rows("deals")] == ["C", "B", "A"]
    assert {row["title"]: row["id"] for row in crm.rows("deals")} == before


def test_a_table_sorted_without_its_ids_gets_them_back(crm: Crm) -> None:
    """Half a table sorted: the IDs stay where they are, the deals move below them."""
    crm.fill(*({**DEAL, "title": title} for title in "ABCD"))
    crm.sync()
    before = {row["title"]: (row["id"], row["drive"]) for row in crm.rows("deals")}
    width = len(crm.playbook.tabs["deals"].fields)
    right_part = {
        "sheetId": crm.sheet_id("deals"),
        "startRowIndex": 1,
        "startColumnIndex": 1,
        "endColumnIndex": width,
    }
    sort = {"dimensionIndex": 4, "sortOrder": "DESCENDING"}
    crm.batch_update({"sortRange": {"range": right_part, "sortSpecs": [sort]}})
    crm.sync()
    assert {row["title"]: (row["id"], row["drive"]) for row in crm.rows("deals")} == before


@pytest.mark.parametrize("text", [None, "mine", "D-000777", "P-000001", "d-1"])
def test_an_id_that_was_cleared_or_overwritten_is_restored(crm: Crm, text: str | None) -> None:
    crm.fill({**DEAL, "title": "A"}, {**DEAL, "title": "B"})
    crm.sync()
    before = crm.rows("deals")
    crm.write("deals", 1, {"id": text})
    crm.sync()
    assert crm.rows("deals") == before
    assert len(crm.folders()) == 13  # the company's, and six of each deal


def test_an_id_filled_down_a_column_is_set_right(crm: Crm) -> None:
    crm.fill(*({**DEAL, "title": title} for title in "ABCD"))
    crm.sync()
    before = crm.rows("deals")
    for number in (1, 2, 3):
        crm.write("deals", number, {"id": before[0]["id"]})
    crm.sync()
    assert crm.rows("deals") == before


def test_of_a_copied_and_edited_row_the_original_keeps_the_id_wherever_it_stands(
    crm: Crm,
) -> None:
    crm.fill({**DEAL, "title": "A"})
    crm.sync()
    original = crm.row("deals")
    sheet = {"sheetId": crm.sheet_id("deals")}
    crm.batch_update(
        {"insertDimension": {
            "range": {**sheet, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}},
        {"copyPaste": {
            "source": {**sheet, "startRowIndex": 2, "endRowIndex": 3},
            "destination": {**sheet, "startRowIndex": 1, "endRowIndex": 2}}},
    )  # fmt: skip
    crm.write("deals", 0, {"title": "The copy, above"})
    crm.sync()
    copy, kept = crm.rows("deals")
    assert (kept["id"], kept["drive"]) == (original["id"], original["drive"])
    assert copy["id"] == "D-000002"
    assert copy["drive"] not in (None, original["drive"])


def test_rows_that_nobody_can_tell_apart_are_asked_about(crm: Crm) -> None:
    crm.fill(DEAL, DEAL)
    crm.sync()
    links = {row["id"]: row["drive"] for row in crm.rows("deals")}
    crm.write("deals", 0, {"id": None})
    crm.write("deals", 1, {"id": None})
    crm.sync()
    for row in crm.rows("deals"):
        assert row["id"] is None
        assert row["check"] == "Error"
        assert "ID: this row may be D-000001, D-000002" in row["problems"]
    assert crm.sync().cells == 0
    crm.write("deals", 1, {"id": "D-000001"})
    crm.sync()
    assert [row["id"] for row in crm.rows("deals")] == ["D-000002", "D-000001"]
    assert set(links) == {"D-000001", "D-000002"}
    # The rows kept their links: each leads to the other's folder now, and that is told.
    for row in crm.rows("deals"):
        assert "ID: " not in row["problems"]
        assert "Google Drive: this is the folder of" in row["problems"]


def test_rows_of_which_nobody_can_tell_who_they_are_get_no_folder_and_no_letter(crm: Crm) -> None:
    crm.fill(DEAL, DEAL)
    crm.sync()
    folders = set(crm.folders())
    for row in range(2):
        crm.write("deals", row, {"id": None, "drive": None})
    crm.letter(sender="anna@steppe.example", text="hello")
    assert crm.sync().failures == ()
    assert [row["drive"] for row in crm.rows("deals")] == [None, None]
    assert set(crm.folders()) == folders
    assert crm.rows("comments") == []
    crm.write("deals", 1, {"id": "D-000001"})
    crm.sync()
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["hello"], "it was only put off"


def test_an_id_of_a_deleted_row_is_given_to_no_other(crm: Crm) -> None:
    crm.fill(DEAL)
    crm.sync()
    rows = {"sheetId": crm.sheet_id("deals"), "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    crm.batch_update({"deleteDimension": {"range": rows}})
    crm.sync()
    crm.write("deals", 0, DEAL)
    crm.sync()
    assert crm.row("deals")["id"] == "D-000002"


def test_a_deletion_that_is_undone_brings_the_deal_back(crm: Crm) -> None:
    crm.fill(DEAL)
    crm.sync()
    deal = crm.row("deals")
    rows = {"sheetId": crm.sheet_id("deals"), "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    crm.batch_update({"deleteDimension": {"range": rows}})
    crm.sync()
    crm.write("deals", 0, {key: value for key, value in deal.items() if value is not None})
    crm.sync()
    assert crm.row("deals") == deal
    assert len(crm.folders()) == 7


def test_contacts_and_companies_keep_their_ids_too(crm: Crm) -> None:
    crm.fill(contacts=[CONTACT, {**CONTACT, "first_name": "Bob", "email": "bob@steppe.example"}])
    crm.sync()
    crm.write("contacts", 0, {"id": "P-000002"})
    crm.write("companies", 0, {"id": None})
    crm.sync()
    assert [row["id"] for row in crm.rows("contacts")] == ["P-000001", "P-000002"]
    assert crm.row("companies")["id"] == "C-000001"


def test_an_id_on_an_empty_row_makes_no_deal(crm: Crm) -> None:
    crm.fill(DEAL)
    crm.sync()
    crm.write("deals", 1, {"id": "D-000001"})
    crm.sync()
    assert [row["id"] for row in crm.rows("deals")] == ["D-000001"]


def test_an_original_whose_id_was_overwritten_gets_it_back_from_its_edited_copy(crm: Crm) -> None:
    crm.fill({**DEAL, "title": "A"})
    crm.sync()
    original = crm.row("deals")
    copy = {key: value for key, value in original.items() if value is not None}
    crm.write("deals", 1, {**copy, "title": "The copy"})
    crm.write("deals", 0, {"id": "mine"})
    crm.sync()
    kept, new = crm.rows("deals")
    assert (kept["id"], kept["drive"]) == (original["id"], original["drive"])
    assert new["id"] == "D-000002"
    assert new["drive"] != original["drive"]


# ── The rule itself ──────────────────────────────────────────────────────────────────────────────

IDS = [f"D-{number:06d}" for number in range(1, 7)]


def identities(texts: list[str], looks: list[str], recorded: dict[str, str]) -> Identities:
    spare = recorded.keys() - set(texts)
    return find_identities(
        find_standing(texts, range(len(texts)), looks[: len(texts)], recorded, spare), recorded
    )


digests = st.sampled_from(["a/x/1", "a/x/2", "b/x/3", "b/y/4", "c//", "//"])


@given(
    texts=st.lists(st.sampled_from(["", *IDS, "D-000099"]), max_size=6),
    looks=st.lists(digests, min_size=6, max_size=6),
    recorded=st.dictionaries(st.sampled_from(IDS), digests),
)
def test_no_id_is_given_twice_and_none_is_invented(
    texts: list[str], looks: list[str], recorded: dict[str, str]
) -> None:
    found = identities(texts, looks, recorded)
    given_out = list(filter(None, found.ids))
    assert len(given_out) == len(set(given_out))
    assert set(given_out) <= set(recorded) | set(texts)
    assert not any(found.ids[row] for row in found.unclear)
    assert {*found.new} == {row for row, text in enumerate(found.ids) if not text} - {
        *found.unclear
    }
    assert not found.vanished & set(given_out)
    assert all(set(candidates) <= set(recorded) for candidates in found.unclear.values())


@given(st.permutations(range(6)), st.lists(digests, min_size=6, max_size=6, unique=True))
def test_rows_in_any_order_with_any_of_their_ids_exchanged_are_who_they_were(
    order: list[int], looks: list[str]
) -> None:
    told = [look for look in looks if look.strip("/")]
    recorded = dict(zip(IDS, told, strict=False))
    found = identities([IDS[place] for place in order if place < len(told)], told, recorded)
    assert [found.ids[row] for row in range(len(told))] == IDS[: len(told)]
