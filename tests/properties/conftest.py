"""The sandbox of the passes' tests."""

from tests.sync.conftest import shared_box

__all__ = ["shared_box"]
