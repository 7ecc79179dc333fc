"""Cells as CellData of the API: one builder for each of its fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from sandbox.fields import Mask
from sandbox.sheets.cells import BLANK, Cell, CellError, Json, Shared, Value
from sandbox.sheets.defaults import DEFAULT_CELL_FORMAT, LINK_TEXT_FORMAT
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.rendering import format_value, number_format

_LITERAL_LINK = re.compile(r'=\s*HYPERLINK\(\s*"([^"]*)"', re.I)
_STYLED_COLORS = {
    "backgroundColor": "backgroundColorStyle",
    "foregroundColor": "foregroundColorStyle",
    "color": "colorStyle",
    "tabColor": "tabColorStyle",
}

_FORMAT_ORDER = {
    name: place
    for place, name in enumerate(
        (
            "numberFormat",
            "backgroundColor",
            "borders",
            "padding",
            "horizontalAlignment",
            "verticalAlignment",
            "wrapStrategy",
            "textDirection",
            "textFormat",
            "hyperlinkDisplayType",
            "textRotation",
            "backgroundColorStyle",
        )
    )
}
"""The fields of CellFormat as Google's answers list them."""

Builder = Callable[[Cell, LocaleFacts], object]


def extended_value(value: Value) -> Json:
    """Write a value as ExtendedValue; nothing for a blank."""
    if isinstance(value, CellError):
        return {"errorValue": {"type": value.kind, "message": value.message}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value} if value else {}
    return {"numberValue": value}


def _entered(cell: Cell, _locale: LocaleFacts) -> Json:
    if cell.mark and cell.mark.formula:
        return {"formulaValue": cell.mark.formula}
    return extended_value(cell.value)


def _formatted(cell: Cell, locale: LocaleFacts) -> str | None:
    if cell.value == BLANK:
        return None
    return format_value(cell.value, number_format(cell.mark), locale)


def _entered_format(cell: Cell, _locale: LocaleFacts) -> Json | None:
    return with_styles(cell.mark.format) if cell.mark and cell.mark.format else None


def _effective_format(cell: Cell, _locale: LocaleFacts) -> Json | None:
    shape = cell.mark.format if cell.mark else None
    inferred = cell.mark.inferred if cell.mark else None
    return effective_format(_alignment(cell.value), inferred, _hyperlink(cell, _locale), shape)


def _alignment(value: Value) -> str:
    """Tell where a value stands in its cell when nothing is said about it."""
    if isinstance(value, bool | CellError):
        return "CENTER"
    if isinstance(value, str):
        return "LEFT" if value else ""
    return "RIGHT"


@lru_cache(maxsize=4096)
def effective_format(
    alignment: str, inferred: Shared | None, link: str | None, shape: Shared | None
) -> Json:
    """Give the whole format of a cell: what it was given over what it has by itself."""
    whole = DEFAULT_CELL_FORMAT | {"hyperlinkDisplayType": "LINKED" if link else "PLAIN_TEXT"}
    if alignment:
        whole["horizontalAlignment"] = alignment
    if inferred:
        whole["numberFormat"] = inferred
    if link:
        whole = _overlaid(whole, {"textFormat": LINK_TEXT_FORMAT | {"link": {"uri": link}}})
    return _in_order(_overlaid(whole, with_styles(shape)) if shape else whole)


def _in_order(form: Json) -> Json:
    return dict(sorted(form.items(), key=lambda item: _FORMAT_ORDER.get(item[0], 0)))


def _overlaid(base: Json, over: Json) -> Json:
    result = dict(base)
    for name, fact in over.items():
        below = base.get(name)
        whole = "olor" in name or not isinstance(below, dict)
        result[name] = fact if whole else _overlaid(base[name], fact)
    return result


@lru_cache(maxsize=4096)
def with_styles(shape: Shared) -> Json:
    """Give a format with every colour in both of its forms, as Google answers."""
    return _in_order(both_colors(shape))


def both_colors(body: Json) -> Json:
    """Give an object with each colour also as its style, and each RGB style as its colour."""
    result: Json = {
        name: both_colors(fact) if isinstance(fact, dict) and name[-5:] != "Color" else fact
        for name, fact in body.items()
    }
    for color, style in _STYLED_COLORS.items():
        if style in body:
            result[style] = body[style]
            if "rgbColor" in body[style]:
                result[color] = body[style]["rgbColor"]
        elif color in body:
            result[style] = {"rgbColor": body[color]}
    return result


def _hyperlink(cell: Cell, _locale: LocaleFacts) -> str | None:
    mark = cell.mark
    if mark is None:
        return None
    if match := _LITERAL_LINK.match(mark.formula):
        return match.group(1)
    link: Json = mark.format.get("textFormat", {}).get("link", {}) if mark.format else {}
    return link.get("uri")


def _run(name: str) -> Builder:
    return lambda cell, _: cell.mark.runs.get(name) if cell.mark and cell.mark.runs else None


BUILDERS: dict[str, Builder] = {
    "userEnteredValue": _entered,
    "effectiveValue": lambda cell, _: extended_value(cell.value),
    "formattedValue": _formatted,
    "userEnteredFormat": _entered_format,
    "effectiveFormat": _effective_format,
    "hyperlink": _hyperlink,
    "note": lambda cell, _: cell.mark.note if cell.mark else None,
    "textFormatRuns": _run("textFormatRuns"),
    "chipRuns": _run("chipRuns"),
    "dataValidation": lambda cell, _: cell.mark.validation if cell.mark else None,
}


def cell_data(cell: Cell, mask: Mask, locale: LocaleFacts) -> Json:
    """Write a cell as CellData with the masked fields, {} when it has none of them."""
    if cell.mark is None and cell.value == BLANK:
        return {}
    built = {
        name: build(cell, locale) for name, build in BUILDERS.items() if not mask or name in mask
    }
    return {name: fact for name, fact in built.items() if fact not in (None, "", {})}
