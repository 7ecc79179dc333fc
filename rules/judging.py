"""What lies in a row itself, whatever its stage, and which rows have something else said of them.

All rows are judged at first. With a check before, those alone that have changed, that refer to what
has changed or share something with it; what is said of the others is taken from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import compress
from operator import ne
from typing import TYPE_CHECKING, TypeVar

from rules.chunks import Column
from rules.deal_rules import (
    find_contacts_elsewhere,
    find_other_currencies,
    find_past_steps,
    find_unmet_conditions,
)
from rules.duplicates import Duplicates, Sources, find_duplicates
from rules.facts import Facts
from rules.findings import Finding
from rules.folder_findings import find_folder_problems, told_columns
from rules.moves import Moved, find_moves
from rules.playbook import SUBJECT_TABS, Subject
from rules.problems import Findings, Noted, note
from rules.requirements import NO_STAGE, furthest_stages, stages_by_depth
from rules.rows import is_among

if TYPE_CHECKING:
    from rules.check import Checked

T = TypeVar("T")

DEAL_RULES: Sequence[Callable[[Facts, Collection[int]], Iterable[Finding]]] = (
    find_past_steps,
    find_contacts_elsewhere,
    find_other_currencies,
    find_unmet_conditions,
)
"""The rules on a deal and what it refers to."""


@dataclass(frozen=True)
class Judged:
    """What is to be said of rows in themselves, and what a later check goes on from.

    `stage_codes` hold the code of each deal's stage, `furthest` that of the furthest among the
    deals of each contact and company; NO_STAGE is none. Of the rows of `renewed` something else
    may be said than before; None: of any.
    """

    noted: Noted
    moved: Moved
    duplicates: Duplicates
    folders: Noted
    stage_codes: bytes
    furthest: Mapping[Subject, bytes] = field(repr=False)
    renewed: Mapping[Subject, AbstractSet[int]] | None = field(repr=False)


def judge(facts: Facts, changed: Mapping[Subject, Sequence[int]], before: Checked | None) -> Judged:
    """Judge a workbook; `changed` are the rows that were read anew since the check before."""
    if before is None or before.today != facts.today or _is_cut(facts, before):
        return _judge_all(facts, before)
    return _judge_renewed(facts, changed, before) or _judge_all(facts, before)


def _is_cut(facts: Facts, before: Checked) -> bool:
    """Return whether rows at the end are gone."""
    return any(
        facts.records(subject).table.height < before.records(subject).table.height
        for subject in SUBJECT_TABS
    )


# ── All rows ─────────────────────────────────────────────────────────────────────────────────────


def _judge_all(facts: Facts, before: Checked | None) -> Judged:
    rows = {subject: range(facts.records(subject).table.height) for subject in SUBJECT_TABS}
    sources = _sources(facts, dict.fromkeys(rows, ()))
    said = _Said(
        facts,
        sources,
        moved=find_moves(facts, before.judged.moved if before else None),
        duplicates=find_duplicates(sources, facts.playbook),
        folders=note(find_folder_problems(facts, rows)),
    )
    codes = {key: code for code, key in enumerate(facts.playbook.stages)}
    stages = Column.of(facts.deals.values["stage"])
    stage_codes = stages.as_bytes(lambda stage: codes.get(stage, NO_STAGE))
    return said.judged(
        said.noted(rows),
        stage_codes,
        {
            subject: _furthest_of_all(facts, subject, referred, stage_codes)
            for subject, referred in _referred(facts).items()
        },
        None,
    )


def _furthest_of_all(
    facts: Facts, subject: Subject, referred: Sequence[int | None], stage_codes: bytes
) -> bytes:
    """Return the code of the furthest stage among the deals of each row that holds a record."""
    records = facts.records(subject)
    nobody = bytes([_first_stage(facts)]) * records.table.height
    codes = furthest_stages(facts.playbook, referred, stage_codes, nobody)
    if len(records.rows) == records.table.height:
        return codes
    found = bytearray([NO_STAGE]) * records.table.height
    for row in records.rows:
        found[row] = codes[row]
    return bytes(found)


def _first_stage(facts: Facts) -> int:
    return list(facts.playbook.stages).index(facts.playbook.funnel[0])


def _referred(facts: Facts) -> Mapping[Subject, Sequence[int | None]]:
    """Return what the deals refer to."""
    links = facts.references
    return {"contact": links.deal_contact, "company": links.deal_company}


def _sources(facts: Facts, changed: Mapping[Subject, Collection[int]]) -> Sources:
    links = facts.references
    return Sources(
        facts.deals,
        facts.contacts,
        facts.companies,
        links.deal_contact,
        links.contact_company,
        {subject: sorted(rows) for subject, rows in changed.items()},
    )


@dataclass(frozen=True)
class _Said:
    """Where what is said of rows comes from."""

    facts: Facts
    sources: Sources
    moved: Moved
    duplicates: Duplicates
    folders: Noted

    def noted(self, rows: Mapping[Subject, Collection[int]]) -> Noted:
        """Return all that is to be said of these rows; a row's findings always in one order."""
        facts, deals = self.facts, rows.get("deal", ())
        return note(
            *(facts.records(subject).findings(some) for subject, some in rows.items()),
            *(facts.references.findings(subject, some) for subject, some in rows.items()),
            _of_rows(self.moved.findings, deals),
            *(rule(facts, deals) for rule in DEAL_RULES if deals),
            *(_of_rows(self.folders[subject], some) for subject, some in rows.items()),
            *(
                self.duplicates.findings(self.sources, subject, some)
                for subject, some in rows.items()
            ),
        )

    def note_again(
        self,
        subject: Subject,
        rows: AbstractSet[int],
        known: Noted,
        noted: dict[Subject, Mapping[int, Findings]],
    ) -> set[int]:
        """Note these rows; return those of which something else is said than was known."""
        old, new = known[subject], self.noted({subject: dict.fromkeys(sorted(rows))})[subject]
        noted[subject] = _replaced(old, rows, new)
        return {row for row in rows if old.get(row) != new.get(row)}

    def judged(
        self,
        noted: Noted,
        stage_codes: bytes,
        furthest: Mapping[Subject, bytes],
        renewed: Mapping[Subject, AbstractSet[int]] | None,
    ) -> Judged:
        """Return this with what was concluded from it."""
        return Judged(
            noted, self.moved, self.duplicates, self.folders, stage_codes, furthest, renewed
        )


def _of_rows(findings: Mapping[int, Sequence[Finding]], rows: Collection[int]) -> Iterator[Finding]:
    for row, some in findings.items():
        if row in rows:
            yield from some


# ── Changed rows ─────────────────────────────────────────────────────────────────────────────────


def _judge_renewed(
    facts: Facts, changed: Mapping[Subject, Sequence[int]], before: Checked
) -> Judged | None:
    """Judge what has changed and what has to do with it; None if that may be nearly everything."""
    links, known = facts.references, before.judged
    of_deals, of_contacts = links.touched("deal"), links.touched("contact")
    if of_deals is None or of_contacts is None:
        return None
    firms = set(changed["company"])
    people = of_contacts.union(changed["contact"], _employed(facts, firms, before))
    deals = of_deals.union(changed["deal"])
    sources = _sources(facts, {"deal": deals, "contact": people, "company": firms})
    old_sources = _sources(before, {})
    duplicates = find_duplicates(sources, facts.playbook, (known.duplicates, old_sources))
    said = _Said(
        facts,
        sources,
        moved=find_moves(facts, known.moved),
        duplicates=duplicates,
        folders=_folders(facts, deals, firms, before),
    )
    to_note: dict[Subject, set[int]] = {"deal": deals, "contact": people, "company": firms}
    for subject, rows in to_note.items():
        if (shared := duplicates.touched(subject)) is None:
            return None
        refiled = _different(known.folders[subject], said.folders[subject])
        to_note[subject] = rows.union(shared, refiled)
    to_note["deal"].update(_different(known.moved.findings, said.moved.findings))

    noted: dict[Subject, Mapping[int, Findings]] = {}
    renewed: dict[Subject, set[int]] = {"deal": set(deals)}
    furthest: dict[Subject, bytes] = {}
    stage_codes = _codes_again(facts, changed["deal"], known.stage_codes)
    for subject, referred in _referred(facts).items():
        own = said.note_again(subject, to_note[subject], known.noted, noted)
        own.update(changed[subject], _lacking_otherwise(facts, before, subject))
        meant = _meant_otherwise(facts, before, subject, deals, stage_codes)
        meant.update(changed[subject])
        wanted = own.union(meant, people if subject == "contact" else ())
        near = list(compress(range(len(referred)), map(wanted.__contains__, referred)))
        furthest[subject] = _furthest_again(
            facts, subject, meant, [(referred[row], stage_codes[row]) for row in near], known
        )
        if subject == "contact":
            to_note["deal"].update(row for row in near if referred[row] in people)
        renewed["deal"].update(row for row in near if referred[row] in own)
        renewed[subject] = own.union(_differing(known.furthest[subject], furthest[subject], meant))
    renewed["deal"] |= said.note_again("deal", to_note["deal"], known.noted, noted)
    return said.judged(noted, stage_codes, furthest, renewed)


def _employed(facts: Facts, firms: AbstractSet[int], before: Checked) -> Iterable[int]:
    """Return the contacts at companies that lie elsewhere than before, or have another ID."""
    old, now = before.companies, facts.companies
    moved = {
        row
        for row in sorted(firms)
        if row >= old.table.height
        or old.table.text("id", row) != now.table.text("id", row)
        or ("region" in now.values and old.values["region"][row] != now.values["region"][row])
    }
    employers = facts.references.contact_company
    return compress(range(len(employers)), map(moved.__contains__, employers)) if moved else ()


def _folders(
    facts: Facts, deals: AbstractSet[int], firms: AbstractSet[int], before: Checked
) -> Noted:
    """Return what is to be said of folders; looked for anew where that may be something else."""
    known = before.judged.folders
    if told_columns(facts.book.tables) != told_columns(before.book.tables):
        rows = {subject: range(facts.records(subject).table.height) for subject in SUBJECT_TABS}
        return note(find_folder_problems(facts, rows))
    owners = set(firms)
    for referred in (before.references.deal_company, facts.references.deal_company):
        owners.update(
            company
            for row in deals
            if row < len(referred) and (company := referred[row]) is not None
        )
    anew: Mapping[Subject, AbstractSet[int]] = {"deal": deals, "contact": set(), "company": owners}
    found = note(find_folder_problems(facts, anew))
    return {subject: _replaced(known[subject], anew[subject], found[subject]) for subject in anew}


def _codes_again(facts: Facts, changed: Sequence[int], known: bytes) -> bytes:
    """Return the codes of the deals' stages; these rows have changed."""
    stages = facts.deals.values["stage"]
    codes = {key: code for code, key in enumerate(facts.playbook.stages)}
    found = bytearray(known.ljust(len(stages), bytes([NO_STAGE])))
    for row in changed:
        found[row] = codes.get(stages[row], NO_STAGE)  # type: ignore[arg-type]  # a key, or None
    return bytes(found)


def _meant_otherwise(
    facts: Facts, before: Checked, subject: Subject, deals: Iterable[int], stage_codes: bytes
) -> set[int]:
    """Return the rows that another deal refers to than before, or one at another stage."""
    old, now = _referred(before)[subject], _referred(facts)[subject]
    old_codes = before.judged.stage_codes
    found: set[int | None] = set()
    for row in deals:
        if row >= len(old):
            found.add(now[row])
        elif old[row] != now[row] or old_codes[row] != stage_codes[row]:
            found.update((old[row], now[row]))
    return {row for row in found if row is not None}


def _furthest_again(
    facts: Facts,
    subject: Subject,
    rows: Iterable[int],
    deals: Iterable[tuple[int | None, int]],
    known: Judged,
) -> bytes:
    """Return the furthest stages, told anew for these rows; `deals` are all that refer to them.

    A deal is the row that it refers to and the code of its stage.
    """
    records = facts.records(subject)
    found = bytearray(known.furthest[subject].ljust(records.table.height, bytes([NO_STAGE])))
    reached: dict[int | None, int] = {}
    order = stages_by_depth(facts.playbook)
    place_of = {code: place for place, code in enumerate(order)}
    for row, code in deals:
        if code in place_of:
            reached[row] = max(reached.get(row, 0), place_of[code])
    first, holders = _first_stage(facts), records.rows
    for row in rows:
        if not is_among(holders, row):
            found[row] = NO_STAGE
        else:
            found[row] = order[reached[row]] if row in reached else first
    return bytes(found)


def _lacking_otherwise(facts: Facts, before: Checked, subject: Subject) -> Iterator[int]:
    """Yield the rows of before that lack something else now."""
    old, now = (one.records(subject).gaps.planes for one in (before, facts))
    for known, plane in zip(old, now, strict=True):
        if known != plane:
            yield from compress(range(len(known)), map(ne, known, plane))


def _differing(old: bytes, new: bytes, rows: Iterable[int]) -> Iterator[int]:
    return (row for row in rows if row >= len(old) or old[row] != new[row])


def _different(old: Mapping[int, object], new: Mapping[int, object]) -> Iterator[int]:
    """Yield the keys under which something else stands."""
    for row, it in new.items():
        if old.get(row) is not it and old.get(row) != it:
            yield row
    yield from (row for row in old if row not in new)


def _replaced(old: Mapping[int, T], rows: Iterable[int], new: Mapping[int, T]) -> Mapping[int, T]:
    """Return the old with what is new of these rows."""
    found = dict(old)
    for row in rows:
        found.pop(row, None)
    found.update(new)
    return found
