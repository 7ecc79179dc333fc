"""Values of an area as the values methods give them: render options, trimming, orientation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.printing import RowTable
from sandbox.sheets.cells import BLANK, Json, Row, Value, paired
from sandbox.sheets.columns import ColumnTable, aligned
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.ranges import COLUMNS, ROWS, Area
from sandbox.sheets.rendering import DATE_TYPES, format_value, number_format, plain_text
from sandbox.sheets.resolving import Target
from sandbox.sheets.state import Sheet

Values = Sequence[Value]


@dataclass(frozen=True)
class Reading:
    """How values are asked for."""

    major_dimension: str = ROWS
    render: str = "FORMATTED_VALUE"
    dates: str = "SERIAL_NUMBER"

    @classmethod
    def from_params(cls, params: Mapping[str, Any], prefix: str = "") -> Reading:
        """Read the options of a request; those for an answer's echo have the prefix `response`."""
        name = "ValueRenderOption" if prefix else "valueRenderOption"
        dates = "DateTimeRenderOption" if prefix else "dateTimeRenderOption"
        major = params.get("majorDimension", ROWS)
        return cls(
            COLUMNS if major == COLUMNS else ROWS,
            params.get(prefix + name, cls.render),
            params.get(prefix + dates, cls.dates),
        )


def value_range(target: Target, reading: Reading, locale: LocaleFacts) -> Json:
    """Give a ValueRange: `values` is missing when the area holds none."""
    answer: Json = {"range": target.print(), "majorDimension": reading.major_dimension}
    read = _read_columns if reading.major_dimension == COLUMNS else _read_rows
    table = read(target.sheet, target.area, reading, locale)
    return answer | ({"values": table} if table else {})


def _read_rows(sheet: Sheet, area: Area, reading: Reading, locale: LocaleFacts) -> RowTable | None:
    """Give the values of an area with empty ends of rows and of the whole cut off."""
    rows = _rendered(sheet.rows[area.top : area.bottom], reading, locale)
    if area.left or area.right < sheet.column_count:
        rows = [_cut(values, area.left, area.right) for values in rows]
    while rows and not rows[-1]:
        rows.pop()
    return RowTable(rows) if rows else None


def _read_columns(
    sheet: Sheet, area: Area, reading: Reading, locale: LocaleFacts
) -> ColumnTable | None:
    """Give the values of an area by columns."""
    whole = aligned(area)
    rows = _rendered(sheet.rows[whole.top : whole.bottom], reading, locale)
    area = area._replace(right=min(area.right, max(map(len, rows), default=0)))
    asked = rows[area.top - whole.top : area.bottom - whole.top]
    if not any(_cut(values, area.left, area.right) for values in asked):
        return None
    sheet.printed.forget_after(len(sheet.rows))
    return ColumnTable(rows, area, sheet.printed)


def _cut(values: Values, left: int, right: int) -> Values:
    """Take some columns, without the blanks at their end."""
    values = values[left:right]
    end = len(values)
    while end and values[end - 1] == BLANK:
        end -= 1
    return values if end == len(values) else values[:end]


def _rendered(rows: list[Row], reading: Reading, locale: LocaleFacts) -> list[Values]:
    if reading.render == "FORMATTED_VALUE":
        return [
            row.texts[1] if row.texts and row.texts[0] is locale else texts_of(row, locale)
            for row in rows
        ]
    plain: list[Values] = [row.values for row in rows]
    if reading.render == "FORMULA":
        plain = [_with_formulas(row) if row.marks else row.values for row in rows]
    if reading.dates == "FORMATTED_STRING":
        plain = [_with_dates(row, values, locale) for row, values in zip(rows, plain, strict=True)]
    return plain


def texts_of(row: Row, locale: LocaleFacts) -> tuple[str, ...]:
    """Write the texts of a row as the sheet shows them, and let the row remember them."""
    texts = tuple(_texts(row, locale))
    # The row stays the same in all that matters: it only remembers.
    object.__setattr__(row, "texts", (locale, texts))
    return texts


def _texts(row: Row, locale: LocaleFacts) -> list[str]:
    if not row.marks:
        return [value if type(value) is str else plain_text(value, locale) for value in row.values]
    return [
        BLANK if value is None else format_value(value, number_format(mark), locale)
        for value, mark in list(paired(row))[: len(row.values)]
    ]


def _with_formulas(row: Row) -> Values:
    texts = [
        mark.formula if mark and mark.formula else BLANK if value is None else value
        for value, mark in paired(row)
    ]
    while texts and texts[-1] == BLANK:
        texts.pop()
    return texts


def _with_dates(row: Row, values: Values, locale: LocaleFacts) -> Values:
    """Replace the numbers of cells in a date format by their texts."""
    if not row.marks:
        return values
    result = list(values)
    for column, mark in enumerate(row.marks[: len(result)]):
        form = number_format(mark)
        value = result[column]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and form.get("type") in DATE_TYPES:
            result[column] = format_value(value, form, locale)
    return result
