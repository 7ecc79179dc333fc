"""Every deal, contact and company has an ID, assigned once and never again.

IDs stand in cells, and cells get copied, cleared, pasted over and sorted apart. So the worker
records beside each ID a digest of the cells that tell its row from others (`IDENTITY_FIELDS`), and
holds the rows against these records at every pass.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, count, repeat
from operator import is_, ne
from typing import TypeAlias, overload

from rules.check import Checked
from rules.playbook import SUBJECT_TABS, Playbook
from rules.rows import cells_at, is_among
from rules.table import Raw, Table, as_text, as_texts, differing, is_same_column
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


def make_digests(columns: Sequence[Sequence[Raw]]) -> Sequence[Digest]:
    """Return the digest of each row of these columns: those of the identity fields, in order."""
    texts = list(map(as_texts, columns))
    try:
        numbers = [map(zlib.crc32, map(str.encode, column)) for column in texts]
        form = "/".join(["%x"] * len(columns))
        digests = list(map(form.__mod__, zip(*numbers, strict=True)))
    except UnicodeEncodeError:  # half a character, which no text of Google's has
        return [_digest(row) for row in zip(*texts, strict=True)]
    lacking = {
        row for column in texts if "" in column for row, text in enumerate(column) if not text
    }
    for row in lacking:
        digests[row] = _digest([column[row] for column in texts])
    return digests


def _digest(texts: Iterable[str]) -> Digest:
    return "/".join(
        f"{zlib.crc32(text.encode('utf-8', 'replace')):x}" if text else "" for text in texts
    )


class Digests(Sequence[Digest]):
    """The digest of each row of these columns, made when it is asked for; there are many."""

    def __init__(self, columns: Sequence[Sequence[Raw]]) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, at: int) -> Digest: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Digest]: ...

    def __getitem__(self, at: int | slice) -> Digest | Sequence[Digest]:
        if isinstance(at, slice):
            return make_digests([column[at] for column in self._columns])
        return make_digests([[column[at]] for column in self._columns])[0]


_ROWS_AT_ONCE = 4096
"""So many rows' texts are held at once."""


def likeness(one: Digest, other: Digest) -> int:
    """Return how many cells are filled and the same."""
    return sum(a == b != "" for a, b in zip(one.split("/"), other.split("/"), strict=False))


def tells(digest: Digest) -> bool:
    """Return whether there is anything in the digest that tells its row from others."""
    return bool(digest.strip("/"))


@dataclass(frozen=True)
class Standing:
    """The rows of a tab as they stand, held against what is recorded; nothing is restored yet.

    `ids` by row: the ID that stands there and that no other row has a better claim to, else "".
    `rows` hold records; `unlike` are the digests of those that are not exactly as recorded of their
    ID, those `without` an ID among them. `spare` are the recorded IDs that no row has.
    """

    ids: Sequence[str]
    rows: Sequence[int]
    unlike: Mapping[int, Digest] = field(default_factory=dict)
    without: Sequence[int] = ()
    spare: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Identities:
    """Who the rows of a tab are.

    `ids` by row: IDs that stand or are restored, "" for none. `unclear` by row: the IDs of which a
    row may be any. `new` are the rows in neither. `vanished` are recorded IDs that no row has and
    none may have, `rewritten` those whose row has nothing left of what was recorded. `unlike` are
    the digests of the rows that are not exactly as recorded of their ID, new ones among them.
    """

    ids: Sequence[str]
    unclear: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    new: Sequence[int] = ()
    vanished: frozenset[str] = frozenset()
    rewritten: frozenset[str] = frozenset()
    unlike: Mapping[int, Digest] = field(default_factory=dict)


def find_standing(
    texts: Sequence[str],
    rows: Sequence[int],
    digests: Sequence[Digest],
    recorded: Mapping[str, Digest],
    spare: Collection[str],
) -> Standing:
    """Return how the `rows` stand, from the IDs ("" for none) and digests by row of the table.

    `spare` are the recorded IDs of the tab that are not among the `texts`.
    """
    ids, everywhere = _rightful(texts, rows, digests, recorded), len(rows) == len(texts)
    unlike: dict[int, Digest] = {}
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        made = digests[start : start + _ROWS_AT_ONCE]
        known = list(map(recorded.get, ids[start : start + _ROWS_AT_ONCE]))
        if made != known:
            unlike.update(compress(enumerate(made, start), map(ne, made, known)))
    if not everywhere:
        unlike = {row: digest for row, digest in unlike.items() if is_among(rows, row)}
    without = [row for row in unlike if not ids[row]]
    return Standing(ids, rows, unlike, without, frozenset(spare))


def _rightful(
    texts: Sequence[str],
    rows: Sequence[int],
    digests: Sequence[Digest],
    recorded: Mapping[str, Digest],
) -> Sequence[str]:
    """Return the ID of each row that stands: the one most like the record, or the first."""
    if len(named := set(texts)) == len(texts) or len(named - {""}) == len(rows):
        return texts
    claims: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        if texts[row]:
            claims[texts[row]].append(row)
    ids = [""] * len(texts)
    for text, claimants in claims.items():
        like = recorded.get(text, "")
        ids[max(claimants, key=lambda row: (likeness(digests[row], like), -row))] = text
    return ids


def find_identities(standing: Standing, recorded: Mapping[str, Digest]) -> Identities:
    """Return who the rows are that stand so; those that are not as recorded are looked at alone.

    - Of several rows with the same ID the one most like the record keeps it.
    - Rows that stand with each other's IDs, each exactly as recorded of the ID that another has,
      get them back: somebody sorted a part of the table.
    - A row with no ID of its own, or none of whose cells is as recorded of its ID, gets the one ID
      of which it is exactly as recorded, unless a row has it that is so too: somebody cleared or
      overwrote it.
    - Where more than one ID may be meant, nothing is guessed.
    - A row that has an ID nobody else claims keeps it: its manager has rewritten the row.
    """
    ids, digests, without = standing.ids, standing.unlike, standing.without
    exchanged = _exchanged({row: ids[row] for row in digests if ids[row]}, digests, recorded)
    unnamed = Counter(digests[row] for row in without)
    strangers = [
        row
        for row in digests
        if row not in exchanged
        and (text := ids[row])
        and (
            (like := recorded.get(text)) is None
            or (tells(like) and not likeness(digests[row], like))
            or unnamed[like] == 1
        )
    ]
    free = standing.spare.union(text for row in strangers if (text := ids[row]) in recorded)
    restored, unclear = _reunited([*strangers, *without], digests, recorded, free)
    given_away = set(restored.values())
    moved: dict[int, str] = {**exchanged, **dict.fromkeys(strangers, ""), **restored}
    for row in strangers:
        if row not in restored and row not in unclear and ids[row] not in given_away:
            moved[row] = ids[row]
    kept = {row: text for row in strangers if (text := moved[row]) == ids[row]}
    named = {text for candidates in unclear.values() for text in candidates}
    known = exchanged.keys() | restored.keys()
    return Identities(
        ids=_with(ids, moved),
        unclear=unclear,
        new=sorted(
            row for row in (*strangers, *without) if not moved.get(row) and row not in unclear
        ),
        vanished=free - given_away - set(kept.values()) - named,
        rewritten=frozenset(text for text in kept.values() if text in recorded),
        unlike={row: digest for row, digest in digests.items() if row not in known},
    )


def _with(ids: Sequence[str], moved: Mapping[int, str]) -> Sequence[str]:
    """Return the IDs with some of them others; the very same ones if none is."""
    if all(ids[row] == text for row, text in moved.items()):
        return ids
    found = list(ids)
    for row, text in moved.items():
        found[row] = text
    return found


def _exchanged(
    suspects: Mapping[int, str], digests: Mapping[int, Digest], recorded: Mapping[str, Digest]
) -> dict[int, str]:
    """Return new IDs of rows that have each other's, as far as each of them is certain."""
    suspects = {row: text for row, text in suspects.items() if text in recorded}
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
    digests: Mapping[int, Digest],
    recorded: Mapping[str, Digest],
    free: Iterable[str],
) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """Return the IDs of rows that are exactly as recorded of one, and those that may be several."""
    if not seekers:
        return {}, {}
    owners: defaultdict[Digest, list[str]] = defaultdict(list)
    for text in sorted(free):
        if tells(recorded[text]):
            owners[recorded[text]].append(text)
    alike: defaultdict[Digest, list[int]] = defaultdict(list)
    for row in seekers:
        alike[digests[row]].append(row)
    restored: dict[int, str] = {}
    unclear: dict[int, tuple[str, ...]] = {}
    for digest, rows in alike.items():
        texts = owners.get(digest, [])
        if len(texts) == len(rows) == 1:
            restored[rows[0]] = texts[0]
        elif texts:
            unclear |= dict.fromkeys(rows, tuple(texts))
    return restored, unclear


Columns: TypeAlias = tuple[Sequence[Raw], ...]


@dataclass(frozen=True)
class People:
    """Who the rows of all tabs of records are, by tab.

    `standing` is what it was found from, `seen` the columns that tell it, those of the memory among
    them: a later search goes on from there.
    """

    found: Mapping[str, Identities]
    standing: Mapping[str, Standing]
    seen: Mapping[str, Columns]


def _recorded(records: Table, places: Sequence[int]) -> Mapping[str, Digest]:
    """Return the digests of the IDs in these places, of those that have had a row until now."""
    ids, since = cells_at(records.ids, places), cells_at(records.column("gone"), places)
    looks = as_texts(cells_at(records.column("identity"), places))
    if since.count(None) == len(since):
        return dict(zip(ids, looks, strict=True))
    present = map(is_, since, repeat(None))
    return dict(compress(zip(ids, looks, strict=True), present))


def _all_recorded(records: Table) -> Mapping[str, Digest]:
    known = records.row_by_id
    whole = len(known) == records.height
    return _recorded(records, range(records.height) if whole else sorted(known.values()))


def identify(snapshot: Snapshot, checked: Checked, before: People | None = None) -> People:
    """Return who the rows of all tabs of records are; what is known from `before` speeds it up."""
    seen = {tab: _columns(snapshot.tables[tab], fields) for tab, fields in _TELLING.items()}
    known = _go_on(snapshot, checked, seen, before) if before else None
    standing, recorded = known or _stand(snapshot, checked, seen)
    found = {tab: find_identities(one, recorded) for tab, one in standing.items()}
    return People(found, standing, seen)


_Known: TypeAlias = tuple[Mapping[str, Standing], Mapping[str, Digest]]
"""How the rows of each tab stand, and what is recorded of those IDs that matter."""

_TELLING = {**IDENTITY_FIELDS, "records": ("identity", "gone")}


def _columns(table: Table, fields: Sequence[str]) -> Columns:
    return tuple(map(table.column, ("id", *fields)))


def _stand(
    snapshot: Snapshot,
    checked: Checked,
    seen: Mapping[str, Columns],
) -> _Known:
    """Return how the rows of all tabs of records stand."""
    recorded = _all_recorded(snapshot.tables["records"])
    texts = {
        tab: _valid(snapshot.tables[tab].ids, checked.playbook, tab, recorded)
        for tab in IDENTITY_FIELDS
    }
    spare: Collection[str] = ()
    clean = all(texts[tab] is snapshot.tables[tab].ids for tab in texts)
    if not clean or sum(len(set(some)) for some in texts.values()) < len(recorded):
        spare = recorded.keys() - set(chain.from_iterable(texts.values()))
    standing = {
        tab: find_standing(
            texts[tab],
            checked.records(subject).rows,
            Digests(seen[tab][1:]),
            recorded,
            {text for text in spare if text.startswith(_prefix(checked.playbook, tab))},
        )
        for subject, tab in SUBJECT_TABS.items()
    }
    return standing, recorded


def _valid(
    ids: Sequence[str], playbook: Playbook, tab: str, recorded: Mapping[str, Digest]
) -> Sequence[str]:
    """Return the IDs, "" for what is none of that tab; the very same ones if all are."""
    prefix, form = _prefix(playbook, tab), id_form(playbook, tab)
    if all(map(recorded.__contains__, ids)) and all(map(str.startswith, ids, repeat(prefix))):
        return ids
    return [
        text if text.startswith(prefix) and (text in recorded or form.fullmatch(text)) else ""
        for text in ids
    ]


def _go_on(
    snapshot: Snapshot, checked: Checked, seen: Mapping[str, Columns], before: People
) -> _Known | None:
    """Return how the rows stand if the same IDs stand in all of them; None if that is uncertain."""
    (ids, looks, gone), (old_ids, old_looks, old_gone) = seen["records"], before.seen["records"]
    if not (is_same_column(ids, old_ids) and is_same_column(gone, old_gone)):
        return None
    records = snapshot.tables["records"]
    changed = [records.ids[at] for at in _changes(old_looks, looks)]
    found: dict[str, Standing] = {}
    recorded: dict[str, Digest] = {}
    for subject, tab in SUBJECT_TABS.items():
        table, old = snapshot.tables[tab], before.standing[tab]
        (ids, *columns), (old_ids, *old_columns) = seen[tab], before.seen[tab]
        if old.without or old.spare or not is_same_column(ids, old_ids):
            return None
        if old.rows != checked.records(subject).rows:
            return None
        rows = {row for text in changed if (row := table.row_by_id.get(text)) is not None}
        rows -= old.unlike.keys()  # whose digests are known
        for column, known in zip(columns, old_columns, strict=True):
            rows.update(_changes(known, column))
        some = sorted(rows)
        made = make_digests([cells_at(column, some) for column in columns])
        digests = {**old.unlike, **dict(zip(some, made, strict=True))}
        places = map(records.row_by_id.get, (table.ids[row] for row in digests))
        recorded |= _recorded(records, sorted(at for at in places if at is not None))
        unlike = {
            row: digest
            for row, digest in sorted(digests.items())
            if recorded.get(table.ids[row]) != digest
        }
        found[tab] = Standing(old.ids, old.rows, unlike)
    return found, recorded


def _changes(before: Sequence[Raw], now: Sequence[Raw]) -> Iterable[int]:
    return () if before is now else differing(before, now)


def id_form(playbook: Playbook, tab: str) -> re.Pattern[str]:
    """Return the form of the IDs of a tab."""
    return re.compile(rf"{_prefix(playbook, tab)}\d{{6,}}")


def _prefix(playbook: Playbook, tab: str) -> str:
    return f"{playbook.tabs[tab].prefix}-"


def plan_restored(snapshot: Snapshot, checked: Checked, people: People) -> Plan:
    """Plan the IDs that rows get back; where it is unclear, no ID of another row may stand."""
    cells: dict[tuple[str, str], ColumnCells] = {}
    for tab, who in people.found.items():
        table = snapshot.tables[tab]
        others: Iterable[bool] = () if who.ids is table.ids else map(ne, who.ids, table.ids)
        wanted: dict[int, Cell] = {
            row: text for row in compress(count(), others) if (text := who.ids[row])
        }
        for row, candidates in who.unclear.items():
            if (text := table.text("id", row)) and text not in candidates:
                wanted[row] = None
        if wanted:
            cells[tab, "id"] = wanted
            cells |= _copied_cells(snapshot, checked.playbook, tab, wanted, who)
    return Plan(cells=cells)


def _copied_cells(
    snapshot: Snapshot,
    playbook: Playbook,
    tab: str,
    ids: Mapping[int, Cell],
    who: Identities,
) -> Mapping[tuple[str, str], ColumnCells]:
    """Return, cleared, what rows brought from others when they were copied: links to folders.

    `ids` are the rows' own, by row. A link is another's that stands on another row with an ID, or,
    on a row that also brought an ID, that leads to the folder recorded for another ID.
    """
    others = [row for row, text in enumerate(who.ids) if text and row not in ids]
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
        new = [row for row in who.new if is_among(rows, row)]
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
    used = (*who.ids, *who.vanished, *_recorded_ids(snapshot, f"{prefix}-"))
    last = max(_last_number(snapshot.structure.metadata, key), *map(_number, used), 0)
    numbered: dict[int, Cell] = {
        row: f"{prefix}-{last + place:06d}" for place, row in enumerate(new, 1)
    }
    copied = _copied_cells(snapshot, playbook, tab, numbered, who)
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
        ids, rows = snapshot.tables[tab].ids, checked.records(subject).rows
        form = id_form(checked.playbook, tab)
        for row, digest in sorted(people.found[tab].unlike.items()):
            if not is_among(rows, row):
                continue
            if (at := records.row_by_id.get(ids[row])) is None:
                if form.fullmatch(ids[row]):
                    appended.append({"id": ids[row], "identity": digest})
                continue
            if identity[at] != digest:
                looks[at] = digest
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
