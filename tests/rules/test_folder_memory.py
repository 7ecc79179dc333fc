"""What is remembered of folders, and what is told of them on the rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.check import check_book
from rules.folder_findings import STATES, expected_documents
from rules.folder_memory import (
    FIELDS,
    count_documents,
    folder_memory,
    read_documents,
    read_folders,
    read_words,
    write_documents,
    write_folders,
    write_words,
)
from rules.folders import say_root_trouble, wanted_guests
from rules.playbook import LOCALES, Locale, Sharing
from rules.table import Raw, Table
from rules.words import Wording
from tests.rules.books import PLAYBOOK, TODAY, full_rows, make_book

KEYS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
IDS = st.text("abcXYZ0189_-", min_size=1, max_size=40)


@given(IDS, st.dictionaries(KEYS, IDS, max_size=6))
def test_folders_are_read_as_they_were_written(own: str, inner: dict[str, str]) -> None:
    assert read_folders(write_folders(own, inner)) == (own, inner)


@given(st.dictionaries(KEYS, st.one_of(st.just(""), IDS, st.just("?46000.5")), max_size=6))
def test_words_are_read_as_they_were_written(words: dict[str, str]) -> None:
    assert read_words(write_words(words)) == words


@given(st.dictionaries(KEYS, st.lists(IDS, max_size=5, unique=True), max_size=6))
def test_documents_are_counted_as_they_were_found(documents: dict[str, list[str]]) -> None:
    found = read_documents(write_documents(documents))
    assert found is not None
    assert {key: len(digests) for key, digests in found.items()} == {
        key: len(ids) for key, ids in documents.items() if ids
    }


def records(**cells: Raw) -> Table:
    """The records of one deal."""
    fields = ("id", "folders", "folders_made", *FIELDS)
    columns = {key: [cells.get(key)] for key in fields}
    return Table("records", {key: key for key in fields}, {**columns, "id": ["D-000001"]}, 1)


def test_a_deal_without_a_folder_has_no_memory_of_one() -> None:
    assert folder_memory(records(), "D-000001") is None
    assert folder_memory(records(folders="1abc"), "D-000002") is None
    assert count_documents(records(), "D-000001") is None
    assert count_documents(records(folder_documents="-"), "D-000001") == {}


# ── On the rows ──────────────────────────────────────────────────────────────────────────────────


def problems(locale: Locale, stage: str, **cells: Raw) -> str:
    book = make_book(locale, full_rows(locale, stage))
    book = type(book)(locale, {**book.tables, "records": records(**cells)})
    checked = check_book(book, PLAYBOOK, TODAY)
    return Wording(book, PLAYBOOK).problems("deals", checked.problems["deal"].get(0, ()))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_on_the_row_in_both_languages(locale: Locale, state: str) -> None:
    told = problems(locale, "sql", folder_state=f"{state} somebody")
    assert "Google Drive: " in told
    assert "{" not in told
    assert problems(locale, "sql", folder_state=None) == ""


@pytest.mark.parametrize("stage", ["mql", "lost", "unqualified"])
def test_a_stage_without_a_folder_is_told_nothing_of_it(stage: str) -> None:
    assert "trash" not in problems("en", stage, folder_state="trashed")


def test_a_state_of_a_later_version_is_passed_over() -> None:
    assert problems("en", "sql", folder_state="frozen") == ""


def test_who_could_not_be_let_in_is_told() -> None:
    told = problems("en", "sql", folder_shared="a@b.example=! c@d.example=123")
    assert told == (
        "Google Drive: a@b.example could not be let into the folder. "
        "Share it by hand, or mend the address."
    )


@pytest.mark.parametrize(
    ("documents", "missing"),
    [
        (None, []),
        ("-", ["Contract", "Media plan"]),
        ("contract=ab", ["Media plan"]),
        ("contract=ab,cd media_plan=ef", []),
    ],
)
def test_missing_documents_are_told_once_they_were_counted(
    documents: Raw, missing: list[str]
) -> None:
    told = problems("en", "client", folder_documents=documents)
    lines = [f"Google Drive: there is no document in “{name}” yet." for name in missing]
    assert told == "\n".join(lines)


def test_what_a_stage_expects_later_ones_expect_as_well() -> None:
    folders = PLAYBOOK.folders.model_copy(update={"expected": {"sql": ("brief",)}})
    playbook = PLAYBOOK.model_copy(update={"folders": folders})
    assert expected_documents(playbook, "mql") == ()
    for stage in ("sql", "negotiation", "client", "lost"):
        assert expected_documents(playbook, stage) == ("brief",)


# ── Guests, the root ─────────────────────────────────────────────────────────────────────────────


def test_a_group_is_let_in_by_the_region_of_the_company() -> None:
    share = Sharing(groups={"KAZAKHSTAN": "KZ@agency.example", "Russia": "ru@agency.example"})
    folders = PLAYBOOK.folders.model_copy(update={"share": share})
    playbook = PLAYBOOK.model_copy(update={"folders": folders})
    rows = full_rows("en", "sql")
    rows["companies"][0]["region"] = "Kazakhstan"
    checked = check_book(make_book("en", rows), playbook, TODAY)
    (guest,) = wanted_guests(checked, {}, 0, 0)
    assert (guest.email, guest.kind) == ("kz@agency.example", "group")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("trouble", ["gone", "file", "trashed", "locked"])
def test_trouble_with_the_root_is_told_with_its_id(locale: Locale, trouble: str) -> None:
    told = say_root_trouble(locale, trouble, "0AROOT", "worker@example.com")
    assert "0AROOT" in told
    assert "CRM_DRIVE_ROOT" in told
    assert "{" not in told
