"""Formulas read into trees, with Google's precedence of operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sandbox.sheets.a1 import Reference, parse_reference
from sandbox.sheets.cells import CellError, Value, plain_number
from sandbox.sheets.formulas.tokens import Token, tokenize


class FormulaError(ValueError):
    """The text is no formula."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, a boolean or an error written out."""

    value: Value


@dataclass(frozen=True, slots=True)
class Cells:
    """A reference to cells."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class Name:
    """A named range."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its arguments; None is an argument left out."""

    name: str
    arguments: tuple[Node | None, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator between two operands, or before (`-`) or after (`%`) one."""

    operator: str
    operands: tuple[Node, ...]


Node = Literal | Cells | Name | Function | Operation

_LEVELS: Sequence[frozenset[str]] = (
    frozenset({"=", "<>", "<", ">", "<=", ">="}),
    frozenset({"&"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
    frozenset({"^"}),
)


@lru_cache(maxsize=1 << 15)
def parse_formula(formula: str, decimal: str) -> Node:
    """Read a formula that begins with `=`. Raises FormulaError."""
    parser = _Parser(
        [token for token in tokenize(formula[1:], decimal) if token.kind != "space"], decimal
    )
    node = parser.binary(0)
    if parser.peek() is not None:
        raise FormulaError(formula)
    return node


class _Parser:
    def __init__(self, tokens: list[Token], decimal: str) -> None:
        self._tokens = tokens
        self._position = 0
        self._decimal = decimal

    def peek(self) -> Token | None:
        if self._position < len(self._tokens):
            return self._tokens[self._position]
        return None

    def _is_next(self, *texts: str) -> bool:
        token = self.peek()
        return token is not None and token.text in texts

    def _take(self) -> Token:
        token = self.peek()
        if token is None:
            raise FormulaError("The formula ends too early.")
        self._position += 1
        return token

    def _expect(self, text: str) -> None:
        if self._take().text != text:
            raise FormulaError(text)

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self.binary(level + 1)
        while self._is_next(*_LEVELS[level]):
            operator = self._take().text
            left = Operation(operator, (left, self.binary(level + 1)))
        return left

    def _unary(self) -> Node:
        if self._is_next("-", "+"):
            operator = self._take().text
            operand = self._unary()
            return Operation("negate", (operand,)) if operator == "-" else operand
        node = self._primary()
        while self._is_next("%"):
            self._take()
            node = Operation("%", (node,))
        return node

    def _primary(self) -> Node:
        token = self._take()
        if token.kind == "operator" and token.text == "(":
            node = self.binary(0)
            self._expect(")")
            return node
        if token.kind == "reference":
            return Cells(parse_reference(token.text))
        if token.kind == "name":
            return self._named(token.text)
        return Literal(self._literal(token))

    def _literal(self, token: Token) -> Value:
        if token.kind == "number":
            number = float(token.text.replace(self._decimal, "."))
            return plain_number(number)
        if token.kind == "text":
            return token.text[1:-1].replace('""', '"')
        if token.kind == "error":
            return CellError(token.text, "Reference does not exist.")
        raise FormulaError(token.text)

    def _named(self, name: str) -> Node:
        if self._is_next("("):
            self._take()
            return Function(name, self._arguments())
        if name.upper() in {"TRUE", "FALSE"}:
            return Literal(name.upper() == "TRUE")
        return Name(name)

    def _arguments(self) -> tuple[Node | None, ...]:
        if self._is_next(")"):
            self._take()
            return ()
        arguments: list[Node | None] = []
        while True:
            token = self.peek()
            if token and (token.kind == "separator" or token.text == ")"):
                arguments.append(None)
            else:
                arguments.append(self.binary(0))
            token = self._take()
            if token.text == ")":
                return tuple(arguments)
            if token.kind != "separator":
                raise FormulaError(token.text)
