"""Workbooks as Office Open XML: what ``files.export`` gives for XLSX.

Written by hand, as the usual library would leave out the values that formulas have. It holds
values, formulas, number formats, bold type, merges, what is frozen and which tabs are hidden; other
looks, validation and notes are left out.

Source: ECMA-376, part 1, 18.2 (workbook), 18.3 (worksheet), 18.8 (styles).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sandbox.calls import Json
from sandbox.sheets.a1 import column_letters

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FIRST_OWN_FORMAT = 164
"""Number formats below it are built in."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Style = tuple[str, bool]
"""A number format's pattern, and whether the text is bold."""


class _Styles:
    """The styles of cells, numbered as they are met; 0 is the plain one."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._patterns = patterns
        self._numbers: dict[Style, int] = {("", False): 0}

    def number_of(self, shape: Json) -> int:
        form = shape.get("numberFormat", {})
        pattern = form.get("pattern") or self._patterns.get(form.get("type", ""), "")
        style = (pattern, bool(shape.get("textFormat", {}).get("bold")))
        return self._numbers.setdefault(style, len(self._numbers))

    def as_xml(self) -> str:
        patterns = list(dict.fromkeys(pattern for pattern, _ in self._numbers if pattern))
        ids = {pattern: number for number, pattern in enumerate(patterns, FIRST_OWN_FORMAT)}
        formats = "".join(
            f"<numFmt numFmtId={quoteattr(str(ids[pattern]))} formatCode={quoteattr(pattern)}/>"
            for pattern in patterns
        )
        cells = "".join(
            f'<xf numFmtId="{ids.get(pattern, 0)}" fontId="{int(bold)}" fillId="0" borderId="0" '
            f'xfId="0" applyNumberFormat="{int(bool(pattern))}" applyFont="{int(bold)}"/>'
            for pattern, bold in self._numbers
        )
        font = '<sz val="10"/><name val="Arial"/>'
        return (
            f'<styleSheet xmlns="{MAIN}">'
            + (f'<numFmts count="{len(patterns)}">{formats}</numFmts>' if patterns else "")
            + f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            '<borders count="1"><border/></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
            f'</cellStyleXfs><cellXfs count="{len(self._numbers)}">{cells}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
            "</styleSheet>"
        )


def write_workbook(spreadsheet: Json, patterns: Mapping[str, str]) -> bytes:
    """Return a spreadsheet as ``spreadsheets.get`` gives it, with its grids, as a file.

    ``patterns`` are those of the locale for number formats that have only a type.
    """
    styles = _Styles(patterns)
    sheets = [sheet for sheet in spreadsheet["sheets"] if "gridProperties" in sheet["properties"]]
    parts = {
        f"xl/worksheets/sheet{number}.xml": _sheet_xml(sheet, styles)
        for number, sheet in enumerate(sheets, 1)
    }
    parts["xl/styles.xml"] = styles.as_xml()
    parts["xl/workbook.xml"] = _workbook_xml(sheets)
    parts["xl/_rels/workbook.xml.rels"] = _relations(
        [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        + [("styles", "styles.xml")]
    )
    parts["_rels/.rels"] = _relations([("officeDocument", "xl/workbook.xml")])
    parts["[Content_Types].xml"] = _content_types(parts)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(zipfile.ZipInfo(name), DECLARATION + xml, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _content_types(parts: Mapping[str, str]) -> str:
    kinds = {"xl/workbook.xml": "sheet.main", "xl/styles.xml": "styles"}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{CONTENT}.{kinds.get(name, "worksheet")}+xml"/>'
        for name in parts
        if not name.endswith(".rels")
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>"
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def _workbook_xml(sheets: Sequence[Json]) -> str:
    lines = "".join(
        f'<sheet name={quoteattr(_clean(sheet["properties"]["title"]))} sheetId="{number}" '
        f'{"" if not sheet["properties"].get("hidden") else _HIDDEN}r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{lines}</sheets></workbook>'


_HIDDEN = 'state="hidden" '


def _sheet_xml(sheet: Json, styles: _Styles) -> str:
    grid = sheet["properties"]["gridProperties"]
    rows = "".join(_rows_xml(sheet, styles))
    merges = "".join(f'<mergeCell ref="{_reference(area)}"/>' for area in sheet.get("merges", ()))
    return (
        f'<worksheet xmlns="{MAIN}">{_view_xml(grid)}<sheetData>{rows}</sheetData>'
        + (f"<mergeCells>{merges}</mergeCells>" if merges else "")
        + "</worksheet>"
    )


def _view_xml(grid: Json) -> str:
    rows, columns = grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)
    if not rows and not columns:
        return ""
    pane = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
    corner = f"{column_letters(columns)}{rows + 1}"
    splits = (f'xSplit="{columns}" ' if columns else "") + (f'ySplit="{rows}" ' if rows else "")
    return (
        '<sheetViews><sheetView workbookViewId="0">'
        f'<pane {splits}topLeftCell="{corner}" activePane="{pane}" state="frozen"/>'
        "</sheetView></sheetViews>"
    )


def _rows_xml(sheet: Json, styles: _Styles) -> Iterator[str]:
    for row_index, row in enumerate(sheet.get("data", [{}])[0].get("rowData", ()), 1):
        cells = "".join(
            _cell_xml(f"{column_letters(column)}{row_index}", cell, styles)
            for column, cell in enumerate(row.get("values", ()))
            if cell
        )
        if cells:
            yield f'<row r="{row_index}">{cells}</row>'


def _cell_xml(place: str, cell: Json, styles: _Styles) -> str:
    kind, value = _value_xml(cell.get("effectiveValue", {}))
    formula = cell.get("userEnteredValue", {}).get("formulaValue", "")
    if formula:
        value = f"<f>{escape(_clean(formula[1:]))}</f>{value}"
    elif kind == "str":
        text = escape(_clean(cell["effectiveValue"]["stringValue"]))
        kind, value = "inlineStr", f'<is><t xml:space="preserve">{text}</t></is>'
    style = styles.number_of(cell.get("effectiveFormat", {}))
    return f'<c r="{place}" s="{style}"{f" t={quoteattr(kind)}" if kind else ""}>{value}</c>'


def _value_xml(effective: Mapping[str, Any]) -> tuple[str, str]:
    """Return the type of a cell's value and the value, both empty for a blank."""
    match effective:
        case {"numberValue": number}:
            return "", f"<v>{number!r}</v>"
        case {"boolValue": flag}:
            return "b", f"<v>{int(flag)}</v>"
        case {"errorValue": error}:
            return "e", f"<v>{_ERRORS.get(error['type'], '#VALUE!')}</v>"
        case {"stringValue": text}:
            return "str", f'<v xml:space="preserve">{escape(_clean(text))}</v>'
        case _:
            return "", ""


_ERRORS = {
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "N_A": "#N/A",
    "NAME": "#NAME?",
    "NULL_VALUE": "#NULL!",
    "NUM": "#NUM!",
    "REF": "#REF!",
}


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _reference(area: Json) -> str:
    start = f"{column_letters(area['startColumnIndex'])}{area['startRowIndex'] + 1}"
    return f"{start}:{column_letters(area['endColumnIndex'] - 1)}{area['endRowIndex']}"
