"""Steps of a walk through an API: each names the method that it drives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.discovery import load_methods

Step = Callable[[Any], None]


class Walk:
    """Steps by the discovery id of their method."""

    def __init__(self, *resources: str) -> None:
        self._resources = resources
        self.steps: dict[str, Step] = {}

    def drives(self, method_id: str) -> Callable[[Step], Step]:
        """Say that a step drives a method; a method has one step."""

        def note(step: Step) -> Step:
            assert method_id not in self.steps
            self.steps[method_id] = step
            return step

        return note

    def methods(self) -> Iterable[str]:
        """All methods of the resources, as the discovery document has them."""
        return {
            method_id
            for method_id in load_methods()
            if method_id.rpartition(".")[0] in self._resources
        }
