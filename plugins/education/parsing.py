"""School mathematics read from plain signs into a tree: a tokenizer and a parser of our own, never `eval`.

Grammar (lowest first)::

    sum     = term (("+" | "-") term)*                 "50 + 10%" adds 10 % of what stands before
    term    = factor (("*" | "/" | "÷" | "mod" | implied) factor)*
    factor  = ("+" | "-") factor | power
    power   = postfix ("^" factor)?                    binds to the right
    postfix = atom ("!" | "%" | "deg")*
    atom    = number | letter | constant | function argument | "(" sum ")" | "|" sum "|"
"""

from __future__ import annotations

import re
from fractions import Fraction

from .expressions import Binary, Call, Constant, MathError, Negative, Node, Number, Symbol, written

__all__ = ["FUNCTIONS", "WORDS", "parse"]

LONGEST = 300
"""characters of one expression"""
MOST_TOKENS = 150
DEEPEST = 20
"""brackets within brackets"""
LARGEST_POWER_OF_TEN = 300
"""in numbers such as 1e3"""

ANGLES = ("sin", "cos", "tan", "cot", "sec", "csc")
INVERSE = ("arcsin", "arccos", "arctan", "asin", "acos", "atan")
FUNCTIONS = ("sqrt", "cbrt", *INVERSE, "sinh", "cosh", "tanh", *ANGLES, "exp", "ln", "log", "abs")
WORDS = (*FUNCTIONS, "pi", "deg", "mod", "oo")
"""words that belong to an expression"""

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)|(?P<base>log_\d+)|(?P<word>"
    + "|".join(WORDS)
    + r")(?![a-zA-Z])|(?P<letter>[^\W\d_])|(?P<sign>\*\*|[-+*/÷^!%()|]))"
)


def parse(text: str, notes: list[str] | None = None) -> Node:
    """Reads an expression in the plain signs of `notation.in_plain_signs`.

    Args:
        text: the expression.
        notes: gets a line for every reading that could have been another.

    Raises:
        MathError: it is not an expression, or larger than the limits above.
    """
    if len(text) > LONGEST:
        raise MathError(f"it is longer than {LONGEST} characters")
    return _Parser(_tokens(text), [] if notes is None else notes).read()


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
    def __init__(self, tokens: list[tuple[str, str]], notes: list[str]) -> None:
        self._tokens, self._notes = tokens, notes
        self._at = self._depth = 0

    def read(self) -> Node:
        if not self._tokens:
            raise MathError("it is empty")
        node = self._sum()
        if self._at < len(self._tokens):
            raise MathError(f"I don't expect “{self._next()}” there")
        return node

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise MathError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _deeper(self, read: str) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise MathError(f"it is nested more than {DEEPEST} deep")
        node: Node = getattr(self, read)()
        self._depth -= 1
        return node

    def _sum(self) -> Node:
        node = self._term()
        while self._next() in ("+", "-"):
            operator = self._take()[1]
            other = self._term()
            if isinstance(other, Call) and other.name == "%" and not isinstance(node, Call):
                self._note(other, Binary("*", other, node))
                other = Binary("*", other, node)
            node = Binary(operator, node, other)
        return node

    def _term(self) -> Node:
        node = self._factor()
        divided = False
        while True:
            if self._next() in ("*", "/", "÷", "mod"):
                operator = self._take()[1]
                divided = operator in "/÷"
                node = Binary(operator.replace("÷", "/"), node, self._factor())
            elif self._starts_atom():
                start = self._at
                factor = self._power()
                if divided:
                    self._notes.append(f"{self._written(start)}: ({written(node)}) × {written(factor, 2)}")
                node = Binary("*", node, factor)
            else:
                return node

    def _written(self, end: int) -> str:
        return "".join(token for _, token in self._tokens[max(end - 3, 0) : self._at])

    def _note(self, seen: Node, read: Node) -> None:
        self._notes.append(f"{written(seen)}: {written(read)}")

    def _starts_atom(self) -> bool:
        # "2 3" is a slip of the pen, not a product, and a bar may close what another opened.
        kind, token = self._kind(), self._next()
        return kind in ("letter", "base") or (kind == "word" and token not in ("mod", "deg")) or token == "("

    def _factor(self) -> Node:
        if self._next() not in ("+", "-"):
            return self._power()
        sign = self._take()[1]
        node = self._deeper("_factor")
        return Negative(node) if sign == "-" else node

    def _power(self) -> Node:
        node = self._postfix()
        if self._next() != "^":
            return node
        self._take()
        return Binary("^", node, self._deeper("_factor"))

    def _postfix(self) -> Node:
        node = self._atom()
        while self._next() in ("!", "%", "deg"):
            node = Call(self._take()[1], node)
        return node

    def _atom(self) -> Node:
        kind, token = self._take()
        if kind == "number":
            return self._fraction(_number(token))
        if kind == "letter":
            if self._next() == "(" and self._is_value(self._at):
                self._notes.append(f"{token}(…): {token} × (…)")
            return Constant("e") if token == "e" else Symbol(token)
        if token in ("pi", "oo"):
            return Constant(token)
        if kind in ("word", "base") and token not in ("deg", "mod"):
            return self._applied(token)
        if token not in ("(", "|"):
            raise MathError(f"I don't expect “{token}” there")
        node = self._deeper("_sum")
        if self._take()[1] != (")" if token == "(" else "|"):
            raise MathError("a bracket is not closed")
        return node if token == "(" else Call("abs", node)

    def _is_value(self, at: int) -> bool:
        """Returns whether brackets hold only a number, as in "y(2)", which could be a function of 2."""
        inside = [kind for kind, _ in self._tokens[at + 1 : at + 3]]
        return inside[:1] == ["number"] and self._tokens[at + 2 : at + 3] == [("sign", ")")]

    def _applied(self, name: str) -> Node:
        """A function and its argument: "sin 2x" is the sine of all of 2x, "sin^2 x" the square of the sine."""
        power = None
        if self._next() == "^" and self._kind() == "sign":
            self._take()
            power = self._deeper("_atom")
        argument = self._deeper("_argument")
        node: Node = Call(name, argument)
        if name.startswith("log_"):
            node = Binary("log", Number(Fraction(name[4:])), argument)
        if name in ("sqrt", "cbrt") and isinstance(argument, Binary) and self._tokens[self._at - 1][1] != ")":
            self._notes.append(f"√: {written(node)}")
        if name in ANGLES and isinstance(argument, Number) and argument.value:
            self._notes.append(f"{written(node)}: {written(argument)} rad")
        return node if power is None else Binary("^", node, power)

    def _argument(self) -> Node:
        if self._next() in ("-", "+"):
            return self._factor()
        bracketed = self._next() in ("(", "|")
        node = self._power()
        while not bracketed and self._kind() == "letter":
            node = Binary("*", node, self._power())
        return node

    def _fraction(self, top: Number) -> Node:
        """In "2/3 ÷ 4/5" the strokes make fractions, and only the sign divides."""
        divides = any(token == "÷" for _, token in self._tokens)
        following = self._tokens[self._at : self._at + 2]
        if not divides or len(following) < 2 or following[0][1] != "/" or following[1][0] != "number":
            return top
        self._at += 2
        return Binary("/", top, _number(following[1][1]))


def _number(token: str) -> Number:
    exponent = re.split("[eE]", token)[1:]
    if exponent and abs(int(exponent[0][:6])) > LARGEST_POWER_OF_TEN:
        raise MathError("the number would be too large")
    return Number(Fraction(token))
