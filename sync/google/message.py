"""A Gmail message as a letter. Whatever a part of it holds, the rest is read.

Source: Gmail API reference, `users.messages` and `MessagePart`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

from inscriptis import get_text

from rules.letters import Letter


def read_letter(message: Mapping[str, Any], mailbox: str) -> Letter:
    """Return the letter in a message of format `full`."""
    payload = message.get("payload", {})
    headers = _headers(payload)
    key = headers.get("message-id", "").strip() or f"gmail:{mailbox}:{message['id']}"
    senders = _addresses(headers.get("from", ""))
    others = [
        address
        for name in ("to", "cc", "bcc", "reply-to")
        for address in _addresses(headers.get(name, ""))
    ]
    return Letter(
        key=key,
        thread=_thread(headers, key),
        gmail_id=str(message["id"]),
        mailbox=mailbox,
        when=datetime.fromtimestamp(int(message.get("internalDate", 0)) / 1000, UTC),
        sender=senders[0] if senders else "",
        others=tuple(dict.fromkeys(others)),
        shown_from=headers.get("from", ""),
        shown_to=headers.get("to", ""),
        subject=headers.get("subject", ""),
        text=_text(payload) or str(message.get("snippet", "")),
        attachments=tuple(part["filename"] for part in _parts(payload) if part.get("filename")),
    )


def _headers(payload: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in payload.get("headers", ()):
        found.setdefault(str(header["name"]).lower(), decode_words(str(header.get("value", ""))))
    return found


def decode_words(value: str) -> str:
    """Return a header's value with its encoded words read; as it stands where they are broken."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeDecodeError, ValueError):
        return value


def _addresses(value: str) -> list[str]:
    try:
        found = getaddresses([value])
    except (TypeError, ValueError, IndexError):
        return []
    return [address.strip().lower() for _, address in found if "@" in address]


def _thread(headers: Mapping[str, str], key: str) -> str:
    """Return the Message-ID of the first letter of the thread: the same in every mailbox."""
    earlier = (headers.get("references", "") or headers.get("in-reply-to", "")).split()
    return earlier[0] if earlier else key


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
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", errors="replace")


def _charset(part: Mapping[str, Any]) -> str:
    content_type = _headers(part).get("content-type", "")
    _, _, rest = content_type.lower().partition("charset=")
    return rest.split(";")[0].strip("\"' ") or "utf-8"
