"""The search box of Gmail: ``messages.list?q=``.

Operators: support.google.com/mail/answer/7190. Words match whole words, upper and lower case
alike; dates without a time are midnight in California. An operator that is not known is looked
for as words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.mime import words
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
PEOPLE = frozenset({"from", "to", "cc", "bcc", "deliveredto"})
_REVEALING = re.compile(
    r"(?<![-\w])(?:in:(?:spam|trash|anywhere)|label:(?:spam|trash)|is:(?:spam|trash))\b"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str


def asks_for_hidden(query: str) -> bool:
    """Whether a query names spam or trash, which searches leave out otherwise."""
    return _REVEALING.search(query.lower()) is not None


def parse_query(text: str, mailbox: Mailbox, now: datetime) -> Test:
    """Return the test of a query; anything that can be typed has a meaning."""
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

    def parse(self) -> Test:
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

    def _sequence(self, closing: str, key: str = "") -> Test:
        """Terms up to the closing bracket, with OR between some of them."""
        groups: list[list[Test]] = []
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

    def _term(self, key: str) -> Test:
        token = self._take()
        match token.kind:
            case "minus":
                test = self._term(key)
                return lambda letter: not test(letter)
            case "mark":
                return self._bracket(token.value, key)
            case "key":
                return self._operator(token.value.lower())
            case _:
                return self._make_test(key, token.value)

    def _bracket(self, opening: str, key: str) -> Test:
        if opening == "{":
            tests = []
            while not self._at_end("}"):
                tests.append(self._term(key))
            test = _any(tests)
        else:
            test = self._sequence(")", key)
        self._next += 1
        return test

    def _operator(self, key: str) -> Test:
        token = self._take()
        if token.kind == "mark" and token.value in "({":
            return self._bracket(token.value, key)
        value = token.value
        if token.kind == "key":  # a value with a colon in it, such as rfc822msgid:a:b
            value += ":" + self._take().value
        return self._make_test(key, value)

    def _make_test(self, key: str, value: str) -> Test:
        if key in WORD_TESTS:
            if value.lower() == "me" and key in PEOPLE:
                value = self._mailbox.owner
            return WORD_TESTS[key](words(value))
        if key in VALUE_TESTS:
            return VALUE_TESTS[key](value)
        if key in TIME_TESTS:
            return TIME_TESTS[key](value, self._now)
        if key in MAILBOX_TESTS:
            return MAILBOX_TESTS[key](value.lower(), self._mailbox)
        wanted = words(f"{key} {value}")
        return lambda letter: wanted in letter.summary.all_words


def _every(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda letter: all(test(letter) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda letter: any(test(letter) for test in tests)
