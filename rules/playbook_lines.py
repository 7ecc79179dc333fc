"""Where in a YAML file a key or value stands, and which keys stand there twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML

from rules.playbook_links import Location, Mistake

Node: TypeAlias = Any
"""A node of ruamel.yaml, which publishes no types for what it composes."""


@dataclass(frozen=True)
class Lines:
    """The lines of a YAML file by the way to a place in it."""

    root: Node

    def of(self, location: Location) -> int:
        """Return the line (1 is the first) of that place, or of what would hold it."""
        line, node = 1, self.root
        for step in location:
            found = _step(node, step)
            if found is None:
                break
            line, node = found
        return line

    def doubled_keys(self) -> Iterator[tuple[int, Mistake]]:
        """Yield each key that stands again in its block, with the line where it does."""
        yield from _doubled_keys(self.root, (), set())


def compose_lines(text: str) -> Lines:
    """Return the lines of a YAML text that can be parsed."""
    return Lines(YAML(typ="safe", pure=True).compose(text))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _step(node: Node, step: str | int) -> tuple[int, Node] | None:
    """Return the node that one step leads to, and its line: that of its key if it is a block."""
    if node is None or node.id == "scalar":
        return None
    if node.id == "sequence":
        if not isinstance(step, int) or step >= len(node.value):
            return None
        return _line(node.value[step]), node.value[step]
    for key, value in node.value:
        if key.value == str(step):
            return _line(value if value.id == "scalar" and value.value else key), value
    return None


def _doubled_keys(node: Node, location: Location, seen: set[int]) -> Iterator[tuple[int, Mistake]]:
    if node is None or node.id == "scalar" or id(node) in seen:
        return
    seen.add(id(node))  # an alias (*name) is the node that it stands for
    if node.id == "sequence":
        for at, item in enumerate(node.value):
            yield from _doubled_keys(item, (*location, at), seen)
        return
    first_lines: dict[str, int] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in first_lines and key.tag != "tag:yaml.org,2002:merge":
            message = f"stands twice here, first on line {first_lines[name]}"
            yield _line(key), Mistake((*location, name), message)
        first_lines.setdefault(name, _line(key))
        yield from _doubled_keys(value, (*location, name), seen)
