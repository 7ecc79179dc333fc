"""What of a letter's text is the writer's own: HTML read, earlier letters and signatures cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inscriptis import get_text


def text_of_html(markup: str) -> str:
    """Return the text of an HTML letter; nothing that it points to is fetched."""
    return str(get_text(markup)).strip()


_QUOTED = re.compile(r"^\s*>")
_FORWARDED = re.compile(r"^-{2,}\s*(original message|исходное сообщение)\s*-{2,}$", re.IGNORECASE)
_HEADER_LINES = (
    re.compile(r"^\*?(from|от):", re.IGNORECASE),
    re.compile(r"^\*?(sent|date|отправлено|дата):", re.IGNORECASE),
    re.compile(r"^\*?(to|cc|subject|кому|копия|тема):", re.IGNORECASE),
)
_INTRODUCTION = re.compile(
    r"@.*:$|\b(wrote|writes|написала?|написал\(а\)|пишет)\s*:$", re.IGNORECASE
)
_WRAPPED_INTRODUCTION = re.compile(
    r"^(on|пн|вт|ср|чт|пт|сб|вс|\d+)\b.*\d{1,2}:\d{2}", re.IGNORECASE
)


def own_text(text: str) -> str:
    """Return the letter without the earlier letters quoted below it; when unsure, keep all."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = _start_of_earlier_letter(lines)
    end = _start_of_trailing_quote(lines[:end])
    own = "\n".join(lines[:end]).strip()
    return own or text.strip()


def _start_of_earlier_letter(lines: Sequence[str]) -> int:
    for number, line in enumerate(lines):
        if _FORWARDED.match(line.strip()) and number:
            return number
        following = [text.strip() for text in lines[number : number + len(_HEADER_LINES)]]
        if len(following) == len(_HEADER_LINES) and all(
            form.match(text) for form, text in zip(_HEADER_LINES, following, strict=True)
        ):
            return number
    return len(lines)


def _start_of_trailing_quote(lines: Sequence[str]) -> int:
    start = len(lines)
    while start and (not lines[start - 1].strip() or _QUOTED.match(lines[start - 1])):
        start -= 1
    if not any(_QUOTED.match(line) for line in lines[start:]):
        return len(lines)
    if not start or not lines[start - 1].rstrip().endswith(":"):
        return start
    if not _INTRODUCTION.search(lines[start - 1].strip()):
        return len(lines)  # the writer cites: the words above mean nothing without the quote
    before = lines[start - 2].strip() if start > 1 else ""
    return start - 2 if _WRAPPED_INTRODUCTION.match(before) else start - 1
