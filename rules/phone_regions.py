"""In which country a phone number without a country code is read: that of the row's region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rules.columns import NoneWords, Reading, read_cell
from rules.playbook import Playbook
from rules.refused import Refused
from rules.rows import cells_at
from rules.table import Raw
from rules.text import fold
from rules.values import Value, phone_parser

_WITH_CODE = re.compile(r"\+[^,;\n]*")
"""One number with its country's code, wherever it is read."""


@dataclass(frozen=True)
class PhoneRegions:
    """The country of each region by its folded name, and of all others."""

    by_name: Mapping[str, str]
    default: str

    @classmethod
    def of(cls, playbook: Playbook) -> PhoneRegions:
        """Return the playbook's regions."""
        phones = playbook.phones
        names = {fold(name): code for code, some in phones.regions.items() for name in some}
        return cls(names, phones.default_region)

    def country(self, region: Value) -> str | None:
        """Return the country of a region, None if it is not known."""
        return self.by_name.get(fold(region)) if isinstance(region, str) else None

    def foreign(self, regions: Sequence[Value]) -> Mapping[int, str]:
        """Return the rows whose region lies in another country than the default one."""
        codes = {region: self.country(region) for region in set(regions)}
        away = {region: code for region, code in codes.items() if code and code != self.default}
        return {row: away[region] for row, region in enumerate(regions) if region in away}


def reread_phones(
    reading: Reading,
    column: Sequence[Raw],
    countries: Mapping[int, str],
    otherwise: str,
    none_words: NoneWords,
) -> Reading:
    """Return the reading of a column of phones, these rows read in these countries."""
    values, refused = dict[int, Value](), dict(reading.refused)
    for row, value in read_phones(column, countries, otherwise, none_words):
        values[row] = None if isinstance(value, Refused) else value
        refused.pop(row, None)
        if isinstance(value, Refused):
            refused[row] = value
    if not values:
        return reading
    placed = reading.values.replaced(values)
    return reading._replace(values=placed, refused=refused, empty=None, full=False)


def read_phones(
    column: Sequence[Raw],
    countries: Mapping[int, str],
    otherwise: str,
    none_words: NoneWords,
) -> Iterator[tuple[int, Value | Refused]]:
    """Yield what the cell of each row says in its country, where the country matters."""
    parsers = cache(lambda country: phone_parser(country, otherwise))
    known: dict[tuple[Raw, type, str], Value | Refused] = {}
    cells = cells_at(column, list(countries))
    for (row, country), cell in zip(countries.items(), cells, strict=True):
        if cell is not None and not (isinstance(cell, str) and _WITH_CODE.fullmatch(cell)):
            key = (cell, type(cell), country)
            if key not in known:
                known[key] = read_cell(cell, parsers(country), none_words)
            yield row, known[key]
