"""A Gmail message as a letter. Whatever a part of it holds, the rest is read.

Source: Gmail API reference, `users.messages` and `MessagePart`.
"""

from __future__ import annotations

import base64
import binascii
import logging
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses
from encodings import aliases
from typing import Any

from inscriptis import get_text

from rules.letters import Letter

log = logging.getLogger(__name__)

TEXT_CHARSETS = frozenset(aliases.aliases.values()) - {
    *("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec")
}
"""Python's names of charsets; its other codecs are not for letters."""


def read_letter(message: Mapping[str, Any], mailbox: str) -> Letter:
    """Return the letter in a message of format `full`; its text is empty if it cannot be read."""
    payload = message.get("payload", {})
    raw = _raw_headers(payload)
    shown = {name: readable(decode_words(value)) for name, value in raw.items()}
    key = readable(raw.get("message-id", "").strip()) or f"gmail:{mailbox}:{message['id']}"
    senders = _addresses(raw.get("from", ""))
    others = [
        address
        for name in ("to", "cc", "bcc", "reply-to")
        for address in _addresses(raw.get(name, ""))
    ]
    return Letter(
        key=key,
        thread=_thread(raw, key),
        gmail_id=str(message["id"]),
        mailbox=mailbox,
        when=datetime.fromtimestamp(int(message.get("internalDate", 0)) / 1000, UTC),
        sender=senders[0] if senders else "",
        others=tuple(dict.fromkeys(others)),
        shown_from=shown.get("from", ""),
        shown_to=shown.get("to", ""),
        subject=shown.get("subject", ""),
        text=_readable_text(payload) or readable(str(message.get("snippet", ""))),
        attachments=tuple(
            readable(str(part["filename"])) for part in _parts(payload) if part.get("filename")
        ),
    )


def _raw_headers(payload: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in payload.get("headers", ()):
        found.setdefault(str(header["name"]).lower(), str(header.get("value", "")))
    return found


def decode_words(value: str) -> str:
    """Return a header's value with its encoded words read; as it stands where they are broken."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def readable(text: str) -> str:
    """Return the text without what no cell can hold: lone surrogates, control characters."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c for c in whole if c in "\n\t" or unicodedata.category(c) != "Cc")


def _addresses(value: str) -> list[str]:
    """Return the addresses of a header, whose encoded words may hold any text, unread."""
    try:
        found = getaddresses([value])
    except (TypeError, ValueError, IndexError):
        return []
    return [readable(address).strip().lower() for _, address in found if "@" in address]


def _thread(headers: Mapping[str, str], key: str) -> str:
    """Return the Message-ID of the first letter of the thread: the same in every mailbox."""
    earlier = (headers.get("references", "") or headers.get("in-reply-to", "")).split()
    return readable(earlier[0]) if earlier else key


def _readable_text(payload: Mapping[str, Any]) -> str:
    # A body may hold anything, and the readers of charsets and HTML may raise anything.
    try:
        return readable(_text(payload))
    except Exception:
        log.warning("the text of a letter cannot be read", exc_info=True)
        return ""


def _parts(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield payload
    for part in payload.get("parts", ()):
        yield from _parts(part)


def _text(payload: Mapping[str, Any]) -> str:
    bodies = [part for part in _parts(payload) if not part.get("filename")]
    for wanted in ("text/plain", "text/html"):
        found = [_body(part) for part in bodies if part.get("mimeType") == wanted]
        text = "\n".join(filter(None, found)).strip()
        if text:
            return get_text(text).strip() if wanted == "text/html" else text
    return ""


def _body(part: Mapping[str, Any]) -> str:
    data = str(part.get("body", {}).get("data", ""))
    try:
        content = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return ""
    for charset in ("utf-8", _charset(part)):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return content.decode("utf-8", errors="replace")


def _charset(part: Mapping[str, Any]) -> str:
    """Return the charset that the part says; utf-8 where it names none that is for text."""
    content_type = decode_words(_raw_headers(part).get("content-type", ""))
    _, _, rest = content_type.lower().partition("charset=")
    name = rest.split(";")[0].strip("\"' ")
    return name if aliases.aliases.get(name.replace("-", "_"), name) in TEXT_CHARSETS else "utf-8"
