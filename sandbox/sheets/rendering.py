"""How a cell reads: its value by number format and locale, and the three render options."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from sandbox.sheets.cells import Mark, Value
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.patterns import Section, Token, parse_pattern
from sandbox.sheets.serials import moment_of

DATE_TYPES = frozenset({"DATE", "TIME", "DATE_TIME"})

_EXACT = Context(prec=400)
"""Room for every digit of any double."""

_SMALL = 1 << 16
"""Whole numbers below it have texts that are kept once."""

_SIGNIFICANT_DIGITS = 10
"""How many digits the automatic format shows of a fraction."""


def number_format(mark: Mark | None) -> dict[str, str]:
    """Give the number format of a cell: as entered, or its formula's; {} for the automatic one."""
    if mark is None:
        return {}
    found: dict[str, str] = mark.format.get("numberFormat", {}) if mark.format else {}
    return found or mark.inferred or {}


def format_value(value: Value, form: dict[str, str], locale: LocaleFacts) -> str:
    """Write a value as the sheet shows it."""
    if not form or isinstance(value, bool):
        return plain_text(value, locale)
    pattern = form.get("pattern") or locale.patterns.get(form.get("type", ""), "")
    if isinstance(value, str):
        return _format_text(str(value), pattern)
    if not pattern or pattern.lower() in {"@", "general"}:
        return format_plain(value, locale)
    try:
        return _format_number(value, parse_pattern(pattern), locale)
    except OverflowError:
        return format_plain(value, locale)


def plain_text(value: Value, locale: LocaleFacts) -> str:
    """Write the value of a cell that has no format."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return locale.true if value else locale.false
    return format_plain(value, locale)


def format_plain(number: float, locale: LocaleFacts) -> str:
    """Write a number in the automatic format: up to ten significant digits of a fraction."""
    size = abs(number)
    if isinstance(number, int) and size < 10**15:
        return _small_number_text(number) if size < _SMALL else str(number)
    if 1 <= size < 1e9:
        return f"{number:.{_SIGNIFICANT_DIGITS}g}".replace(".", locale.decimal)
    if size >= 1e15 or 0 < size < 1e-9:
        mantissa, _, exponent = f"{number:.5E}".partition("E")
        mantissa = mantissa.rstrip("0").rstrip(".").replace(".", locale.decimal)
        return f"{mantissa}E{exponent}"
    decimals = _SIGNIFICANT_DIGITS - len(str(int(size))) if size >= 1 else _SIGNIFICANT_DIGITS
    text = f"{number:.{max(decimals, 0)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", locale.decimal)


@lru_cache(maxsize=_SMALL)
def _small_number_text(number: int) -> str:
    """Give the digits; one text for each of the days, counts and shares that recur in a table."""
    return str(number)


def _format_text(text: str, pattern: str) -> str:
    sections = parse_pattern(pattern) if "@" in pattern else ()
    for section in sections[-1:]:
        return "".join(text if token.kind == "text" else token.text for token in section.tokens)
    return text


def _format_number(number: float, sections: tuple[Section, ...], locale: LocaleFacts) -> str:
    section, shown, sign = sections[0], number, ""
    if len(sections) > 2 and number == 0:
        section = sections[2]
    elif number < 0 and len(sections) > 1:
        section, shown = sections[1], -number
    if section.is_date:
        return _format_date(shown, section, locale)
    if not section.has("digits", "text"):
        return "".join(token.text for token in section.tokens)
    if shown < 0:
        sign, shown = "-", -shown
    return sign + _format_digits(shown, section, locale)


def _format_digits(number: float, section: Section, locale: LocaleFacts) -> str:
    if section.has("text"):
        plain = format_plain(number, locale)
        return "".join(plain if token.kind == "text" else token.text for token in section.tokens)
    whole, decimals = _placeholders(section)
    scaled = Decimal(repr(number)).scaleb(2 * sum(t.kind == "percent" for t in section.tokens))
    placeholders = whole + decimals
    scaled = scaled.scaleb(-3 * (len(placeholders) - len(placeholders.rstrip(","))))
    exponent = next((token.text for token in section.tokens if token.kind == "exponent"), "")
    digits = _digits(scaled, whole.rstrip(","), decimals.rstrip(","), exponent, locale)
    return _around(section.tokens, digits)


def _placeholders(section: Section) -> tuple[str, str]:
    """Give the digit placeholders before and after the point."""
    parts = ["", ""]
    after_point = 0
    for token in section.tokens:
        if token.kind == "point":
            after_point = 1
        elif token.kind == "digits":
            parts[after_point] += token.text
    return parts[0], parts[1]


def _digits(number: Decimal, whole: str, decimals: str, exponent: str, locale: LocaleFacts) -> str:
    power = 0
    if exponent:
        power = number.adjusted() if number else 0
        number = number.scaleb(-power)
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _EXACT)
    before, _, after = f"{rounded:f}".partition(".")
    least = len(decimals.rstrip("#?"))
    after = after[:least] + after[least:].rstrip("0")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        before = _grouped(before, locale.group)
    text = before + (locale.decimal + after if after else "")
    if exponent:
        sign = "-" if power < 0 else "+" if exponent[1] == "+" else ""
        text += f"E{sign}{str(abs(power)).rjust(len(exponent) - 2, '0')}"
    return text


def _grouped(digits: str, separator: str) -> str:
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    groups += [digits[index : index + 3] for index in range(head, len(digits), 3)]
    return separator.join(groups)


def _around(tokens: tuple[Token, ...], digits: str) -> str:
    """Put the digits where the placeholders stand, literals around them."""
    text, placed = "", False
    for token in tokens:
        if token.kind in {"digits", "point", "exponent"}:
            text += "" if placed else digits
            placed = True
        else:
            text += token.text
    return text


def _format_date(serial: float, section: Section, locale: LocaleFacts) -> str:
    moment = moment_of(serial)
    if not section.has("point"):
        moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    half_day = section.has("noon")
    return "".join(
        _date_part(token, moment, serial, locale, half_day=half_day) for token in section.tokens
    )


def _date_part(
    token: Token, moment: datetime, serial: float, locale: LocaleFacts, *, half_day: bool
) -> str:
    if token.kind == "date":
        return _calendar_part(token.text, moment, locale, half_day=half_day)
    if token.kind == "minute":
        return str(moment.minute).rjust(len(token.text), "0")
    if token.kind == "elapsed":
        unit = {"h": 24, "m": 1_440, "s": 86_400}[token.text[0]]
        return str(int(round(serial * 86_400) / (86_400 / unit))).rjust(len(token.text), "0")
    if token.kind == "noon":
        word = "AM" if moment.hour < 12 else "PM"
        return word if len(token.text) > 3 else word[0]
    if token.kind == "digits" and "0" in token.text:
        return f"{moment.microsecond:06d}"[: len(token.text)]
    return token.text


def _calendar_part(text: str, moment: datetime, locale: LocaleFacts, *, half_day: bool) -> str:
    unit, length = text[0], len(text)
    if unit == "y":
        return f"{moment.year:04d}" if length > 2 else f"{moment.year % 100:02d}"
    if unit == "m" and length > 2:
        name = locale.months[moment.month - 1]
        return {3: locale.short_months[moment.month - 1], 5: name[0].upper()}.get(length, name)
    if unit == "d" and length > 2:
        names = locale.short_weekdays if length == 3 else locale.weekdays
        return names[moment.weekday()]
    numbers = {
        "m": moment.month,
        "d": moment.day,
        "h": (moment.hour % 12 or 12) if half_day else moment.hour,
        "s": moment.second,
    }
    return str(numbers[unit]).rjust(min(length, 2), "0")
