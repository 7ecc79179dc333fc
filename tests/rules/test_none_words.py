""" "Asked, and there is none" is an answer in some fields and in no other."""

from __future__ import annotations

import pytest

from rules.playbook import Locale
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    LISTS,
    elsewhere,
    full_deal,
    full_rows,
    header,
    verdicts_of,
    with_cell,
)

WORDS = ["-", "—", "нет", "n/a", "н/д", "none"]
SPELT_OTHERWISE = [" - ", "\t—\n", "НЕТ", "Нет ", "N/A", " n/A", "Н/Д", "None", "  NONE  "]

ANSWERS = [
    ("contacts", "info"),
    ("contacts", "position"),
    ("contacts", "additional_email"),
    ("contacts", "phone"),
    ("contacts", "birthday"),
    ("companies", "info"),
    ("companies", "site"),
    ("companies", "email"),
    ("companies", "additional_emails"),
    ("companies", "phone"),
    ("companies", "additional_titles"),
    ("companies", "niche_holiday"),
    ("companies", "founded"),
    ("deals", "info"),
]

NO_ANSWERS = [
    ("contacts", "first_name"),
    ("contacts", "last_name"),
    ("companies", "title"),
    ("companies", "region"),
    ("companies", "niche"),
    ("companies", "category"),
    ("companies", "drive"),
    ("deals", "stage"),
    ("deals", "channel"),
    ("deals", "accountable"),
    ("deals", "service"),
    ("deals", "scoring_result"),
    ("deals", "drive"),
    ("deals", "budget"),
    ("deals", "mediaform"),
    ("deals", "brief_received"),
    ("deals", "contract_signed"),
    ("deals", "outcome_reason"),
    ("deals", "learnings"),
]

YES_NO = [("contacts", "decision_maker"), ("deals", "tender")]

ROW_IDS = {"deals": "D-000001", "contacts": "P-000001", "companies": "C-000001"}

words = pytest.mark.parametrize("word", WORDS)


def is_the_only_problem(seen: object, locale: Locale, tab: str, key: str) -> bool:
    assert isinstance(seen, dict)
    row, deal = seen[ROW_IDS[tab]], seen["D-000001"]
    on_deal = header(tab, key, locale)
    if tab != "deals":
        on_deal = elsewhere(tab, ROW_IDS[tab], key, locale)
    return (row.check, row.named, deal.check, deal.named) == (
        "error",
        (header(tab, key, locale),),
        "error",
        (on_deal,),
    )


@words
@pytest.mark.parametrize(("tab", "key"), ANSWERS)
def test_none_is_an_answer(tab: str, key: str, word: str) -> None:
    seen = verdicts_of("en", with_cell(full_rows("en", "client"), tab, key, word))
    assert set(seen.values()) == {FINE}


@pytest.mark.parametrize("word", SPELT_OTHERWISE)
def test_case_and_spaces_do_not_matter(word: str) -> None:
    rows = full_rows("ru", "client")
    for tab, key in ANSWERS:
        rows = with_cell(rows, tab, key, word)
    assert set(verdicts_of("ru", rows).values()) == {FINE}


@words
@pytest.mark.parametrize(("tab", "key"), NO_ANSWERS)
def test_none_is_no_answer(tab: str, key: str, word: str) -> None:
    seen = verdicts_of("en", with_cell(full_rows("en", "client"), tab, key, word))
    assert is_the_only_problem(seen, "en", tab, key)


@pytest.mark.parametrize("word", ["\t—\n", " НЕТ", "N/A "])
@pytest.mark.parametrize(("tab", "key"), NO_ANSWERS)
def test_none_is_no_answer_however_it_is_spelt(tab: str, key: str, word: str) -> None:
    seen = verdicts_of("ru", with_cell(full_rows("ru", "client"), tab, key, word))
    assert is_the_only_problem(seen, "ru", tab, key)


@words
@pytest.mark.parametrize(
    ("tab", "key", "list_key"),
    [
        ("deals", "service", "services"),
        ("deals", "channel", "channels"),
        ("deals", "accountable", "managers"),
        ("companies", "region", "regions"),
        ("companies", "niche", "niches"),
    ],
)
def test_none_is_no_answer_where_the_list_is_empty(
    tab: str, key: str, list_key: str, word: str
) -> None:
    rows = with_cell(full_rows("en", "sql"), tab, key, word)
    seen = verdicts_of("en", rows, {**LISTS, list_key: []})
    assert is_the_only_problem(seen, "en", tab, key)


@words
@pytest.mark.parametrize("stage", ["cold", "unqualified"])
def test_none_never_stands_for_email_or_phone(stage: str, word: str) -> None:
    rows = with_cell(full_rows("en", stage), "contacts", "email", word)
    assert set(verdicts_of("en", rows).values()) == {FINE}  # there is a phone
    seen = verdicts_of("en", with_cell(rows, "contacts", "phone", word))
    assert seen["P-000001"].named == ("Email or Phone",)
    assert seen["P-000001"].check == ("error" if stage == "cold" else "warning")


def test_client_with_email_may_have_no_phone() -> None:
    rows = with_cell(full_rows("en", "client"), "contacts", "phone", "нет")
    assert set(verdicts_of("en", rows).values()) == {FINE}
    seen = verdicts_of("en", with_cell(rows, "contacts", "email", None))
    assert seen["P-000001"].named == ("Email or Phone",)


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("spelling", ["нет", "Нет", " НЕТ "])
@pytest.mark.parametrize(("tab", "key"), YES_NO)
def test_no_is_an_answer_to_yes_or_no(locale: Locale, tab: str, key: str, spelling: str) -> None:
    seen = verdicts_of(locale, with_cell(full_rows(locale, "sql"), tab, key, spelling))
    assert set(seen.values()) == {FINE}


def test_no_makes_nobody_a_decision_maker() -> None:
    rows = with_cell(full_rows("en", "sql"), "contacts", "decision_maker", "нет", 0)
    rows = with_cell(rows, "contacts", "decision_maker", "нет", 1)
    assert verdicts_of("en", rows)["C-000001"].check == "warning"


@pytest.mark.parametrize("word", ["-", "—", "n/a", "н/д", "none"])
@pytest.mark.parametrize(("tab", "key"), YES_NO)
def test_other_words_are_no_answer_to_yes_or_no(tab: str, key: str, word: str) -> None:
    seen = verdicts_of("en", with_cell(full_rows("en", "sql"), tab, key, word))
    assert is_the_only_problem(seen, "en", tab, key)


@words
def test_company_without_other_titles_is_not_called_none(word: str) -> None:
    rows = with_cell(full_rows("en", "cold"), "companies", "additional_titles", word)
    rows["deals"].append(full_deal("en", 2, "cold", 1, 10) | {"company": word})
    assert verdicts_of("en", rows)["D-000002"].named == ("Company",)


@words
@pytest.mark.parametrize("key", ["group", "region"])
def test_none_does_not_silence_a_recommendation(key: str, word: str) -> None:
    seen = verdicts_of("en", with_cell(full_rows("en", "cold"), "contacts", key, word))
    assert seen["P-000001"].check != "ok"
    assert seen["P-000001"].named == (header("contacts", key, "en"),)
