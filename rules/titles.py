"""Titles, names and sites in a form under which the ways to write one company are equal.

Cyrillic and Latin are brought to one alphabet by how a name sounds: «Каспий Фарма», "Kaspiy Farma"
and "Caspii Pharma" are one. Forms are for comparing; nobody reads them. Texts are worked on all at
once, as the lines of one text, which is many times faster than one by one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from string import ascii_lowercase

_CYRILLIC = dict(
    zip(
        "абвгдезиклмнопрстуфхыэәғқңөұүһіїєґҳ",
        "abvgdeziklmnoprstufhieagknouuhiiegh",
        strict=True,
    )
) | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "iu", "я": "ia", "ъ": "", "ь": ""}
"""Russian, Kazakh, Ukrainian and Uzbek letters, in lower case."""

_LATIN = {"w": "v", "q": "k", "y": "i", "j": "zh", "x": "ks", "ß": "ss", "ø": "o", "ł": "l",
          "đ": "d", "ı": "i", "æ": "e", "œ": "e"}  # fmt: skip

_UNHEARD = {ord(sign): None for sign in "'`’‘ʼʻ"} | dict.fromkeys(range(0x300, 0x370))
"""Apostrophes, and the marks that NFKD takes off letters (ё, й, ü)."""

_ALPHABET = {**str.maketrans(_CYRILLIC), **str.maketrans(_LATIN), **_UNHEARD}

_SOUNDS = (
    ("shch", "sh"), ("sch", "sh"), ("dzh", "zh"), ("kh", "h"), ("ph", "f"), ("th", "t"),
    ("ce", "se"), ("ci", "si"), ("ch", "\0"), ("c", "k"), ("\0", "ch"), ("ou", "u"), ("ie", "e"),
)  # fmt: skip
"""One sound written in several ways, in the order in which they are made one."""

_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")
_DIGITS = re.compile(r"\d+")
_NO_DIGITS = re.compile(r"[^\d\n]+")


def _spelled(texts: Sequence[str]) -> str:
    """Return the words of each text, a line each, in small Latin letters."""
    whole = "\n".join(texts)
    if whole.count("\n") != len(texts) - 1 or not whole.replace("\n", "").isprintable():
        whole = "\n".join(" ".join(text.split()) for text in texts)
    for marked, letter in zip("ёйЁЙ№", "еиЕИ ", strict=True):
        whole = whole.replace(marked, letter)
    whole = _in_latin(unicodedata.normalize("NFKD", whole).casefold())
    if "." in whole:
        whole = _INITIALS.sub(r"\1", whole)
    for sign in _signs(whole):
        whole = whole.replace(sign, " ")
    while "  " in whole:
        whole = whole.replace("  ", " ")
    return whole


_BYTES = "ptcp154"
"""Russian, Kazakh and Latin letters, a byte each, are several times faster to exchange."""


def _in_latin(whole: str) -> str:
    """Return the text with the alphabet's letters exchanged for Latin ones."""
    try:
        content = whole.encode(_BYTES)
    except UnicodeEncodeError:
        return whole.translate(_ALPHABET)
    content = content.translate(_ONE_FOR_ONE, _LEFT_OUT)
    for letter, letters in _SEVERAL_FOR_ONE:
        content = content.replace(letter, letters)
    return content.decode(_BYTES)


def _by_byte() -> tuple[bytes, bytes, Sequence[tuple[bytes, bytes]]]:
    """Return the alphabet in bytes: one for one, those left out, several for one."""
    table, left_out, several = bytearray(range(256)), bytearray(), []
    for code, letters in _ALPHABET.items():
        letter = chr(code).encode(_BYTES, "ignore")
        if not letter:
            continue
        if not letters:
            left_out += letter
        elif len(letters) == 1:
            table[letter[0]] = ord(letters)
        else:
            several.append((letter, letters.encode("ascii")))
    return bytes(table), bytes(left_out), several


_ONE_FOR_ONE, _LEFT_OUT, _SEVERAL_FOR_ONE = _by_byte()
_WORDS = b"abcdefghijklmnopqrstuvwxyz0123456789 \n"


def _signs(whole: str) -> Sequence[str]:
    """Return what stands in a text and is part of no word."""
    others = whole.encode("utf-8", "surrogatepass").translate(None, _WORDS)
    signs = set(others.decode("utf-8", "surrogatepass"))
    return [sign for sign in signs if sign == "_" or not (sign.isalnum() or sign == "\n")]


def _sounding(whole: str) -> str:
    """Return a spelled text with one way to write each sound."""
    for written, sound in _SOUNDS:
        whole = whole.replace(written, sound)
    for letter in ascii_lowercase:
        if letter * 2 in whole:
            if letter * 3 in whole:
                whole = whole.replace(letter * 3, letter)
            whole = whole.replace(letter * 2, letter)
    return whole


def name_forms(names: Sequence[str]) -> list[str]:
    """Return the form of each person's name."""
    lines = _sounding(_spelled(names)).split("\n") if names else []
    return [" ".join(line.split()) for line in lines]


class TitleForms:
    """The forms of companies' titles, which leave out legal forms (ТОО, LLP and the like)."""

    def __init__(self, legal_forms: Collection[str]) -> None:
        spelled = {" ".join(_spelled([form]).split()) for form in legal_forms} - {""}
        longest_first = sorted(spelled | {"and", "i"}, key=lambda form: (-len(form), form))
        self._legal_forms = re.compile(rf"\b(?:{'|'.join(longest_first)})\b")

    def of(self, titles: Sequence[str]) -> list[str]:
        """Return the form of each title: its words, `|`, its numbers; "" where it has neither."""
        if not titles:
            return []
        spelled = _spelled(titles)
        kept = zip(self._legal_forms.sub("", spelled).split("\n"), spelled.split("\n"), strict=True)
        # A title that is nothing but a legal form (a company named "Too") keeps it.
        whole = _sounding("\n".join(short if short.strip() else line for short, line in kept))
        words, numbers = _DIGITS.sub(" ", whole), _NO_DIGITS.sub(" ", whole)
        forms = zip(words.split("\n"), numbers.split("\n"), strict=True)
        return [
            "" if (form := f"{' '.join(word_line.split())}|{number_line.strip()}") == "|" else form
            for word_line, number_line in forms
        ]


def title_keys(form: str) -> tuple[str, ...]:
    """Return the keys that equal titles share: whatever the spaces, or the order of the words."""
    words, _, numbers = form.partition("|")
    if not form or " " not in words:
        return (form,) if form else ()
    in_order = words.replace(" ", "")
    return f"{in_order}|{numbers}", f"{''.join(sorted(words.split()))}|{numbers}"


# ── Sites ────────────────────────────────────────────────────────────────────────────────────────

_HOST = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?(?:www\d?\.)?([^/:?#@,;\s]+)")

_USUAL_SITE = re.compile(
    r"^(?:(?:https?://)?(?:www\d?\.)?((?:[a-z0-9-]+\.)*[a-z0-9-]+)(?:/.*)?|(.+)|)$", re.MULTILINE
)
"""A line with a site as most are written, or else the whole line."""


def site_domains(sites: Sequence[str]) -> list[str]:
    """Return the domain of each site without `www.`, "" for none: "https://www.a.kz/en"."""
    found = _USUAL_SITE.findall("\n".join(sites).casefold())
    if len(found) != len(sites):
        return list(map(_site_domain, sites))
    return [
        (_site_domain(line) if line else "")
        if not host
        else host
        if "." in host and "xn--" not in host
        else _site_domain(host)
        for host, line in found
    ]


def _site_domain(site: str) -> str:
    found = _HOST.match(site.casefold())
    domain = found.group(1).strip(".") if found else ""
    if "." not in domain:
        return ""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
