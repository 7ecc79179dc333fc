"""The language of ``files.list?q=``.

Grammar and terms: developers.google.com/workspace/drive/api/guides/ref-search-terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.drive import refusals
from sandbox.drive.model import ROLES, File
from sandbox.drive.resources import parse_time
from sandbox.drive.state import DriveState

Test = Callable[[File], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
        |(?P<operator>!=|<=|>=|=|<|>)
        |(?P<mark>[(){}])
        |(?P<word>[\w.]+)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TIME_TERMS = ("modifiedTime", "createdTime", "viewedByMeTime", "sharedWithMeTime")
_PEOPLE_TERMS = ("owners", "writers", "readers")
_COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str


def parse_query(text: str, state: DriveState, user: str, client: str) -> Test:
    """Return the test of a user's query; ApiError 400 ``invalid`` when it is malformed."""
    return _Parser(_tokenize(text), state, user, client).parse()


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


class _Parser:
    """Recursive descent: ``or`` binds less than ``and``, ``and`` less than ``not``."""

    def __init__(self, tokens: Sequence[_Token], state: DriveState, user: str, client: str) -> None:
        self._tokens = tokens
        self._next = 0
        self._state = state
        self._user = user
        self._client = client

    def parse(self) -> Test:
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

    def _any_of(self) -> Test:
        tests = [self._all_of()]
        while self._skip("word", "or"):
            tests.append(self._all_of())
        return lambda file: any(test(file) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._negation()]
        while self._skip("word", "and"):
            tests.append(self._negation())
        return lambda file: all(test(file) for test in tests)

    def _negation(self) -> Test:
        if self._skip("word", "not"):
            test = self._negation()
            return lambda file: not test(file)
        if self._skip("mark", "("):
            test = self._any_of()
            self._take("mark", ")")
            return test
        return self._term()

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

    def _operator(self) -> str:
        if self._skip("word", "contains"):
            return "contains"
        return self._take("operator")

    def _membership(self, value: str, collection: str) -> Test:
        if collection == "parents":
            wanted = self._state.root_id(self._user) if value == "root" else value
            return lambda file: file.parent == wanted
        if collection not in _PEOPLE_TERMS:
            raise _malformed()
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
                return _name_test(operator, value)
            case "mimeType":
                return _mime_test(operator, value)
            case "fullText":
                return _full_text_test(operator, value)
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

    def _is_shared_with_me(self, file: File) -> bool:
        others = file.owner is not None and file.owner != self._user
        return others and any(right.covers(self._user) for right in file.permissions.values())


def _name_test(operator: str, value: str) -> Test:
    folded = value.casefold()
    match operator:
        case "=":
            return lambda file: file.name.casefold() == folded
        case "!=":
            return lambda file: file.name.casefold() != folded
        case "contains":
            # A prefix of a word, as the guide says: HelloWorld is found by Hello, not by World.
            prefix = re.compile(r"(?<!\w)" + re.escape(folded))
            return lambda file: prefix.search(file.name.casefold()) is not None
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
