"""An expression of school mathematics as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Binary", "Call", "Constant", "MathError", "Negative", "Node", "Number", "Symbol", "symbols_in", "written"]


class MathError(Exception):
    """An expression cannot be read or is too large; says why, for people."""


@dataclass(frozen=True)
class Number:
    """A rational number."""

    value: Fraction


@dataclass(frozen=True)
class Symbol:
    """An unknown: one letter."""

    name: str


@dataclass(frozen=True)
class Constant:
    """pi, e or oo (infinity)."""

    name: str


@dataclass(frozen=True)
class Negative:
    """Minus something."""

    inner: Node


@dataclass(frozen=True)
class Binary:
    """Two things joined by ``+ - * / ^ mod``, or ``log``: the base and the number."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    """A function of `FUNCTIONS`, or what stands behind its number: "!", "%" or "deg"."""

    name: str
    inner: Node


Node = Number | Symbol | Constant | Negative | Binary | Call


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


RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "mod": 2, "^": 4}
SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ ", "mod": " mod ", "^": "^"}
BEHIND = {"!": "!", "%": "%", "deg": "°"}
CONSTANTS = {"pi": "π", "e": "e", "oo": "∞"}


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
        case Symbol(name):
            return name
        case Constant(name):
            return CONSTANTS[name]
        case Negative(inner):
            text = f"−{written(inner, 3)}"
            return f"({text})" if rank > 1 else text
        case Call("!" | "%" | "deg" as name, inner):
            return written(inner, 5) + BEHIND[name]
        case Binary("log", base, inner):
            return f"log_{written(base)}({written(inner)})"
        case Call(name, inner):
            return f"{name}({written(inner)})"
        case Binary(operator, left, right):
            own = RANK[operator]
            after = own if operator in "+^" else own + 1
            text = f"{written(left, own + (operator == '^'))}{SIGNS[operator]}{written(right, after)}"
            return f"({text})" if own < rank else text
    raise TypeError(node)


def _number(value: Fraction) -> str:
    sign, value = ("−", -value) if value < 0 else ("", value)
    if value.denominator == 1:
        return f"{sign}{value.numerator}"
    return f"{sign}{value.numerator}/{value.denominator}"
