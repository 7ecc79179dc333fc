"""Amounts of money as people write them: exactly one reading, or none at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from babel.numbers import list_currencies

from rules.refused import Refused
from rules.table import Raw
from rules.text import clean

LARGEST_AMOUNT = 1e15
"""More is a slip of the hand, and sums of it would not be exact."""

_SIGNS: Mapping[str, str] = {
    "₸": "KZT", "$": "USD", "€": "EUR", "₽": "RUB", "£": "GBP", "¥": "CNY", "₼": "AZN", "₾": "GEL",
    "₺": "TRY", "₴": "UAH",
}  # fmt: skip
_WORDS: Mapping[str, str] = {
    r"тг\.?|тенге|tenge": "KZT",
    r"руб\.?|рубл(?:ь|я|ей)|р\.": "RUB",
    r"долл\.?|доллар(?:ов|а|ы)?|dollars?": "USD",
    r"евро|euros?": "EUR",
    r"сум(?:ов)?|so['’]?m": "UZS",
}
_WORD_CODES = [(re.compile(words), code) for words, code in _WORDS.items()]

_UNIT = "|".join((r"[₸$€₽£¥₼₾₺₴]", r"[a-z]{3}", *_WORDS))
_BEFORE = re.compile(rf"({_UNIT})\s*(?=\d)")
_AFTER = re.compile(rf"(?<=[\d.a-zа-я])\s*({_UNIT})")

_SCALES: Mapping[str, float] = {
    **dict.fromkeys(("тыс", "тыс.", "тысяч", "тысячи", "тысяча", "k", "к", "thousand"), 1e3),
    **dict.fromkeys(("млн", "млн.", "миллион", "миллиона", "миллионов", "m", "mln", "mln."), 1e6),
    **dict.fromkeys(("million", "millions", "mio"), 1e6),
    **dict.fromkeys(("млрд", "млрд.", "миллиард", "миллиарда", "миллиардов", "bn", "bln"), 1e9),
    **dict.fromkeys(("billion", "billions"), 1e9),
}
_SCALED = re.compile(
    r"(?<=\d)\s*(" + "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True)) + r")"
)

_PLAIN = re.compile(r"[0-9]+|0[.,][0-9]+|[0-9]+[.,](?:[0-9]{1,2}|[0-9]{4,})")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([ '.,])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]{1,2})?")
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_SPACES = re.compile(r"\s+")


def parse_money(value: Raw) -> float:
    """Return the amount. A text must have exactly one reading: "1 200 000 ₸", "5 млн", "USD 5k"."""
    if isinstance(value, bool) or value is None:
        raise Refused("not_money", value)
    if isinstance(value, int | float):
        if not 0 <= value <= LARGEST_AMOUNT:
            raise Refused("not_money", value)
        return float(value)
    number, _ = _without_unit(value)
    scale = 1.0
    if found := _ending(_SCALED, number):
        scale, number = _SCALES[found.group(1)], number[: found.start()]
    if _ONE_GROUP.fullmatch(number):
        raise Refused("money_ambiguous", value, _two_readings(number))
    amount = _read_number(number)
    if amount is None or amount * scale > LARGEST_AMOUNT:
        raise Refused("not_money", value)
    return round(amount * scale, 4)


def named_currency(value: Raw) -> str | None:
    """Return the ISO code of the currency that is written beside the amount, None without one."""
    return _without_unit(value)[1] if isinstance(value, str) else None


def _without_unit(value: str) -> tuple[str, str | None]:
    """Return the amount without its currency, and the currency's code."""
    text = _SPACES.sub(" ", clean(value)).lower()
    if found := _BEFORE.match(text):
        if code := _code(found.group(1)):
            return text[found.end() :], code
    elif (found := _ending(_AFTER, text)) and (code := _code(found.group(1))):
        return text[: found.start()], code
    return text, None


def _ending(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the earliest match that reaches to the end of the text."""
    for found in pattern.finditer(text):
        if found.end() == len(text):
            return found
    return None


@cache
def _code(unit: str) -> str | None:
    if unit in _SIGNS:
        return _SIGNS[unit]
    for words, code in _WORD_CODES:
        if words.fullmatch(unit):
            return code
    return unit.upper() if unit.upper() in list_currencies() else None


def _read_number(text: str) -> float | None:
    if _PLAIN.fullmatch(text):
        return float(text.replace(",", "."))
    if not (found := _GROUPED.fullmatch(text)):
        return None
    return float(text.replace(found.group(1), "").replace(",", "."))


def _two_readings(text: str) -> str:
    whole, _, rest = text.replace(",", ".").partition(".")
    return f"{whole}{rest} / {whole},{rest}"
