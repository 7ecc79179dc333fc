"""What of a letter's text is the writer's own: earlier letters and signatures are cut.

Carefully: text that is lost is worse than a quote that is left. What is forwarded is kept, and so
is a quote that the writer answers line by line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rules.letter_html import MAYBE

_BLANK = re.compile(r"^\s*([A-ZА-ЯЁ]{1,3})?[\s>]*>\s*$|^\s*$")
_QUOTED = re.compile(r"^\s*([A-ZА-ЯЁ]{1,3})?>")  # The Bat! puts initials in front
_MAYBE_QUOTED = re.compile(rf"^\s*{MAYBE.strip()}")

_FORWARDED = re.compile(
    r"^[\s>-]*(forwarded message|begin forwarded message|пересылаемое сообщение|"
    r"начало пересылаемого сообщения|начало переадресованного сообщения|"
    r"перенаправленное сообщение|пересланное сообщение)[\s:-]*$",
    re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(r"^\s*(fwd?|пересл|перен)\s*:", re.IGNORECASE)

_ORIGINAL = re.compile(
    r"^[-_\s]{2,}(original message|original appointment|исходное сообщение|"
    r"оригинальное сообщение)[-_\s]{2,}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[\s_-]{10,}$")
_HEADERS = (
    re.compile(r"^\W{0,3}(from|от|от кого)\s*:\W", re.IGNORECASE),
    re.compile(r"^\W{0,3}(sent|date|отправлено|дата|когда)\s*:\W.*\d", re.IGNORECASE),
    re.compile(r"^\W{0,3}(to|cc|subject|кому|копия|тема)\s*:", re.IGNORECASE),
)
LONGEST_HEADERS = 12
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w")

_VERB = re.compile(
    r"\b(wrote|writes|написала?|написал\(а\)|пишет|писала?)\s*:$|"
    r"^\W{0,2}(you wrote|вы писали)\b.*\d.*:$",
    re.IGNORECASE,
)
_WRITTEN = re.compile(rf"{_VERB.pattern}|@.*:$", re.IGNORECASE)
_DAYS = (
    r"(mon|tues|wednes|thurs|fri|satur|sun)day|понедельник|вторник|сред[ау]|четверг|пятниц[ау]|"
    r"суббот[ау]|воскресенье"
)
_WEEKDAY = re.compile(rf"\b({_DAYS})\b", re.IGNORECASE)
_DATED = re.compile(
    rf"^\W{{0,2}}(on|в|пн|вт|ср|чт|пт|сб|вс|{_DAYS}|you wrote|вы писали|\d{{1,4}})\b.*\d",
    re.IGNORECASE,
)
_TIMED = re.compile(r"\d{1,2}[:.]\d{2}")
LONGEST_INTRODUCTION = 3
"""Lines over which a mail program may wrap "On … at … somebody wrote:"."""

_ANSWERS_WITHIN = re.compile(
    r"\b(inline|in[- ]line|(answers?|comments?|repl(y|ies)|see) (are )?(below|within)|"
    r"in (red|blue|green)|(ответы?|ответил[аи]?|комментари[ийяе]\w*|смотрите|см\.?) "
    r"(\w+ )?(ниже|внутри|в тексте|по тексту|в письме|красным|синим|зел[её]ным)|"
    r"(ниже|красным|синим|зел[её]ным) (цветом|ответ\w*|по тексту|в тексте|выделил\w*))",
    re.IGNORECASE,
)

_SIGNATURE = re.compile(r"^--\s?$")
LONGEST_SIGNATURE = 12
"""Lines below "-- " that are taken for a signature; more may be a letter."""

_FROM_A_PHONE = re.compile(
    r"^\W{0,3}(sent (from|via|with) (my |the )?(iphone|ipad|android|galaxy|samsung|huawei|xiaomi|"
    r"mobile|phone|mail|outlook|yahoo|proton|yandex|gmail|blackberry|windows)|get outlook for |"
    r"отправлено (с|со|из|через|от) (моего |мобильн\w+ )?(iphone|ipad|android|galaxy|samsung|"
    r"huawei|xiaomi|мобильн|телефона|смартфона|устройства|почты|яндекс|mail|outlook|gmail|приложени)|"
    r"скачать outlook ).{0,80}$",
    re.IGNORECASE,
)


def own_text(text: str, subject: str = "") -> str:
    """Return the letter without earlier letters and the signature; when unsure, keep all."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = _decided(lines)
    if not _is_forward(lines, subject):
        lines = _without_earlier(lines)
        lines = _without_signature(lines)
    own = "\n".join(lines).strip()
    return own or "\n".join(_decided(text.split("\n"))).strip()


def _decided(lines: Sequence[str]) -> list[str]:
    """Return the lines with each block that may be a quote marked as one, or as none.

    It is one if a line above it says who wrote it; and so are those below.
    """
    found: list[str] = []
    quoted = False
    for line in lines:
        if not _MAYBE_QUOTED.match(line):
            found.append(line)
            continue
        quoted = quoted or _introduction_ends(found)
        bare = line.replace(MAYBE, "", 1).replace(MAYBE.strip(), "", 1)
        found.append(f"> {bare}" if quoted else bare)
    return found


def _introduction_ends(lines: Sequence[str]) -> bool:
    written = [line for line in lines if line.strip()]
    return bool(written) and _introduction_start(written, len(written)) is not None


def _is_forward(lines: Sequence[str], subject: str) -> bool:
    """Return whether the letter passes another one on; a reply to such a letter quotes it."""
    if _FORWARD_SUBJECT.match(subject):
        return True
    for number, line in enumerate(lines):
        if _FORWARDED.match(line) and not _QUOTED.match(line):
            return True
        if _QUOTED.match(line) or _starts_headers(lines, number):
            return False
    return False


# ── Earlier letters ──────────────────────────────────────────────────────────────────────────────


def _without_earlier(lines: Sequence[str]) -> list[str]:
    end = _start_of_headers(lines)
    above = lines[: min(end, _start_of_introduced(lines))]
    if len(above) < len(lines) and not _ANSWERS_WITHIN.search("\n".join(above)):
        lines = above
    return list(lines[: _start_of_trailing_quote(lines)])


def _start_of_headers(lines: Sequence[str]) -> int:
    """Return the line where an earlier letter begins with its headers, as Outlook writes them."""
    for number, line in enumerate(lines):
        if _ORIGINAL.match(line) and number:
            return number
        if _starts_headers(lines, number):
            ruled = number and _RULE.match(lines[number - 1])
            return number - 1 if ruled else number
    return len(lines)


def _starts_headers(lines: Sequence[str], number: int) -> bool:
    """Return whether who, when and to whom stand there, one below the other, perhaps wrapped."""
    who, when, whom = _HEADERS
    if not who.match(lines[number]):
        return False
    following: list[str] = []
    for line in lines[number + 1 : number + LONGEST_HEADERS]:
        if not line.strip() or who.match(line):
            break
        following.append(line)
    dated = next((at for at, line in enumerate(following[:3]) if when.match(line)), None)
    return dated is not None and any(map(whom.match, following))


def _start_of_introduced(lines: Sequence[str]) -> int:
    """Return where an earlier letter begins that is introduced in full and has no marks.

    Some phones quote so. Its writer has answered above it; quote marks below would mean that
    somebody answers line by line, or are cut as such.
    """
    for end in range(1, len(lines)):
        start = _introduction_start(lines, end)
        if start is None or not any(line.strip() for line in lines[:start]):
            continue
        introduction = " ".join(lines[start:end])
        below = [line for line in lines[end:] if line.strip()]
        full = _ADDRESS.search(introduction) and _TIMED.search(introduction)
        if full and below and not any(map(_QUOTED.match, below)):
            return start
    return len(lines)


def _introduction_start(lines: Sequence[str], end: int) -> int | None:
    """Return where the lines that end before `end` begin to say when somebody wrote; else None."""
    last = lines[end - 1].strip()
    if not _WRITTEN.search(last):
        return None
    for start in range(end - 1, max(end - 1 - LONGEST_INTRODUCTION, -1), -1):
        line = lines[start].strip()
        if not line:
            break
        if _DATED.match(line):
            return start
    named = _WEEKDAY.search(last) or _ADDRESS.search(last)
    return end - 1 if named and _VERB.search(last) else None


def _start_of_trailing_quote(lines: Sequence[str]) -> int:
    """Return where the quote at the end begins, with the line that introduces it."""
    start = len(lines)
    while start and (_BLANK.match(lines[start - 1]) or _QUOTED.match(lines[start - 1])):
        start -= 1
    if not any(_QUOTED.match(line) and not _BLANK.match(line) for line in lines[start:]):
        return len(lines)
    if not start or not lines[start - 1].rstrip().endswith(":"):
        return start
    introduction = _introduction_start(lines, start)
    if introduction is None:
        return len(lines)  # the writer cites: the words above mean nothing without the quote
    return introduction


# ── Signatures ───────────────────────────────────────────────────────────────────────────────────


def _without_signature(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    while kept and _FROM_A_PHONE.match(kept[-1]):
        kept.pop()
        while kept and not kept[-1].strip():
            kept.pop()
    for number in range(max(len(kept) - LONGEST_SIGNATURE, 1), len(kept)):
        if _SIGNATURE.match(kept[number]) and any(line.strip() for line in kept[:number]):
            return kept[:number]
    return kept
