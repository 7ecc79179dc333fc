"""Bytes in JSON: written URL-safe with padding, read in either alphabet, padded or not."""

from __future__ import annotations

import base64

_TO_STANDARD = str.maketrans("-_", "+/")


def encode_bytes(content: bytes) -> str:
    """Return bytes as Google writes them."""
    return base64.urlsafe_b64encode(content).decode("ascii")


def decode_bytes(text: str) -> bytes:
    """Return the bytes of a text; ValueError when it is no base64."""
    plain = text.translate(_TO_STANDARD).rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
