"""What depends on a spreadsheet's locale: separators, names, words, default patterns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol


@dataclass(frozen=True)
class LocaleFacts:
    """Facts of a locale. Patterns are keyed by NumberFormat.type, in Google's pattern language."""

    decimal: str
    group: str
    true: str
    false: str
    day_first: bool
    currency_signs: tuple[str, ...]
    patterns: dict[str, str]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    weekdays: tuple[str, ...]
    short_weekdays: tuple[str, ...]

    @property
    def argument_separator(self) -> str:
        """What stands between the arguments of a function."""
        return ";" if self.decimal == "," else ","


_COMMON_PATTERNS = {
    "TEXT": "@",
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "SCIENTIFIC": "0.00E+00",
}

_OWN_PATTERNS = {
    "en_US": {
        "CURRENCY": '"$"#,##0.00',
        "DATE": "M/d/yyyy",
        "TIME": "h:mm:ss AM/PM",
        "DATE_TIME": "M/d/yyyy H:mm:ss",
    },
    "en_GB": {
        "CURRENCY": '"£"#,##0.00',
        "DATE": "dd/MM/yyyy",
        "TIME": "HH:mm:ss",
        "DATE_TIME": "dd/MM/yyyy HH:mm:ss",
    },
    "ru_RU": {
        "CURRENCY": "#,##0.00\\ [$₽]",
        "DATE": "dd.MM.yyyy",
        "TIME": "H:mm:ss",
        "DATE_TIME": "dd.MM.yyyy H:mm:ss",
    },
}
_DOTTED_DATES = _OWN_PATTERNS["ru_RU"] | {"CURRENCY": "#,##0.00\\ [$€]"}
_SLASHED_DATES = _OWN_PATTERNS["en_GB"] | {"CURRENCY": "#,##0.00\\ [$€]"}
_LANGUAGE_PATTERNS = {"en": _OWN_PATTERNS["en_US"], "ru": _OWN_PATTERNS["ru_RU"]} | dict.fromkeys(
    ("fr", "es", "it", "pt"), _SLASHED_DATES
)

_TRUTH = {"ru": ("ИСТИНА", "ЛОЖЬ"), "de": ("WAHR", "FALSCH"), "fr": ("VRAI", "FAUX")}
_GROUPS = {"ru": "\u00a0", "fr": "\u202f"}


@lru_cache(maxsize=64)
def locale_facts(name: str) -> LocaleFacts:
    """Give the facts of a locale such as `ru_RU`. Raises ValueError for one nobody knows."""
    try:
        known = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise ValueError(name) from None
    language = known.language
    patterns = _OWN_PATTERNS.get(name) or _LANGUAGE_PATTERNS.get(language, _DOTTED_DATES)
    true, false = _TRUTH.get(language, ("TRUE", "FALSE"))
    months, days = known.months["format"], known.days["format"]
    return LocaleFacts(
        decimal=get_decimal_symbol(known),
        group=_GROUPS.get(language, get_group_symbol(known)),
        true=true,
        false=false,
        day_first=not patterns["DATE"].startswith("M"),
        currency_signs=("$",) if name == "en_US" else ("₽", "р.", "руб.", "€", "£", "$"),
        patterns=_COMMON_PATTERNS | patterns,
        months=tuple(months["wide"][month] for month in range(1, 13)),
        short_months=tuple(months["abbreviated"][month] for month in range(1, 13)),
        weekdays=tuple(days["wide"][day] for day in range(7)),
        short_weekdays=tuple(days["abbreviated"][day] for day in range(7)),
    )
