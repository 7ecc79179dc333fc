"""Dates: serial numbers as the Sheets API gives them, and a few strict forms of text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta

from rules.refused import Refused
from rules.table import Raw
from rules.text import fold

SERIAL_EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial dates (Sheets API guide, "Date and time serial numbers")."""

LAST_SERIAL = (date(2199, 12, 31) - SERIAL_EPOCH).days

_MONTH_WORDS = (
    "january jan января янв январь", "february feb февраля фев февр февраль",
    "march mar марта мар март", "april apr апреля апр апрель", "may мая май",
    "june jun июня июн июнь", "july jul июля июл июль", "august aug августа авг август",
    "september sep sept сентября сен сент сентябрь", "october oct октября окт октябрь",
    "november nov ноября ноя нояб ноябрь", "december dec декабря дек декабрь",
)  # fmt: skip
_MONTHS: Mapping[str, int] = {
    word: number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split()
}

_FORMS = (
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?: ?г\.?)?"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    re.compile(
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)? (?P<m>[a-zа-я]+)\.?,? (?P<y>\d{4})(?: ?г(?:ода|\.)?)?"
    ),
    re.compile(r"(?P<m>[a-z]+)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})"),
)  # fmt: skip


def parse_date(value: Raw) -> float:
    """Return the serial number of a date cell, or of a text like 31.12.2026 or 31 декабря 2026."""
    if isinstance(value, bool) or value is None:
        raise Refused("not_date", value)
    if isinstance(value, int | float):
        if not math.isfinite(value) or not 1 <= value <= LAST_SERIAL:
            raise Refused("not_date", value)
        return float(value)
    text = fold(value)
    if found := next((match for form in _FORMS if (match := form.fullmatch(text))), None):
        month = _MONTHS.get(found["m"]) or (int(found["m"]) if found["m"].isdigit() else 0)
        try:
            return serial_of(date(int(found["y"]), month, int(found["d"])))
        except ValueError:
            pass  # such a day is on no calendar
    raise Refused("not_date", value)


def serial_of(day: date) -> float:
    """Return the serial number of a calendar day; before 1900 a spreadsheet has none: refused."""
    serial = (day - SERIAL_EPOCH).days
    if not 1 <= serial <= LAST_SERIAL:
        raise ValueError(day)
    return float(serial)


def serial_date(serial: float) -> date:
    """Return the calendar day of a serial number."""
    return SERIAL_EPOCH + timedelta(days=int(serial))


def show_day(serial: float) -> str:
    """Return a serial date as people here write it: 31.12.2026."""
    return f"{serial_date(serial):%d.%m.%Y}"
