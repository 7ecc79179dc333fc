"""Every deal, contact and company has an ID, assigned once and never again.

IDs stand in cells, and cells get copied, cleared, pasted over and sorted apart. So the worker
records beside each ID a digest of the cells that tell its row from others (`IDENTITY_FIELDS`), and
holds the rows against these records at every pass.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import ne
from typing import TypeAlias

from rules.check import Checked
from rules.playbook import SUBJECT_TABS, Playbook
from rules.table import Raw, Table, as_text, as_texts, differing
from rules.values import linked_folder
from sync.plan import Cell, ColumnCells, Plan
from sync.snapshot import Snapshot

COUNTER = "crm.counter."
"""Developer metadata key of the last number given to deals (D), contacts (P), companies (C)."""

IDENTITY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "deals": ("title", "company", "contact"),
    "contacts": ("first_name", "last_name", "email", "phone"),
    "companies": ("title", "site", "email"),
}
"""The cells that tell a row from others, by tab."""

Digest: TypeAlias = str
"""A short code for each identity field, empty for an empty one, with slashes between them."""


@dataclass(frozen=True)
class Digested:
    """The identity fields of a tab, and the digest of each row."""

    columns: Sequence[Sequence[Raw]]
    digests: Sequence[Digest]


def make_digests(table: Table, before: Digested | None = None) -> Digested:
    """Return the digest of each row of a tab of records; those known `before` are not made anew."""
    columns = [table.column(name) for name in IDENTITY_FIELDS[table.tab]]
    rows = _changed_rows(columns, before.columns) if before else None
    if before is None or rows is None:
        return Digested(columns, list(map("/".join, zip(*map(_codes, columns), strict=True))))
    if not rows:
        return replace(before, columns=columns)
    digests = list(before.digests)
    made = zip(*(_codes([column[row] for row in rows]) for column in columns), strict=True)
    for row, digest in zip(rows, map("/".join, made), strict=True):
        digests[row] = digest
    return Digested(columns, digests)


def _changed_rows(
    columns: Sequence[Sequence[Raw]], known: Sequence[Sequence[Raw]]
) -> Sequence[int] | None:
    """Return the rows in which some cells differ; None if that is not worth asking."""
    rows: set[int] = set()
    for column, before in zip(columns, known, strict=True):
        if len(column) != len(before):
            return None
        if column is not before:
            rows.update(differing(column, before))
    return None if 2 * len(rows) > len(columns[0]) else sorted(rows)


def _codes(column: Sequence[Raw]) -> Sequence[str]:
    """Return a code for each cell, "" for an empty one."""
    texts = as_texts(column)
    try:
        numbers = map(zlib.crc32, map(str.encode, texts))
        codes = list(map("%x".__mod__, numbers))
    except UnicodeEncodeError:  # half a character, which no text of Google's has
        codes = [f"{zlib.crc32(text.encode('utf-8', 'replace')):x}" for text in texts]
    if "" in texts:
        codes = [code if text else "" for code, text in zip(codes, texts, strict=True)]
    return codes


def likeness(one: Digest, other: Digest) -> int:
    """Return how many cells are filled and the same."""
    return sum(a == b != "" for a, b in zip(one.split("/"), other.split("/"), strict=False))


def tells(digest: Digest) -> bool:
    """Return whether there is anything in the digest that tells its row from others."""
    return bool(digest.strip("/"))


@dataclass(frozen=True)
class Identities:
    """Who the rows of a tab are.

    `ids` by row: IDs that stand or are restored. `unclear` by row: the IDs of which a row may be
    any. Rows in neither are new. `vanished` are recorded IDs that no row has and none may have,
    `rewritten` those whose row has nothing left of what was recorded.
    """

    ids: Mapping[int, str] = field(default_factory=dict)
    unclear: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    vanished: frozenset[str] = frozenset()
    rewritten: frozenset[str] = frozenset()


def find_identities(
    texts: Mapping[int, str], digests: Sequence[Digest], recorded: Mapping[str, Digest]
) -> Identities:
    """Return who the rows are, from the IDs that stand in them ("" where none does).

    - Of several rows with the same ID the one most like the record keeps it.
    - Rows that stand with each other's IDs, each exactly as recorded of the ID that another has,
      get them back: somebody sorted a part of the table.
    - A row with no ID of its own, or none of whose cells is as recorded of its ID, gets the one ID
      of which it is exactly as recorded, unless a row has it that is so too: somebody cleared or
      overwrote it.
    - Where more than one ID may be meant, nothing is guessed.
    - A row that has an ID nobody else claims keeps it: its manager has rewritten the row.
    """
    ids = _rightful(texts, digests, recorded)
    unlike = _unlike(ids, digests, recorded)
    if exchanged := _exchanged(unlike, digests, recorded):
        ids |= exchanged
        unlike = _unlike(ids, digests, recorded)
    missing = sorted(texts.keys() - ids.keys()) if len(ids) < len(texts) else []
    unnamed = Counter(digests[row] for row in missing)
    strangers = [
        row
        for row, text in unlike
        if text not in recorded
        or (tells(recorded[text]) and not likeness(digests[row], recorded[text]))
        or unnamed[recorded[text]] == 1
    ]
    if not strangers and not missing and len(ids) == len(recorded):
        return Identities(ids)
    kept = dict(ids)
    for row in strangers:
        del kept[row]
    restored, unclear = _reunited([*strangers, *missing], digests, recorded, kept.values())
    kept |= restored
    taken = set(kept.values())
    for row in strangers:
        if row not in kept and row not in unclear and ids[row] not in taken:
            kept[row] = ids[row]
    named = {text for candidates in unclear.values() for text in candidates}
    return Identities(
        ids=kept,
        unclear=unclear,
        vanished=frozenset(recorded.keys() - kept.values() - named),
        rewritten=frozenset(
            ids[row] for row in strangers if kept.get(row) == ids[row] and ids[row] in recorded
        ),
    )


def _unlike(
    ids: Mapping[int, str], digests: Sequence[Digest], recorded: Mapping[str, Digest]
) -> Sequence[tuple[int, str]]:
    """Return the rows, with their IDs, that are not exactly as recorded."""
    present, expected = map(digests.__getitem__, ids), map(recorded.get, ids.values())
    return list(compress(ids.items(), map(ne, present, expected)))


def _rightful(
    texts: Mapping[int, str], digests: Sequence[Digest], recorded: Mapping[str, Digest]
) -> dict[int, str]:
    """Return the row of each ID that stands: the one most like the record, or the first."""
    if len({*texts.values()}) == len(texts) and "" not in texts.values():
        return dict(texts)
    claims: defaultdict[str, list[int]] = defaultdict(list)
    for row, text in texts.items():
        if text:
            claims[text].append(row)
    return {
        max(rows, key=lambda row: (likeness(digests[row], recorded.get(text, "")), -row))
        if len(rows) > 1
        else rows[0]: text
        for text, rows in claims.items()
    }


def _exchanged(
    unlike: Sequence[tuple[int, str]], digests: Sequence[Digest], recorded: Mapping[str, Digest]
) -> dict[int, str]:
    """Return new IDs of rows that have each other's, as far as each of them is certain."""
    suspects = {row: text for row, text in unlike if text in recorded}
    if len(suspects) < 2:
        return {}
    owners: defaultdict[Digest, list[str]] = defaultdict(list)
    for text in suspects.values():
        if tells(recorded[text]):
            owners[recorded[text]].append(text)
    seekers: defaultdict[Digest, list[int]] = defaultdict(list)
    for row in suspects:
        seekers[digests[row]].append(row)
    holder = {text: row for row, text in suspects.items()}
    moves = {
        rows[0]: owners[digest][0]
        for digest, rows in seekers.items()
        if len(rows) == 1 and len(owners.get(digest, ())) == 1
    }
    while broken := [row for row, text in moves.items() if holder[text] not in moves]:
        for row in broken:
            del moves[row]
    return moves


def _reunited(
    seekers: Sequence[int],
    digests: Sequence[Digest],
    recorded: Mapping[str, Digest],
    held: Collection[str],
) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """Return the IDs of rows that are exactly as recorded of one, and those that may be several."""
    if not seekers:
        return {}, {}
    free: defaultdict[Digest, list[str]] = defaultdict(list)
    for text in sorted(recorded.keys() - held):
        if tells(recorded[text]):
            free[recorded[text]].append(text)
    alike: defaultdict[Digest, list[int]] = defaultdict(list)
    for row in seekers:
        alike[digests[row]].append(row)
    restored: dict[int, str] = {}
    unclear: dict[int, tuple[str, ...]] = {}
    for digest, rows in alike.items():
        texts = free.get(digest, [])
        if len(texts) == len(rows) == 1:
            restored[rows[0]] = texts[0]
        elif texts:
            unclear |= dict.fromkeys(rows, tuple(texts))
    return restored, unclear


@dataclass(frozen=True)
class People:
    """Who the rows of all tabs of records are, and what tells them apart, by tab."""

    found: Mapping[str, Identities]
    known: Mapping[str, Digested]
    recorded: Recorded

    def digests(self, tab: str) -> Sequence[Digest]:
        """Return the digest of each row of a tab."""
        return self.known[tab].digests


@dataclass(frozen=True)
class Recorded:
    """The columns of the memory that tell who is who, and the digests of the IDs with a row."""

    columns: Sequence[Sequence[Raw]]
    by_tab: Mapping[str, Mapping[str, Digest]]


def identify(snapshot: Snapshot, checked: Checked, before: People | None = None) -> People:
    """Return who the rows of all tabs of records are; what is known from `before` speeds it up."""
    known, found = {}, {}
    recorded = _recorded(
        snapshot.tables["records"], checked.playbook, before.recorded if before else None
    )
    for subject, tab in SUBJECT_TABS.items():
        table, rows = snapshot.tables[tab], checked.records(subject).rows
        known[tab] = make_digests(table, before.known[tab] if before else None)
        form, recorded_here = id_form(checked.playbook, tab), recorded.by_tab[tab]
        ids = table.ids if len(rows) == table.height else [table.ids[row] for row in rows]
        texts = [text if text in recorded_here or form.fullmatch(text) else "" for text in ids]
        named = dict(zip(rows, texts, strict=True))
        found[tab] = find_identities(named, known[tab].digests, recorded_here)
    return People(found, known, recorded)


def id_form(playbook: Playbook, tab: str) -> re.Pattern[str]:
    """Return the form of the IDs of a tab."""
    return re.compile(rf"{playbook.tabs[tab].prefix}-\d{{6,}}")


def _recorded(records: Table, playbook: Playbook, before: Recorded | None) -> Recorded:
    """Return the digests of the IDs that have had a row until now, by tab."""
    columns = [records.column(name) for name in ("id", "identity", "gone")]
    if before is not None and (looks := _changed_looks(columns, before)) is not None:
        if not looks:
            return replace(before, columns=columns)
        by_tab = {tab: {**digests} for tab, digests in before.by_tab.items()}
        for row in looks:
            text = records.ids[row]
            for digests in by_tab.values():
                if text in digests:
                    digests[text] = as_text(columns[1][row])
        return Recorded(columns, by_tab)
    known: Mapping[str, dict[str, Digest]] = {tab: {} for tab in SUBJECT_TABS.values()}
    of_prefix = {f"{playbook.tabs[tab].prefix}-": digests for tab, digests in known.items()}
    others: dict[str, Digest] = {}
    cells = zip(records.ids, as_texts(columns[1]), columns[2], strict=True)
    for text, identity, gone in cells:
        if gone is None:
            of_prefix.get(text[: text.find("-") + 1], others)[text] = identity
    return Recorded(columns, known)


def _changed_looks(columns: Sequence[Sequence[Raw]], before: Recorded) -> Sequence[int] | None:
    """Return the rows of which nothing but the digest has changed; None if there is more to it."""
    ids, looks, gone = columns
    known_ids, known_looks, known_gone = before.columns
    once = sum(map(len, before.by_tab.values())) == len(ids)  # each ID stands in one row
    if not once or ids is not known_ids or gone is not known_gone:
        return None
    return list(compress(range(len(ids)), map(ne, looks, known_looks)))


def plan_restored(snapshot: Snapshot, checked: Checked, people: People) -> Plan:
    """Plan the IDs that rows get back; where it is unclear, no ID of another row may stand."""
    cells: dict[tuple[str, str], ColumnCells] = {}
    for tab, who in people.found.items():
        table = snapshot.tables[tab]
        present = map(table.ids.__getitem__, who.ids)
        wanted: dict[int, Cell] = dict(
            compress(who.ids.items(), map(ne, present, who.ids.values()))
        )
        for row, candidates in who.unclear.items():
            if (text := table.text("id", row)) and text not in candidates:
                wanted[row] = None
        if wanted:
            cells[tab, "id"] = wanted
            others = who.ids.keys() - wanted.keys()
            cells |= _copied_cells(snapshot, checked.playbook, tab, wanted, others)
    return Plan(cells=cells)


def _copied_cells(
    snapshot: Snapshot,
    playbook: Playbook,
    tab: str,
    ids: Mapping[int, Cell],
    others: Collection[int],
) -> Mapping[tuple[str, str], ColumnCells]:
    """Return, cleared, what rows brought from others when they were copied: links to folders.

    `ids` are the rows' own, by row. A link is another's that stands on one of the `others`, or, on
    a row that also brought an ID, that leads to the folder recorded for another ID.
    """
    table, owners = snapshot.tables[tab], _folder_owners(snapshot.tables["records"])
    cells: dict[tuple[str, str], ColumnCells] = {}
    for name, spec in playbook.tabs[tab].fields.items():
        if spec.owner != "both":
            continue
        known = {table.text(name, row) for row in others} - {""}
        copied = [
            row
            for row, own in ids.items()
            if (link := table.text(name, row)) in known
            or (table.text("id", row) and owners.get(linked_folder(link) or "", own) != own)
        ]
        if copied:
            cells[tab, name] = dict.fromkeys(copied)
    return cells


def _folder_owners(records: Table) -> Mapping[str, str]:
    """Return the ID for which each folder was recorded."""
    columns = (records.column("id"), records.column("folders"))
    return {
        as_text(folders).split()[0]: as_text(record_id)
        for record_id, folders in zip(*columns, strict=True)
        if folders
    }


def plan_new(snapshot: Snapshot, checked: Checked, people: People) -> Plan:
    """Plan an ID for each new row, and none for a row that holds nothing but another row's ID.

    A copied row also brought the link to another deal's folder: it is cleared.
    """
    plan = Plan()
    for subject, tab in SUBJECT_TABS.items():
        who, table = people.found[tab], snapshot.tables[tab]
        rows = checked.records(subject).rows
        new = [row for row in rows if row not in who.ids and row not in who.unclear]
        if not new or not snapshot.has(tab):
            continue
        fields = checked.playbook.tabs[tab].fields
        typed = [name for name, spec in fields.items() if spec.owner != "worker"]
        filled = set(table.rows_with_content(typed))
        if blank := [row for row in new if row not in filled]:
            plan = plan.then(Plan(cells={(tab, "id"): dict.fromkeys(blank)}))
        if new := [row for row in new if row in filled]:
            plan = plan.then(_number_rows(snapshot, checked.playbook, tab, new, who))
    return plan


def _number_rows(
    snapshot: Snapshot, playbook: Playbook, tab: str, new: Sequence[int], who: Identities
) -> Plan:
    prefix = playbook.tabs[tab].prefix or ""
    key = COUNTER + prefix
    used = (*who.ids.values(), *who.vanished, *_recorded_ids(snapshot, f"{prefix}-"))
    last = max(_last_number(snapshot.structure.metadata, key), *map(_number, used), 0)
    numbered: dict[int, Cell] = {
        row: f"{prefix}-{last + place:06d}" for place, row in enumerate(new, 1)
    }
    copied = _copied_cells(snapshot, playbook, tab, numbered, who.ids)
    cells = {(tab, "id"): numbered, **copied}
    return Plan(cells=cells, metadata={key: str(last + len(new))})


def _recorded_ids(snapshot: Snapshot, prefix: str) -> Iterator[str]:
    return (text for text in snapshot.tables["records"].row_by_id if text.startswith(prefix))


def _last_number(metadata: Mapping[str, str], key: str) -> int:
    text = metadata.get(key, "0")
    return int(text) if text.isdigit() else 0


def _number(text: str) -> int:
    digits = text.partition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def plan_records(snapshot: Snapshot, checked: Checked, people: People) -> Plan:
    """Plan a record for each ID, and what its row looks like now."""
    records = snapshot.tables["records"]
    identity, gone = records.column("identity"), records.column("gone")
    appended: list[Mapping[str, Cell]] = []
    looks: dict[int, Cell] = {}
    back: dict[int, Cell] = {}
    for subject, tab in SUBJECT_TABS.items():
        table, rows, digests = (
            snapshot.tables[tab], checked.records(subject).rows, people.digests(tab)
        )  # fmt: skip
        places, form = records.rows_for(table), id_form(checked.playbook, tab)
        for row, at in zip(rows, map(places.__getitem__, rows), strict=True):
            if at is None:
                if form.fullmatch(text := table.ids[row]):
                    appended.append({"id": text, "identity": digests[row]})
                continue
            if identity[at] != digests[row]:
                looks[at] = digests[row]
            if gone[at] is not None:
                back[at] = None
    cells: dict[tuple[str, str], ColumnCells] = {}
    if looks:
        cells["records", "identity"] = looks
    if back:
        cells["records", "gone"] = back
    return Plan(cells=cells, appended={"records": appended} if appended else {})


def plan_gone(snapshot: Snapshot, people: People, now: float) -> Plan:
    """Plan to remember which IDs have lost their rows: no row to come gets them."""
    known = snapshot.tables["records"].row_by_id
    gone: dict[int, Cell] = {
        known[text]: now
        for tab, who in people.found.items()
        if snapshot.has(tab)
        for text in who.vanished
    }
    return Plan(cells={("records", "gone"): gone}) if gone else Plan()
