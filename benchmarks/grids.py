"""The grid that everything is measured on, and the forms in which people write cells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

Json = dict[str, Any]

ROWS, COLUMNS = 100_000, 24
CELLS = 100_000
WIDTH = 20
"""Columns that a write of CELLS cells spans."""

_NAMES = ("Ольга Смирнова", "Иван Петров", "Anna Schmidt", "John Carter", "Мария Кузнецова")
_STAGES = ("New", "Qualified", "Proposal", "Negotiation", "Won", "Lost")
_FIRST_DAY = (date(2024, 1, 1) - date(1899, 12, 30)).days


def make_grid(rows: int = ROWS) -> list[list[Any]]:
    """Return rows as a CRM has them: half texts (some Cyrillic), a third numbers, some blanks."""
    source = random.Random(7)
    return [_make_row(source, index) for index in range(rows)]


def _make_row(source: random.Random, index: int) -> list[Any]:
    company = f"Company {index % 30_000} GmbH"
    day = _FIRST_DAY + source.randrange(700)
    budget = source.randrange(1_000, 900_000)
    return [
        f"D-{index:06d}", company, f"Поставка {index % 5_000}", source.choice(_NAMES),
        f"buyer{index % 60_000}@example.com", f"+49 30 {index % 10_000_000:07d}",
        source.choice(_STAGES), budget, round(budget * 0.19, 2), source.random(), day,
        day + 30, day + source.random(), source.random() < 0.5, "", "EUR",
        source.choice(("web", "fair", "referral", "")), source.randrange(100),
        f"https://example.com/deals/{index}", f"note {index} of {company}", index,
        "Следующий шаг: звонок", source.random() < 0.1, "end",
    ]  # fmt: skip


def _block() -> list[list[Any]]:
    return [
        [f"text {row}-{column}" if column % 2 else row * column + 0.5 for column in range(WIDTH)]
        for row in range(CELLS // WIDTH)
    ]


def _cell(value: Any) -> Json:
    kind = "stringValue" if isinstance(value, str) else "numberValue"
    return {"userEnteredValue": {kind: value}}


_FORMAT = {"userEnteredFormat": {"textFormat": {"bold": True}, "numberFormat": {"type": "TEXT"}}}


def _rows_of_cells(extra: Json) -> list[Json]:
    return [{"values": [_cell(value) | extra for value in row]} for row in _block()]


def _one_cell_requests(extra: Json, fields: str) -> Iterator[Json]:
    for row_index, row in enumerate(_block()):
        for column_index, value in enumerate(row):
            start = {"sheetId": 0, "rowIndex": row_index, "columnIndex": column_index}
            cell_rows = [{"values": [_cell(value) | extra]}]
            yield {"updateCells": {"start": start, "rows": cell_rows, "fields": fields}}


def _one_cell_repeats() -> Iterator[Json]:
    for index in range(CELLS):
        row, column = divmod(index, WIDTH)
        ends = {"startRowIndex": row, "endRowIndex": row + 1}
        ends |= {"startColumnIndex": column, "endColumnIndex": column + 1}
        yield {"repeatCell": {"range": ends, "cell": _FORMAT, "fields": "userEnteredFormat"}}


def _typed_block() -> list[list[Any]]:
    """What a user interface would read: numbers, money, dates, percents, words."""
    kinds = ("12.5", "$1,250.00", "2026-03-14", "15%", "TRUE", "plain words", "10:30", "1/2/2026")
    return [
        [f"{index}" if index % 3 == 0 else kinds[index % 8] for index in range(row, row + WIDTH)]
        for row in range(CELLS // WIDTH)
    ]


def _one_range(block: list[list[Any]]) -> list[Json]:
    return [{"range": f"Sheet1!A1:T{len(block)}", "values": block}]


def _one_cell_ranges(block: list[list[Any]]) -> list[Json]:
    return [
        {"range": f"Sheet1!{chr(65 + column)}{row}", "values": [[value]]}
        for row, line in enumerate(block, 1)
        for column, value in enumerate(line)
    ]


def cell_writes() -> Iterator[tuple[str, list[Json]]]:
    """Yield the ways to write CELLS cells through spreadsheets.batchUpdate, each with its name."""
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    value, both = "userEnteredValue", "userEnteredValue,userEnteredFormat"
    plain, formatted = _rows_of_cells({}), _rows_of_cells(_FORMAT)
    whole = {"endRowIndex": CELLS // WIDTH, "endColumnIndex": WIDTH}
    repeated = {"range": whole, "cell": _FORMAT | _cell(1), "fields": both}
    yield "one updateCells", [{"updateCells": {"start": start, "rows": plain, "fields": value}}]
    yield (
        "one updateCells with formats",
        [{"updateCells": {"start": start, "rows": formatted, "fields": both}}],
    )
    yield "one appendCells", [{"appendCells": {"rows": plain, "fields": value}}]
    yield "one repeatCell", [{"repeatCell": repeated}]
    yield "one-cell updateCells", list(_one_cell_requests({}, value))
    yield "one-cell updateCells with formats", list(_one_cell_requests(_FORMAT, both))
    yield "one-cell repeatCell of a format", list(_one_cell_repeats())


def value_writes() -> Iterator[tuple[str, Json]]:
    """Yield the ways to write CELLS cells through values.batchUpdate, each with its name."""
    for option, block in (("RAW", _block()), ("USER_ENTERED", _typed_block())):
        for form, data in (("one range", _one_range), ("one-cell ranges", _one_cell_ranges)):
            yield f"{form}, {option}", {"valueInputOption": option, "data": data(block)}
