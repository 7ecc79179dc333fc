"""JSON values as protocol buffers print themselves, which some refusals quote.

Source: recorded answers; what newer libraries strew in between (a tab, a second blank) is left out.
"""

from __future__ import annotations

import json

from sandbox.sheets.cells import Json

INDENT = "  "


def show_proto(value: object, level: int = 0) -> str:
    """Print a google.protobuf.Value in the text format, a line for each of its fields."""
    margin = INDENT * level
    if isinstance(value, bool):
        return f"{margin}bool_value: {str(value).lower()}\n"
    if isinstance(value, str):
        return f"{margin}string_value: {json.dumps(value, ensure_ascii=False)}\n"
    if isinstance(value, int | float):
        return f"{margin}number_value: {float(value)}\n"
    if isinstance(value, list):
        items = "".join(_block("values", show_proto(item, level + 2), level + 1) for item in value)
        return _block("list_value", items, level)
    if isinstance(value, dict):
        return _block("struct_value", _show_fields(value, level + 1), level)
    return f"{margin}null_value: NULL_VALUE\n"


def _show_fields(fields: Json, level: int) -> str:
    return "".join(
        _block(
            "fields",
            f"{INDENT * (level + 1)}key: {json.dumps(name, ensure_ascii=False)}\n"
            + _block("value", show_proto(value, level + 2), level + 1),
            level,
        )
        for name, value in fields.items()
    )


def _block(name: str, content: str, level: int) -> str:
    margin = INDENT * level
    return f"{margin}{name} {{\n{content}{margin}}}\n"
