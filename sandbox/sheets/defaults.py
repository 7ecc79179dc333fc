"""What a fresh spreadsheet looks like, as recorded from Google."""

from __future__ import annotations

from sandbox.sheets.cells import Json

ROW_HEIGHT = 21
COLUMN_WIDTH = 100

_WHITE = {"red": 1, "green": 1, "blue": 1}

DEFAULT_FORMAT: Json = {
    "backgroundColor": _WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": _WHITE},
}

DEFAULT_CELL_FORMAT: Json = DEFAULT_FORMAT | {
    "textFormat": {**DEFAULT_FORMAT["textFormat"], "fontFamily": "Arial"},
}
"""The same as a cell shows it, which names the font alone."""

_LINK_COLOR = {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}

LINK_TEXT_FORMAT: Json = {
    "foregroundColor": _LINK_COLOR,
    "foregroundColorStyle": {"rgbColor": _LINK_COLOR},
    "underline": True,
}

_THEME_COLORS: dict[str, Json] = {
    "TEXT": {},
    "BACKGROUND": _WHITE,
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": _LINK_COLOR,
}

THEME: Json = {
    "primaryFontFamily": "Arial",
    "themeColors": [
        {"colorType": name, "color": {"rgbColor": color}} for name, color in _THEME_COLORS.items()
    ],
}
