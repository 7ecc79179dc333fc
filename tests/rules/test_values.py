"""What cells mean: amounts, dates, yes and no, words of either language, addresses, phones."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.check import Book, check_book, find_problems
from rules.folders import deal_folder_name, subfolder_names, wanted_folders
from rules.letter_matching import known_people
from rules.playbook import SUBJECT_TABS, Locale
from rules.reports import make_reports
from rules.table import Raw
from rules.words import Wording
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    HEADERS,
    LISTS,
    PLAYBOOK,
    STAGES,
    TODAY,
    Cells,
    Rows,
    Verdict,
    day,
    full_rows,
    header,
    joined,
    make_book,
    report_rows,
    reports_of,
    total_of,
    verdicts,
    verdicts_of,
    with_cell,
)

ROW_IDS = {"deals": "D-000001", "contacts": "P-000001", "companies": "C-000001"}

TYPED = {tab: [key for key in HEADERS[tab] if key != "id"] for tab in ROW_IDS}
"""The columns that managers fill in."""


def verdict_with(tab: str, key: str, value: Raw, stage: str = "sql") -> Verdict:
    """Return what a manager reads beside an otherwise complete row with that cell."""
    return verdicts_of("en", with_cell(full_rows("en", stage), tab, key, value))[ROW_IDS[tab]]


def refuses(tab: str, key: str, value: Raw) -> bool:
    seen = verdict_with(tab, key, value)
    return seen.check == "error" and seen.named == (header(tab, key, "en"),)


# ── Money ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (5_000_000, 5_000_000),
        (1234.5, 1234.5),
        (0, 0),
        ("5000000", 5_000_000),
        ("5 000 000", 5_000_000),
        ("5\u00a0000\u00a0000", 5_000_000),
        ("5\u202f000\u202f000 ₸", 5_000_000),
        ("1 200 000,50", 1_200_000.5),
        ("1,200,000.50", 1_200_000.5),
        ("1.200.000,50", 1_200_000.5),
        ("5 млн", 5_000_000),
        ("1,5 млн ₸", 1_500_000),
        ("250 тыс.", 250_000),
        ("$5k", 5_000),
        ("USD 5000", 5_000),
        ("300 000 тенге", 300_000),
    ],
)
def test_amount_is_understood(cell: Raw, amount: float) -> None:
    rows = with_cell(full_rows("en", "sql"), "deals", "budget", cell)
    rows["deals"][0]["currency"] = None
    assert verdicts_of("en", rows)["D-000001"] == FINE
    lists = {**LISTS, "rates": [1, 1, 1]}
    assert total_of(reports_of(make_book("en", rows, lists))["sources"][0])["Budget"] == amount


@pytest.mark.parametrize(
    "cell",
    [
        "soon",
        "5-7 млн",
        "около 5 млн",
        "5 млн?",
        "1.200",
        "1,2,3",
        "12 34",
        "-5",
        -5,
        True,
        False,
        "#REF!",
        "5000000 + НДС",
        "9" * 400,
        "٣ %",
        "1e5",
        "€",
        "млн",
    ],
)
def test_amount_that_is_none_or_has_two_readings_is_refused(cell: Raw) -> None:
    assert refuses("deals", "budget", cell)


# ── Dates ────────────────────────────────────────────────────────────────────────────────────────

DATES = [
    ("deals", "brief_received"),
    ("deals", "contract_signed"),
    ("deals", "next_step"),
    ("contacts", "birthday"),
    ("companies", "founded"),
]


@pytest.mark.parametrize(
    "cell", [day("2026-02-03"), day("2026-02-03") + 0.75, "03.02.2026", "3.2.2026", "2026-02-03"]
)
def test_date_is_understood(cell: Raw) -> None:
    seen = verdict_with("deals", "next_step", cell)
    assert (seen.check, seen.named) == ("warning", ("Next step",))
    assert "03.02.2026" in seen.problems[0]


@pytest.mark.parametrize("cell", [day("2026-04-01"), "01.04.2026", " 2026-04-01 ", "31.12.2026"])
@pytest.mark.parametrize(("tab", "key"), DATES)
def test_date_fills_every_date_field(tab: str, key: str, cell: Raw) -> None:
    assert verdict_with(tab, key, cell) == FINE


@pytest.mark.parametrize(
    "cell",
    [
        "tomorrow",
        "31.02.2026",
        "00.01.2026",
        "2026-13-01",
        "12/31/2026",
        "May 2026",
        "2026",
        True,
        False,
        -1,
        20261231,
        "#N/A",
    ],
)
@pytest.mark.parametrize(("tab", "key"), DATES)
def test_what_is_no_date_is_refused(tab: str, key: str, cell: Raw) -> None:
    assert refuses(tab, key, cell)


@pytest.mark.parametrize("cell", [day("2026-06-01"), "01.06.2026", "autumn 2026", "Q3"])
def test_campaign_dates_may_be_put_into_words(cell: Raw) -> None:
    assert verdict_with("deals", "campaign_date", cell) == FINE


# ── Yes and no ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cell", ["Yes", "yes", "YES ", "Да", "да", True])
def test_yes_makes_a_decision_maker(cell: Raw) -> None:
    rows = with_cell(full_rows("en", "sql"), "contacts", "decision_maker", cell)
    rows["contacts"][1]["decision_maker"] = "No"
    assert verdicts_of("en", rows)["C-000001"] == FINE


@pytest.mark.parametrize("cell", ["No", "no", " NO", "Нет", "нет", False])
def test_no_makes_none(cell: Raw) -> None:
    rows = with_cell(full_rows("en", "sql"), "contacts", "decision_maker", cell)
    rows["contacts"][1]["decision_maker"] = cell
    seen = verdicts_of("en", rows)
    assert seen["P-000001"] == seen["P-000010"] == FINE
    assert seen["C-000001"].check == "warning"


@pytest.mark.parametrize("cell", [True, False, "Yes", "нет"])
def test_tender_may_be_a_checkbox(cell: Raw) -> None:
    assert verdict_with("deals", "tender", cell) == FINE


@pytest.mark.parametrize("cell", ["maybe", "не знаю", 2, "да/нет", "#VALUE!"])
@pytest.mark.parametrize(("tab", "key"), [("deals", "tender"), ("contacts", "decision_maker")])
def test_neither_yes_nor_no_is_refused(tab: str, key: str, cell: Raw) -> None:
    assert refuses(tab, key, cell)


# ── Words to choose from ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("language", BOTH_LOCALES)
@pytest.mark.parametrize("stage", STAGES)
def test_stage_is_understood_in_either_language(
    locale: Locale, language: Locale, stage: str
) -> None:
    for spelling in (
        STAGES[stage][language],
        STAGES[stage][language].upper(),
        f"  {STAGES[stage][language].lower()}\n",
        STAGES[stage][language].replace(" ", "  "),
    ):
        book = make_book(locale, with_cell(full_rows(locale, stage), "deals", "stage", spelling))
        assert verdicts(book)["D-000001"] == FINE
        deals_header = {"en": "Deals", "ru": "Сделки"}[locale]
        funnel = report_rows(reports_of(book)["funnel"][0])
        assert funnel[STAGES[stage][locale]][deals_header] == 1


@pytest.mark.parametrize(
    ("tab", "key", "spellings"),
    [
        ("companies", "category", ["A", "b", " C ", "А", "В", "С", "а", "в", "с"]),
        ("deals", "direction", ["Incoming", "outgoing", "Входящий", "ИСХОДЯЩИЙ"]),
        (
            "deals",
            "scoring_result",
            ["Qualified", "Квалифицирован", "квалифицирована", "passed"],
        ),
        ("deals", "trigger", ["Need identified", "Warm-up", "Briefing", "Proposal preparation"]),
        ("deals", "trigger", ["Strategy defence", "Awaiting decision", "Negotiations", "Handover"]),
        ("deals", "trigger", ["Выявление потребности", "Прогрев", "Брифинг и дебрифинг"]),
        ("deals", "trigger", ["Подготовка КП", "Защита стратегии", "Ожидание решения"]),
        ("deals", "trigger", ["Переговоры", "Передача в отдел аккаунтов"]),
    ],
)
def test_choice_is_understood_in_either_language(
    tab: str, key: str, spellings: Sequence[str]
) -> None:
    assert {spelling: verdict_with(tab, key, spelling) for spelling in spellings} == dict.fromkeys(
        spellings, FINE
    )


@pytest.mark.parametrize(
    ("tab", "key", "cell", "offered"),
    [
        ("deals", "stage", "Won it", "Cold Lead, MQL, SQL, Negotiations, Client"),
        ("deals", "stage", 3, "Cold Lead"),
        ("deals", "direction", "sideways", "Incoming, Outgoing"),
        ("deals", "scoring_result", "7", "Qualified, Not qualified"),
        ("deals", "trigger", "Lunch", "Need identified"),
        ("companies", "category", "D", "A, B, C"),
        ("companies", "category", "AB", "A, B, C"),
    ],
)
def test_word_that_is_no_choice_is_refused_and_the_choices_named(
    tab: str, key: str, cell: Raw, offered: str
) -> None:
    assert refuses(tab, key, cell)
    (problem,) = verdict_with(tab, key, cell).problems
    assert str(cell) in problem
    assert offered in problem


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────

LISTED = [
    ("deals", "channel", "channels"),
    ("deals", "service", "services"),
    ("deals", "accountable", "managers"),
    ("deals", "currency", "currencies"),
    ("contacts", "region", "regions"),
    ("contacts", "group", "groups"),
    ("companies", "region", "regions"),
    ("companies", "niche", "niches"),
    ("companies", "group", "groups"),
    ("companies", "front_region", "regions"),
]

listed = pytest.mark.parametrize(("tab", "key", "list_key"), LISTED)


@listed
def test_every_value_of_the_list_is_fine(tab: str, key: str, list_key: str) -> None:
    for value in LISTS[list_key]:
        for spelling in (value, str(value).upper(), f" {str(value).lower()} "):
            assert verdict_with(tab, key, spelling) == FINE


@listed
def test_value_off_the_list_is_refused(tab: str, key: str, list_key: str) -> None:
    assert refuses(tab, key, "Something else")
    (problem,) = verdict_with(tab, key, "Something else").problems
    assert "Something else" in problem
    assert HEADERS["lists"][list_key]["en"] in problem


@listed
def test_empty_list_accepts_anything(tab: str, key: str, list_key: str) -> None:
    rows = with_cell(full_rows("en", "sql"), tab, key, "Something else")
    seen = verdicts_of("en", rows, {**LISTS, list_key: []})
    assert seen[ROW_IDS[tab]] == FINE


@listed
def test_formula_error_is_refused_even_where_the_list_is_empty(
    tab: str, key: str, list_key: str
) -> None:
    rows = with_cell(full_rows("en", "sql"), tab, key, "#REF!")
    seen = verdicts_of("en", rows, {**LISTS, list_key: []})
    assert seen[ROW_IDS[tab]].named == (header(tab, key, "en"),)


def test_yo_and_ye_are_one_letter() -> None:
    lists = {**LISTS, "channels": ["Отчётная встреча"], "managers": ["Алена Ёлкина"]}
    rows = with_cell(full_rows("ru", "sql"), "deals", "channel", "отчетная встреча")
    rows = with_cell(rows, "deals", "accountable", "Алёна Елкина")
    assert verdicts_of("ru", rows, lists)["D-000001"] == FINE


def test_each_of_several_services_is_looked_up() -> None:
    assert verdict_with("deals", "service", "стратегия, media plan") == FINE
    assert refuses("deals", "service", "Media plan, Catering")
    (problem,) = verdict_with("deals", "service", "Media plan, Catering").problems
    assert "Catering" in problem
    assert "Media plan" not in problem


@pytest.mark.parametrize("cell", [",", " ; ", ",,"])
@pytest.mark.parametrize(
    ("tab", "key", "stage"),
    [
        ("deals", "service", "sql"),
        ("contacts", "additional_email", "client"),
        ("companies", "additional_emails", "client"),
    ],
)
def test_separators_alone_fill_nothing(tab: str, key: str, stage: str, cell: str) -> None:
    seen = verdict_with(tab, key, cell, stage)
    assert (seen.check, seen.named) == ("error", (header(tab, key, "en"),))


# ── Emails, phones, folders ──────────────────────────────────────────────────────────────────────

EMAILS = [
    ("contacts", "email"),
    ("contacts", "additional_email"),
    ("companies", "email"),
    ("companies", "additional_emails"),
]


@pytest.mark.parametrize(
    "cell", ["a@b.kz", "Anna.Kim+crm@Mail.Example.com", " a@b.kz ", "инфо@почта.рф"]
)
@pytest.mark.parametrize(("tab", "key"), EMAILS)
def test_email_is_understood(tab: str, key: str, cell: str) -> None:
    assert verdict_with(tab, key, cell) == FINE


@pytest.mark.parametrize(
    "cell", ["anna", "anna@", "@client.kz", "a b@client.kz", "a@@b.kz", "a@b", "a..b@c.kz", 5, True]
)
@pytest.mark.parametrize(("tab", "key"), EMAILS)
def test_what_is_no_email_is_refused(tab: str, key: str, cell: Raw) -> None:
    assert refuses(tab, key, cell)


@pytest.mark.parametrize("separator", [", ", ";", "\n"])
def test_several_additional_emails(separator: str) -> None:
    cell = separator.join(["a@b.kz", "c@d.kz"])
    assert verdict_with("companies", "additional_emails", cell) == FINE
    assert refuses("companies", "additional_emails", cell + separator + "oops")


PHONES = [("contacts", "phone"), ("companies", "phone")]


@pytest.mark.parametrize(
    "cell",
    [
        "+77011234567",
        "+7 (701) 123-45-67",
        "8 701 123 45 67",
        "87011234567",
        87011234567,
        77011234567,
        "+998 90 123 45 67",
        "+971 50 123 4567",
        "+77011234567, +77011234568",
    ],
)
@pytest.mark.parametrize(("tab", "key"), PHONES)
def test_phone_is_understood(tab: str, key: str, cell: Raw) -> None:
    assert verdict_with(tab, key, cell) == FINE


@pytest.mark.parametrize("cell", ["call the office", "12", "+7", "+7701", 5, True, "#NAME?"])
@pytest.mark.parametrize(("tab", "key"), PHONES)
def test_what_is_no_phone_is_refused(tab: str, key: str, cell: Raw) -> None:
    assert refuses(tab, key, cell)


@pytest.mark.parametrize("tab", ["deals", "companies"])
def test_drive_is_a_link_to_a_folder(tab: str) -> None:
    link = "https://drive.google.com/drive/u/0/folders/1AbCdEfGhIjKlMnOp?usp=sharing"
    assert verdict_with(tab, "drive", link) == FINE
    assert refuses(tab, "drive", "on my laptop")


# ── Formula errors and nonsense ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!"])
def test_formula_error_is_a_problem(error: str) -> None:
    seen = verdict_with("deals", "mediaform", error)
    assert (seen.check, seen.named) == ("error", ("Mediaform",))


@pytest.mark.parametrize(
    ("tab", "key"), [(tab, key) for tab, keys in TYPED.items() for key in keys]
)
def test_formula_error_is_a_problem_in_every_cell(tab: str, key: str) -> None:
    seen = verdict_with(tab, key, "#REF!")
    assert seen.check == "error"
    assert header(tab, key, "en") in seen.named
    assert any("#REF!" in problem for problem in seen.problems)


FREE_TEXT = {
    "deals": {"title", "mediaform", "traffic_source", "campaign_date", "outcome_reason"}
    | {"learnings", "info"},
    "contacts": {"first_name", "patronymic", "last_name", "messenger", "position", "info"},
    "companies": {"title", "address", "size", "additional_titles", "niche_holiday", "info"},
}


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(
    ("tab", "key"),
    [(tab, key) for tab, keys in TYPED.items() for key in keys if key not in FREE_TEXT[tab]],
)
def test_gibberish_is_a_problem_of_its_row_alone(locale: Locale, tab: str, key: str) -> None:
    rows = joined(full_rows(locale, "client", 1), full_rows(locale, "sql", 2))
    seen = verdicts_of(locale, with_cell(rows, tab, key, "абракадабра"))
    row = seen[ROW_IDS[tab]]
    assert (row.check, row.named) == ("error", (header(tab, key, locale),))
    assert "абракадабра" in row.problems[0]
    touched = {ROW_IDS[tab], "D-000001"}
    assert {row_id: v for row_id, v in seen.items() if row_id not in touched} == dict.fromkeys(
        set(seen) - touched, FINE
    )


NONSENSE: Sequence[Raw] = [
    "",
    " ",
    "{field}",
    "%s {0} {value!r}",
    "=A1",
    "'",
    '"',
    "🙂",
    "\u202e\u0000\n\t",
    "x" * 50_000,
    "a@" * 1000,
    "(" * 5000,
    True,
    False,
    0,
    -1,
    10**18,
    1e308,
    5e-324,
    -0.0,
]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:12])
def test_nonsense_in_every_cell_leaves_other_rows_as_they_were(value: Raw) -> None:
    rows = joined(
        full_rows("en", "client", 1), full_rows("en", "sql", 2), full_rows("ru", "mql", 3)
    )
    for tab, keys in TYPED.items():
        rows[tab][0].update(dict.fromkeys(keys, value))
    seen = verdicts_of("en", rows)
    assert seen["D-000001"].check == seen["P-000001"].check == seen["C-000001"].check == "error"
    others = {row_id for row_id in seen if row_id[-1] in "23" or row_id in ("P-000020", "P-000030")}
    assert {seen[row_id] for row_id in others} == {FINE}


def test_long_values_are_shortened_in_problems() -> None:
    (problem,) = verdict_with("deals", "budget", "много " * 5000).problems
    assert len(problem) < 300


def test_problem_stays_on_one_line() -> None:
    (problem,) = verdict_with("deals", "budget", "line\nbreak\r\nand\u2028more").problems
    assert problem.startswith("Budget: ")


# ── Properties ───────────────────────────────────────────────────────────────────────────────────

quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

cells: st.SearchStrategy[Raw] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(
        [
            "D-000001",
            "P-000001",
            "P-000002",
            "C-000001",
            "a@b.kz",
            "MQL",
            "SQL",
            "Клиент",
            "Lost",
            "Stage",
            "Этап",
            "Yes",
            "нет",
            "-",
            "#REF!",
            "5 млн",
            "01.01.2026",
            "+77011234567",
            "KZT",
            "USD",
            "First1 Last1",
            "Company 1",
            ",",
            "A, B",
        ]
    ),
    st.sampled_from([0, 1, 46000, 46000.5, 2958465, 20261231, 10**12, -700_000]),
)


def tables_of(tab: str) -> st.SearchStrategy[list[Cells]]:
    row = st.dictionaries(st.sampled_from(sorted(HEADERS[tab])), cells)
    return st.lists(row, max_size=4)


books = st.builds(
    lambda locale, lists, **rows: make_book(
        locale, rows, {key: [row.get(key) for row in lists] for key in HEADERS["lists"]}
    ),
    st.sampled_from(BOTH_LOCALES),
    tables_of("lists"),
    deals=tables_of("deals"),
    contacts=tables_of("contacts"),
    companies=tables_of("companies"),
    comments=tables_of("comments"),
    events=tables_of("events"),
)


def columns_of(book: Book) -> dict[str, dict[str, list[Raw]]]:
    return {
        tab: {key: list(column) for key, column in table.columns.items()}
        for tab, table in book.tables.items()
    }


@settings(quick, max_examples=80)
@given(book=books)
def test_no_content_makes_the_check_or_the_reports_fail(book: Book) -> None:
    before = deepcopy(columns_of(book))
    checked = check_book(book, PLAYBOOK, TODAY)
    found = find_problems(checked)
    wording = Wording(book, PLAYBOOK)
    for subject, rows in found.items():
        for _, findings in rows:
            lines = [wording.problem(SUBJECT_TABS[subject], finding) for finding in findings]
            assert len(lines) == len(findings)
    make_reports(checked, found, "KZT")
    known_people(checked, ())
    for wanted in wanted_folders(checked):
        assert deal_folder_name(checked, wanted.deal, wanted.company)
    assert len(set(subfolder_names(checked))) > 1
    assert repr(columns_of(book)) == repr(before)


NAMES = {"title", "additional_titles", "first_name", "patronymic", "last_name"} | {
    "email",
    "additional_email",
    "company",
    "contact",
    "other_contacts",
}
"""What other rows find a row by, and what finds them: changing it may rightly concern others."""

SPOILABLE = [(tab, key) for tab, keys in TYPED.items() for key in keys if key not in NAMES]

defects = st.lists(st.tuples(st.sampled_from(SPOILABLE), cells), max_size=4)


@st.composite
def spoilt_rows(draw: st.DrawFn) -> Rows:
    parts = []
    for number in range(1, draw(st.integers(2, 4)) + 1):
        part = full_rows("ru", draw(st.sampled_from(sorted(STAGES))), number)
        for (tab, key), value in draw(defects):
            part = with_cell(part, tab, key, value)
        parts.append(part)
    return joined(*parts)


@quick
@given(rows=spoilt_rows(), stages=st.lists(st.sampled_from(sorted(STAGES)), max_size=3))
def test_unrelated_rows_change_nothing(rows: Rows, stages: list[str]) -> None:
    more = [full_rows("ru", stage, 50 + number) for number, stage in enumerate(stages)]
    alone = verdicts_of("ru", rows)
    for together in (joined(rows, *more), joined(*more, rows)):
        seen = verdicts_of("ru", together)
        assert {row_id: seen[row_id] for row_id in alone} == alone
        assert {seen[row_id] for row_id in seen.keys() - alone.keys()} <= {FINE}


@quick
@given(rows=spoilt_rows(), data=st.data())
def test_order_of_rows_changes_nothing(rows: Rows, data: st.DataObject) -> None:
    shuffled = {tab: data.draw(st.permutations(content)) for tab, content in rows.items()}
    assert verdicts_of("ru", shuffled) == verdicts_of("ru", rows)


@quick
@given(rows=spoilt_rows())
def test_empty_rows_between_change_nothing(rows: Rows) -> None:
    empty: Cells = {}
    unticked: Cells = {"tender": False}
    spread = {
        tab: [row for content_row in content for row in (empty, content_row, unticked)]
        for tab, content in rows.items()
    }
    assert verdicts_of("ru", spread) == verdicts_of("ru", rows)
