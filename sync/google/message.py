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
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
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


LONGEST_TEXT = 400_000
"""What stands behind this in a letter is no comment; it would only fill memory."""

_SHOWN = frozenset({"from", "to", "cc", "subject"})

_SEVERAL = frozenset({"from", "to", "cc", "bcc", "reply-to", "references"})
"""Headers that broken programs write twice instead of naming several in one."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
_ANGLED = re.compile(r"<\s*([^\s<>@]+@[^\s<>@]+)\s*>")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

WITHIN = "within:"
"""How the id of a file begins whose content stands in its message; its place there follows."""


def read_letter(
    message: Mapping[str, Any], mailbox: str, labels: frozenset[str] = frozenset()
) -> Letter:
    """Return the letter in a message; its text is empty if it cannot be read.

    Of a message in the format `metadata` there are the headers only.
    """
    payload = message.get("payload") or {}
    raw = _raw_headers(payload)
    shown = {name: " ".join(readable(decode_words(raw[name])).split()) for name in _SHOWN & {*raw}}
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
        when=_when(message, raw),
        sender=senders[0] if senders else "",
        others=tuple(dict.fromkeys([*senders[1:], *others])),
        shown_from=shown.get("from", ""),
        shown_to=", ".join(filter(None, (shown.get("to"), shown.get("cc")))),
        subject=shown.get("subject", ""),
        text=(_readable_text(payload) or readable(html.unescape(str(message.get("snippet", "")))))[
            :LONGEST_TEXT
        ],
        attachments=tuple(_attachments(payload)),
        references=references,
        gmail_thread=str(message.get("threadId", "")),
        labels=labels,
        marks=_marks(payload, raw),
    )


def _when(message: Mapping[str, Any], headers: Mapping[str, str]) -> datetime:
    """Return when Gmail got the letter; else its own date; the epoch where neither is possible."""
    try:
        found = EPOCH + timedelta(milliseconds=int(message["internalDate"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        try:
            found = parsedate_to_datetime(headers.get("date", ""))
        except (TypeError, ValueError, IndexError, OverflowError):
            return EPOCH
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if EPOCH.year < found.year < 2200 else EPOCH


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
        unsubscribe=headers.get("list-unsubscribe", ""),
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
    for place, part in enumerate(_parts(payload)):
        if part.get("filename"):
            body = part.get("body") or {}
            within = f"{WITHIN}{place}" if body.get("data") else ""
            yield Attachment(
                name=readable(decode_words(str(part["filename"]))),
                mime_type=str(part.get("mimeType", "")),
                size=int(body.get("size") or 0),
                part=str(body.get("attachmentId") or within),
            )


def content_within(message: Mapping[str, Any], part_id: str) -> bytes:
    """Return the content of a file that stands in its message, by the id that begins WITHIN."""
    place = int(part_id.removeprefix(WITHIN))
    parts = list(_parts(message.get("payload") or {}))
    return decode_data((parts[place].get("body") or {}).get("data")) if place < len(parts) else b""


def bodies_elsewhere(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the bodies of the text that is shown which do not stand in the message itself.

    Source: Gmail API reference, `MessagePartBody`: a body may be sent as an attachment.
    """
    kind = str(part.get("mimeType", ""))
    if part.get("filename") or kind == "message/rfc822":
        return
    inside: Sequence[Mapping[str, Any]] = part.get("parts") or ()
    if kind == "multipart/alternative":
        plain = [one for one in inside if one.get("mimeType") == "text/plain" and _has_body(one)]
        inside = plain or inside
    body: dict[str, Any] = part.get("body") or {}
    if kind in ("text/plain", "text/html") and body.get("attachmentId") and not body.get("data"):
        yield body
    for one in inside:
        yield from bodies_elsewhere(one)


def _has_body(part: Mapping[str, Any]) -> bool:
    body = part.get("body") or {}
    return bool(body.get("data") or body.get("attachmentId"))


def _raw_headers(payload: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in payload.get("headers") or ():
        name, value = str(header.get("name", "")).lower(), str(header.get("value") or "")
        if name in found and name in _SEVERAL:
            found[name] += f", {value}"
        found.setdefault(name, value)
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
    """Return the addresses of a header, whose encoded words may hold any text, unread.

    Of one that is not well formed, those that can still be told.
    """
    try:
        listed = [address for _, address in getaddresses([value])]
    except (TypeError, ValueError, IndexError):
        listed = []
    listed = [one for one in map(_bare_address, listed) if _ADDRESS.fullmatch(one)]
    angled = map(_bare_address, _ANGLED.findall(value))
    found = dict.fromkeys((*listed, *angled))
    return list(found or map(_bare_address, _ADDRESS.findall(_ENCODED_WORD.sub(" ", value))))


def _bare_address(text: str) -> str:
    return readable(text).strip(" '").lower()


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
        for part in payload.get("parts") or ():
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
    inside = part.get("parts") or ()
    if kind == "multipart/alternative":
        plain_first = sorted(inside, key=lambda one: one.get("mimeType") != "text/plain")
        return next(filter(None, map(_text, plain_first)), "")
    return "\n\n".join(filter(None, map(_text, inside)))


def decode_data(data: Any) -> bytes:
    """Return the bytes in base64url, with or without its padding; none if there are none."""
    text = str(data or "")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _body(part: Mapping[str, Any]) -> str:
    content = decode_data((part.get("body") or {}).get("data"))
    for charset in ("utf-8", _charset(part)):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return _guessed_text(content)


def _guessed_text(content: bytes) -> str:
    """Return text in a charset that is not told, or wrongly: those of this region are tried.

    In the wrong one of the two, small letters are capitals or no letters.
    """
    guesses = [content.decode(charset, errors="replace") for charset in ("cp1251", "koi8-r")]
    best = max(guesses, key=_small_letters)
    foreign = sum(byte > 127 for byte in content)
    return best if 2 * _small_letters(best) > foreign else content.decode("utf-8", "replace")


def _small_letters(text: str) -> int:
    return sum("а" <= character <= "я" for character in text)


def _charset(part: Mapping[str, Any]) -> str:
    """Return the charset that the part says; utf-8 where it names none that is for text."""
    content_type = decode_words(_raw_headers(part).get("content-type", ""))
    _, _, rest = content_type.lower().partition("charset=")
    name = rest.split(";")[0].strip("\"' ")
    return name if aliases.aliases.get(name.replace("-", "_"), name) in TEXT_CHARSETS else "utf-8"
