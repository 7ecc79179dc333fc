"""What happens to a value on its way into a cell: RAW keeps it, USER_ENTERED reads it as typed."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sandbox.sheets.cells import BLANK, Value, plain_number
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.serials import serial_of


class Entry(NamedTuple):
    """What a typed text means: a value, or a formula; and the number format it suggests."""

    value: Value = BLANK
    formula: str = ""
    format_type: str = ""
    pattern: str = ""


_EXACT_DIGITS = 15
"""Digits that a double holds whatever they are."""

_DIGIT = re.compile(r"\d")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_LOCAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:\s*([AaPp])\.?[Mm]\.?)?")
_NAMED_DATE = re.compile(
    r"(\d{1,2})\.?\s+([^\W\d]+)\.?,?\s+(\d{4})|([^\W\d]+)\.?\s+(\d{1,2}),\s*(\d{4})"
)


def enter(text: str, locale: LocaleFacts, today: date) -> Entry:
    """Read a text as the user interface does: formula, number, money, percent, date, boolean.

    A leading apostrophe makes it text whatever it looks like; a date without a year is of today's.
    """
    if text.startswith("="):
        return Entry(formula=text) if len(text) > 1 else Entry(text)
    if text.startswith("'"):
        return Entry(text[1:])
    stripped = text.strip()
    if not stripped:
        return Entry(text)
    upper = stripped.upper()
    if upper in {locale.true, "TRUE"}:
        return Entry(value=True)
    if upper in {locale.false, "FALSE"}:
        return Entry(value=False)
    if not _DIGIT.search(stripped):
        return Entry(text)
    return (
        _enter_number(stripped, locale)
        or _enter_percent(stripped, locale)
        or _enter_money(stripped, locale)
        or _enter_moment(stripped, locale, today)
        or Entry(text)
    )


def read_number(text: str, locale: LocaleFacts) -> int | float | None:
    """Read a number with the locale's separators; None when it is none."""
    if text.isascii() and text.isdigit() and len(text) <= _EXACT_DIGITS:
        return int(text)
    pattern, groups = _number_notation(locale.decimal, locale.group)
    if not pattern.fullmatch(text):
        return None
    for sign in groups:
        text = text.replace(sign, "")
    number = float(text.replace(locale.decimal, "."))
    return plain_number(number) if math.isfinite(number) else None


@lru_cache(maxsize=64)
def _number_notation(decimal: str, group: str) -> tuple[re.Pattern[str], frozenset[str]]:
    """Give the pattern of a number in a locale, and the signs that group its digits."""
    groups = frozenset({group, "\u00a0", " "} if decimal == "," else {group})
    grouped = "|".join(re.escape(sign) for sign in sorted(groups))
    point = re.escape(decimal)
    pattern = (
        rf"(?=[+-]?(?:{point})?\d)"
        rf"[+-]?(\d+|\d{{1,3}}(({grouped})\d{{3}})+)?({point}\d*)?([eE][+-]?\d{{1,3}})?"
    )
    return re.compile(pattern), groups


def _enter_number(text: str, locale: LocaleFacts) -> Entry | None:
    number = read_number(text, locale)
    if number is None and text.startswith("(") and text.endswith(")"):
        inner = read_number(text[1:-1], locale)
        number = -inner if inner is not None and text[1:2].isdigit() else None
    if number is None:
        return None
    if "e" in text.lower():
        return Entry(number, format_type="SCIENTIFIC", pattern="0.00E+00")
    has_groups = any(sign in text for sign in {locale.group, "\u00a0", " "})
    if has_groups:
        return Entry(number, format_type="NUMBER", pattern=_with_decimals("#,##0", text, locale))
    return Entry(number)


def _with_decimals(pattern: str, text: str, locale: LocaleFacts) -> str:
    return pattern + (".00" if locale.decimal in text else "")


def _enter_percent(text: str, locale: LocaleFacts) -> Entry | None:
    if not text.endswith("%"):
        return None
    number = read_number(text[:-1].rstrip(), locale)
    if number is None:
        return None
    pattern = _with_decimals("0", text, locale) + "%"
    return Entry(plain_number(round(number / 100, 15)), format_type="PERCENT", pattern=pattern)


def _enter_money(text: str, locale: LocaleFacts) -> Entry | None:
    for sign in locale.currency_signs:
        if sign not in text:
            continue
        negative = text.startswith("-")
        bare = text.removeprefix("-").removeprefix(sign).removesuffix(sign).strip()
        number = read_number(bare, locale)
        if number is None:
            return None
        pattern = locale.patterns["CURRENCY"]
        if locale.decimal not in bare:
            pattern = pattern.replace(".00", "")
        return Entry(-number if negative else number, format_type="CURRENCY", pattern=pattern)
    return None


def _enter_moment(text: str, locale: LocaleFacts, today: date) -> Entry | None:
    day_text, time_text = text, ""
    time = _TIME.search(text)
    if time and time.end() == len(text):
        day_text, time_text = text[: time.start()].rstrip(" T"), time.group()
    fraction = _read_time(time_text) if time_text else 0.0
    if fraction is None:
        return None
    if not day_text:
        return Entry(plain_number(fraction), format_type="TIME", pattern=_time_pattern(time_text))
    dated = _read_date(day_text, locale, today)
    if dated is None:
        return None
    day, pattern = dated
    if not time_text:
        return Entry(serial_of(day), format_type="DATE", pattern=pattern)
    with_time = f"{pattern} {_time_pattern(time_text)}"
    serial = plain_number(serial_of(day) + fraction)
    return Entry(serial, format_type="DATE_TIME", pattern=with_time)


def _read_date(text: str, locale: LocaleFacts, today: date) -> tuple[date, str] | None:
    """Read a date; gives it with the pattern that shows it as it was written."""
    iso = _ISO_DATE.fullmatch(text)
    local = _LOCAL_DATE.fullmatch(text)
    named = _NAMED_DATE.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3])), "yyyy-mm-dd"
        if local and (local[2] != "." or locale.day_first):
            is_short = not local[4] and local[2] != "."
            pattern = _short_pattern(local[2], locale) if is_short else locale.patterns["DATE"]
            return _local_date(local, locale, today), pattern
        if named:
            return _named_date(named, locale)
    except ValueError:
        return None
    return None


def _local_date(match: re.Match[str], locale: LocaleFacts, today: date) -> date:
    first, second = int(match[1]), int(match[3])
    year = int(match[4]) if match[4] else today.year
    if year < 100:
        year += 2000 if year < 30 else 1900
    day, month = (first, second) if locale.day_first else (second, first)
    return date(year, month, day)


def _short_pattern(separator: str, locale: LocaleFacts) -> str:
    """Give the pattern of a date written without its year (observed for `1-2` in en_US)."""
    return separator.join(("d", "m") if locale.day_first else ("m", "d"))


def _named_date(match: re.Match[str], locale: LocaleFacts) -> tuple[date, str] | None:
    day, name, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    month = _month_number(name, locale)
    if month is None:
        return None
    return date(int(year), month, int(day)), "d mmm yyyy" if match[1] else "mmm d, yyyy"


def _month_number(name: str, locale: LocaleFacts) -> int | None:
    wanted = name.casefold().rstrip(".")
    for names in (locale.months, locale.short_months):
        for number, known in enumerate(names, 1):
            if known.casefold().rstrip(".") == wanted:
                return number
    return None


def _read_time(text: str) -> float | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match[5].lower() == "p" else 0)
    if minutes > 59 or seconds > 59:
        return None
    thousandths = int((match[4] or "0").ljust(3, "0"))
    return (hours * 3600 + minutes * 60 + seconds + thousandths / 1000) / 86_400


def _time_pattern(text: str) -> str:
    match = _TIME.fullmatch(text)
    has_seconds = bool(match and match[3])
    if match and match[5]:
        return "h:mm:ss AM/PM" if has_seconds else "h:mm AM/PM"
    return "H:mm:ss" if has_seconds else "H:mm"
