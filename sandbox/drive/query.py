"""The language of ``files.list?q=``.

Grammar and terms: developers.google.com/workspace/drive/api/guides/ref-search-terms.
"""

from __future__ import annotations

import operator as op
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sandbox.drive import refusals
from sandbox.drive.model import ROLES, File, SharedDrive
from sandbox.drive.resources import parse_time
from sandbox.drive.state import DriveState

Test = Callable[[File], bool]
Subject = TypeVar("Subject")

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
        |(?P<operator>!=|<=|>=|=|<|>)
        |(?P<mark>[(){}])
        |(?P<word>[\w./]+)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TIME_TERMS = ("modifiedTime", "createdTime", "viewedByMeTime", "sharedWithMeTime")
_PEOPLE_TERMS = ("owners", "writers", "readers")
_VISIBILITIES = (
    "anyoneCanFind",
    "anyoneWithLink",
    "domainCanFind",
    "domainWithLink",
    "limited",
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str


def parse_query(text: str, state: DriveState, user: str, client: str) -> Test:
    """Return the test of a user's query; ApiError 400 ``invalid`` when it is malformed."""
    return _Parser(_tokenize(text), state, user, client).parse()


def parse_drive_query(text: str, state: DriveState, user: str) -> Callable[[SharedDrive], bool]:
    """Return the test of a query for shared drives; ApiError 400 when it is malformed."""
    if not text.strip():
        return lambda _drive: True
    return _DriveParser(_tokenize(text), state, user, "").parse()


def _malformed() -> Exception:
    return refusals.invalid("Invalid Value", "q")


def _tokenize(text: str) -> Sequence[_Token]:
    tokens: list[_Token] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _malformed()
        kind = match.lastgroup or ""
        value = match.group(kind)
        if kind == "text":
            value = _ESCAPE.sub(r"\1", value[1:-1])
        tokens.append(_Token(kind, value))
        position = match.end()
    return tokens


class _Grammar(Generic[Subject]):
    """Recursive descent: ``or`` binds less than ``and``, ``and`` less than ``not``."""

    def __init__(self, tokens: Sequence[_Token], state: DriveState, user: str, client: str) -> None:
        self._tokens = tokens
        self._next = 0
        self._state = state
        self._user = user
        self._client = client

    def parse(self) -> Callable[[Subject], bool]:
        test = self._any_of()
        if self._next < len(self._tokens):
            raise _malformed()
        return test

    def _peek(self) -> _Token:
        done = self._next >= len(self._tokens)
        return _Token("end", "") if done else self._tokens[self._next]

    def _take(self, kind: str, *values: str) -> str:
        token = self._peek()
        if token.kind != kind or (values and token.value not in values):
            raise _malformed()
        self._next += 1
        return token.value

    def _skip(self, kind: str, value: str) -> bool:
        found = self._peek() == _Token(kind, value)
        self._next += found
        return found

    def _any_of(self) -> Callable[[Subject], bool]:
        tests = [self._all_of()]
        while self._skip("word", "or"):
            tests.append(self._all_of())
        return lambda subject: any(test(subject) for test in tests)

    def _all_of(self) -> Callable[[Subject], bool]:
        tests = [self._negation()]
        while self._skip("word", "and"):
            tests.append(self._negation())
        return lambda subject: all(test(subject) for test in tests)

    def _negation(self) -> Callable[[Subject], bool]:
        if self._skip("word", "not"):
            test = self._negation()
            return lambda subject: not test(subject)
        if self._skip("mark", "("):
            test = self._any_of()
            self._take("mark", ")")
            return test
        return self._term()

    def _term(self) -> Callable[[Subject], bool]:
        raise NotImplementedError

    def _operator(self) -> str:
        if self._skip("word", "contains"):
            return "contains"
        return self._take("operator")


class _Parser(_Grammar[File]):
    """Terms about files."""

    def _term(self) -> Test:
        if self._peek().kind == "text":
            value = self._take("text")
            self._take("word", "in")
            return self._membership(value, self._take("word"))
        name = self._take("word")
        if name in ("appProperties", "properties"):
            self._take("word", "has")
            return self._property(name)
        if self._skip("word", "in"):
            # Undocumented and accepted: gspread asks this way round.
            return self._membership(self._take("text"), name)
        operator = self._operator()
        return self._comparison(name, operator)

    def _membership(self, value: str, collection: str) -> Test:
        if collection == "parents":
            wanted = self._state.root_id(self._user) if value == "root" else value
            return lambda file: file.parent == wanted
        if collection == "labels":
            return lambda _file: False
        if collection not in _PEOPLE_TERMS:
            raise _malformed()
        value = self._user if value == "me" else value.lower()
        rank = {"owners": ROLES["owner"], "writers": ROLES["writer"], "readers": 1}[collection]
        return lambda file: self._state.role(file, value) >= rank

    def _property(self, name: str) -> Test:
        self._take("mark", "{")
        self._take("word", "key")
        self._take("operator", "=")
        key = self._take("text")
        self._take("word", "and")
        self._take("word", "value")
        self._take("operator", "=")
        value = self._take("text")
        self._take("mark", "}")
        if name == "properties":
            return lambda file: file.properties.get(key) == value
        return lambda file: file.app_properties.get(self._client, {}).get(key) == value

    def _comparison(self, name: str, operator: str) -> Test:
        if name in ("trashed", "starred", "sharedWithMe"):
            return self._flag(name, operator)
        value = self._take("text")
        if name in _TIME_TERMS:
            return _time_test(name, operator, value)
        match name:
            case "name" | "title":
                test = name_test(operator, value)
                return lambda file: test(file.name)
            case "mimeType":
                return _mime_test(operator, value)
            case "fullText":
                return _full_text_test(operator, value)
            case "visibility":
                return self._visibility_test(operator, value)
            case "shortcutDetails.targetId":
                return _target_test(operator, value)
            case _:
                raise _malformed()

    def _flag(self, name: str, operator: str) -> Test:
        wanted = self._take("word", "true", "false") == "true"
        if operator not in ("=", "!="):
            raise _malformed()
        if operator == "!=":
            wanted = not wanted
        match name:
            case "trashed":
                return lambda file: self._state.is_trashed(file) == wanted
            case "starred":
                return lambda file: bool(file.plain.get("starred")) == wanted
            case _:
                return lambda file: self._is_shared_with_me(file) == wanted

    def _visibility_test(self, operator: str, value: str) -> Test:
        if operator not in ("=", "!=") or value not in _VISIBILITIES:
            raise _malformed()
        return lambda file: (self._visibility(file) == value) == (operator == "=")

    def _visibility(self, file: File) -> str:
        found = {
            right.type + ("CanFind" if right.discoverable else "WithLink")
            for right, _ in self._state.permissions(file).values()
            if right.type in ("anyone", "domain")
        }
        return next((name for name in _VISIBILITIES if name in found), "limited")

    def _is_shared_with_me(self, file: File) -> bool:
        others = file.owner is not None and file.owner != self._user
        return others and any(right.covers(self._user) for right in file.permissions.values())


class _DriveParser(_Grammar[SharedDrive]):
    """Terms about shared drives."""

    def _term(self) -> Callable[[SharedDrive], bool]:
        name = self._take("word")
        if name == "hidden":
            is_equal = self._take("operator", "=", "!=") == "="
            wanted = (self._take("word", "true", "false") == "true") == is_equal
            return lambda drive: (self._user in drive.hidden_by) == wanted
        if name in ("memberCount", "organizerCount"):
            return self._count_test(name)
        operator = self._operator()
        value = self._take("text")
        if name == "createdTime" and operator in _COMPARE:
            moment = parse_time(value, "q")
            return lambda drive: _COMPARE[operator](drive.created_at, moment)
        if name != "name":
            raise _malformed()
        test = name_test(operator, value)
        return lambda drive: test(drive.name)

    def _count_test(self, name: str) -> Callable[[SharedDrive], bool]:
        operator, text = self._take("operator"), self._take("word")
        if not (text.isascii() and text.isdigit()):
            raise _malformed()
        wanted = int(text[:9])
        least = ROLES["organizer"] if name == "organizerCount" else ROLES["reader"]

        def count(drive: SharedDrive) -> int:
            rights = self._state.files[drive.id].permissions.values()
            return sum(ROLES[right.role] >= least for right in rights)

        compare = _COMPARE[operator]
        return lambda drive: compare(count(drive), wanted)


def name_test(operator: str, value: str) -> Callable[[str], bool]:
    """Return the test of a name."""
    folded = value.casefold()
    match operator:
        case "=":
            return lambda name: name.casefold() == folded
        case "!=":
            return lambda name: name.casefold() != folded
        case "contains":
            # A prefix of a word, as the guide says: HelloWorld is found by Hello, not by World.
            prefix = re.compile(r"(?<!\w)" + re.escape(folded))
            return lambda name: prefix.search(name.casefold()) is not None
        case _:
            raise _malformed()


def _mime_test(operator: str, value: str) -> Test:
    match operator:
        case "=":
            return lambda file: file.mime_type == value
        case "!=":
            return lambda file: file.mime_type != value
        case "contains":
            return lambda file: file.mime_type.startswith(value)
        case _:
            raise _malformed()


def _full_text_test(operator: str, value: str) -> Test:
    """Full text of names and descriptions; contents are not indexed here."""
    if operator != "contains":
        raise _malformed()
    wanted = value.strip('"').casefold()
    return lambda file: (
        wanted in file.name.casefold()
        or wanted in str(file.plain.get("description", "")).casefold()
    )


def _time_test(name: str, operator: str, value: str) -> Test:
    moment = parse_time(value, "q")
    if operator not in _COMPARE:
        raise _malformed()
    compare = _COMPARE[operator]
    if name == "createdTime":
        return lambda file: compare(file.created_at, moment)
    return lambda file: compare(file.modified_at, moment)


def _target_test(operator: str, value: str) -> Test:
    if operator not in ("=", "!="):
        raise _malformed()
    return lambda file: (file.shortcut_to == value) == (operator == "=")
