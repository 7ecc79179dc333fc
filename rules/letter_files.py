"""Files that come with letters: which are refused, what they are called, where they belong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rules.folders import clean_name
from rules.messages import FILE_LINES
from rules.playbook import LOCALES, Locale, Name
from rules.text import fold
from rules.words import say

_PROGRAMS = (
    b"MZ",  # Windows
    b"\x7fELF",  # Linux
    b"#!",  # scripts
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),  # macOS
    b"\xca\xfe\xba\xbe",  # Java, and macOS for several machines
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
    b"dex\n",  # Android
)
"""How files begin that a machine would run."""

_RUN_BY_NAME = frozenset(
    {
        *("exe", "com", "scr", "pif", "msi", "msp", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse"),
        *("wsf", "wsh", "hta", "cpl", "jar", "apk", "lnk", "reg", "sh", "app", "dmg", "iso", "img"),
    }
)
"""Endings of names that a machine would run, whatever the content looks like."""

FILE_LINK = ": https://drive.google.com/file/d/{}/view"
_LINKED = re.compile(re.escape(FILE_LINK).replace(r"\{\}", r"[\w-]+") + "$")

_WORD = re.compile(r"[^\W_]+")


def is_program(name: str, content: bytes) -> bool:
    """Return whether a machine would run the file; its content says so, whatever its name."""
    return content.startswith(_PROGRAMS) or _ending(name) in _RUN_BY_NAME


def _ending(name: str) -> str:
    return name.rstrip(". ").rpartition(".")[2].lower()


def file_name(name: str) -> str:
    """Return one clean file name: no folders, no control or directing characters, its ending kept.

    A file without any name that can be read is called "file".
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    stem, dot, ending = re.sub(r'[<>:"|?*]', " ", last).strip(". ").rpartition(".")
    clean_stem, clean_ending = clean_name(stem)[:150].strip(". "), clean_name(ending)[:20]
    return f"{clean_stem}{dot}{clean_ending}" if clean_stem else clean_ending or "file"


def line_of_file(name: str, file_id: str) -> str:
    """Return the line of `Attachments` about a file that is put away."""
    return f"{name}{FILE_LINK.format(file_id)}"


def line_of_left(name: str, reason: str, locale: Locale) -> str:
    """Return the line of `Attachments` about a file that is left in the letter; see FILE_LINES."""
    return f"{name} ({say(locale, FILE_LINES[reason])})"


def name_in_line(line: str) -> str:
    """Return the file's name in a line of `Attachments`, whatever became of the file."""
    for locale in LOCALES:
        for reason in FILE_LINES:
            line = line.removesuffix(line_of_left("", reason, locale))
    return _LINKED.sub("", line)


def place_of(name: str, subfolders: Sequence[Name]) -> int | None:
    """Return which of the deal's subfolders a file's name speaks of; None if of none or several."""
    words = f" {' '.join(_WORD.findall(fold(name)))} "
    found = [
        place
        for place, folder in enumerate(subfolders)
        if any(f" {' '.join(_WORD.findall(word))} " in words for word in folder.spellings)
    ]
    return found[0] if len(found) == 1 else None
