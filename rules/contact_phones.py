"""Phones of contacts whose own region is not known: read in the country of their company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rules.chunks import Column
from rules.columns import Reading
from rules.phone_regions import reread_phones
from rules.records import Reader, Records


def place_phones(
    contacts: Records, companies: Records, company_of: Sequence[int | None], reader: Reader
) -> Records:
    """Return the contacts, phones without a country code read where their company is."""
    if not {"region"} <= contacts.values.keys() & companies.values.keys():
        return contacts
    abroad = reader.regions.foreign(companies.values["region"])
    regions = contacts.values["region"]
    known = {region for region in set(regions) if reader.regions.country(region)}
    countries = {
        row: abroad[company]
        for row, company in enumerate(company_of)
        if company is not None and company in abroad and regions[row] not in known
    }
    if not countries:
        return contacts
    values, refused = dict(contacts.values), dict(contacts.refused)
    for key in reader.phones:
        reading = Reading(Column.of(values[key]), refused.get(key, {}), ())
        cells = contacts.table.column(key)
        placed = reread_phones(reading, cells, countries, reader.regions.default, reader.none_words)
        values[key], refused[key] = placed.values, placed.refused
    return replace(contacts, values=values, refused=refused)
