"""The playbook file: read, checked, and every mistake in it named with its line.

The built-in file is `rules/playbook.yaml`; its comments and `docs/playbook.md` explain it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from rules.playbook import Playbook
from rules.playbook_lines import compose_lines
from rules.playbook_links import Mistake, find_broken_links
from rules.refused import shorten

BUILT_IN = Path(__file__).with_name("playbook.yaml")


class PlaybookError(Exception):
    """The playbook file cannot be used.

    The message names every mistake, a line each, in the file's order:
    `path:LINE: key.path: what is wrong (found 'x')`.
    """


def load_playbook(path: Path = BUILT_IN) -> Playbook:
    """Return the playbook in the file at `path`. Raises PlaybookError."""
    text = _read_text(path)
    try:
        playbook, mistakes = _validate(_parse(text))
    except DuplicateKeyError:
        playbook, mistakes = None, _mistakes_beside_doubled_keys(text)
    except YAMLError as error:
        raise PlaybookError(_told(path, *_syntax_mistake(text, error))) from error
    except RecursionError as error:
        raise PlaybookError(f"{path}:1: its blocks are nested too deeply") from error
    if playbook is None or mistakes:
        raise PlaybookError("\n".join(_all_told(path, text, mistakes)))
    return playbook


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlaybookError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PlaybookError(f"{path}:{line}: this is no text in UTF-8") from error


def _parse(text: str) -> object:
    content: object = YAML(typ="safe", pure=True).load(text)
    return content


def _mistakes_beside_doubled_keys(text: str) -> list[Mistake]:
    """Return the mistakes of a file in which keys stand twice; the first of each is read."""
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    return _validate(yaml.load(text))[1]


def _validate(content: object) -> tuple[Playbook | None, list[Mistake]]:
    """Return the playbook, None if its parts are not what they should be, and all mistakes."""
    broken_links = list(find_broken_links(content))
    try:
        return Playbook.model_validate(content), broken_links
    except ValidationError as error:
        wrong_parts = (_mistake(details) for details in error.errors(include_url=False))
        return None, [*wrong_parts, *broken_links]


# ── What pydantic says, in a sales lead's words ──────────────────────────────────────────────────

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is no key that is known here",
    "literal_error": "must be one of {expected}",
    "string_type": "must be a text; put it in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "tuple_type": "must be a list, like [one, another]",
    "frozen_set_type": "must be a list, like [one, another]",
    "invalid_key": "every key must be a text; put it in quotes",
    "string_pattern_mismatch": "must be a country's two capital letters, for example KZ",
    "dict_type": "must be a block of keys, like {{key: value}}",
    "mapping_type": "must be a block of keys, like {{key: value}}",
    "model_type": "must be a block of keys, like {{key: value}}",
}
"""What to tell by the type of pydantic's error; of other types, what pydantic says."""

KEY_ITSELF = "[key]"
"""The last step of pydantic's location where a key is wrong, not its value."""


def _mistake(details: ErrorDetails) -> Mistake:
    location = tuple(step for step in details["loc"] if step != KEY_ITSELF)
    value = details["input"]
    plain = isinstance(value, str | int | float) and details["type"] != "missing"
    return Mistake(location, _in_words(details), value if plain else None)


def _in_words(details: ErrorDetails) -> str:
    kind = details["type"]
    if details["loc"][-1:] == (KEY_ITSELF,):
        kind = "invalid_key"
    elif details["input"] is None and kind.endswith("_type"):
        return "is empty"
    told = _WORDS.get(kind)
    return told.format(**details.get("ctx", {})) if told else details["msg"]


# ── The report ───────────────────────────────────────────────────────────────────────────────────


def _all_told(path: Path, text: str, mistakes: Iterable[Mistake]) -> Iterator[str]:
    lines = compose_lines(text)
    placed = [(lines.of(mistake.location), mistake) for mistake in mistakes]
    placed += lines.doubled_keys()
    for line, mistake in sorted(placed, key=lambda one: one[0]):
        yield _told(path, line, mistake)


def _told(path: Path, line: int, mistake: Mistake) -> str:
    place = ".".join(step for step in mistake.location if isinstance(step, str))
    found = "" if mistake.found is None else f" (found {_shown(mistake.found)})"
    return f"{path}:{line}: {f'{place}: ' if place else ''}{mistake.message}{found}"


def _shown(value: str | int | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(shorten(value) if isinstance(value, str) else value)


def _syntax_mistake(text: str, error: YAMLError) -> tuple[int, Mistake]:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, Mistake((), f"the character #x{error.character:04x} may not stand here")
    if not isinstance(error, MarkedYAMLError):
        return 1, Mistake((), " ".join(str(error).split()))
    mark = error.problem_mark or error.context_mark
    told = " ".join(filter(None, (error.context, error.problem)))
    return (mark.line + 1 if mark else 1), Mistake((), f"this is no YAML: {told}")
