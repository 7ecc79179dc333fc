"""A Gmail message as a letter. Whatever a part of it holds, the rest is read.

Source: Gmail API reference, `users.messages` and `MessagePart`.
"""

from __future__ import annotations

import base64
import binascii
import html
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses
from encodings import aliases
from hashlib import sha256
from typing import Any

from rules.letter_html import text_of_html
from rules.letters import Attachment, Letter, Marks

log = logging.getLogger(__name__)

TEXT_CHARSETS = frozenset(aliases.aliases.values()) - {
    *("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec")
}
"""Python's names of charsets; its other codecs are not for letters."""


_MESSAGE_ID = re.compile(r"<[^<>\s]+>")

LONGEST_KEY = 500
"""Message-IDs beyond this are known by their hash: a cell is no place for them."""


def read_letter(
    message: Mapping[str, Any], mailbox: str, labels: frozenset[str] = frozenset()
) -> Letter:
    """Return the letter in a message; its text is empty if it cannot be read.

    Of a message in the format `metadata` there are the headers only.
    """
    payload = message.get("payload", {})
    raw = _raw_headers(payload)
    shown = {name: readable(decode_words(value)) for name, value in raw.items()}
    key = _key(raw.get("message-id", "")) or f"gmail:{mailbox}:{message['id']}"
    senders = _addresses(raw.get("from", ""))
    others = [
        address
        for name in ("to", "cc", "bcc", "reply-to")
        for address in _addresses(raw.get(name, ""))
    ]
    references = _references(raw)
    return Letter(
        key=key,
        thread=references[0] if references else key,
        gmail_id=str(message["id"]),
        mailbox=mailbox,
        when=datetime.fromtimestamp(int(message.get("internalDate", 0)) / 1000, UTC),
        sender=senders[0] if senders else "",
        others=tuple(dict.fromkeys([*senders[1:], *others])),
        shown_from=shown.get("from", ""),
        shown_to=", ".join(filter(None, (shown.get("to"), shown.get("cc")))),
        subject=shown.get("subject", ""),
        text=_readable_text(payload) or readable(html.unescape(str(message.get("snippet", "")))),
        attachments=tuple(_attachments(payload)),
        references=references,
        gmail_thread=str(message.get("threadId", "")),
        labels=labels,
        marks=_marks(payload, raw),
    )


def _key(value: str) -> str:
    """Return a Message-ID: what stands in angle brackets, or all of a header that has none."""
    found = _MESSAGE_ID.search(value)
    key = readable(found.group() if found else value.strip())
    return key if len(key) <= LONGEST_KEY else f"sha256:{sha256(key.encode()).hexdigest()}"


def _references(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the Message-IDs of the letters before, the thread's first one first."""
    named = (headers.get("references", ""), headers.get("in-reply-to", ""))
    return tuple(dict.fromkeys(_key(one) for text in named for one in _MESSAGE_ID.findall(text)))


def _marks(payload: Mapping[str, Any], headers: Mapping[str, str]) -> Marks:
    return Marks(
        list_id=headers.get("list-id", ""),
        precedence=headers.get("precedence", ""),
        auto_submitted=headers.get("auto-submitted", ""),
        invitation=headers.get("content-class", "").endswith("calendarmessage")
        or any(_is_invitation(part) for part in _parts(payload)),
    )


def _is_invitation(part: Mapping[str, Any]) -> bool:
    """Return whether a part asks to meet, or answers that; a calendar file alone does not."""
    own = _raw_headers(part)
    return part.get("mimeType") == "text/calendar" and (
        "method=" in own.get("content-type", "").lower()
        or not own.get("content-disposition", "").lower().startswith("attachment")
    )


def _attachments(payload: Mapping[str, Any]) -> Iterator[Attachment]:
    for part in _parts(payload):
        if part.get("filename"):
            body = part.get("body", {})
            yield Attachment(
                name=readable(decode_words(str(part["filename"]))),
                mime_type=str(part.get("mimeType", "")),
                size=int(body.get("size", 0)),
                part=str(body.get("attachmentId", "")),
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


def _readable_text(payload: Mapping[str, Any]) -> str:
    # A body may hold anything, and the readers of charsets and HTML may raise anything.
    try:
        return readable(_text(payload))
    except Exception:
        log.warning("the text of a letter cannot be read", exc_info=True)
        return ""


def _parts(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the part and all parts in it; a letter inside a letter is one part."""
    yield payload
    if payload.get("mimeType") != "message/rfc822":
        for part in payload.get("parts", ()):
            yield from _parts(part)


def _text(part: Mapping[str, Any]) -> str:
    """Return the text of a part and of all that is shown with it, in its order (RFC 2046, 5.1)."""
    kind = str(part.get("mimeType", ""))
    if part.get("filename") or kind == "message/rfc822":
        return ""
    if kind == "text/plain":
        return _body(part).strip()
    if kind == "text/html":
        return text_of_html(_body(part))
    inside = part.get("parts", ())
    if kind == "multipart/alternative":
        plain_first = sorted(inside, key=lambda one: one.get("mimeType") != "text/plain")
        return next(filter(None, map(_text, plain_first)), "")
    return "\n\n".join(filter(None, map(_text, inside)))


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
