"""Which fields are missing at which stage, as bits: one for each thing asked for.

What a row lacks is a few bytes, one bit for each thing that any stage asks for. They are kept in
planes: plane k holds, a byte a row, things 8k to 8k + 7. Whole planes are combined at once as
integers of 100,000 bytes, so only rows that lack something ever cost a Python statement. A deal
answers for its contact and company at its own stage by the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import compress, repeat
from operator import is_

from rules.playbook import OPEN, Playbook, Requirement, Severity, Subject

NO_STAGE = 255
"""The stage code of what nothing is asked of: an empty row."""

Flags = bytes
"""A byte a row: 1 or 0."""


@dataclass(frozen=True)
class Needs:
    """What the playbook asks of deals, contacts or companies.

    `items` are the things asked for, item i being bit 1 << i; `errors` and `warnings` hold, by
    stage, the mask of items whose absence is an error or a warning there.
    """

    items: tuple[Requirement, ...]
    errors: Mapping[str, int]
    warnings: Mapping[str, int]

    def split(self, mask: int) -> list[Requirement]:
        """Return the items of a mask, in the playbook's order."""
        return [item for bit, item in enumerate(self.items) if mask >> bit & 1]

    def masks(self, severity: Severity) -> Mapping[str, int]:
        """Return by stage what is missed with that severity."""
        return self.errors if severity == "error" else self.warnings

    @property
    def planes(self) -> int:
        """How many planes hold the items; one at least."""
        return max(1, -(-len(self.items) // 8))

    @cached_property
    def asked(self) -> Sequence[bytes]:
        """For each plane: what any severity asks for, by stage code; a table of 256 bytes."""
        tables = []
        for plane in range(self.planes):
            table = bytearray(256)
            for code, stage in enumerate(self.errors):
                mask = self.errors[stage] | self.warnings[stage]
                table[code] = mask >> 8 * plane & 0xFF
            tables.append(bytes(table))
        return tables


@dataclass(frozen=True)
class Gaps:
    """What each row lacks of what any stage asks for."""

    planes: tuple[bytes, ...]

    def mask(self, row: int) -> int:
        """Return the items that a row lacks."""
        return int.from_bytes([plane[row] for plane in self.planes], "little")

    def asked_at(self, needs: Needs, stage_codes: bytes) -> Flags:
        """Return the rows that lack something which is asked for at their stage (not 0)."""
        return any_of(
            plane_and(plane, stage_codes.translate(table))
            for plane, table in zip(self.planes, needs.asked, strict=True)
        )

    def of(self, places: Sequence[int]) -> Gaps:
        """Return the gaps of the rows that are referred to (see `places_of`)."""
        return Gaps(tuple(gather(plane, places) for plane in self.planes))

    def with_item(self, needs: Needs, item: Requirement, missing: Flags) -> Gaps:
        """Return the gaps with one item told anew."""
        if item not in needs.items:
            return self
        at, bit = divmod(needs.items.index(item), 8)
        others = self.planes[at].translate(bytes(byte & ~(1 << bit) & 0xFF for byte in range(256)))
        told = number_of(others) | number_of(missing) << bit
        planes = list(self.planes)
        planes[at] = flags_of(told, len(missing))
        return Gaps(tuple(planes))


def make_gaps(needs: Needs, missing_by_item: Sequence[Flags], height: int) -> Gaps:
    """Return the planes of flags, one for each item of the needs."""
    planes = []
    for start in range(0, 8 * needs.planes, 8):
        number = 0
        for bit, missing in enumerate(missing_by_item[start : start + 8]):
            number |= number_of(missing) << bit
        planes.append(flags_of(number, height))
    return Gaps(tuple(planes))


# ── A byte a row ─────────────────────────────────────────────────────────────────────────────────


def number_of(flags: bytes) -> int:
    """Return the flags as one integer, for combining them with others by & and |."""
    return int.from_bytes(flags, "little")


def flags_of(number: int, height: int) -> bytes:
    """Return an integer's bytes, one a row."""
    return number.to_bytes(height, "little")


def plane_and(one: bytes, other: bytes) -> bytes:
    """Return what stands in both."""
    return flags_of(number_of(one) & number_of(other), len(one))


def plane_add(one: bytes, other: bytes) -> bytes:
    """Return the sum of both in each row; none is more than a byte holds."""
    return flags_of(number_of(one) + number_of(other), len(one))


def all_of(several: Sequence[bytes]) -> bytes:
    """Return what stands in all of them."""
    return reduce(plane_and, several)


def any_of(several: Iterable[bytes]) -> bytes:
    """Return what stands in any of them; all are equally long, and there is one at least."""
    number, height = 0, 0
    for flags in several:
        number, height = number | number_of(flags), len(flags)
    return flags_of(number, height)


def places_of(rows: Sequence[int | None], height: int) -> Sequence[int]:
    """Return the rows of a tab that are referred to, one beyond its last row for None."""
    return [height if row is None else row for row in rows]


def gather(flags: bytes, places: Sequence[int]) -> bytes:
    """Return the byte of each row that is referred to, 0 for None (see `places_of`)."""
    if not flags.strip(b"\0"):
        return bytes(len(places))
    return bytes(map((flags + b"\0").__getitem__, places))


def missing_flags(values: Sequence[object]) -> Flags:
    """Return where there is no value."""
    return bytes(map(is_, values, repeat(None)))


def flags_at(rows: Iterable[int], height: int) -> Flags:
    """Return flags that are set in these rows."""
    flags = bytearray(height)
    for row in rows:
        flags[row] = 1
    return bytes(flags)


def rows_set(flags: bytes) -> Sequence[int]:
    """Return the rows whose byte is not 0."""
    return list(compress(range(len(flags)), flags)) if flags.strip(b"\0") else ()


# ── What the playbook asks for ───────────────────────────────────────────────────────────────────


def needs_of(playbook: Playbook, subject: Subject) -> Needs:
    """Return what the playbook asks of that subject at each stage."""
    asked = [item for block in playbook.required.values() for item in block.of(subject)]
    good_to_have = [item for block in playbook.recommended.values() for item in block.of(subject)]
    items = tuple(dict.fromkeys([*asked, *good_to_have]))
    bit = {item: 1 << index for index, item in enumerate(items)}
    errors, warnings = {}, {}
    for stage in playbook.stages:
        hard, soft = _asked_at(playbook, subject, stage)
        errors[stage] = sum(bit[item] for item in hard)
        warnings[stage] = sum(bit[item] for item in soft - hard)
    return Needs(items, errors, warnings)


def _asked_at(
    playbook: Playbook, subject: Subject, stage: str
) -> tuple[set[Requirement], set[Requirement]]:
    hard: set[Requirement] = set()
    soft: set[Requirement] = set()
    excepted: set[str] = set()
    severity = playbook.required[stage].severity if stage in playbook.required else "error"
    for key, asked in playbook.requirement_chain(stage):
        wanted = {item for item in asked.of(subject) if not excepted.issuperset(item)}
        (hard if key == stage or severity == "error" else soft).update(wanted)
        if recommended := playbook.recommended.get(key):
            soft.update(recommended.of(subject))
        excepted.update(asked.except_.get(subject, ()))
    if playbook.stages[stage].open and OPEN in playbook.recommended:
        soft.update(playbook.recommended[OPEN].of(subject))
    return hard, soft


def stage_depth(playbook: Playbook) -> Mapping[str, int]:
    """Return how much each stage asks of a contact or a company: the deepest of its deals counts.

    A lost deal asks as much as the stage it has reached less its exceptions, an unqualified one
    less than any open one (sales guide, section 6).
    """
    depth = {stage: 2 * index + 2 for index, stage in enumerate(playbook.funnel)}
    for key, stage in playbook.stages.items():
        if key not in depth:
            depth[key] = depth[stage.reached] - 1 if stage.reached else 1
    return depth


def furthest_stages(
    playbook: Playbook,
    references: Sequence[int | None],
    deal_stages: bytes,
    default: bytes,
) -> bytes:
    """Return, for each contact or company, the code of the furthest stage among its deals.

    `references` holds, for each deal row, the row it refers to; `deal_stages` the code of each
    deal's stage, NO_STAGE where it has none. A row with no deal is as in `default`.
    """
    if not default:
        return default
    found = bytearray(default)
    for code in stages_by_depth(playbook):
        only = bytearray(256)
        only[code] = 1
        for row in compress(references, deal_stages.translate(only)):
            if row is not None:
                found[row] = code
    return bytes(found)


def stages_by_depth(playbook: Playbook) -> Sequence[int]:
    """Return the codes of all stages, those that ask the least first."""
    depth = stage_depth(playbook)
    codes = {stage: code for code, stage in enumerate(playbook.stages)}
    return [codes[stage] for stage in sorted(codes, key=depth.__getitem__)]
