"""Letters as bytes: headers decoded, parts found, words listed. Nothing malformed is refused.

Header values come decoded (RFC 2047) and text parts in UTF-8 whatever their charset, as Gmail
gives them: other projects report the second, with the headers left as they were.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from sandbox.gmail.model import Summary

SNIPPET_LENGTH = 200
_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=(?:\s+(?==\?[^?\s]+\?[bBqQ]\?))?")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|отв|ответ)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Part:
    """A part of a letter with its place in the tree (``""``, ``0``, ``0.1`` …)."""

    part_id: str
    mime_type: str
    filename: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    """Decoded from its transfer encoding, texts in UTF-8; empty for a multipart."""
    children: tuple[Part, ...]

    @property
    def is_attachment(self) -> bool:
        """Whether its content is fetched on its own."""
        is_body = self.mime_type.startswith(("text/", "multipart/"))
        return bool(self.filename) or not is_body

    def walk(self) -> Iterator[Part]:
        """Return the part and all parts in it."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse_letter(raw: bytes) -> Part:
    """Return the tree of a letter's parts."""
    return _make_part(message_from_bytes(raw), "")


def _make_part(message: Message, part_id: str) -> Part:
    mime_type = message.get_content_type()
    prefix = f"{part_id}." if part_id else ""
    children: tuple[Part, ...] = ()
    content = b""
    payload = message.get_payload()
    if message.is_multipart() and isinstance(payload, list):
        children = tuple(
            _make_part(child, f"{prefix}{index}")
            for index, child in enumerate(payload)
            if isinstance(child, Message)
        )
        if mime_type == "message/rfc822" and payload:
            content = bytes(payload[0]) if isinstance(payload[0], Message) else b""
    else:
        content = _decode_content(message, mime_type)
    return Part(
        part_id=part_id,
        mime_type=mime_type,
        filename=_filename(message),
        headers=decoded_headers(message),
        content=content,
        children=children,
    )


def _decode_content(message: Message, mime_type: str) -> bytes:
    try:
        decoded = message.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        decoded = None
    content = decoded if isinstance(decoded, bytes) else b""
    if not mime_type.startswith("text/"):
        return content
    return decode_text(content, _charset(message)).encode("utf-8", "replace")


def _charset(message: Message) -> str:
    value = message.get_param("charset")
    return value if isinstance(value, str) else "utf-8"


def decode_text(content: bytes, charset: str) -> str:
    """Text of a charset; UTF-8 with replacements where the charset is unknown or wrong."""
    try:
        return content.decode(codecs.lookup(charset).name, "replace")
    except (LookupError, ValueError, UnicodeError):
        return content.decode("utf-8", "replace")


def _filename(message: Message) -> str:
    try:
        return decode_header(message.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def decoded_headers(message: Message) -> tuple[tuple[str, str], ...]:
    """Names and decoded values in their order."""
    return tuple((name, decode_header(str(value))) for name, value in message.raw_items())


def decode_header(value: str) -> str:
    """Return a header's value unfolded, with its encoded words and raw bytes decoded."""
    raw = value.encode("utf-8", "surrogateescape")
    unfolded = _FOLD.sub("", decode_text(raw, "utf-8")).strip()
    return _decode_words(unfolded) if "=?" in unfolded else unfolded


def _decode_words(text: str) -> str:
    """Decode encoded words, neighbours of one charset together: a character may be split."""
    result: list[str] = []
    pending: list[bytes] = []
    charset = ""
    position = 0
    for match in _ENCODED_WORD.finditer(text):
        literal = text[position : match.start()]
        word_charset = match.group(1).partition("*")[0].lower()
        if pending and (literal or word_charset != charset):
            result.append(decode_text(b"".join(pending), charset))
            pending = []
        result.append(literal)
        pending.append(_decode_word(match.group(2), match.group(3)))
        charset = word_charset
        position = match.end()
    if pending:
        result.append(decode_text(b"".join(pending), charset))
    return "".join(result) + text[position:]


def _decode_word(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw


def words(text: str) -> str:
    """Return the words of a text, lower case, each with a space on both sides."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def strip_html(text: str) -> str:
    """Return the visible text of HTML, roughly."""
    return html.unescape(_TAG.sub(" ", text))


def summarize(raw: bytes) -> Summary:
    """Return what searches and threads need of a letter."""
    root = parse_letter(raw)
    headers: dict[str, str] = {}
    for name, value in root.headers:
        headers.setdefault(name.lower(), value)
    text = body_text(root)
    subject = headers.get("subject", "")
    filenames = tuple(part.filename.lower() for part in root.walk() if part.filename)
    people = {name: words(headers.get(name, "")) for name in ("from", "to", "cc", "bcc")}
    references = " ".join(headers.get(name, "") for name in ("references", "in-reply-to"))
    return Summary(
        message_id=(_MESSAGE_ID.findall(headers.get("message-id", "")) or [""])[0],
        references=tuple(_MESSAGE_ID.findall(references)),
        subject=_REPLY_PREFIX.sub("", subject).strip().lower(),
        date_ms=_date_ms(headers.get("date", "")),
        snippet=html.escape(" ".join(text.split())[:SNIPPET_LENGTH].strip(), quote=True),
        from_words=people["from"],
        to_words=people["to"],
        cc_words=people["cc"],
        bcc_words=people["bcc"],
        subject_words=words(subject),
        list_words=words(headers.get("list-id", "")),
        all_words="".join((*people.values(), words(subject), words(text), *map(words, filenames))),
        filenames=filenames,
    )


def body_text(root: Part) -> str:
    """Return the letter's text: its plain part, or its HTML part without the tags."""
    bodies = [
        part for part in root.walk() if part.mime_type.startswith("text/") and not part.filename
    ]
    plain = [part for part in bodies if part.mime_type == "text/plain"]
    if plain:
        return plain[0].content.decode("utf-8", "replace")
    return strip_html(bodies[0].content.decode("utf-8", "replace")) if bodies else ""


def _date_ms(value: str) -> int | None:
    try:
        return int(parsedate_to_datetime(value).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def recipients(raw: bytes) -> list[str]:
    """Return the addresses of To, Cc and Bcc, lower case."""
    root = parse_letter(raw)
    fields = [value for name, value in root.headers if name.lower() in ("to", "cc", "bcc")]
    return [address.lower() for _, address in getaddresses(fields) if address]
