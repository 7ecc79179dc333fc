"""Letters on their way out: who gets them, whose they are, what of them is not for everybody.

Headers are found in the bytes, as the rest of a letter is to stay as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import formataddr, getaddresses, parseaddr

from sandbox.gmail.access import invalid_argument
from sandbox.gmail.mime import parse_letter

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HEADER = re.compile(rb"^([!-9;-~]+):[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.MULTILINE)


def _split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Return the headers with their last line end, and what follows."""
    match = _HEAD_END.search(raw)
    if match is None:
        return raw, b""
    end = match.start() + len(match.group()) // 2
    return raw[:end], raw[end:]


def header_names(raw: bytes) -> frozenset[str]:
    """Return the names of a letter's headers, lower case."""
    head, _ = _split_head(raw)
    return frozenset(name.decode("ascii").lower() for name in _HEADER.findall(head))


def _replaced(raw: bytes, name: bytes, line: bytes) -> bytes:
    """Return a letter with another line for a header, or without it."""
    head, rest = _split_head(raw)

    def choose(match: re.Match[bytes]) -> bytes:
        return line if match.group(1).lower() == name else match.group()

    return _HEADER.sub(choose, head) + rest


def without_bcc(raw: bytes) -> bytes:
    """Return a letter as its recipients get it."""
    return _replaced(raw, b"bcc", b"")


def check_recipients(raw: bytes) -> None:
    """Refuse a letter to nobody, or to what is no address; as recorded."""
    headers = [(name.lower(), value) for name, value in parse_letter(raw).headers]
    is_addressed = False
    for header in ("To", "Cc", "Bcc"):
        values = [value for name, value in headers if name == header.lower() and value.strip()]
        addresses = [address for _, address in getaddresses(values)]
        if values and not all("@" in address for address in addresses):
            raise invalid_argument(f"Invalid {header} header")
        is_addressed = is_addressed or bool(addresses)
    if not is_addressed:
        raise invalid_argument("Recipient address required")


def with_own_sender(raw: bytes, owner: str, may_send_as: Callable[[str], bool]) -> bytes:
    """Return a letter whose From is an address that the mailbox may use."""
    values = [value for name, value in parse_letter(raw).headers if name.lower() == "from"]
    if not values:
        return raw
    name, address = parseaddr(values[0])
    if may_send_as(address):
        return raw
    return _replaced(raw, b"from", f"From: {formataddr((name, owner))}\r\n".encode())
