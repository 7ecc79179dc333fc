"""Records entered twice: both name each other, each reason in a line of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, Levenshtein

from rules.check import Checked, check_book
from rules.close_titles import find_close_titles
from rules.duplicates import Sources
from rules.findings import Finding
from rules.playbook import SUBJECT_TABS, Locale, Subject
from rules.problems import note
from rules.titles import TitleForms, site_domains, title_keys
from tests.rules.books import (
    BOTH_LOCALES,
    PLAYBOOK,
    TODAY,
    Cells,
    Rows,
    full_company,
    full_contact,
    full_deal,
    full_rows,
    make_book,
    verdicts_of,
)

both_locales = pytest.mark.parametrize("locale", BOTH_LOCALES)


def contacts(locale: Locale, *changes: Cells, company: int = 1) -> Rows:
    """Return contacts of one company, complete, each with its changes."""
    people = [
        full_contact(locale, number, company) | change for number, change in enumerate(changes, 1)
    ]
    return {"companies": [full_company(company)], "contacts": people, "deals": []}


def companies(*changes: Cells) -> Rows:
    rows = [full_company(number) | change for number, change in enumerate(changes, 1)]
    return {"companies": rows, "contacts": [], "deals": []}


def lines(locale: Locale, rows: Rows, row_id: str) -> tuple[str, ...]:
    return verdicts_of(locale, rows)[row_id].problems


TOLD: Mapping[str, Mapping[Locale, str]] = {
    "same_email": {
        "en": "Email: a@b.kz is also that of P-000002. If they are one person, keep one row.",
        "ru": "Email: a@b.kz есть и у P-000002. Если это один человек, оставьте одну строку.",
    },
    "same_phone": {
        "en": "Phone: +77010000009 is also that of P-000002. If they are one person, keep one row.",
        "ru": "Телефон: +77010000009 есть и у P-000002. "
        "Если это один человек, оставьте одну строку.",
    },
    "same_name": {
        "en": "Last name: “Анна Ким” of the same company stands at P-000002 too. "
        "If they are one person, keep one row.",
        "ru": "Фамилия: «Анна Ким» у того же контрагента есть и в P-000002. "
        "Если это один человек, оставьте одну строку.",
    },
}


@both_locales
@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("same_email", {"email": "a@b.kz"}, {"email": " A@B.KZ "}),
        ("same_email", {"email": "a@b.kz"}, {"additional_email": "x@y.kz, a@b.kz"}),
        ("same_phone", {"phone": "+7 701 000 00 09"}, {"phone": "8 (701) 000-00-09"}),
        ("same_name", {"first_name": "Анна", "last_name": "Ким", "patronymic": None},
         {"first_name": "Анна", "last_name": "Ким"}),
        ("same_name", {"first_name": "Анна", "last_name": "Ким", "patronymic": None},
         {"first_name": "KIM", "last_name": "Anna"}),
    ],
)  # fmt: skip
def test_one_person_entered_twice(locale: Locale, code: str, first: Cells, second: Cells) -> None:
    rows = contacts(locale, first, second)
    assert lines(locale, rows, "P-000001") == (TOLD[code][locale],)
    (back,) = lines(locale, rows, "P-000002")
    assert "P-000001" in back
    assert {verdicts_of(locale, rows)[row_id].check for row_id in ("P-000001", "P-000002")} == {
        "warning"
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "a@b.kz"}, {"email": "a@c.kz"}),
        ({"phone": "-"}, {"phone": "-"}),
        ({"additional_email": "нет"}, {"additional_email": "нет"}),
        ({"first_name": "Анна", "last_name": "Ким"}, {"first_name": "Анна", "last_name": "Кан"}),
        ({"first_name": "Анна", "last_name": "Ким", "patronymic": "Олеговна"},
         {"first_name": "Анна", "last_name": "Ким", "patronymic": "Игоревна"}),
    ],
)  # fmt: skip
def test_two_people_are_told_apart(first: Cells, second: Cells) -> None:
    rows = contacts("en", first, second)
    assert lines("en", rows, "P-000001") == lines("en", rows, "P-000002") == ()


def test_namesakes_at_two_companies_are_two_people() -> None:
    anna: Cells = {"first_name": "Анна", "last_name": "Ким"}
    rows = contacts("en", anna, anna | {"company": "C-000002"})
    rows["companies"].append(full_company(2))
    assert lines("en", rows, "P-000001") == ()


def test_each_reason_is_a_line_of_its_own() -> None:
    twice: Cells = {"email": "a@b.kz", "phone": "+77010000009", "last_name": "Ким",
                    "first_name": "Анна", "patronymic": None}  # fmt: skip
    rows = contacts("en", twice, twice)
    told = lines("en", rows, "P-000001")
    assert sorted(told) == sorted(by_locale["en"] for by_locale in TOLD.values())


@both_locales
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ТОО «Ромашка»", "Ромашка ТОО"),
        ("Romashka LLP", "ООО Ромашка"),
        ("Каспий-Фарма", "KASPIY PHARMA, Ltd."),
        ("Товарищество с ограниченной ответственностью Ёлка", "елка"),
        ("Silk Way GmbH & Co. KG", "Silkway GmbH & Co. KG"),
        ("ИП Иванов Пётр", "Петр Иванов"),
        ("Қазақ Телеком", "Kazak Telekom"),
        ("Школа № 5", "школа 5"),
        ("Berëza", "Берёза"),
    ],
)
def test_one_company_under_two_spellings(locale: Locale, one: str, other: str) -> None:
    rows = companies({"title": one}, {"title": other})
    (told,) = lines(locale, rows, "C-000001")
    assert (
        told
        == {
            "en": f"Title: “{one}” is the same title as that of C-000002. "
            "If they are one company, keep one row.",
            "ru": f"Название: «{one}» — то же название, что у C-000002. "
            "Если это один контрагент, оставьте одну строку.",
        }[locale]
    )
    (back,) = lines(locale, rows, "C-000002")
    assert "C-000001" in back


@both_locales
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ромашка Медиа", "Рамашка Медиа"),
        ("Kazakhtelecom", "АО Казактелеком"),
        ("Steppe Airlines", "Steppe Airline"),
        ("Северные Телекоммуникации", "Севреные Телекоммуникации"),
    ],
)
def test_nearly_the_same_title(locale: Locale, one: str, other: str) -> None:
    rows = companies({"title": one}, {"title": other})
    assert lines(locale, rows, "C-000001") == (
        {
            "en": f"Title: “{one}” is nearly the same title as that of C-000002 ({other}). "
            "If they are one company, keep one row.",
            "ru": f"Название: «{one}» — почти то же название, что у C-000002 ({other}). "
            "Если это один контрагент, оставьте одну строку.",
        }[locale],
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Школа 5", "Школа 6"),
        ("Торговый дом Альфа", "Торговый дом Альта"),
        ("Алма", "Алба"),
        ("Ромашка", "Ромашка Медиа"),
        ("ТОО", "ООО"),
        ("-", "—"),
    ],
)
def test_other_titles_are_other_companies(one: str, other: str) -> None:
    rows = companies({"title": one}, {"title": other})
    assert not any("title" in line and "C-00000" in line for line in lines("en", rows, "C-000001"))


def test_additional_titles_count() -> None:
    rows = companies({"title": "Alfa"}, {"additional_titles": "Beta, АО «Альфа»"})
    assert lines("en", rows, "C-000002")[0].startswith(
        "Additional titles: “АО «Альфа»” is the same"
    )
    assert lines("en", rows, "C-000001")[0].startswith("Title: “Alfa” is the same")


@both_locales
@pytest.mark.parametrize(
    "site", ["client1.kz", "https://www.Client1.kz/ru?x=1", "http://client1.kz:80"]
)
def test_one_site(locale: Locale, site: str) -> None:
    rows = companies({}, {"site": site})
    assert lines(locale, rows, "C-000001") == (
        {
            "en": "Site: client1.kz is also that of C-000002. "
            "If they are one company, keep one row.",
            "ru": "Сайт: client1.kz есть и у C-000002. "
            "Если это один контрагент, оставьте одну строку.",
        }[locale],
    )


@pytest.mark.parametrize("site", ["https://gmail.com", "https://www.instagram.com/romashka", "-"])
def test_what_many_share_is_no_site_of_a_company(site: str) -> None:
    rows = companies({"site": site}, {"site": site})
    assert lines("en", rows, "C-000001") == ()


def deals(locale: Locale, first: Cells, second: Cells) -> Rows:
    rows = full_rows(locale, "mql")
    rows["deals"] = [
        full_deal(locale, number, "mql", 1, 1) | {"service": "Media plan"} | change
        for number, change in enumerate((first, second), 1)
    ]
    return rows


@both_locales
def test_open_deals_of_one_contact_for_one_service(locale: Locale) -> None:
    rows = deals(locale, {}, {"service": "Стратегия, media plan"})
    assert lines(locale, rows, "D-000001") == (
        {
            "en": "Service: “Media plan” with the same contact stands at D-000002 too. "
            "If they are one deal, keep one row.",
            "ru": "Услуга: «Media plan» с тем же контактом есть и в D-000002. "
            "Если это одна сделка, оставьте одну строку.",
        }[locale],
    )
    assert "D-000001" in lines(locale, rows, "D-000002")[0]


@pytest.mark.parametrize(
    "second", [{"stage": "Lost"}, {"service": "Стратегия"}, {"contact": "P-000010"}]
)
def test_deals_that_are_two(second: Cells) -> None:
    assert lines("en", deals("en", {}, second), "D-000001") == ()


def test_many_of_one_kind_name_five_and_count_the_rest() -> None:
    office: Cells = {"email": "office@b.kz"}
    rows = contacts("en", *[office] * 9)
    (told,) = lines("en", rows, "P-000003")
    assert "P-000001, P-000002, P-000004, P-000005, P-000006 (+3)" in told


def test_a_row_without_an_id_is_named_by_its_name() -> None:
    rows = contacts("en", {"email": "a@b.kz"}, {"email": "a@b.kz", "id": None})
    assert "First2 Last2" in lines("en", rows, "P-000001")[0]


@pytest.mark.parametrize(
    ("site", "domain"),
    [("HTTP://user@www2.a.kz:8080/x", "a.kz"), ("a b.kz", ""), ("пример.рф", "пример.рф"),
     ("xn--e1afmkfd.xn--p1ai", "пример.рф"), ("xn--a.kz", "xn--a.kz"), ("", ""),
     ("mailto:a@b.kz", "b.kz")],
)  # fmt: skip
def test_the_domain_of_a_site(site: str, domain: str) -> None:
    assert site_domains([site]) == [domain]
    assert site_domains(["", site, site]) == ["", domain, domain]


# ── What always holds ────────────────────────────────────────────────────────────────────────────

WORDS = ["Ромашка", "Romashka", "Рамашка", "Северсталь", "Северсталл", "Медиа", "5", "6", "ТОО", ""]
titles = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
some = st.sampled_from

contact_rows = st.fixed_dictionaries(
    {
        "first_name": some(["Анна", "Anna", "Ким", None]),
        "last_name": some(["Ким", "Kim", "Ли"]),
        "patronymic": some(["Олеговна", "Игоревна", None]),
        "email": some(["a@b.kz", "c@d.kz", "e@f.kz", "x", None]),
        "additional_email": some(["a@b.kz, c@d.kz", "g@h.kz", None]),
        "phone": some(["+77010000001", "87010000001", "+77010000002", None]),
        "company": some(["C-1", "C-2", None]),
    }
)
company_rows = st.fixed_dictionaries(
    {
        "title": titles,
        "additional_titles": some([None, None, "Ромашка, Romashka Media", "Севресталь"]),
        "site": some(["a.kz", "https://a.kz/", "b.kz", "gmail.com", None]),
    }
)
deal_rows = st.fixed_dictionaries(
    {
        "stage": some(["MQL", "Lost", "SQL"]),
        "contact": some(["P-1", "P-2"]),
        "service": some(["Media plan", "Стратегия, Media plan", None]),
    }
)
books = st.fixed_dictionaries(
    {
        "deals": st.lists(deal_rows, max_size=5),
        "contacts": st.lists(contact_rows, max_size=6),
        "companies": st.lists(company_rows, max_size=6),
    }
)
PREFIX = {"deals": "D", "contacts": "P", "companies": "C"}


def numbered(book: Mapping[str, Sequence[Cells]]) -> Rows:
    return {
        tab: [{"id": f"{PREFIX[tab]}-{at}", **row} for at, row in enumerate(rows, 1)]
        for tab, rows in book.items()
    }


def among_others(rows: Rows) -> Rows:
    """Return the rows after many that share nothing with any."""
    many = range(100, 140)
    deal: Cells = {"stage": "SQL", "service": "Media plan"}
    others: Mapping[str, Sequence[Cells]] = {
        "deals": [{"id": f"D-{n}", "contact": f"P-{n}", **deal} for n in many],
        "contacts": [
            {"id": f"P-{n}", "first_name": f"Name{n}", "email": f"{n}@x.kz"} for n in many
        ],
        "companies": [{"id": f"C-{n}", "title": f"{n}", "site": f"x{n}.kz"} for n in many],
    }
    return {tab: [*others[tab], *rows[tab]] for tab in rows}


def read(rows: Rows) -> Checked:
    return check_book(make_book("en", rows), PLAYBOOK, TODAY)


def found(checked: Checked) -> Mapping[Subject, Mapping[int, Sequence[Finding]]]:
    """Return what is said of each row that was entered twice."""
    links = checked.references
    sources = Sources(
        checked.deals,
        checked.contacts,
        checked.companies,
        links.deal_contact,
        links.contact_company,
        {},
    )
    duplicates = checked.judged.duplicates
    rows = {subject: range(checked.records(subject).table.height) for subject in SUBJECT_TABS}
    return note(*(duplicates.findings(sources, subject, some) for subject, some in rows.items()))


def by_id(checked: Checked) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is said of each row, by its ID."""
    said: dict[str, list[tuple[Any, ...]]] = {}
    for subject, rows in found(checked).items():
        for row, findings in rows.items():
            row_id = checked.records(subject).table.text("id", row)
            said[row_id] = [finding._replace(row=0) for finding in findings]
    return said


@given(books, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_is_found_does_not_depend_on_the_order_of_rows(
    book: dict[str, list[Cells]], random: Any
) -> None:
    rows = numbered(book)
    checked = read(rows)
    shuffled = read({tab: random.sample(cells, len(cells)) for tab, cells in rows.items()})
    assert by_id(shuffled) == by_id(checked)


@given(books)
@settings(max_examples=60, deadline=None)
def test_both_rows_of_a_pair_name_each_other(book: dict[str, list[Cells]]) -> None:
    said = by_id(read(numbered(book)))
    named = {
        (row_id, finding.code, other.split(" ")[0])
        for row_id, findings in said.items()
        for finding in findings
        if isinstance(finding, Finding)
        for other in finding.expected.split(", ")
    }
    assert {(other, code, row_id) for row_id, code, other in named} == named
    assert all(row_id != other for row_id, _, other in named)


@given(books, books, st.data())
@settings(max_examples=60, deadline=None)
def test_a_search_that_goes_on_finds_what_a_whole_one_finds(
    before: dict[str, list[Cells]], after: dict[str, list[Cells]], data: st.DataObject
) -> None:
    """Some rows stay, some change, some are added or gone, of many that have nothing to do."""
    mixed = {
        tab: [
            old if data.draw(st.booleans()) else new
            for old, new in zip(before[tab], after[tab], strict=False)
        ]
        + after[tab][len(before[tab]) :]
        for tab in before
    }
    one, other = (among_others(numbered(rows)) for rows in (before, mixed))
    earlier = read(one)
    again = check_book(make_book("en", other), PLAYBOOK, TODAY, earlier)
    assert found(again) == found(read(other))
    assert found(check_book(make_book("en", one), PLAYBOOK, TODAY, again)) == found(earlier)


LETTERS = st.text(alphabet="abcd ", min_size=6, max_size=24)


def are_close(one: str, other: str, percent: int) -> bool:
    """Return what the playbook and `rules.close_titles` say of two titles, compared in full."""
    letters, others = one.replace(" ", ""), other.replace(" ", "")
    longer = max(len(letters), len(others))
    allowed = min(longer * (100 - percent) // 100, 2 if longer >= 20 else 1)
    rest = "".join(word for word in one.split() if word not in other.split())
    rest_of_other = "".join(word for word in other.split() if word not in one.split())
    return (
        sorted(one.split()) != sorted(other.split())
        and 0 < Levenshtein.distance(letters, others) <= allowed
        and OSA.normalized_similarity(rest, rest_of_other) >= 0.8
    )


@given(st.sets(LETTERS, max_size=12), st.sampled_from([75, 87, 90, 100]), st.data())
@settings(max_examples=200, deadline=None)
def test_close_titles_are_those_that_comparing_all_pairs_finds(
    texts: set[str], percent: int, data: st.DataObject
) -> None:
    plain = {" ".join(text.split()) for text in texts} - {""}
    words = sorted(plain | {text.replace("a", "b", 1) for text in plain} | {t[1:] for t in plain})
    forms = {f"{' '.join(text.split())}|" for text in words} - {"|"}
    new = data.draw(st.sets(st.sampled_from(sorted(forms)))) if forms else set()
    expected = {
        frozenset((one, other))
        for one in forms
        for other in forms
        if one < other and are_close(one[:-1], other[:-1], percent)
    }
    assert {frozenset(pair) for pair in find_close_titles(forms, (), percent)} == expected
    going_on = {frozenset(pair) for pair in find_close_titles(new, forms - new, percent)}
    assert {pair for pair in expected if pair & new} == {p for p in going_on if p & new}


@given(st.lists(st.text(max_size=20), max_size=5))
def test_a_title_has_the_form_that_it_has_alone(texts: list[str]) -> None:
    forms = TitleForms(PLAYBOOK.duplicates.legal_forms)
    assert forms.of(texts) == [forms.of([text])[0] for text in texts]
    for form in forms.of(texts):
        assert all(title_keys(form)) if form else title_keys(form) == ()
