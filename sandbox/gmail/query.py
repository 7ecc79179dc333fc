"""The search box of Gmail: ``messages.list?q=``.

Operators: support.google.com/mail/answer/7190. Words match whole words, upper and lower case
alike; dates without a time are midnight in California. An operator that is not known is looked
for as words.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sandbox.gmail.index import FIELDS, MESSAGE_ID
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.mime import words
from sandbox.gmail.model import Letter
from sandbox.gmail.terms import MAILBOX_TESTS, TIME_TESTS, VALUE_TESTS, WORD_TESTS, Test

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[(){}])
        |(?P<minus>-(?=[\w"({]))
        |(?P<key>[A-Za-z_0-9]+):(?=\S)
        |"(?P<phrase>[^"]*)"?
        |(?P<word>[^\s(){}"]+)
    )""",
    re.VERBOSE,
)
INDEXED = {**{field: field for field in FIELDS}, "deliveredto": "to"}
PEOPLE = frozenset({"from", "to", "cc", "bcc", "deliveredto"})
_REVEALING = re.compile(
    r"(?<![-\w])(?:in:(?:spam|trash|anywhere)|label:(?:spam|trash)|is:(?:spam|trash))\b"
)


@dataclass(frozen=True)
class Search:
    """What a query looks for."""

    test: Test
    among: Set[str] | None = None
    """Ids beyond which nothing is found, where an index knows them."""

    def run(self, mailbox: Mailbox) -> Iterable[Letter]:
        """Yield what is found, the newest first."""
        if self.among is None:
            return filter(self.test, mailbox.newest_first())
        return filter(self.test, mailbox.in_order(self.among))


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str


def asks_for_hidden(query: str) -> bool:
    """Whether a query names spam or trash, which searches leave out otherwise."""
    return _REVEALING.search(query.lower()) is not None


def parse_query(text: str, mailbox: Mailbox, now: datetime) -> Search:
    """Return what a query looks for; anything that can be typed has a meaning."""
    tokens = [
        _Token(match.lastgroup, match.group(match.lastgroup))
        for match in _TOKEN.finditer(text.strip())
        if match.lastgroup
    ]
    return _Parser(tokens, mailbox, now).parse()


class _Parser:
    """Recursive descent: juxtaposition is AND, braces are OR."""

    def __init__(self, tokens: Sequence[_Token], mailbox: Mailbox, now: datetime) -> None:
        self._tokens = tokens
        self._next = 0
        self._mailbox = mailbox
        self._now = now

    def parse(self) -> Search:
        tests = []
        while self._peek().kind != "end":
            tests.append(self._sequence(""))
            self._next += 1  # a closing bracket that nothing opened
        return _every(tests)

    def _peek(self) -> _Token:
        done = self._next >= len(self._tokens)
        return _Token("end", "") if done else self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _at_end(self, closing: str) -> bool:
        token = self._peek()
        return token.kind == "end" or (token.kind == "mark" and token.value in closing + ")}")

    def _sequence(self, closing: str, key: str = "") -> Search:
        """Terms up to the closing bracket, with OR between some of them."""
        groups: list[list[Search]] = []
        joins = False
        while not self._at_end(closing):
            token = self._peek()
            if token.kind == "word" and token.value in ("OR", "AND", "|"):
                joins = token.value != "AND"
                self._next += 1
                continue
            test = self._term(key)
            if joins and groups:
                groups[-1].append(test)
            else:
                groups.append([test])
            joins = False
        return _every([_any(group) for group in groups])

    def _term(self, key: str) -> Search:
        token = self._take()
        match token.kind:
            case "minus":
                test = self._term(key).test
                return Search(lambda letter: not test(letter))
            case "mark":
                return self._bracket(token.value, key)
            case "key":
                return self._operator(token.value.lower())
            case _:
                return self._make_test(key, token.value)

    def _bracket(self, opening: str, key: str) -> Search:
        if opening == "{":
            tests = []
            while not self._at_end("}"):
                tests.append(self._term(key))
            test = _any(tests)
        else:
            test = self._sequence(")", key)
        self._next += 1
        return test

    def _operator(self, key: str) -> Search:
        token = self._take()
        if token.kind == "mark" and token.value in "({":
            return self._bracket(token.value, key)
        value = token.value
        if token.kind == "key":  # a value with a colon in it, such as rfc822msgid:a:b
            value += ":" + self._take().value
        return self._make_test(key, value)

    def _make_test(self, key: str, value: str) -> Search:
        if key in WORD_TESTS:
            if value.lower() == "me" and key in PEOPLE:
                value = self._mailbox.owner
            wanted = words(value)
            return Search(WORD_TESTS[key](wanted), self._among(key, wanted))
        if key == MESSAGE_ID:
            among = self._mailbox.index.among(MESSAGE_ID, [f"<{value.strip('<>')}>"])
            return Search(VALUE_TESTS[key](value), among)
        if key in VALUE_TESTS:
            return Search(VALUE_TESTS[key](value))
        if key in TIME_TESTS:
            return Search(TIME_TESTS[key](value, self._now))
        if key in MAILBOX_TESTS:
            return Search(MAILBOX_TESTS[key](value.lower(), self._mailbox))
        wanted = words(f"{key} {value}")
        return Search(lambda letter: wanted in letter.summary.all_words)

    def _among(self, key: str, wanted: str) -> Set[str] | None:
        """Return the letters that an index knows to have all words of a phrase."""
        if key not in INDEXED or not wanted.strip():
            return None
        return self._mailbox.index.among(INDEXED[key], wanted.split())


def _every(parts: Sequence[Search]) -> Search:
    if len(parts) == 1:
        return parts[0]
    tests = [part.test for part in parts]
    known = sorted((part.among for part in parts if part.among is not None), key=len)
    among = functools.reduce(operator.and_, known) if known else None
    return Search(lambda letter: all(test(letter) for test in tests), among)


def _any(parts: Sequence[Search]) -> Search:
    if len(parts) == 1:
        return parts[0]
    tests = [part.test for part in parts]
    among: set[str] | None = set()
    for part in parts:
        among = None if among is None or part.among is None else among | part.among
    return Search(lambda letter: any(test(letter) for test in tests), among)
