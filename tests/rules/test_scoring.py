"""The ICP score: which ICP applies, what earns points, what the note says, what is advised."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.check import check_book
from rules.playbook import Locale, Playbook
from rules.playbook_file import PlaybookError, load_playbook
from rules.scoring import Score, ScoreNotes, find_scores, smallest_number
from rules.table import Raw
from tests.rules.books import (
    BOTH_LOCALES,
    PLAYBOOK,
    TODAY,
    Rows,
    full_rows,
    joined,
    make_book,
    with_cell,
)
from tests.rules.icp import with_example

both_locales = pytest.mark.parametrize("locale", BOTH_LOCALES)


@pytest.fixture
def playbook(tmp_path: Path) -> Playbook:
    path = tmp_path / "icp.yaml"
    path.write_text(with_example(), encoding="utf-8")
    return load_playbook(path)


def ideal(locale: Locale = "en") -> Rows:
    """Return a deal that meets every criterion of the example for Kazakhstan."""
    rows = full_rows(locale, "sql")
    rows["companies"][0] |= {"region": "Казахстан", "niche": "Банки", "size": "100–500 человек"}
    rows["contacts"][0]["position"] = "Marketing DIRECTOR"
    rows["deals"][0] |= {"service": "Media plan, Стратегия", "budget": 5_000_000}
    return rows


def score(rows: Rows, playbook: Playbook, locale: Locale = "en") -> tuple[Score | None, str]:
    """Return the score of the first deal and its note."""
    checked = check_book(make_book(locale, rows), playbook, TODAY)
    found = find_scores(checked, "KZT", checked.deals.rows).get(0)
    return found, ScoreNotes(checked).note(found) if found else ""


def points(rows: Rows, playbook: Playbook) -> int | None:
    found, _ = score(rows, playbook)
    return found.points if found else None


def test_without_an_icp_there_is_no_score() -> None:
    assert not PLAYBOOK.icp
    assert score(ideal(), PLAYBOOK) == (None, "")


@both_locales
def test_who_meets_all_criteria_has_100_points(playbook: Playbook, locale: Locale) -> None:
    found, note = score(ideal(locale), playbook, locale)
    assert found is not None
    assert (found.points, found.advice) == (100, None)
    assert "100" in note.splitlines()[0]
    assert len(note.splitlines()) == 1 + 8


@pytest.mark.parametrize(
    ("tab", "key", "value", "lost"),
    [
        ("companies", "niche", "FMCG", 0),
        ("companies", "niche", None, 20),
        ("companies", "size", "20", 15),
        ("companies", "size", "50–100", 15),
        ("companies", "size", 100, 0),
        ("companies", "size", "1 200 человек", 0),
        ("companies", "size", "many", 15),
        ("companies", "category", "В", 0),  # in Cyrillic
        ("companies", "category", "C", 15),
        ("companies", "site", "-", 5),
        ("contacts", "position", "коммерческий директор", 0),
        ("contacts", "position", "buyer", 20),
        ("contacts", "region", "Uzbekistan", 5),
        ("deals", "service", "Стратегия", 10),
        ("deals", "budget", 4_999_999, 10),
        ("deals", "budget", "not an amount", 10),
    ],
)
def test_each_criterion_earns_its_points(
    playbook: Playbook, tab: str, key: str, value: Raw, lost: int
) -> None:
    assert points(with_cell(ideal(), tab, key, value), playbook) == 100 - lost


@pytest.mark.parametrize(
    ("budget", "currency", "met"),
    [(10_000, "USD", True), (9_999, "USD", False), (5_000_000, None, True), (10**9, "EUR", False)],
)
def test_a_budget_counts_in_the_base_currency(
    playbook: Playbook, budget: int, currency: Raw, met: bool
) -> None:
    rows = with_cell(with_cell(ideal(), "deals", "budget", budget), "deals", "currency", currency)
    assert points(rows, playbook) == (100 if met else 90)


def test_the_company_decides_on_the_region_and_else_the_contact(playbook: Playbook) -> None:
    here, elsewhere = 100, 60  # the other ICP of the example: category A alone
    there = with_cell(ideal(), "companies", "region", "Uzbekistan")
    assert points(there, playbook) == elsewhere
    unknown = with_cell(ideal(), "companies", "region", None)
    assert points(unknown, playbook) == here
    assert points(with_cell(unknown, "contacts", "region", None), playbook) == elsewhere


def test_a_region_without_an_icp_has_no_score(playbook: Playbook) -> None:
    only_here = playbook.model_copy(update={"icp": {"kz": playbook.icp["kazakhstan"]}})
    assert points(ideal(), only_here) == 100
    assert points(with_cell(ideal(), "companies", "region", "Uzbekistan"), only_here) is None


def test_a_deal_without_company_and_contact_is_scored_by_what_is_known(playbook: Playbook) -> None:
    rows = ideal()
    rows["deals"][0] |= {"company": None, "contact": "Nobody", "budget": 20_000_000}
    found, note = score(rows, playbook)
    assert found is not None
    assert found.points == 40
    assert "0 of 60 Companies → Category: not known" in note


@both_locales
@pytest.mark.parametrize(
    ("result", "fits", "advised"),
    [
        ({"en": "Qualified", "ru": "Квалифицирован"}, True, False),
        ({"en": "Qualified", "ru": "Квалифицирован"}, False, True),
        ({"en": "Not qualified", "ru": "Не квалифицирован"}, True, True),
        ({"en": "Not qualified", "ru": "Не квалифицирован"}, False, False),
        ({"en": None, "ru": None}, True, False),
        ({"en": None, "ru": None}, False, False),
    ],
)
def test_advice_where_the_manager_says_otherwise(
    playbook: Playbook, locale: Locale, result: dict[Locale, Raw], fits: bool, advised: bool
) -> None:
    rows = with_cell(ideal(locale), "deals", "scoring_result", result[locale])
    if not fits:
        rows["companies"][0] |= {"niche": None, "size": None, "category": "C"}
    found, note = score(rows, playbook, locale)
    assert found is not None
    assert (found.points >= found.threshold) == fits
    header = {"en": "Scoring result", "ru": "Результат скоринга"}[locale]
    assert note.splitlines()[-1].startswith(header) == advised


def test_the_note_in_full(playbook: Playbook) -> None:
    rows = with_cell(ideal("ru"), "companies", "category", "C")
    rows = with_cell(rows, "contacts", "position", None)
    rows = with_cell(rows, "deals", "budget", 1_000_000)
    assert score(rows, playbook, "ru")[1].splitlines() == [
        "Не подходит под портрет клиента: баллов 55 из 100, нужно 60.",
        "+20 Контрагенты → Отрасль: Банки",
        "+15 Контрагенты → Размер: 100–500 человек",
        "0 из 15 Контрагенты → Категория: C",
        "+5 Контрагенты → Сайт: client1.kz",
        "0 из 20 Контакты → Должность: неизвестно",
        "+5 Контакты → Регион: Казахстан",
        "+10 Услуга: Media plan, Стратегия",
        "0 из 10 Сумма: 1000000",
        "Результат скоринга: указано, что лид квалифицирован, но он не подходит. "
        "Посмотрите ещё раз.",
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("50–100", 50), ("1 200", 1200), ("от 2,5 тыс", 2.5), ("", None), ("нет", None), (7, 7),
     (True, None), (None, None)],
)  # fmt: skip
def test_the_smallest_number_of_a_text(text: Raw, number: float | None) -> None:
    assert smallest_number(text) == number


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────

MISTAKES = [
    ("      niche:    {weight: 20", "      nishe:    {weight: 20",
     "icp.kazakhstan.company.nishe: there is no such field of a company; did you mean 'niche'? "
     "(found 'nishe')"),
    ("niche:    {weight: 20", "niche:    {weight: 25",
     "icp.kazakhstan: the weights of its criteria must add up to 100, not 105"),
    ("{weight: 15, at_least: 100}", "{weight: 15}",
     "icp.kazakhstan.company.size: needs one of any_of, contains, at_least, filled"),
    ("{weight: 15, at_least: 100}", "{weight: 15, at_least: 100, filled: true}",
     "icp.kazakhstan.company.size: needs one of any_of, contains, at_least, filled, "
     "and has at_least and filled"),
    ("{weight: 5, filled: true}", "{weight: 5, filled: false}",
     "icp.kazakhstan.company.site: needs one of any_of, contains, at_least, filled"),
    ("any_of: [A, B]", "any_of: [A, E]",
     "icp.kazakhstan.company.category.any_of: there is no such word of that choice (found 'E')"),
    ("    threshold: 60", "    threshold: 160",
     "icp.kazakhstan.threshold: must be at most 100 (found 160)"),
    ("    threshold: 60\n", "", "icp.kazakhstan.threshold: is missing"),
    ("  everywhere_else:\n", "  everywhere_else:\n    regions: [казахстан]\n",
     "icp.everywhere_else.regions: 'kazakhstan' is the ICP there already (found 'казахстан')"),
    ("    regions: [Kazakhstan, Казахстан]\n", "",
     "icp.everywhere_else: 'kazakhstan' is the ICP of all other regions already"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_mistakes_of_an_icp_are_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = with_example()
    assert text.count(old) == 1
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PlaybookError) as caught:
        load_playbook(path)
    told = [line.partition(": ")[2] for line in str(caught.value).splitlines()]
    assert message in told


def test_scores_are_those_of_the_deals_to_which_an_icp_applies(playbook: Playbook) -> None:
    tabs = joined(ideal(), full_rows("en", "sql", 2), full_rows("en", "sql", 3))
    tabs["companies"][1]["region"] = "Nowhere"
    tabs["contacts"][1]["region"] = "Nowhere"
    checked = check_book(make_book("en", tabs), playbook, TODAY)
    scores = find_scores(checked, "KZT", checked.deals.rows)
    assert set(scores) == {row for row in range(3) if scores.get(row)}
    assert len(scores) == len(list(scores)) >= 1
    assert scores[0].points == 100
    assert scores.get(17) is None
