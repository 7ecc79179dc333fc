"""Formulas evaluated as Google does; error texts as recorded."""

from typing import Any

import gspread
import pytest
from gspread.utils import ValueRenderOption

from sandbox.sheets.formulas.moving import moved_formula
from sandbox.sheets.locales import locale_facts
from tests.sandbox.sheets.test_requests import cell_of

Ask = Any

TABLE: list[list[Any]] = [[1, "a", True], [2, "b", False], [3, "", "x"]]


@pytest.fixture
def result(ws: gspread.Worksheet) -> Any:
    """Puts a formula into E1 beside the table and reads it unformatted."""
    ws.update(TABLE)

    def evaluate(formula: str) -> Any:
        ws.update([[formula]], "E1", raw=False)
        rows = ws.get("E1", value_render_option=ValueRenderOption.unformatted)
        return rows[0][0] if rows and rows[0] else ""

    return evaluate


def test_common_functions(result: Any) -> None:
    expected: dict[str, Any] = {
        "=100*5": 500,
        "=2+3*4^2/8-1": 7,
        "=-2^2": 4,
        "=50%": 0.5,
        '="a"&1&TRUE': "a1TRUE",
        "=SUM(A1:A3)": 6,
        "=SUM(A:A;10)": 16,
        "=AVERAGE(A1:A3)": 2,
        "=MIN(A1:A3)+MAX(A1:A3)": 4,
        "=COUNT(A1:C3)": 3,
        "=COUNTA(A1:C3)": 8,
        '=COUNTIF(A1:A3;">1")': 2,
        '=SUMIF(B1:B3;"b";A1:A3)': 2,
        '=IF(A1>A2;"more";"less")': "less",
        '=IFERROR(1/0;"none")': "none",
        "=AND(A1=1;NOT(FALSE))": True,
        "=OR(FALSE;A1>5)": False,
        '=CONCATENATE("x";A1;B1)': "x1a",
        '=LEN(TRIM("  a   b "))': 3,
        '=UPPER("é")&LOWER("Ж")': "Éж",
        "=ROUND(2.345;2)": 2.35,
        "=DATE(2024;1;2)": 45293,
        "=YEAR(DATE(2024;1;2))": 2024,
        "=VLOOKUP(2;A1:B3;2;FALSE)": "b",
        '=HYPERLINK("https://x.test";"name")': "name",
        "=B3": "",
        "=ISBLANK(B3)": True,
        '="a"="A"': True,
        '=B3=""': True,
        "=B3=0": True,
        "=$A$1+A2": 3,
        "=SUM(Sheet1!A1:A2)": 3,
    }
    assert {formula: result(formula) for formula in expected} == expected


@pytest.mark.parametrize(
    ("formula", "shown", "kind", "message"),
    [
        ("=1/0", "#DIV/0!", "DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero."),
        ("=NotReal()", "#NAME?", "NAME", "Unknown function: 'NotReal'."),
        (
            '="a"+1',
            "#VALUE!",
            "VALUE",
            "Function ADD parameter 1 expects number values. But 'a' is a text and cannot be "
            "coerced to a number.",
        ),
        ("=A1:Z1 A30:Z30", "#ERROR!", "ERROR", "Formula parse error."),
        (
            "=SQRT(-1)",
            "#NUM!",
            "NUM",
            "Function SQRT parameter 1 value is negative. It should be positive or zero.",
        ),
        (
            '=VLOOKUP("nope";B1:B3;1;FALSE)',
            "#N/A",
            "N_A",
            "Did not find value 'nope' in VLOOKUP evaluation.",
        ),
        (
            "=E1",
            "#REF!",
            "REF",
            "Circular dependency detected. To resolve with iterative calculation, see File > "
            "Settings.",
        ),
        ("=1E308*10", "#NUM!", "NUM", "Numeric value is out of range."),
        ("=ROUND(1E308;300)", "#NUM!", "NUM", "Numeric value is out of range."),
        ("=No!A1", "#REF!", "REF", "Unresolved sheet name 'No'."),
    ],
)
def test_errors(ask: Ask, result: Any, formula: str, shown: str, kind: str, message: str) -> None:
    assert result(formula) == shown
    cell = cell_of(ask, "E1")
    assert cell["effectiveValue"] == {"errorValue": {"type": kind, "message": message}}
    assert cell["formattedValue"] == shown


def test_dates_show_as_dates_and_pass_it_on(ask: Ask, ws: gspread.Worksheet) -> None:
    ws.update([["=DATE(2023,3,19)", "=A1", "=A1+1", "=NOW()"]], raw=False)
    assert ws.get("A1:C1") == [["3/19/2023", "3/19/2023", "3/20/2023"]]
    cell = cell_of(ask, "A1")
    assert cell["effectiveFormat"]["numberFormat"] == {"type": "DATE"}
    assert "userEnteredFormat" not in cell
    assert cell_of(ask, "D1")["effectiveFormat"]["numberFormat"] == {"type": "DATE_TIME"}


def test_a_formula_of_an_empty_text_has_no_effective_value(ask: Ask, ws: gspread.Worksheet) -> None:
    ws.update([['=""', "=ISBLANK(A1)"]], raw=False)
    cell = cell_of(ask, "A1")
    assert "effectiveValue" not in cell
    assert "formattedValue" not in cell
    assert ws.acell("B1").value == "FALSE"


def test_a_change_reaches_through_a_long_chain(ws: gspread.Worksheet) -> None:
    """Cells wait for one another, however far; each waits for the one below it."""
    ws.update([[f"=A{row + 1}+1"] for row in range(1, 600)], raw=False)
    ws.update([[1]], "A600")
    assert ws.acell("A1").value == "600"


def test_references_follow_inserted_and_deleted_rows(change: Any, ws: gspread.Worksheet) -> None:
    ws.update([[1, "=A1+A3"], [2, "=SUM(A1:A3)"], [3, "=$A$3"]], raw=False)
    span = {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    change({"insertDimension": {"range": span}})
    formulas = ws.get("B1:B4", value_render_option=ValueRenderOption.formula)
    assert formulas == [["=A1+A4"], [], ["=SUM(A1:A4)"], ["=$A$4"]]
    change({"deleteDimension": {"range": {**span, "startIndex": 3, "endIndex": 4}}})
    assert ws.get("B1:B3", value_render_option=ValueRenderOption.formula) == [
        ["=A1+#REF!"],
        [],
        ["=SUM(A1:A3)"],
    ]
    assert ws.get("B1") == [["#REF!"]]


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("=A1+$A1+A$1+$A$1", "=B3+$A3+B$1+$A$1"),
        ("=SUM(A:A)+SUM(1:2)", "=SUM(B:B)+SUM(3:4)"),
        ("='My tab'!A1&\"A1\"", "='My tab'!B3&\"A1\""),
        ("=LOG10(A1)", "=LOG10(B3)"),
    ],
)
def test_copied_formulas(formula: str, moved: str) -> None:
    assert moved_formula(formula, 2, 1, locale_facts("en_US")) == moved


def test_russian_formulas_have_semicolons_and_decimal_commas(
    book: gspread.Spreadsheet, ws: gspread.Worksheet
) -> None:
    book.update_locale("ru_RU")
    ws.update([["=ROUND(1,255;2)", "=IF(TRUE;1;2)", "=SUM(1,2)"]], raw=False)
    row = ws.get("A1:C1", value_render_option=ValueRenderOption.unformatted)
    assert row == [[1.26, 1, 1.2]]


def test_imports_are_never_fetched(result: Any) -> None:
    assert result('=IMPORTHTML("https://x.test";"table";1)') == "#NAME?"


def test_today_is_a_new_day_when_the_clock_moves(control: Any, ws: gspread.Worksheet) -> None:
    control("POST", "clock", set="2026-03-01T12:00:00Z")
    ws.update([["=TODAY()", "=YEAR(TODAY())"]], raw=False)
    assert ws.get("A1:B1") == [["3/1/2026", "2026"]]
    control("POST", "clock", set="2027-03-02T12:00:00Z")
    assert ws.get("A1:B1") == [["3/2/2027", "2027"]]
