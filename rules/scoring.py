"""How well a deal fits the ideal client (ICP) of its region: 0 to 100, the reasons, an advice.

MQL = cold lead + scoring + interest (sales guide, stages of the funnel). The score is a help for
whoever decides: it stands in a cell of its own and in that cell's note, never in Check.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, chain, compress, count
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from rules.check import Checked
from rules.collecting import uncollected
from rules.messages import SCORE_LINES
from rules.playbook import SUBJECT_TABS, Criterion, IdealClient, Playbook, Subject
from rules.refused import shorten
from rules.report_deals import read_rates
from rules.rows import cells_at, is_among
from rules.shared_keys import changed_rows
from rules.table import Raw, as_text
from rules.text import fold
from rules.values import Value
from rules.words import say

T = TypeVar("T")

Advice: TypeAlias = Literal["qualify", "disqualify"]


@dataclass(eq=False, slots=True)
class Reason:
    """One criterion, held to one value; `met` is None where nothing is known."""

    subject: Subject
    field: str
    weight: int
    met: bool | None
    shown: str


Reasons: TypeAlias = tuple[Reason, ...]
"""What is to be said of one row. Equal reasons of one field are one object, so are equal rows'."""


class Score(NamedTuple):
    """The score of a deal; the reasons are those of its company, its contact and itself.

    `advice` is there where the manager's scoring result says otherwise.
    """

    points: int
    threshold: int
    company: Reasons
    contact: Reasons
    deal: Reasons
    advice: Advice | None


class Scores(Mapping[int, Score]):
    """The scores of deals by row; a score is made when it is asked for, as there are many.

    `place` holds, by deal row, where it stands in the columns of reasons; -1 where no ICP applies.
    """

    def __init__(self, checked: Checked, place: array[int], judged: Sequence[_Judged]) -> None:
        self._decided = checked.deals.values.get("scoring_result")
        self._place, self._judged = place, judged
        self._bounds = [0, *accumulate(len(each.deals) for each in judged)]
        self._points = cache(lambda reasons: sum(it.weight for it in reasons if it.met))

    def __len__(self) -> int:
        return self._bounds[-1]

    def __iter__(self) -> Iterator[int]:
        return compress(range(len(self._place)), map((-1).__ne__, self._place))

    def __getitem__(self, row: int) -> Score:
        place = self._place[row] if 0 <= row < len(self._place) else -1
        if place < 0:
            raise KeyError(row)
        number = bisect_right(self._bounds, place) - 1
        of_icp, at = self._judged[number], place - self._bounds[number]
        firm, person, deal = of_icp.companies[at], of_icp.contacts[at], of_icp.deals[at]
        total = self._points(firm) + self._points(person) + self._points(deal)
        advice = _ADVICE.get(self._decided[row] if self._decided else None, (None, None))
        fits = total >= of_icp.threshold
        return Score(total, of_icp.threshold, firm, person, deal, advice[fits])


class _Judged(NamedTuple):
    """The reasons of the deals that one ICP applies to; those of one row are one object."""

    threshold: int
    companies: Sequence[Reasons]
    contacts: Sequence[Reasons]
    deals: Sequence[Reasons]


def find_scores(checked: Checked, base_currency: str, rows: Sequence[int]) -> Mapping[int, Score]:
    """Return the score of each of these deal rows to which an ICP applies."""
    profiles = checked.playbook.icp
    if not profiles:
        return {}
    with uncollected():
        rates = read_rates(checked.book.tables["lists"], base_currency)
        by_region = {fold(name): key for key, icp in profiles.items() for name in icp.regions}
        elsewhere = next((key for key, icp in profiles.items() if not icp.regions), None)
        profile_of = cache(lambda region: by_region.get(fold(str(region or "")), elsewhere))
        rows_by_profile: dict[str, list[int]] = {key: [] for key in profiles}
        for row, region in zip(rows, _regions(checked, rows), strict=True):
            if (key := profile_of(region)) is not None:
                rows_by_profile[key].append(row)
        place = array("i", [-1]) * checked.deals.table.height
        for at, row in enumerate(chain.from_iterable(rows_by_profile.values())):
            place[row] = at
        judged = [
            _Judge(checked, profiles[key], rates).judged(some)
            for key, some in rows_by_profile.items()
        ]
        return Scores(checked, place, judged)


def rows_to_score(checked: Checked, before: Checked) -> Sequence[int]:
    """Return the deals whose score or its reasons may be others than they were in the same rows.

    Playbook, headers, lists and the base currency are those of before.
    """
    profiles, links, known = checked.playbook.icp, checked.references, before.references
    if not profiles:
        return ()
    asked = {subject: _asked(profiles.values(), subject) for subject in SUBJECT_TABS}
    touched = {subject: _touched(checked, before, subject, asked[subject]) for subject in asked}
    rows = touched["deal"]
    referring: Mapping[Subject, tuple[Sequence[int | None], Sequence[int | None]]] = {
        "company": (known.deal_company, links.deal_company),
        "contact": (known.deal_contact, links.deal_contact),
    }
    for subject, (then, now) in referring.items():
        rows.update(changed_rows((then,), (now,)))
        if others := touched[subject]:
            rows.update(compress(count(), map(others.__contains__, now)))
    return [row for row in sorted(rows) if is_among(checked.deals.rows, row)]


def _asked(profiles: Iterable[IdealClient], subject: Subject) -> set[str]:
    """Return the fields that decide about scores and what is said of them."""
    further = ("currency", "scoring_result") if subject == "deal" else ("region",)
    return set(chain(further, *(icp.of(subject) for icp in profiles)))


def _touched(
    checked: Checked, before: Checked, subject: Subject, fields: AbstractSet[str]
) -> set[int]:
    """Return the rows in which one of the fields, or what is read of it, is not as it was."""
    now, then = checked.records(subject), before.records(subject)
    fields = now.values.keys() & fields
    old, new = (
        (*map(one.table.column, fields), *map(one.values.__getitem__, fields))
        for one in (then, now)
    )
    return set(changed_rows(old, new))


def _regions(checked: Checked, rows: Sequence[int]) -> Sequence[Value]:
    """Return, for each of the deals, the region of its company, or else of its contact."""
    links = checked.references
    firms = _at(checked.companies.values["region"], links.deal_company, rows)
    people = _at(checked.contacts.values["region"], links.deal_contact, rows)
    return [firm or person for firm, person in zip(firms, people, strict=True)]


def _at(column: Sequence[T], referred: Sequence[int | None], rows: Sequence[int]) -> list[T | None]:
    """Return what stands in the column where these rows refer to, None for nobody."""
    places = cells_at(referred, rows)
    cells = iter(cells_at(column, [at for at in places if at is not None]))
    return [None if at is None else next(cells) for at in places]


class _Judge:
    """One ICP, held to rows column by column. Equal values are judged once."""

    def __init__(self, checked: Checked, icp: IdealClient, rates: Mapping[str, float]) -> None:
        self._checked, self._icp, self._rates = checked, icp, rates

    def judged(self, deals: Sequence[int]) -> _Judged:
        """Return the reasons of these deal rows."""
        links = self._checked.references
        return _Judged(
            self._icp.threshold,
            self._of_referred("company", [links.deal_company[row] for row in deals]),
            self._of_referred("contact", [links.deal_contact[row] for row in deals]),
            self._reasons("deal", deals),
        )

    def _of_referred(self, subject: Subject, rows: Sequence[int | None]) -> Sequence[Reasons]:
        """Return the reasons of each row that is referred to: one object, however often."""
        known = sorted(row for row in set(rows) if row is not None)  # as cells are fast to look at
        reasons_of: dict[int | None, Reasons] = dict(
            zip(known, self._reasons(subject, known), strict=True)
        )
        criteria = self._icp.of(subject).items()
        reasons_of[None] = tuple(Reason(subject, key, it.weight, None, "") for key, it in criteria)
        return list(map(reasons_of.__getitem__, rows))

    def _reasons(self, subject: Subject, rows: Sequence[int]) -> Sequence[Reasons]:
        table = self._checked.records(subject).table
        columns: list[Iterable[Reason]] = []
        for field, criterion in self._icp.of(subject).items():
            values = self._values(subject, field, rows)
            cells = table.column(field)
            judging = self._judging(subject, field, criterion)
            columns.append(map(judging, values, cells_at(cells, rows)))
        if not columns:
            return [()] * len(rows)
        known: dict[Reasons, Reasons] = {}
        return [known.setdefault(some, some) for some in zip(*columns, strict=True)]

    def _judging(
        self, subject: Subject, field: str, criterion: Criterion
    ) -> Callable[[Value, Raw], Reason]:
        """Return what makes the reason of a value and the cell that it was read from."""
        test = _test(self._checked.playbook, subject, field, criterion)

        @lru_cache(maxsize=None, typed=True)
        def judge(value: Value, cell: Raw) -> Reason:
            met = None if value is None else test(value)
            shown = "" if met is None else shorten(as_text(cell))
            return Reason(subject, field, criterion.weight, met, shown)

        return judge

    def _values(self, subject: Subject, field: str, rows: Sequence[int]) -> Sequence[Value]:
        """Return the read values; amounts in the base currency, None if that has no rate."""
        column = self._checked.records(subject).values[field]
        values = cells_at(column, rows)
        kind = self._checked.playbook.tabs[SUBJECT_TABS[subject]].fields[field].kind
        if kind != "money" or subject != "deal" or "currency" not in self._checked.deals.values:
            return values
        currencies = self._checked.deals.texts_at("currency", rows)
        rate_of = cache(lambda currency: 1.0 if not currency else self._rates.get(fold(currency)))
        rates = map(rate_of, currencies)
        return [
            amount if not isinstance(amount, float) else None if rate is None else amount * rate
            for amount, rate in zip(values, rates, strict=True)
        ]


_ADVICE: Mapping[Value, tuple[Advice | None, Advice | None]] = {
    "qualified": ("disqualify", None),
    "not_qualified": (None, "qualify"),
}
"""By the manager's scoring result: the advice where a deal does not fit, and where it does."""


# ── What a criterion asks ────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(r"\d[\d\s\u00a0\u202f]*(?:[.,]\d+)?")


def _test(
    playbook: Playbook, subject: Subject, field: str, criterion: Criterion
) -> Callable[[Value], bool]:
    """Return whether a value that is known meets the criterion."""
    if criterion.any_of:
        accepted = _accepted(playbook, subject, field, criterion.any_of)
        return lambda value: not accepted.isdisjoint(_folded(value))
    if criterion.contains:
        words = [fold(word) for word in criterion.contains]
        return lambda value: any(word in text for text in _folded(value) for word in words)
    if criterion.at_least is not None:
        least = criterion.at_least
        return lambda value: (number := smallest_number(value)) is not None and number >= least
    return lambda value: True


def _accepted(
    playbook: Playbook, subject: Subject, field: str, words: tuple[str, ...]
) -> frozenset[str]:
    """Return the folded words, and the keys of the choices that they spell."""
    spec = playbook.tabs[SUBJECT_TABS[subject]].fields[field]
    choice = "yes_no" if spec.kind == "yes_no" else spec.choice
    folded = frozenset(map(fold, words))
    names = playbook.choices[choice] if choice else {}
    return folded | {key for key, name in names.items() if name.spellings & folded or key in folded}


def _folded(value: Value) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, tuple):
        return tuple(map(fold, value))
    return (fold(as_text(value)),)


def smallest_number(value: Raw | Value) -> float | None:
    """Return the number, or the smallest one in a text: of "50–100 people" it is 50."""
    if isinstance(value, bool) or value is None or isinstance(value, tuple):
        return None
    if isinstance(value, str):
        found = ("".join(text.split()).replace(",", ".") for text in _NUMBER.findall(value))
        return min(map(float, found), default=None)
    return float(value)


# ── In words ─────────────────────────────────────────────────────────────────────────────────────


class ScoreNotes:
    """Puts scores of one workbook into the words of the cell's note."""

    def __init__(self, checked: Checked) -> None:
        self._checked, self._locale = checked, checked.book.locale
        self._first: dict[tuple[int, int], str] = {}
        self._lines: dict[Reasons, str] = {}
        self._headers: dict[tuple[Subject, str], str] = {}

    def note(self, score: Score) -> str:
        """Return the note: the score, a reason a line, and the advice, if there is one."""
        points, threshold, advice = score.points, score.threshold, score.advice
        if (first := self._first.get((points, threshold))) is None:
            first = self._first[points, threshold] = self._say_points(points, threshold)
        lines = [first]
        for reasons in (score.company, score.contact, score.deal):
            if (told := self._lines.get(reasons)) is None:
                told = self._lines[reasons] = "\n".join(map(self._say_reason, reasons))
            if told:
                lines.append(told)
        if advice:
            lines.append(self._say(advice, field=self._header("deal", "scoring_result")))
        return "\n".join(lines)

    def _say_points(self, points: int, threshold: int) -> str:
        code = "fits" if points >= threshold else "does_not_fit"
        return self._say(code, points=str(points), threshold=str(threshold))

    def _say_reason(self, reason: Reason) -> str:
        code = {True: "met", False: "not_met", None: "not_known"}[reason.met]
        field = self._header(reason.subject, reason.field)
        return self._say(code, weight=str(reason.weight), field=field, value=reason.shown)

    def _header(self, subject: Subject, field: str) -> str:
        """Return the header as it stands in the workbook, after its tab's name if it is another."""
        if (known := self._headers.get((subject, field))) is not None:
            return known
        tab = self._checked.playbook.tabs[SUBJECT_TABS[subject]]
        headers = self._checked.records(subject).table.headers
        header = headers.get(field) or tab.fields[field].in_locale(self._locale)
        if subject != "deal":
            header = f"{tab.in_locale(self._locale)} → {header}"
        self._headers[subject, field] = header
        return header

    def _say(self, code: str, **values: str) -> str:
        return say(self._locale, SCORE_LINES[code], **values)
