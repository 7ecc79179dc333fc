"""How a report's table is made: columns over groups of deals, a total, notes below."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import add
from typing import Any, Literal, TypeVar

from rules.check import Checked
from rules.chunks import Column as Cells
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.months import NO_NAME, all_months
from rules.report_deals import BYTE, HUNDREDTHS, Deals, Kinds, name_text
from rules.text import fold_all
from rules.values import Value
from rules.words import say

Format = Literal["text", "count", "money", "percent", "days", "month"]
ReportCell = str | float | int | None

K = TypeVar("K")
T = TypeVar("T", int, float)


@dataclass(frozen=True)
class ReportTable:
    """A table of a report tab; `total` is its last row if it has one, `notes` stand below it.

    Rows are as wide as the header. `row_formats` are the formats of each row where rows differ.
    """

    headers: tuple[str, ...]
    formats: tuple[Format, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    total: tuple[ReportCell, ...] = ()
    notes: tuple[str, ...] = ()
    row_formats: tuple[tuple[Format, ...], ...] = ()


# ── Groups ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Groups:
    """Deals counted, and their budgets (in hundredths) added up, by the key of a group and kind.

    `keys` are those of the groups, in their order; there may be some that no deal is of.
    """

    kinds: Kinds
    keys: Sequence[Any]
    counts: Mapping[tuple[Any, int], int]
    budgets: Mapping[tuple[Any, int], float]

    def as_one(self) -> Groups:
        """Return all groups as one."""
        return replace(self.merged(dict.fromkeys(self.keys)), keys=[None])

    def merged(self, key_of: Mapping[Any, Any]) -> Groups:
        """Return the groups under other keys; those of equal ones are one."""
        counts: defaultdict[tuple[Any, int], int] = defaultdict(int)
        for (key, kind), number in self.counts.items():
            counts[key_of[key], kind] += number
        budgets: defaultdict[tuple[Any, int], float] = defaultdict(float)
        for (key, kind), budget in self.budgets.items():
            budgets[key_of[key], kind] += budget
        return Groups(self.kinds, list(dict.fromkeys(key_of.values())), counts, budgets)

    def changed(self, gone: Groups, come: Groups) -> Groups:
        """Return the groups without some of their deals, and with others."""
        counts = shifted(self.counts, gone.counts, come.counts)
        return Groups(
            kinds=self.kinds,
            keys=list(dict.fromkeys(key for key, _ in counts)),
            counts=counts,
            budgets=shifted(self.budgets, gone.budgets, come.budgets),
        )

    def added(self, values: Mapping[tuple[Any, int], T], kinds: Collection[int] | None) -> list[T]:
        """Return what the deals of these kinds add up to, by group; None for all kinds."""
        sums: dict[Any, Any] = dict.fromkeys(self.keys, 0)
        for (key, kind), value in values.items():
            if kinds is None or kind in kinds:
                sums[key] += value
        return list(sums.values())


def shifted(sums: Mapping[K, T], gone: Mapping[K, T], come: Mapping[K, T]) -> dict[K, T]:
    """Return sums without what is gone, and with what has come; what is 0 then is left out."""
    found = dict(sums)
    for key, value in gone.items():
        found[key] = found.get(key, 0) - value
    for key, value in come.items():
        found[key] = found.get(key, 0) + value
    for key in (*gone, *come):
        if found.get(key) == 0:
            del found[key]
    return found


def grouped(deals: Deals, keys: Sequence[Any]) -> Groups:
    """Return the deals under each of the keys, which stand beside them."""
    column = Cells.of(keys)
    names = list(dict.fromkeys(column.each()))
    code_of = dict(zip(names, range(len(names)), strict=True))
    places, every = _places(column, code_of, deals.kind_of_each, len(deals.kinds))
    few = len(names) <= BYTE
    counts = _counted(places, len(names) * every) if few else Counter(places)
    sums: Any = [0.0] * (len(names) * every) if few else defaultdict(float)
    for at, budget in zip(compress(places, deals.budgets), deals.filled_budgets, strict=True):
        sums[at] += budget
    told = {at: (names[at // every], at % every) for at in counts}
    return Groups(
        kinds=deals.kinds,
        keys=names,
        counts={key: counts[at] for at, key in told.items()},
        budgets={key: sums[at] for at, key in told.items() if sums[at]},
    )


def _counted(numbers: Iterable[int], beyond: int) -> Mapping[int, int]:
    """Return how often each number stands there: as Counter, and faster where they are small."""
    counts = [0] * beyond
    for number in numbers:
        counts[number] += 1
    return {number: counts[number] for number in compress(range(beyond), counts)}


def _places(
    column: Cells, code_of: Mapping[Any, int], kinds: Sequence[int], every: int
) -> tuple[Sequence[int], int]:
    """Return a number for each deal that tells its key and its kind: how often the second goes in.

    It is the key's code times that, and the kind.
    """
    if len(code_of) > BYTE or not isinstance(kinds, bytes):
        first = {key: code * every for key, code in code_of.items()}
        return list(map(add, map(first.__getitem__, column), kinds)), every
    pairs = bytearray(2 * len(kinds))  # two bytes side by side are one number
    little = sys.byteorder == "little"
    pairs[0 if little else 1 :: 2] = kinds
    pairs[1 if little else 0 :: 2] = column.as_bytes(code_of.__getitem__)
    return memoryview(pairs).cast("H").tolist(), BYTE


def by_name(groups: Groups, written: Iterable[Value]) -> tuple[Sequence[str], Groups]:
    """Return groups by name as they are shown: the largest first, no name last.

    Spellings of one name are one group, which is shown as it stands first among those `written`.
    """
    texts = ["" if name is None else name_text(name) for name in groups.keys]
    folded = fold_all(texts)
    merged = groups.merged(dict(zip(groups.keys, folded, strict=True)))
    shown = dict(zip(folded, texts, strict=True))
    if len(shown) < len(texts):
        text_of = dict(zip(groups.keys, texts, strict=True))
        in_order = [text_of[name] for name in dict.fromkeys(written) if name in text_of]
        shown = dict(zip(reversed(fold_all(in_order)), reversed(in_order), strict=True))
    sizes = dict(zip(merged.keys, count_all(merged), strict=True))
    keys = sorted(shown, key=lambda key: (not key, -sizes[key], key))
    return [shown[key] or NO_NAME for key in keys], replace(merged, keys=keys)


def by_month(groups: Groups) -> tuple[Sequence[str], Groups]:
    """Return groups by month, from the first to the last without a gap, no month last."""
    months = all_months(groups.keys)
    return months, replace(groups, keys=months)


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Column:
    """A column of a report: its header's key, its format, and its values by group.

    Only what is `added_up` has the sum of its values as the value over all groups: a count is. Sums
    of budgets are exact before they are divided.
    """

    header: str
    format: Format
    of: Callable[[Groups], Sequence[ReportCell]]
    added_up: bool = True

    def total(self, whole: Groups, values: Sequence[Any]) -> ReportCell:
        """Return the value over all groups together, given them as one, and the value of each."""
        total: ReportCell = sum(values) if self.added_up else self.of(whole)[0]
        return total


def count_all(groups: Groups) -> Sequence[int]:
    """Return how many deals each group has."""
    return groups.added(groups.counts, None)


def total_budget(groups: Groups) -> Sequence[float]:
    """Return the budgets in the base currency, added up; those without a rate are left out."""
    return _in_units(groups.added(groups.budgets, None))


def count_at(*stages: str | None) -> Callable[[Groups], Sequence[int]]:
    """Return a count of the deals that are at one of the stages now."""
    return lambda groups: groups.added(groups.counts, groups.kinds.at(*stages))


def budget_at(*stages: str | None) -> Callable[[Groups], Sequence[float]]:
    """Return the budget of the deals that are at one of the stages now."""
    return lambda groups: _in_units(groups.added(groups.budgets, groups.kinds.at(*stages)))


def _in_units(hundredths: Sequence[float]) -> Sequence[float]:
    return [number / HUNDREDTHS for number in hundredths]


def count_reached(stage: str) -> Callable[[Groups], Sequence[int]]:
    """Return a count of the deals that have ever reached the stage."""
    return lambda groups: groups.added(groups.counts, groups.kinds.reached(stage))


def _win_rate(groups: Groups) -> Sequence[float | None]:
    won, ended = count_at("client")(groups), count_at("client", "lost")(groups)
    return [part / whole if whole else None for part, whole in zip(won, ended, strict=True)]


DEALS = Column("deals", "count", count_all)
LEADS = Column("leads", "count", count_all)
BUDGET = Column("budget", "money", total_budget, added_up=False)
MQL = Column("mql", "count", count_reached("mql"))
SQL = Column("sql", "count", count_reached("sql"))
CLIENTS = Column("clients", "count", count_reached("client"))
WON = Column("won", "count", count_at("client"))
WON_BUDGET = Column("won_budget", "money", budget_at("client"), added_up=False)
LOST = Column("lost", "count", count_at("lost"))
LOST_BUDGET = Column("lost_budget", "money", budget_at("lost"), added_up=False)
UNQUALIFIED = Column("unqualified", "count", count_at("unqualified"))
WIN_RATE = Column("win_rate", "percent", _win_rate, added_up=False)


def count_columns(columns: Sequence[object]) -> list[Format]:
    """Return the formats of that many columns of counts."""
    return ["count"] * len(columns)


def make_table(
    checked: Checked,
    key: tuple[str, Format],
    groups: tuple[Sequence[str], Groups],
    columns: Sequence[Column],
    notes: tuple[str, ...],
) -> ReportTable:
    """Return a row for each group of deals, as it is shown, and a total.

    `key` is the header and the format of the groups.
    """
    locale, (shown, sums) = checked.book.locale, groups
    whole = sums.as_one()
    values = [column.of(sums) for column in columns]
    headers = [key[0], *(column.header for column in columns)]
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=(key[1], *(column.format for column in columns)),
        rows=tuple(zip(shown, *values, strict=True)),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(column.total(whole, of) for column, of in zip(columns, values, strict=True)),
        ),
        notes=notes,
    )


def without_rate(checked: Checked, places: Iterable[int]) -> tuple[str, ...]:
    """Return a note naming the deals whose currency has no rate, if there are any."""
    in_order = sorted(places)
    if not in_order:
        return ()
    rows, ids = checked.deals.rows, checked.deals.table.ids
    shown = ", ".join(ids[rows[place]] or f"#{rows[place] + 2}" for place in in_order[:20])
    more = " …" if len(in_order) > 20 else ""
    return (say(checked.book.locale, REPORT_LINES["no_rate"], deals=shown + more),)
