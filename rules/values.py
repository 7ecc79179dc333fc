"""What a cell's value means, by the kind of its field: the parsers and what they give.

A parser takes a cell as read (`table.Raw`) and returns its value, or raises `Refused` with the
code of the message for the manager (see `messages.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rules.addresses import (
    USUAL_EMAIL,
    USUAL_FOLDER,
    USUAL_LINK,
    USUAL_PHONE,
    linked_folder,
    parse_emails,
    parse_folder,
    parse_link,
    parse_phones,
)
from rules.dates import LAST_SERIAL, SERIAL_EPOCH, parse_date, serial_date, show_day
from rules.money import LARGEST_AMOUNT, parse_money
from rules.playbook import FieldSpec, Locale, Name, Playbook
from rules.refused import Refused, shorten
from rules.table import Raw, as_text
from rules.text import clean, fold, skeleton, split_several

__all__ = [
    "SERIAL_EPOCH",
    "TEXT",
    "Lists",
    "Parser",
    "Refused",
    "Value",
    "ValueList",
    "choice_parser",
    "linked_folder",
    "parse_listed",
    "parse_text",
    "parser_of",
    "serial_date",
    "shorten",
    "show_day",
    "spelling_table",
    "yes_no_parser",
]

Value: TypeAlias = str | float | bool | tuple[str, ...] | None
"""A cell's meaning; dates are serial numbers, several values a tuple, one by itself."""


@dataclass(frozen=True)
class Parser:
    """Reads the cells of a field.

    `one` reads a cell, or raises `Refused`; it may give a tuple of one. What needs no closer look
    may be read without it: a text that matches `usual` stands for itself, a number from `least` to
    `most` too.
    """

    one: Callable[[Raw], Value]
    usual: re.Pattern[str] | None = None
    least: float = math.inf
    most: float = -math.inf


# ── Words to choose from ─────────────────────────────────────────────────────────────────────────
def spelling_table(names: Mapping[str, Name]) -> Mapping[str, str]:
    """Return key by folded spelling, over all languages and further spellings."""
    return {spelling: key for key, name in names.items() for spelling in name.spellings}


def _look_alike_table(by_spelling: Mapping[str, str]) -> Mapping[str, str]:
    """Return what each spelling means under its look-alike; what would mean two is left out."""
    meant: dict[str, str | None] = {}
    for spelling, key in by_spelling.items():
        alike = skeleton(spelling)
        meant[alike] = key if meant.get(alike, key) == key else None
    return {alike: key for alike, key in meant.items() if key is not None}


def choice_parser(names: Mapping[str, Name], code: str, expected: str = "") -> Parser:
    """Return a parser to the key of the name that is written in the cell, in either language."""
    by_spelling = spelling_table(names)
    by_look = _look_alike_table(by_spelling)

    def parse_choice(value: Raw) -> str:
        text = as_text(value)
        key = by_spelling.get(fold(text)) or by_look.get(skeleton(text))
        if key is None:
            raise Refused(code, value, expected)
        return key

    return Parser(parse_choice)


def yes_no_parser(names: Mapping[str, Name], expected: str) -> Parser:
    """Return a parser to True for yes and False for no; a checkbox is understood."""
    choice = choice_parser(names, "not_yes_no", expected)
    return Parser(lambda cell: cell if isinstance(cell, bool) else choice.one(cell) == "yes")


@dataclass(frozen=True)
class ValueList:
    """One column of the Lists tab: its header there, its values by folded spelling."""

    title: str
    by_spelling: Mapping[str, str]

    def meaning(self, text: str) -> str | None:
        """Return the value as the list spells it; any text when the list is empty."""
        if not self.by_spelling:
            return text
        found = self.by_spelling.get(fold(text))
        return found if found is not None else _look_alike_table(self.by_spelling).get(
            skeleton(text)
        )  # fmt: skip


Lists: TypeAlias = Mapping[str, ValueList]
"""The columns of the Lists tab by key."""


def parse_listed(value: Raw, listed: ValueList, *, several: bool) -> Value:
    """Return the value as the list spells it; any value when the list is empty."""
    text = parse_text(value)
    parts = split_several(text) if several and fold(text) not in listed.by_spelling else [text]
    found = [listed.meaning(part) for part in parts]
    for part, meaning in zip(parts, found, strict=True):
        if not meaning:
            raise Refused("not_in_list", part, listed.title)
    meant = tuple(meaning for meaning in found if meaning)
    return meant if several else meant[0]


# ── Text and numbers ─────────────────────────────────────────────────────────────────────────────
FORMULA_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!"}
)


def parse_text(value: Raw) -> str:
    """Return the text as it is meant; a formula's error value is refused."""
    text = clean(as_text(value))
    if text in FORMULA_ERRORS:
        raise Refused("formula_error", value)
    return text


def parse_number(value: Raw) -> float:
    """Return the number of a cell; a text must be one with a point or a comma, 12,5."""
    if isinstance(value, bool) or value is None:
        raise Refused("not_number", value)
    if isinstance(value, int | float):
        return float(value)
    text = clean(value).replace(" ", "").replace("\u00a0", "").replace(",", ".")
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise Refused("not_number", value)
    return float(text)


def parse_date_or_text(value: Raw) -> Value:
    """Return the serial number of a date, or else the text."""
    try:
        return parse_date(value)
    except Refused:
        return parse_text(value)


# ── One parser per kind of field ─────────────────────────────────────────────────────────────────
def _names(names: Mapping[str, Name], locale: Locale) -> str:
    return ", ".join(name.in_locale(locale) for name in names.values())


TEXT = Parser(parse_text)

_PARSERS: Mapping[str, Parser] = {
    "money": Parser(parse_money, least=0, most=LARGEST_AMOUNT),
    "number": Parser(parse_number),
    "date": Parser(parse_date, least=1, most=LAST_SERIAL),
    "datetime": Parser(parse_date, least=1, most=LAST_SERIAL),
    "date_or_text": Parser(parse_date_or_text, least=1, most=LAST_SERIAL),
    "email": Parser(parse_emails, USUAL_EMAIL),
    "emails": Parser(parse_emails, USUAL_EMAIL),
    "link": Parser(parse_link, USUAL_LINK),
    "folder": Parser(parse_folder, USUAL_FOLDER),
}
"""By kind; what is not named here is text."""


def parser_of(field: FieldSpec, playbook: Playbook, lists: Lists, locale: Locale) -> Parser:
    """Return the function that reads a cell of that field."""
    match field.kind:
        case "phone":
            region = playbook.phones.default_region
            return phone_parser(region, region)
        case "stage":
            return choice_parser(playbook.stages, "not_choice", _names(playbook.stages, locale))
        case "yes_no":
            names = playbook.choices["yes_no"]
            return yes_no_parser(names, _names(names, locale))
        case "choice":
            names = playbook.choices[field.choice or ""]
            return choice_parser(names, "not_choice", _names(names, locale))
        case "list":
            listed = lists[field.list or ""]
            return Parser(lambda cell: parse_listed(cell, listed, several=field.several))
        case kind:
            return _PARSERS.get(kind, TEXT)


def phone_parser(region: str, otherwise: str) -> Parser:
    """Return a parser of phone numbers; see `parse_phones`."""
    return Parser(lambda cell: parse_phones(cell, region, otherwise), USUAL_PHONE)
