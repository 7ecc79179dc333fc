"""How well a deal fits the ideal client (ICP) of its region: 0 to 100, the reasons, an advice.

MQL = cold lead + scoring + interest (sales guide, stages of the funnel). The score is a help for
whoever decides: it stands in a cell of its own and in that cell's note, never in Check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

from rules.check import Checked
from rules.messages import SCORE_LINES
from rules.playbook import SUBJECT_TABS, Criterion, IdealClient, Playbook, Subject
from rules.refused import shorten
from rules.report_deals import read_rates
from rules.table import Raw, as_text
from rules.text import fold
from rules.values import Value
from rules.words import say

Advice: TypeAlias = Literal["qualify", "disqualify"]


class Reason(NamedTuple):
    """One criterion, held to one row; `met` is None where nothing is known."""

    subject: Subject
    field: str
    weight: int
    met: bool | None
    shown: str


Reasons: TypeAlias = tuple[Reason, ...]


class Score(NamedTuple):
    """The score of a deal; the reasons of its company, its contact and itself.

    `advice` is there where the manager's scoring result says otherwise.
    """

    points: int
    threshold: int
    reasons: tuple[Reasons, ...]
    advice: Advice | None


def find_scores(checked: Checked, base_currency: str) -> Mapping[int, Score]:
    """Return the score of each deal row to which an ICP applies."""
    profiles = checked.playbook.icp
    if not profiles:
        return {}
    rates = read_rates(checked.book.tables["lists"], base_currency)
    judges = {key: _Judge(checked, icp, rates) for key, icp in profiles.items()}
    by_region = {fold(name): judges[key] for key, icp in profiles.items() for name in icp.regions}
    elsewhere = next((judges[key] for key, icp in profiles.items() if not icp.regions), None)
    scores = {}
    for row in checked.deals.rows:
        judge = by_region.get(fold(_region(checked, row)), elsewhere)
        if judge is not None:
            scores[row] = judge.score(row)
    return scores


def _region(checked: Checked, deal: int) -> str:
    """Return the region of the deal's company, or else of its contact; "" if neither has one."""
    links = checked.references
    for records, row in (
        (checked.companies, links.deal_company[deal]),
        (checked.contacts, links.deal_contact[deal]),
    ):
        if row is not None and (region := records.values["region"][row]):
            return str(region)
    return ""


class _Judge:
    """One ICP, held to rows. A row is judged once, however many deals it has."""

    def __init__(self, checked: Checked, icp: IdealClient, rates: Mapping[str, float]) -> None:
        self._checked, self._icp, self._rates = checked, icp, rates
        self._tests = {
            (subject, field): _test(checked.playbook, subject, field, criterion)
            for subject in SUBJECT_TABS
            for field, criterion in icp.of(subject).items()
        }
        self._judged: dict[tuple[Subject, int | None], Reasons] = {}
        self._reasons: dict[Reason, Reason] = {}

    def score(self, deal: int) -> Score:
        """Return the score of a deal row."""
        links = self._checked.references
        reasons = (
            self._of("company", links.deal_company[deal]),
            self._of("contact", links.deal_contact[deal]),
            tuple(self._judge("deal", deal)),
        )
        points = sum(reason.weight for reason in chain.from_iterable(reasons) if reason.met)
        advice = self._advice(deal, fits=points >= self._icp.threshold)
        return Score(points, self._icp.threshold, reasons, advice)

    def _of(self, subject: Subject, row: int | None) -> Reasons:
        key = (subject, row)
        if key not in self._judged:
            self._judged[key] = tuple(self._judge(subject, row))
        return self._judged[key]

    def _judge(self, subject: Subject, row: int | None) -> Iterator[Reason]:
        """Yield the reasons of a row; None: nobody knows which it is. Equal ones are one object."""
        records = self._checked.records(subject)
        for field, criterion in self._icp.of(subject).items():
            value = self._value(subject, field, row) if row is not None else None
            met = None if value is None else self._tests[subject, field](value)
            shown = records.table.text(field, row) if row is not None and met is not None else ""
            reason = Reason(subject, field, criterion.weight, met, shorten(shown) if shown else "")
            yield self._reasons.setdefault(reason, reason)

    def _value(self, subject: Subject, field: str, row: int) -> Value:
        """Return the read value; an amount in the base currency, None if that has no rate."""
        value = self._checked.records(subject).values[field][row]
        kind = self._checked.playbook.tabs[SUBJECT_TABS[subject]].fields[field].kind
        if kind != "money" or subject != "deal" or not isinstance(value, float):
            return value
        currency = self._checked.deals.text("currency", row) if self._has_currency else ""
        rate = self._rates.get(fold(currency)) if currency else 1.0
        return value * rate if rate is not None else None

    @property
    def _has_currency(self) -> bool:
        return "currency" in self._checked.deals.values

    def _advice(self, deal: int, *, fits: bool) -> Advice | None:
        decided = self._checked.deals.values.get("scoring_result")
        match decided[deal] if decided else None:
            case "qualified" if not fits:
                return "disqualify"
            case "not_qualified" if fits:
                return "qualify"
        return None


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
        self._lines: dict[Reasons, str] = {}

    def note(self, score: Score) -> str:
        """Return the note: the score, a reason a line, and the advice, if there is one."""
        fits = score.points >= score.threshold
        first = self._say(
            "fits" if fits else "does_not_fit",
            points=str(score.points),
            threshold=str(score.threshold),
        )
        lines = [first, *filter(None, map(self._reasons, score.reasons))]
        if score.advice:
            lines.append(self._say(score.advice, field=self._header("deal", "scoring_result")))
        return "\n".join(lines)

    def _reasons(self, reasons: Reasons) -> str:
        if reasons not in self._lines:
            self._lines[reasons] = "\n".join(map(self._reason, reasons))
        return self._lines[reasons]

    def _reason(self, reason: Reason) -> str:
        code = {True: "met", False: "not_met", None: "not_known"}[reason.met]
        field = self._header(reason.subject, reason.field)
        return self._say(code, weight=str(reason.weight), field=field, value=reason.shown)

    def _header(self, subject: Subject, field: str) -> str:
        """Return the header as it stands in the workbook, after its tab's name if it is another."""
        tab = self._checked.playbook.tabs[SUBJECT_TABS[subject]]
        headers = self._checked.records(subject).table.headers
        header = headers.get(field) or tab.fields[field].in_locale(self._locale)
        return header if subject == "deal" else f"{tab.in_locale(self._locale)} → {header}"

    def _say(self, code: str, **values: str) -> str:
        return say(self._locale, SCORE_LINES[code], **values)
