"""USER_ENTERED reads texts as the user interface does; FORMATTED_VALUE shows them again."""

from datetime import date

import pytest

from sandbox.sheets.cells import Value
from sandbox.sheets.entering import enter
from sandbox.sheets.locales import locale_facts
from sandbox.sheets.rendering import format_value

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("locale", "text", "value", "shown"),
    [
        ("en_US", "12", 12, "12"),
        ("en_US", "-1,234.50", -1234.5, "-1,234.50"),
        ("en_US", "$1,200.50", 1200.5, "$1,200.50"),
        ("en_US", "$5", 5, "$5"),
        ("en_US", "-$5", -5, "-$5"),
        ("en_US", "(12)", -12, "-12"),
        ("en_US", "5%", 0.05, "5%"),
        ("en_US", "12.5%", 0.125, "12.50%"),
        ("en_US", "1e3", 1000, "1.00E+03"),
        ("en_US", "1/2/2024", 45293, "1/2/2024"),
        ("en_US", "2024-01-02", 45293, "2024-01-02"),
        ("en_US", "Jan 2, 2024", 45293, "Jan 2, 2024"),
        ("en_US", "12:30", 0.5208333333333334, "12:30"),
        ("en_US", "1:30 PM", 0.5625, "1:30 PM"),
        ("en_US", "1/2/2024 12:00", 45293.5, "1/2/2024 12:00"),
        ("en_US", "true", True, "TRUE"),
        ("en_US", "'0012", "0012", "0012"),
        ("en_US", "1.2.2024", "1.2.2024", "1.2.2024"),
        ("en_US", "1/2", 46024, "1/2"),
        ("en_US", "1-2", 46024, "1-2"),
        ("en_US", "31/31/2024", "31/31/2024", "31/31/2024"),
        ("en_US", "12,34", "12,34", "12,34"),
        ("ru_RU", "1,5", 1.5, "1,5"),
        ("ru_RU", "1 234,50", 1234.5, "1\u00a0234,50"),
        ("ru_RU", "1200 ₽", 1200, "1\u00a0200 ₽"),
        ("ru_RU", "12,5%", 0.125, "12,50%"),
        ("ru_RU", "02.01.2024", 45293, "02.01.2024"),
        ("ru_RU", "ИСТИНА", True, "ИСТИНА"),
        ("ru_RU", "ложь", False, "ЛОЖЬ"),
        ("ru_RU", "1.5", 46143, "01.05.2026"),
        ("ru_RU", "+7 701 123-45-67", "+7 701 123-45-67", "+7 701 123-45-67"),
    ],
)
def test_typed_texts(locale: str, text: str, value: Value, shown: str) -> None:
    facts = locale_facts(locale)
    entry = enter(text, facts, TODAY)
    assert entry.value == value
    assert type(entry.value) is type(value)
    form = {"type": entry.format_type, "pattern": entry.pattern} if entry.format_type else {}
    assert format_value(entry.value, form, facts) == shown


@pytest.mark.parametrize(
    ("value", "pattern", "english", "russian"),
    [
        (1234567.891, "#,##0.00", "1,234,567.89", "1\u00a0234\u00a0567,89"),
        (0.5, "0%", "50%", "50%"),
        (2.345, "0.00", "2.35", "2,35"),
        (1234567, "0.0,,", "1.2", "1,2"),
        (-5, "0;(0)", "(5)", "(5)"),
        (0, '0;-0;"nothing"', "nothing", "nothing"),
        (7, "000", "007", "007"),
        (1.5, "0.##", "1.5", "1,5"),
        (12345, "0.00E+00", "1.23E+04", "1,23E+04"),
        (45293, "yyyy-mm-dd", "2024-01-02", "2024-01-02"),
        (45293, "d mmmm yyyy", "2 January 2024", "2 января 2024"),
        (45293, "dddd", "Tuesday", "вторник"),
        (45293.75, "hh:mm", "18:00", "18:00"),
        (45293.75, "h:mm am/pm", "6:00 PM", "6:00 PM"),
        (1.5, "[h]:mm", "36:00", "36:00"),
        (0.0006944444, "m:ss", "1:00", "1:00"),
        (0.5, "ss.000", "00.000", "00.000"),
        (3, '"№" 0', "№ 3", "№ 3"),
        (True, "0.00", "TRUE", "ИСТИНА"),
        ("text", "0.00", "text", "text"),
    ],
)
def test_patterns(value: Value, pattern: str, english: str, russian: str) -> None:
    form = {"type": "NUMBER", "pattern": pattern}
    assert format_value(value, form, locale_facts("en_US")) == english
    assert format_value(value, form, locale_facts("ru_RU")) == russian


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1 / 3, "0.3333333333"),
        (100000 / 3, "33333.33333"),
        (123456789012345, "123456789012345"),
        (1e15, "1E+15"),
        (1.5e-10, "1.5E-10"),
        (0.1 + 0.2, "0.3"),
        (-2.50, "-2.5"),
    ],
)
def test_the_automatic_format_shows_ten_digits_of_a_fraction(value: float, shown: str) -> None:
    assert format_value(value, {}, locale_facts("en_US")) == shown


@pytest.mark.parametrize(
    ("kind", "english", "russian"),
    [
        ("DATE", "1/2/2024", "02.01.2024"),
        ("TIME", "12:00:00 PM", "12:00:00"),
        ("DATE_TIME", "1/2/2024 12:00:00", "02.01.2024 12:00:00"),
        ("CURRENCY", "$45,293.50", "45\u00a0293,50 ₽"),
    ],
)
def test_a_type_without_pattern_follows_the_locale(kind: str, english: str, russian: str) -> None:
    assert format_value(45293.5, {"type": kind}, locale_facts("en_US")) == english
    assert format_value(45293.5, {"type": kind}, locale_facts("ru_RU")) == russian


def test_numbers_of_any_size() -> None:
    facts = locale_facts("en_US")
    assert format_value(1e300, {"type": "NUMBER", "pattern": "0.00"}, facts).startswith("1000000")
    assert enter("1e400", facts, TODAY).value == "1e400"
