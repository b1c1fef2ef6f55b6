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
from fractions import Fraction

from .expressions import Binary, Call, Constant, MathError, Negative, Node, Number, Symbol

__all__ = ["FUNCTIONS", "parse"]

LONGEST = 200
"""characters of one expression"""
MOST_TOKENS = 100
DEEPEST = 20
"""brackets within brackets"""

FUNCTIONS = ("sqrt", "sin", "cos", "tan", "exp", "ln", "log", "abs")

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
