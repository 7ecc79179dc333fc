"""Email addresses, phone numbers and links, as people type or paste them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rules.refused import Refused
from rules.table import Raw, as_text
from rules.text import LOOK_ALIKES, clean, split_several

# ── Email ────────────────────────────────────────────────────────────────────────────────────────
USUAL_EMAIL = re.compile(
    r"(?=[^@]{1,64}+@)[a-z0-9_][a-z0-9_%+-]*+(?:\.[a-z0-9_%+-]++)*+@"
    r"(?:[a-z0-9]++(?:-++[a-z0-9]++)*+\.)++[a-z]{2,24}+"
)
"""Addresses that need no closer look; Python's own matching costs a hundredth of a library's.

Nothing in it can match in two ways, so it never goes back (`++`): that is a third faster, and four
times where a text does not match.
"""

_PARTS = re.compile(r"[@.]")


def parse_emails(value: Raw) -> tuple[str, ...]:
    """Return the addresses of a cell, in lower case, each once."""
    text = clean(as_text(value))
    if all(map(USUAL_EMAIL.fullmatch, several := text.split(", "))):
        return tuple(dict.fromkeys(several))
    return tuple(dict.fromkeys(map(_parse_email, _addresses(text))))


def _addresses(text: str) -> Iterator[str]:
    """Yield the addresses of a cell; a space parts them only where an address is on either side."""
    for part in split_several(text):
        words = part.split()
        yield from words if all("@" in word for word in words) else (part,)


def _parse_email(text: str) -> str:
    address = text.lower().removeprefix("mailto:").strip("<>")
    if USUAL_EMAIL.fullmatch(address):
        return address
    if strange := _strange_letters(address):
        raise Refused("email_look_alikes", text, strange)
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError) as error:
        raise Refused("not_email", text) from error


def _strange_letters(address: str) -> str:
    """Return the letters that are mistaken for those of another script.

    These are Cyrillic letters among Latin ones in one part of the address, and a part written
    wholly in Cyrillic letters that look Latin, before a Latin domain (сосо@mail.kz).
    """
    latin_domain = address.rpartition("@")[2].isascii()
    for part in _PARTS.split(address):
        cyrillic = [letter for letter in part if "а" <= letter <= "ӿ"]
        mixed = any("a" <= letter <= "z" for letter in part)
        alike = latin_domain and part.translate(LOOK_ALIKES).isascii()
        if cyrillic and (mixed or alike):
            return ", ".join(dict.fromkeys(cyrillic))
        if mixed and (others := [c for c in part if _other_script(c)]):
            return ", ".join(dict.fromkeys(others))
    return ""


def _other_script(letter: str) -> bool:
    return not letter.isascii() and letter.isalpha() and "LATIN" not in unicodedata.name(letter, "")


# ── Phones ───────────────────────────────────────────────────────────────────────────────────────
USUAL_PHONE = re.compile(r"\+7[0-9]{10}")
_NATIONAL_8 = re.compile(r"8[0-9]{10}")
_FILLING = str.maketrans("", "", " ()-.\u00a0\u2013\u2011")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?e\+?[0-9]+", re.IGNORECASE)
REGIONS_OF_7 = frozenset({"KZ", "RU"})
NOWHERE = "ZZ"
"""The region in which phonenumbers reads numbers with a country code only."""


def parse_phones(value: Raw, region: str, otherwise: str) -> tuple[str, ...]:
    """Return the numbers of a cell in E.164 form; one without a country code is read in `region`.

    What cannot be a number there is taken for one of the region `otherwise`, or for one that lacks
    only its plus, as number cells do, if it is a number in use there.
    """
    if isinstance(value, bool):
        raise Refused("not_phone", value)
    text = clean(as_text(value))
    if USUAL_PHONE.fullmatch(text):
        return (text,)
    return tuple(
        dict.fromkeys(_parse_phone(part, region, otherwise) for part in split_several(text))
    )


def _parse_phone(text: str, region: str, otherwise: str) -> str:
    digits = text.translate(_FILLING)
    if USUAL_PHONE.fullmatch(digits):
        return digits
    if region in REGIONS_OF_7 and _NATIONAL_8.fullmatch(digits):
        return f"+7{digits[1:]}"
    if _SCIENTIFIC.fullmatch(digits):
        raise Refused("not_phone", text)
    number = (
        _possible_number(text, region)
        or _used_number(text, otherwise)
        or _used_number(f"+{digits}", NOWHERE)
    )
    if number is None:
        raise Refused("not_phone", text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _possible_number(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _used_number(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    number = _possible_number(text, region)
    return number if number and phonenumbers.is_valid_number(number) else None


# ── Links ────────────────────────────────────────────────────────────────────────────────────────
USUAL_LINK = re.compile(r"(?:https?://)?+(?:[a-z0-9]++(?:-++[a-z0-9]++)*+\.)++[a-z]{2,24}+/?+")
USUAL_FOLDER = re.compile(r"https://drive\.google\.com/drive/folders/[A-Za-z0-9_-]{10,}")
_LINK = re.compile(
    r"(?:https?://)?(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*(?::[0-9]+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_FOLDER_ID = re.compile(r"/folders/([A-Za-z0-9_-]+)|[?&]id=([A-Za-z0-9_-]+)")


def parse_link(value: Raw) -> str:
    """Return the address of a page or a site, with or without https://; several as they stand."""
    text = clean(as_text(value))
    if not all(map(_LINK.fullmatch, split_several(text))):
        raise Refused("not_link", value)
    return text


def linked_folder(link: str) -> str | None:
    """Return the id of the Drive folder that a link leads to, None if it is no such link."""
    found = _FOLDER_ID.search(link)
    return (found.group(1) or found.group(2)) if found else None


def parse_folder(value: Raw) -> str:
    """Return the link to a Drive folder."""
    text = as_text(value)
    if linked_folder(text) is None:
        raise Refused("not_folder", value)
    return text
