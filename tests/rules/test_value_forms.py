"""Forms of values that people write, those that are refused, and what the problems tell."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.addresses import parse_emails, parse_link, parse_phones
from rules.dates import SERIAL_EPOCH, parse_date, serial_of, show_day
from rules.money import named_currency, parse_money
from rules.playbook import Locale
from rules.refused import Refused
from rules.table import Raw
from tests.rules.books import BOTH_LOCALES, FINE, full_rows, header, verdicts_of, with_cell


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("1 200 000 ₸", 1_200_000, "KZT"), ("1,200.50", 1200.5, None),
        ("1.200,50 €", 1200.5, "EUR"), ("5 млн", 5_000_000, None), ("USD 5k", 5000, "USD"),
        ("5 MLN", 5_000_000, None), ("kzt 5 млн", 5_000_000, "KZT"), ("5 млн тг", 5_000_000, "KZT"),
        ("5 тыс. руб.", 5000, "RUB"), ("0,125 млн", 125_000, None), ("1'200'000", 1_200_000, None),
        ("2 миллиона", 2_000_000, None), ("3 bn", 3e9, None), ("0.5", 0.5, None),
        ("5\u200b000", 5000, None),
    ],
)  # fmt: skip
def test_amount_has_one_reading(cell: str, amount: float, currency: str | None) -> None:
    assert parse_money(cell) == amount
    assert named_currency(cell) == currency


@pytest.mark.parametrize("cell", ["1.200", "1,200", "12.345 млн", "1.500 USD"])
def test_amount_with_two_readings_is_a_question(cell: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_money(cell)
    assert caught.value.code == "money_ambiguous"
    assert " / " in caught.value.expected


@pytest.mark.parametrize("cell", ["$5 USD", "5 xyz", "5м", "٣", "1 2", "5k k", "--5", "5 / 6", ""])
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(Refused):
        parse_money(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "31.12.2026", "31.12.2026 г.", "2026-12-31", "31 декабря 2026", "31 дек. 2026 г.",
        "31 Декабря 2026 года", "31 December 2026", "31 Dec 2026", "December 31, 2026",
        "dec 31st 2026", 46_387, 46_387.75,
    ],
)  # fmt: skip
def test_date_forms(cell: Raw) -> None:
    assert show_day(parse_date(cell)) == "31.12.2026"


@pytest.mark.parametrize(
    "cell", ["31/12/2026", "12/31/2026", "31.12.26", "May 2026", "31 foo 2026", "30 февраля 2026"]
)
def test_other_dates_are_refused(cell: str) -> None:
    with pytest.raises(Refused):
        parse_date(cell)


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("a@b.kz, c@d.kz", ("a@b.kz", "c@d.kz")), ("a@b.kz c@d.kz", ("a@b.kz", "c@d.kz")),
        ("A@B.kz\u200b", ("a@b.kz",)), ("<a@b.kz>", ("a@b.kz",)), ("a@b.kz; a@b.kz", ("a@b.kz",)),
        ("инфо@почта.рф", ("инфо@почта.рф",)), ("info@почта.рф", ("info@почта.рф",)),
    ],
)  # fmt: skip
def test_several_addresses_in_a_cell(cell: str, addresses: tuple[str, ...]) -> None:
    assert parse_emails(cell) == addresses


@pytest.mark.parametrize("cell", ["аnna@client.kz", "anna@сlient.kz", "сосо@mail.kz", "αnna@x.com"])
@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_look_alike_letters_in_an_address_are_named(locale: Locale, cell: str) -> None:
    rows = with_cell(full_rows(locale, "cold"), "contacts", "email", cell)
    seen = verdicts_of(locale, rows)["P-000001"]
    assert seen.check == "error"
    assert {"en": "two alphabets", "ru": "двух алфавитов"}[locale] in seen.problems[0]


@pytest.mark.parametrize(
    ("cell", "region", "number"),
    [
        ("8 701 123 45 67", "KZ", "+77011234567"), ("8 701 123 45 67", "RU", "+77011234567"),
        (8.7011234567e10, "KZ", "+77011234567"),
        (77011234567, "UZ", "+77011234567"), ("90 123 45 67", "UZ", "+998901234567"),
        (998901234567, "KZ", "+998901234567"), ("050 123 4567", "AE", "+971501234567"),
        (501234567, "AE", "+971501234567"), ("+39 06 1234 5678", "KZ", "+390612345678"),
    ],
)  # fmt: skip
def test_phone_is_read_in_its_region(cell: Raw, region: str, number: str) -> None:
    assert parse_phones(cell, region, "KZ") == (number,)


@pytest.mark.parametrize("cell", ["8.7E+10", "8,7e10", "12", "+7", "позвонить", True])
def test_what_is_no_phone_is_refused(cell: Raw) -> None:
    with pytest.raises(Refused):
        parse_phones(cell, "KZ", "KZ")


@pytest.mark.parametrize("where", ["contact", "company"])
def test_phone_without_a_code_is_read_in_the_region_of_contact_or_company(where: str) -> None:
    rows = with_cell(full_rows("en", "mql"), "contacts", "phone", "90 123 45 67")
    rows["companies"][0]["region"] = "Uzbekistan"
    rows["contacts"][0]["region"] = "Uzbekistan" if where == "contact" else None
    named = verdicts_of("en", rows)["P-000001"].named
    assert "Phone" not in named
    rows["contacts"][0]["region"] = "Казахстан"
    assert verdicts_of("en", rows)["P-000001"].named == ("Phone",)


@pytest.mark.parametrize(
    "cell", ["client.kz", "https://www.client.kz/a?b=1", "почта.рф", "a.kz, b.kz"]
)
def test_link(cell: str) -> None:
    assert parse_link(cell) == cell


@pytest.mark.parametrize("cell", ["on my laptop", "абракадабра", "http://localhost", "a..kz"])
def test_what_is_no_link_is_refused(cell: str) -> None:
    with pytest.raises(Refused):
        parse_link(cell)


@pytest.mark.parametrize(
    ("tab", "key", "cell"),
    [
        ("deals", "stage", "МQL"), ("deals", "stage", "Сlient"), ("companies", "category", "А"),
        ("companies", "category", "с"), ("deals", "currency", "КZТ"),
        ("deals", "company", "С-000001"), ("deals", "contact", "Р-000001"),
    ],
)  # fmt: skip
def test_cyrillic_look_alikes_are_understood(tab: str, key: str, cell: str) -> None:
    rows = with_cell(full_rows("en", "client"), tab, key, cell)
    assert set(verdicts_of("en", rows).values()) == {FINE}


@pytest.mark.parametrize(
    ("tab", "key", "cell", "en", "ru"),
    [
        ("deals", "budget", "5-6 млн", "Budget: “5-6 млн” is not an amount. Write one number, for "
         "example 5000000.", "Сумма: «5-6 млн» — не сумма. Напишите одно число, например 5000000."),
        ("deals", "budget", "1.200", "Budget: “1.200” may be 1200 / 1,200. Write one number, for "
         "example 5000000.", "Сумма: «1.200» можно прочитать по-разному: 1200 / 1,200. Напишите "
         "одно число, например 5000000."),
        ("companies", "site", "on my laptop", "Companies C-000001 → Site: “on my laptop” is not a "
         "link. Write it like example.com.", "Контрагенты C-000001 → Сайт: «on my laptop» — не "
         "ссылка. Напишите так: example.com."),
        ("deals", "tender", "maybe", "Tender: “maybe” is neither yes nor no. Write one of: Yes, "
         "No.", "Тендер: «maybe» — ни да, ни нет. Выберите: Да, Нет."),
        ("deals", "contact", "First10 Else", "Contact: there is no “First10 Else” on the tab "
         "Contacts. Add the contact there, or write the ID, for example P-000001.",
         "Контакт: «First10 Else» нет на вкладке Контакты. Добавьте туда контакт или напишите его "
         "ID, например P-000001."),
        ("deals", "company", "Brand Company 1", "Company: there is no “Brand Company 1” on the tab "
         "Companies. If C-000001 is meant, write the ID; else add the company there.",
         "Контрагент: «Brand Company 1» нет на вкладке Контрагенты. Если имеется в виду C-000001, "
         "напишите ID; если нет, добавьте туда контрагента."),
    ],
)  # fmt: skip
def test_problem_says_what_is_wrong_what_is_expected_and_how(
    tab: str, key: str, cell: str, en: str, ru: str
) -> None:
    for locale, told in (("en", en), ("ru", ru)):
        rows = with_cell(full_rows(locale, "sql"), tab, key, cell)  # type: ignore[arg-type]
        assert verdicts_of(locale, rows)["D-000001"].problems == (told,)  # type: ignore[arg-type]


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_contact_of_another_company_is_a_warning_with_both_ids(locale: Locale) -> None:
    rows = full_rows(locale, "sql")
    rows["companies"].append({**full_rows(locale, "sql", 2)["companies"][0]})
    rows["contacts"][0]["company"] = "C-000002"
    seen = verdicts_of(locale, rows)["D-000001"]
    assert (seen.check, seen.named) == ("warning", (header("deals", "contact", locale),))
    assert "P-000001" in seen.problems[0]
    assert "C-000002" in seen.problems[0]


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_budget_in_another_currency_than_the_currency_is_a_warning(locale: Locale) -> None:
    rows = with_cell(full_rows(locale, "sql"), "deals", "budget", "USD 5k")
    seen = verdicts_of(locale, rows)["D-000001"]
    assert (seen.check, seen.named) == ("warning", (header("deals", "currency", locale),))
    rows["deals"][0]["currency"] = "USD"
    assert verdicts_of(locale, rows)["D-000001"] == FINE


# ── What we print reads as the same value ────────────────────────────────────────────────────────

quick = settings(max_examples=200, deadline=None, database=None)
whole = st.integers(0, 10**12)


@quick
@given(amount=whole, sign=st.sampled_from(["", " ₸", " USD", " тенге"]))
def test_printed_amount_reads_the_same(amount: int, sign: str) -> None:
    for printed in (f"{amount}", f"{amount:,}".replace(",", " "), f"{amount:,.2f}"):
        assert parse_money(printed + sign) == amount


@quick
@given(days=st.integers(1, 100_000))
def test_printed_day_reads_the_same(days: int) -> None:
    day = SERIAL_EPOCH + timedelta(days=days)
    assert parse_date(show_day(days)) == parse_date(day.isoformat()) == serial_of(day) == days


@quick
@given(digits=st.integers(7_000_000_000, 7_999_999_999))
def test_printed_phone_reads_the_same(digits: int) -> None:
    [number] = parse_phones(f"8{digits}", "KZ", "KZ")
    assert parse_phones(number, "UZ", "KZ") == (number,)


@quick
@given(text=st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for parse in (parse_money, parse_date, parse_emails, parse_link):
        with suppress(Refused):
            assert parse(text) is not None
