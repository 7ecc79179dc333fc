"""Which fields are missing at which stage, as bit masks: one bit for each thing asked for.

Masks keep a row's gaps in one integer, so that a deal can answer for its contact and company at
its own stage by one `&`, and 100,000 rows make no objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.playbook import OPEN, Playbook, Requirement, Subject


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

    @cached_property
    def bit(self) -> Mapping[Requirement, int]:
        """The bit of each item."""
        return {item: 1 << index for index, item in enumerate(self.items)}


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
    count: int,
    references: Sequence[int | None],
    stages: Mapping[int, str],
    default: str,
) -> list[str]:
    """Return, for each of `count` contacts or companies, the furthest stage among its deals.

    `references` holds, for each deal row, the row it refers to; `stages` the stage of each deal
    row. One with no deal is held to `default`.
    """
    depth = stage_depth(playbook)
    furthest: list[str | None] = [None] * count
    for deal, stage in stages.items():
        row = references[deal]
        if row is None:
            continue
        before = furthest[row]
        if before is None or depth[stage] > depth[before]:
            furthest[row] = stage
    return [stage or default for stage in furthest]
