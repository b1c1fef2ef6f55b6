"""School mathematics read from text into a tree: a tokenizer and a parser of our own, never `eval`.

Grammar (lowest first)::

    sum     = term (("+" | "-") term)*
    term    = factor (("*" | "/" | "÷" | implied) factor)*
    factor  = ("+" | "-") factor | power
    power   = postfix ("^" factor)?                    binds to the right
    postfix = atom ("!" | "%")*
    atom    = number | letter | constant | function atom | "(" sum ")" | "|" sum "|"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "Binary",
    "Call",
    "Constant",
    "MathError",
    "Negative",
    "Node",
    "Number",
    "Symbol",
    "parse",
    "symbols_in",
    "value_of",
    "written",
]

LONGEST = 200
"""characters of one expression"""
MOST_TOKENS = 100
DEEPEST = 20
"""brackets within brackets"""
LARGEST_EXPONENT = 64
LARGEST_FACTORIAL = 60
LARGEST_BITS = 4096
"""size of a number, in bits"""

FUNCTIONS = ("sqrt", "sin", "cos", "tan", "exp", "ln", "log", "abs")
CONSTANTS = ("pi", "e")


class MathError(Exception):
    """An expression cannot be read or is too large; says why, for people."""


@dataclass(frozen=True)
class Number:
    """A rational number."""

    value: Fraction


@dataclass(frozen=True)
class Symbol:
    """An unknown: one lower-case letter."""

    name: str


@dataclass(frozen=True)
class Constant:
    """pi or e."""

    name: str


@dataclass(frozen=True)
class Negative:
    """Minus something."""

    inner: Node


@dataclass(frozen=True)
class Binary:
    """Two things joined by ``+ - * / ^``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    """A function of `FUNCTIONS`, or "!"."""

    name: str
    inner: Node


Node = Number | Symbol | Constant | Negative | Binary | Call

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>"
    + "|".join((*FUNCTIONS, "pi"))
    + r")(?![a-z])|(?P<letter>[a-z])(?![a-z]{2})"
    r"|(?P<sign>\*\*|[-+*/÷^!%()|]))"
)
SPELLINGS = {
    "×": "*",
    "·": "*",
    "⋅": "*",
    "−": "-",
    "–": "-",
    "²": "^2",
    "³": "^3",
    "π": " pi ",
    "√": " sqrt ",
    "½": "(1/2)",
}
SPELLINGS |= {"¼": "(1/4)", "¾": "(3/4)", "（": "(", "）": ")", "＋": "+", "＝": "=", "，": ",", "[": "(", "]": ")"}


def parse(text: str) -> Node:
    """Read an expression.

    Raises:
        MathError: it is no expression, or larger than the limits above.
    """
    for sign, plain in SPELLINGS.items():
        text = text.replace(sign, plain)
    if len(text) > LONGEST:
        raise MathError(f"it is longer than {LONGEST} characters")
    return _Parser(_tokens(text.lower())).read()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if not found:
            raise MathError(f"I can't read “{text[at:].strip()[:12]}”")
        kind = str(found.lastgroup)
        token = found[kind]
        tokens.append((kind, "^" if token == "**" else token))
        at = found.end()
        if len(tokens) > MOST_TOKENS:
            raise MathError(f"it has more than {MOST_TOKENS} parts")
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        if not self._tokens:
            raise MathError("it is empty")
        node = self._sum()
        if self._at < len(self._tokens):
            raise MathError(f"I don't expect “{self._next()}” there")
        return node

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise MathError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise MathError(f"it is nested more than {DEEPEST} deep")

    def _sum(self) -> Node:
        node = self._term()
        while self._next() in ("+", "-"):
            operator = self._take()[1]
            node = Binary(operator, node, self._term())
        return node

    def _term(self) -> Node:
        node = self._factor()
        while True:
            if self._next() in ("*", "/", "÷"):
                operator = self._take()[1].replace("÷", "/")
                node = Binary(operator, node, self._factor())
            elif self._starts_atom():
                node = Binary("*", node, self._power())
            else:
                return node

    def _starts_atom(self) -> bool:
        if self._at >= len(self._tokens):
            return False
        kind, token = self._tokens[self._at]
        # "2 3" is a slip of the pen, not a product, and a bar may close what another opened.
        return kind in ("letter", "word") or token == "("

    def _factor(self) -> Node:
        if self._next() not in ("+", "-"):
            return self._power()
        self._enter()
        sign = self._take()[1]
        node = self._factor()
        self._depth -= 1
        return Negative(node) if sign == "-" else node

    def _power(self) -> Node:
        node = self._postfix()
        if self._next() != "^":
            return node
        self._take()
        self._enter()
        exponent = self._factor()
        self._depth -= 1
        return Binary("^", node, exponent)

    def _postfix(self) -> Node:
        node = self._atom()
        while self._next() in ("!", "%"):
            node = Call("!", node) if self._take()[1] == "!" else Binary("/", node, Number(Fraction(100)))
        return node

    def _atom(self) -> Node:
        kind, token = self._take()
        if kind == "number":
            return self._fraction(Number(Fraction(token)))
        if kind == "letter":
            return Constant("e") if token == "e" else Symbol(token)
        if token == "pi":
            return Constant("pi")
        self._enter()
        if kind == "word":
            node: Node = Call(token, self._power())
        elif token in ("(", "|"):
            node = self._bracket(token)
        else:
            raise MathError(f"I don't expect “{token}” there")
        self._depth -= 1
        return node

    def _fraction(self, top: Number) -> Node:
        """In "2/3 ÷ 4/5" the strokes make fractions, and only the sign divides."""
        divides = any(token == "÷" for _, token in self._tokens)
        if not divides or self._next() != "/" or self._tokens[self._at + 1 : self._at + 2] == []:
            return top
        kind, token = self._tokens[self._at + 1]
        if kind != "number":
            return top
        self._at += 2
        return Binary("/", top, Number(Fraction(token)))

    def _bracket(self, opening: str) -> Node:
        node = self._sum()
        if self._take()[1] != (")" if opening == "(" else "|"):
            raise MathError("a bracket is not closed")
        return node if opening == "(" else Call("abs", node)


def symbols_in(node: Node) -> set[str]:
    """The unknowns in an expression."""
    match node:
        case Symbol(name):
            return {name}
        case Binary(_, left, right):
            return symbols_in(left) | symbols_in(right)
        case Negative(inner) | Call(_, inner):
            return symbols_in(inner)
    return set()


def value_of(node: Node) -> Fraction | None:
    """The exact value of an expression; None when it has unknowns or is not rational.

    Raises:
        MathError: it divides by zero, or a number in it would be too large.
    """
    match node:
        case Number(value):
            return value
        case Negative(inner):
            below = value_of(inner)
            return None if below is None else -below
        case Binary(operator, left, right):
            first, second = value_of(left), value_of(right)
            return None if first is None or second is None else _combined(operator, first, second)
        case Call(name, inner):
            below = value_of(inner)
            return None if below is None else _called(name, below)
    return None


def _combined(operator: str, first: Fraction, second: Fraction) -> Fraction | None:
    if operator == "+":
        return _bounded(first + second)
    if operator == "-":
        return _bounded(first - second)
    if operator == "*":
        return _bounded(first * second)
    if operator == "/":
        if second == 0:
            raise MathError("it divides by zero")
        return _bounded(first / second)
    return raised(first, second)


def raised(base: Fraction, exponent: Fraction) -> Fraction | None:
    """A power; None when it is not rational.

    Raises:
        MathError: the result would be too large, or is zero to a power that is not positive.
    """
    if abs(exponent) > LARGEST_EXPONENT:
        raise MathError(f"the exponent is larger than {LARGEST_EXPONENT}")
    if exponent.denominator != 1:
        return None
    if base == 0 and exponent <= 0:
        raise MathError("zero has no such power")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent.numerator)
    if bits > LARGEST_BITS:
        raise MathError("the number would be too large")
    return Fraction(base**exponent.numerator)


def _called(name: str, value: Fraction) -> Fraction | None:
    if name == "!":
        if value.denominator != 1 or not 0 <= value <= LARGEST_FACTORIAL:
            raise MathError(f"a factorial needs a whole number from 0 to {LARGEST_FACTORIAL}")
        product = 1
        for factor in range(2, value.numerator + 1):
            product *= factor
        return Fraction(product)
    if name == "abs":
        return abs(value)
    if name == "sqrt":
        if value < 0:
            raise MathError("a negative number has no real square root")
        return _root(value)
    return None


def _root(value: Fraction) -> Fraction | None:
    from math import isqrt

    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    return Fraction(top, bottom) if top * top == value.numerator and bottom * bottom == value.denominator else None


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > LARGEST_BITS:
        raise MathError("the number would be too large")
    return value


RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ ", "^": "^"}


def written(node: Node, rank: int = 0) -> str:
    """An expression as people write it.

    Args:
        node: the expression.
        rank: how tightly what stands around it binds; brackets are set when it binds more tightly.
    """
    match node:
        case Number(value):
            text = _number(value)
            return f"({text})" if (value < 0 and rank > 1) or (value.denominator != 1 and rank >= 2) else text
        case Symbol(name) | Constant(name):
            return "π" if name == "pi" else name
        case Negative(inner):
            text = f"−{written(inner, 3)}"
            return f"({text})" if rank > 1 else text
        case Call("!", inner):
            return f"{written(inner, 5)}!"
        case Call(name, inner):
            return f"{name}({written(inner)})"
        case Binary(operator, left, right):
            own = RANK[operator]
            after = own + 1 if operator in "-/" or operator == "*" else own
            text = f"{written(left, own + (operator == '^'))}{SIGNS[operator]}{written(right, after)}"
            return f"({text})" if own < rank else text
    raise TypeError(node)


def _number(value: Fraction) -> str:
    sign, value = ("−", -value) if value < 0 else ("", value)
    if value.denominator == 1:
        return f"{sign}{value.numerator}"
    return f"{sign}{value.numerator}/{value.denominator}"
