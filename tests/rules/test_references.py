"""Which company and contact a deal means: by ID, title, email or full name."""

from __future__ import annotations

import pytest

from rules.playbook import Locale
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    Rows,
    Verdict,
    full_rows,
    header,
    joined,
    verdicts_of,
)


def two_clients(locale: Locale = "en") -> Rows:
    """Return two deals with clients of their own, who show themselves by a missing field."""
    rows = joined(full_rows(locale, "cold", 1), full_rows(locale, "cold", 2))
    first, _, second, _ = rows["contacts"]
    first |= {"first_name": "Анна", "patronymic": "Сергеевна", "last_name": "Ким"}
    first |= {"email": "anna@romashka.kz", "additional_email": "a.kim@mail.kz, kim@mail.kz"}
    second |= {"first_name": "Пётр", "patronymic": None, "last_name": "Ли"}
    first["info"] = second["info"] = None
    ours, theirs = rows["companies"]
    ours |= {"title": "ТОО Ромашка", "additional_titles": "Romashka LLP, Ромашка-Медиа"}
    theirs |= {"title": "Berëza", "additional_titles": "-"}
    ours["niche"] = theirs["niche"] = None
    return rows


def deal_with(key: str, text: str, locale: Locale = "en") -> Verdict:
    """Return what stands beside the second deal when one of its cells is that text."""
    rows = two_clients(locale)
    rows["deals"][1][key] = text
    return verdicts_of(locale, rows)["D-000002"]


@pytest.mark.parametrize(
    "text",
    [
        "C-000001",
        "c-000001",
        " C-000001 ",
        "ТОО Ромашка",
        "тоо  ромашка",
        "Romashka LLP",
        "romashka llp ",
        "Ромашка-Медиа",
    ],
)
def test_company_is_found(text: str) -> None:
    assert "Companies C-000001 → Niche" in deal_with("company", text).named


@pytest.mark.parametrize("text", ["C-000002", "Berёza", "береза-нет"])
def test_other_company_is_not_taken_for_it(text: str) -> None:
    assert "Companies C-000001 → Niche" not in deal_with("company", text).named


@pytest.mark.parametrize(
    "text",
    [
        "P-000001",
        "p-000001 ",
        "anna@romashka.kz",
        "Anna@Romashka.KZ",
        "kim@mail.kz",
        "Анна Ким",
        "Ким Анна",
        "ким  анна",
        "Анна Сергеевна Ким",
        "Ким Анна Сергеевна",
    ],
)
def test_contact_is_found(text: str) -> None:
    rows = two_clients()
    rows["deals"][1] |= {"contact": text, "company": "C-000001"}
    seen = verdicts_of("en", rows)["D-000002"]
    assert "Contacts P-000001 → Information about the Contact" in seen.named
    assert "Contact" not in seen.named


@pytest.mark.parametrize("text", ["Пётр Ли", "Петр Ли", "ли пётр"])
def test_contact_is_found_with_yo_or_ye(text: str) -> None:
    rows = two_clients()
    rows["deals"][0]["contact"] = text
    named = verdicts_of("en", rows)["D-000001"].named
    assert "Contacts P-000002 → Information about the Contact" in named


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("company", "C-000009"),
        ("company", "Ромашка и сыновья"),
        ("company", "Ромашка"),
        ("contact", "P-000009"),
        ("contact", "D-000001"),
        ("contact", "nobody@romashka.kz"),
        ("contact", "Анна"),
        ("contact", "Анна Ли"),
        ("other_contacts", "Somebody Else"),
    ],
)
def test_unknown_reference_is_an_error(locale: Locale, key: str, text: str) -> None:
    seen = deal_with(key, text, locale)
    assert seen.check == "error"
    (problem,) = (p for p in seen.problems if p.startswith(f"{header('deals', key, locale)}:"))
    assert text in problem


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("key", ["title", "additional_titles"])
def test_several_companies_of_one_name_are_named(locale: Locale, key: str) -> None:
    rows = joined(*(full_rows(locale, "cold", number) for number in (1, 2, 3)))
    for company in rows["companies"][1:]:
        company[key] = "Ромашка"
    rows["deals"][0]["company"] = "ромашка"
    seen = verdicts_of(locale, rows)
    (problem,) = seen["D-000001"].problems
    assert seen["D-000001"].named == (header("deals", "company", locale),)
    assert "C-000002" in problem
    assert "C-000003" in problem
    assert "C-000001" not in problem
    others = {verdict.check for row_id, verdict in seen.items() if row_id != "D-000001"}
    assert others == {"ok", "warning"}  # a warning that they may be one company


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("text", ["Анна Ким", "office@client.kz"])
def test_several_contacts_of_one_name_or_email_are_named(locale: Locale, text: str) -> None:
    rows = joined(full_rows(locale, "cold", 1), full_rows(locale, "cold", 2))
    for contact in rows["contacts"][1:3]:
        contact |= {"first_name": "Анна", "last_name": "Ким", "email": "office@client.kz"}
    rows["deals"][0]["contact"] = text
    seen = verdicts_of(locale, rows)["D-000001"]
    assert (seen.check, seen.named) == ("error", (header("deals", "contact", locale),))
    assert "P-000010" in seen.problems[0]
    assert "P-000002" in seen.problems[0]


def test_several_found_are_settled_by_an_id() -> None:
    rows = joined(full_rows("en", "cold", 1), full_rows("en", "cold", 2))
    for contact in rows["contacts"]:
        contact |= {"first_name": "Анна", "last_name": "Ким"}
    rows["deals"][0]["contact"] = "P-000010"
    assert verdicts_of("en", rows)["D-000001"] == FINE


def test_contact_may_name_its_company_by_title() -> None:
    rows = full_rows("en", "sql", 1)
    for contact in rows["contacts"]:
        contact["company"] = "brand 1"
    assert set(verdicts_of("en", rows).values()) == {FINE}  # its decision maker is known


def test_unknown_company_of_a_contact_stands_on_the_contact_and_its_deal() -> None:
    rows = full_rows("en", "cold", 1)
    rows["contacts"][0]["company"] = "Nowhere"
    seen = verdicts_of("en", rows)
    assert seen["P-000001"].named == ("Company",)
    assert seen["D-000001"].named == ("Contacts P-000001 → Company",)


def test_several_other_contacts_are_looked_up_one_by_one() -> None:
    rows = full_rows("en", "cold", 1)
    rows["deals"][0]["other_contacts"] = "P-000010, First1 Last1; person10@home.kz"
    assert verdicts_of("en", rows)["D-000001"] == FINE
    rows["deals"][0]["other_contacts"] = "P-000010, Somebody Else, Another One"
    seen = verdicts_of("en", rows)["D-000001"]
    assert seen.named == ("Other contacts", "Other contacts")
    assert "Somebody Else" in seen.problems[0]
    assert "Another One" in seen.problems[1]


def test_numbers_are_names_as_well() -> None:
    rows = full_rows("en", "cold", 1)
    rows["companies"][0]["title"] = 1001
    rows["deals"][0]["company"] = "1001"
    assert verdicts_of("en", rows)["D-000001"] == FINE
