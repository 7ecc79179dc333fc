"""Drive folders: which deals have one, how it is called, what a link to one means."""

from __future__ import annotations

import pytest

from rules.check import Checked, check_book
from rules.folders import (
    clean_name,
    company_folder_name,
    deal_folder_name,
    folder_link,
    subfolder_names,
    wanted_folders,
)
from rules.playbook import Locale
from rules.values import linked_folder
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    PLAYBOOK,
    STAGES,
    TODAY,
    Rows,
    full_deal,
    full_rows,
    joined,
    make_book,
    verdicts_of,
    with_cell,
    without,
)


def check(rows: Rows, locale: Locale = "en") -> Checked:
    return check_book(make_book(locale, rows), PLAYBOOK, TODAY)


def wanted_ids(rows: Rows) -> list[tuple[str, str]]:
    checked = check(rows)
    return [
        (str(rows["deals"][one.deal]["id"]), str(rows["companies"][one.company]["id"]))
        for one in wanted_folders(checked)
    ]


# ── Which deals ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stage", STAGES)
def test_folder_exists_from_sql_on(stage: str) -> None:
    wanted = wanted_ids(full_rows("en", stage))
    has_one = stage in ("sql", "negotiation", "client")
    assert wanted == ([("D-000001", "C-000001")] if has_one else [])


def test_folder_stands_in_the_folder_of_its_own_company() -> None:
    rows = joined(*(full_rows("en", "sql", number) for number in (1, 2)))
    rows["deals"].append(full_deal("en", 3, "client", 2, 1))
    assert wanted_ids(rows) == [
        ("D-000001", "C-000001"),
        ("D-000002", "C-000002"),
        ("D-000003", "C-000002"),
    ]


@pytest.mark.parametrize("word", [None, "", " ", "-", "нет", "#REF!"])
def test_company_without_a_title_waits(word: str | None) -> None:
    assert wanted_ids(with_cell(full_rows("en", "sql"), "companies", "title", word)) == []


@pytest.mark.parametrize("company", [None, "Nowhere"])
def test_deal_without_a_known_company_waits(company: str | None) -> None:
    assert wanted_ids(with_cell(full_rows("en", "sql"), "deals", "company", company)) == []


# ── Names ────────────────────────────────────────────────────────────────────────────────────────


def deal_name(rows: Rows) -> str:
    checked = check(rows)
    (wanted,) = wanted_folders(checked)
    return deal_folder_name(checked, wanted.deal, wanted.company)


TITLES = ["ТОО Ромашка", "a/b\\c", "{id} %s {0}", "Line\nbreak\tand\u0000nul", "«Кавычки» & Co"]


@pytest.mark.parametrize("title", [*TITLES, "x" * 500, "- — -", "🙂"])
def test_name_begins_with_the_id_and_is_one_line(title: str) -> None:
    name = deal_name(with_cell(full_rows("en", "sql"), "companies", "title", title))
    assert name.startswith("D-000001 ")
    assert len(name) <= 200
    assert name == name.strip()
    assert all(character.isprintable() for character in name)


def test_name_tells_the_company_and_the_service() -> None:
    rows = with_cell(full_rows("en", "sql"), "companies", "title", "ТОО Ромашка")
    assert "ТОО Ромашка" in deal_name(rows)
    assert "Media plan, Стратегия" in deal_name(rows)


def test_name_without_a_service_tells_the_deal() -> None:
    rows = without(full_rows("en", "sql"), "deals", "service")
    rows["deals"][0]["title"] = "Spring campaign"
    assert "Spring campaign" in deal_name(rows)
    assert deal_name(without(rows, "deals", "title")) == "D-000001 Company 1"


@pytest.mark.parametrize("title", ["ТОО Ромашка", "  ТОО\nРомашка "])
def test_company_folder_is_called_as_the_company(title: str) -> None:
    checked = check(with_cell(full_rows("en", "sql"), "companies", "title", title))
    assert company_folder_name(checked, 0) == "ТОО Ромашка"


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_places_for_all_project_documents(locale: Locale) -> None:
    names = subfolder_names(check(full_rows(locale, "sql"), locale))
    assert (
        set(names.values())
        == {
            "en": {"Brief", "Media plan", "Proposal", "Contract", "Reports"},
            "ru": {"Бриф", "Медиаплан", "КП", "Договор", "Отчёты"},
        }[locale]
    )


def test_clean_name_keeps_what_people_can_read() -> None:
    assert clean_name("  Ромашка \r\n  & Ко\u200b  ") == "Ромашка & Ко"


# ── Links ────────────────────────────────────────────────────────────────────────────────────────

FOLDER_ID = "1AbC-dEf_GhIjKlMnOpQrStUvWxYz0123"


@pytest.mark.parametrize(
    "link",
    [
        "https://drive.google.com/drive/folders/{}",
        "https://drive.google.com/drive/folders/{}?usp=sharing",
        "https://drive.google.com/drive/u/1/folders/{}/",
        "https://drive.google.com/open?id={}",
        "https://drive.google.com/open?usp=drive_fs&id={}",
    ],
)
def test_link_leads_to_its_folder(link: str) -> None:
    link = link.format(FOLDER_ID)
    assert linked_folder(link) == FOLDER_ID
    seen = verdicts_of("en", with_cell(full_rows("en", "sql"), "deals", "drive", link))
    assert seen["D-000001"] == FINE


@pytest.mark.parametrize("folder_id", [FOLDER_ID, "0B7", "folder-12"])
def test_own_link_is_understood_whatever_the_ids_look_like(folder_id: str) -> None:
    assert linked_folder(folder_link(folder_id)) == folder_id


@pytest.mark.parametrize("text", ["", "folder", "https://example.com/", "drive.google.com/drive/"])
def test_other_text_leads_nowhere(text: str) -> None:
    assert linked_folder(text) is None
