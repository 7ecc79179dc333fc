"""What a cell's value means: pydantic types for money, dates, yes/no, choices, addresses, phones.

Every type takes a cell as read (`table.Raw`) and fails with a `PydanticCustomError` whose type is
the code of the message for the manager (see `messages.py`).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, TypeAlias

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import PlainValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from rules.playbook import FieldSpec, Locale, Name, Playbook
from rules.table import Raw, as_text
from rules.text import fold, split_several

SERIAL_EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial dates (Sheets API guide, "Date and time serial numbers")."""

_LARGEST_AMOUNT = 1e15
"""More is a slip of the hand, and sums of it would not be exact."""

_LAST_SERIAL = (date(2200, 1, 1) - SERIAL_EPOCH).days

Value: TypeAlias = str | float | bool | tuple[str, ...] | None
"""A cell's meaning; dates are serial numbers, several values a tuple."""

Parser: TypeAlias = Callable[[Raw], Value]


@dataclass(frozen=True, slots=True)
class Invalid:
    """A value that cannot be read: the message's code and what stood in the cell."""

    code: str
    value: str
    expected: str = ""


def _refuse(code: str, value: Raw, expected: str = "") -> PydanticCustomError:
    context = {"value": shorten(as_text(value)), "expected": expected}
    return PydanticCustomError(code, "{value}", context)


def shorten(text: str, limit: int = 60) -> str:
    """Return the text on one line, without control characters, cut to `limit` characters."""
    clean = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
_CURRENCY = re.compile(
    r"^(?:[₸$€₽£]|[A-Z]{3}|тг\.?|тенге|руб\.?)|(?:[₸$€₽£]|[A-Z]{3}|тг\.?|тенге|руб\.?)$"
)
_THOUSANDS = {"тыс": 1e3, "тыс.": 1e3, "k": 1e3, "к": 1e3, "млн": 1e6, "млн.": 1e6, "m": 1e6,
              "mln": 1e6, "млрд": 1e9, "млрд.": 1e9, "bn": 1e9}  # fmt: skip
_SCALE = re.compile(r"(?<=\d)\s*(тыс\.?|млн\.?|млрд\.?|mln|bn|[kкm])$", re.IGNORECASE)
_PLAIN = re.compile(r"^\d+(?:[.,]\d{1,2})?$")
_GROUPED = re.compile(r"^\d{1,3}(?:([ '.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d{1,2})?$")
_ONE_GROUP = re.compile(r"^\d{1,3}[.,]\d{3}$")


def parse_money(value: Raw) -> float:
    """Return the amount. A text must have exactly one reading: "1 200 000 ₸", "5 млн", "USD 5k"."""
    if isinstance(value, bool) or value is None:
        raise _refuse("not_money", value)
    if isinstance(value, int | float):
        if not 0 <= value <= _LARGEST_AMOUNT:
            raise _refuse("not_money", value)
        return float(value)
    text = re.sub(r"[\u00a0\u2009\u202f\s]+", " ", value.strip())
    text = _CURRENCY.sub("", text).strip()
    scale = 1.0
    if found := _SCALE.search(text):
        scale = _THOUSANDS[found.group(1).lower()]
        text = text[: found.start()].rstrip()
    number = _plain_number(text, scaled=scale != 1.0)
    if number is None or number * scale > _LARGEST_AMOUNT:
        raise _refuse("not_money", value)
    return number * scale


def _plain_number(text: str, *, scaled: bool) -> float | None:
    if _PLAIN.match(text) or (scaled and re.fullmatch(r"\d+[.,]\d+", text)):
        return float(text.replace(",", "."))
    if _ONE_GROUP.match(text) or not (found := _GROUPED.match(text)):
        return None  # "1.200" is either a thousand or one and a fifth: ask
    separator = found.group(1)
    return float(text.replace(separator, "").replace(",", "."))


# ── Dates ────────────────────────────────────────────────────────────────────────────────────────
_DATE_FORMS = (
    re.compile(r"^(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})$"),
    re.compile(r"^(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})$"),
)


def parse_date(value: Raw) -> float:
    """Return the serial number of a date cell, or of a text like 31.12.2026 or 2026-12-31."""
    if isinstance(value, bool) or value is None:
        raise _refuse("not_date", value)
    if isinstance(value, int | float):
        if not math.isfinite(value) or not 1 <= value < _LAST_SERIAL:
            raise _refuse("not_date", value)
        return float(value)
    for form in _DATE_FORMS:
        if found := form.match(value.strip()):
            try:
                day = date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                break
            return float((day - SERIAL_EPOCH).days)
    raise _refuse("not_date", value)


def serial_date(serial: float) -> date:
    """Return the calendar day of a serial number."""
    return SERIAL_EPOCH + timedelta(days=int(serial))


# ── Addresses and phones ─────────────────────────────────────────────────────────────────────────
_USUAL_EMAIL = re.compile(
    r"[a-z0-9][a-z0-9._%+-]{0,62}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}"
)


def parse_email(value: Raw) -> str:
    """Return the address in lower case."""
    text = as_text(value).lower().removeprefix("mailto:")
    if _USUAL_EMAIL.fullmatch(text) and ".." not in text and ".@" not in text:
        return text
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise _refuse("not_email", value) from error


def parse_emails(value: Raw) -> tuple[str, ...]:
    """Return the addresses of a cell that may hold several."""
    return tuple(parse_email(part) for part in split_several(as_text(value)))


def parse_phone(value: Raw, region: str) -> str:
    """Return the number in E.164 form; several in one cell: the first."""
    first = next(iter(split_several(as_text(value))), "")
    try:
        number = phonenumbers.parse(first, region)
    except phonenumbers.NumberParseException as error:
        raise _refuse("not_phone", value) from error
    if not phonenumbers.is_possible_number(number):
        raise _refuse("not_phone", value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# ── Links ────────────────────────────────────────────────────────────────────────────────────────
_FOLDER_ID = re.compile(r"/folders/([A-Za-z0-9_-]{10,})|[?&]id=([A-Za-z0-9_-]{10,})")


def linked_folder(link: str) -> str | None:
    """Return the id of the Drive folder that a link leads to, None if it is no such link."""
    found = _FOLDER_ID.search(link)
    return (found.group(1) or found.group(2)) if found else None


def parse_folder(value: Raw) -> str:
    """Return the link to a Drive folder."""
    text = as_text(value)
    if linked_folder(text) is None:
        raise _refuse("not_folder", value)
    return text


# ── Words to choose from ─────────────────────────────────────────────────────────────────────────
def spelling_table(names: Mapping[str, Name]) -> Mapping[str, str]:
    """Return key by folded spelling, over all languages and further spellings."""
    return {spelling: key for key, name in names.items() for spelling in name.spellings}


def choice_parser(names: Mapping[str, Name], code: str, expected: str = "") -> Parser:
    """Return a parser to the key of the name that is written in the cell, in either language."""
    key_by_spelling = spelling_table(names)

    def parse_choice(value: Raw) -> str:
        key = key_by_spelling.get(fold(as_text(value)))
        if key is None:
            raise _refuse(code, value, expected)
        return key

    return parse_choice


def yes_no_parser(names: Mapping[str, Name]) -> Parser:
    """Return a parser to True for yes and False for no; a checkbox is understood."""
    parse_choice = choice_parser(names, "not_yes_no")
    return lambda value: value if isinstance(value, bool) else parse_choice(value) == "yes"


@dataclass(frozen=True)
class ValueList:
    """One column of the Lists tab: its header there, its values by folded spelling."""

    title: str
    by_spelling: Mapping[str, str]


Lists: TypeAlias = Mapping[str, ValueList]
"""The columns of the Lists tab by key."""


def parse_listed(value: Raw, listed: ValueList, *, several: bool) -> Value:
    """Return the value as the list spells it; any value when the list is empty."""
    text, known = parse_text(value), listed.by_spelling
    parts = split_several(text) if several and fold(text) not in known else [text]
    found = tuple(known.get(fold(part), "" if known else part) for part in parts)
    if not all(found):
        wrong = next(part for part, good in zip(parts, found, strict=True) if not good)
        raise _refuse("not_in_list", wrong, listed.title)
    return found if several else found[0]


_FORMULA_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!"}
)


def parse_text(value: Raw) -> str:
    """Return the text; a formula's error value is refused."""
    text = as_text(value)
    if text in _FORMULA_ERRORS:
        raise _refuse("formula_error", value)
    return text


# ── One pydantic type per kind of field ──────────────────────────────────────────────────────────
def _names(names: Mapping[str, Name], locale: Locale) -> str:
    return ", ".join(name.in_locale(locale) for name in names.values())


_PARSERS: Mapping[str, Parser] = {
    "money": parse_money,
    "date": parse_date,
    "email": parse_email,
    "emails": parse_emails,
    "folder": parse_folder,
}


def parser_of(field: FieldSpec, playbook: Playbook, lists: Lists, locale: Locale) -> Parser:
    """Return the function that reads a cell of that field; it raises PydanticCustomError."""
    match field.kind:
        case "phone":
            return lambda value: parse_phone(value, playbook.phones.default_region)
        case "stage":
            return choice_parser(playbook.stages, "not_choice", _names(playbook.stages, locale))
        case "yes_no":
            return yes_no_parser(playbook.choices["yes_no"])
        case "choice":
            names = playbook.choices[field.choice or ""]
            return choice_parser(names, "not_choice", _names(names, locale))
        case "list":
            listed = lists[field.list or ""]
            return lambda value: parse_listed(value, listed, several=field.several)
        case kind:
            return _PARSERS.get(kind, parse_text)


def read_column(
    column: Sequence[Raw], rows: Sequence[int], parser: Parser, none_words: Collection[str]
) -> tuple[list[Value], dict[int, Invalid]]:
    """Return each row's value and the rows whose value cannot be read.

    Empty cells and the words for "there is none" read as None (a yes/no field knows its own no).
    Equal cells are read once.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[Any, PlainValidator(parser)])
    known: dict[tuple[type, Raw], Value | Invalid] = {}
    values: list[Value] = [None] * len(column)
    invalid: dict[int, Invalid] = {}
    for row in rows:
        raw = column[row]
        if raw is None or raw == "":
            continue
        key = (type(raw), raw)
        if key not in known:
            known[key] = _read(adapter, raw, none_words)
        value = known[key]
        if isinstance(value, Invalid):
            invalid[row] = value
        else:
            values[row] = value
    return values, invalid


def _read(adapter: TypeAdapter[Any], raw: Raw, none_words: Collection[str]) -> Value | Invalid:
    if isinstance(raw, str) and not raw.strip():
        return None
    try:
        value: Value = adapter.validate_python(raw)
    except ValidationError as error:
        if isinstance(raw, str) and fold(raw) in none_words:
            return None
        first = error.errors(include_url=False, include_input=False)[0]
        context = first.get("ctx", {})
        return Invalid(first["type"], context["value"], context["expected"])
    parts = value if isinstance(value, tuple) else (value,)
    says_none = all(isinstance(part, str) and fold(part) in none_words for part in parts)
    return None if says_none else value
