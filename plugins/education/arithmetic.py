"""Works sums out one step at a time."""

from __future__ import annotations

import re
from fractions import Fraction
from math import lcm

from .evaluator import value_of
from .expressions import Binary, Call, MathError, Negative, Node, Number, written

__all__ = ["decimal", "in_decimals", "steps_of"]

MOST_STEPS = 30


def steps_of(node: Node) -> list[str]:
    """The lines of a calculation, from the expression to its value; one line when there is nothing to work out.

    Raises:
        MathError: it divides by zero, is too large, or has no rational value.
    """
    if value_of(node) is None:
        raise MathError("its value is not a rational number")
    lines = [written(node)]
    node = _settled(node)
    if written(node) != lines[-1] and not isinstance(node, Number):
        lines.append(written(node))
    for _ in range(MOST_STEPS):
        if isinstance(node, Number):
            break
        if expanded := _same_denominator(node):
            lines.append(expanded)
        node = _settled(_reduced(node))
        lines.append(written(node))
    if isinstance(node, Number) and lines[-1].replace(" ÷ ", "/") != written(node):
        lines.append(written(node))
    return list(dict.fromkeys(lines))


def decimal(value: Fraction, digits: int = 6) -> str:
    """A number as a decimal, rounded to `digits` places; "" for a whole number."""
    if value.denominator == 1:
        return ""
    return f"{float(value):.{digits}f}".rstrip("0").rstrip(".").replace("-", "−")


def in_decimals(step: str) -> str:
    """A line of a calculation with its fractions as decimals, where they end."""

    def replaced(found: re.Match[str]) -> str:
        value = Fraction(int(found[1] or found[3]), int(found[2] or found[4]))
        text = decimal(value)
        return text if text and Fraction(text) == value else found[0]

    return re.sub(r"\((\d+)/(\d+)\)|(\d+)/(\d+)", replaced, step)


def _settled(node: Node) -> Node:
    """Reads signs and plain fractions such as 3/4 as numbers, which are no steps of their own."""
    match node:
        case Negative(inner):
            inner = _settled(inner)
            return Number(-inner.value) if isinstance(inner, Number) else Negative(inner)
        case Binary(operator, left, right):
            left, right = _settled(left), _settled(right)
            if operator == "/" and isinstance(left, Number) and isinstance(right, Number):
                whole = left.value.denominator == right.value.denominator == 1
                if whole and right.value and left.value % right.value:
                    return Number(left.value / right.value)
            return Binary(operator, left, right)
        case Call(name, inner):
            return Call(name, _settled(inner))
    return node


def _reduced(node: Node) -> Node:
    """The tree with its first innermost operation worked out."""
    match node:
        case Binary(operator, left, right):
            if not isinstance(left, Number) and not (operator in "+-" and _tighter(right)):
                return Binary(operator, _reduced(left), right)
            if not isinstance(right, Number):
                return Binary(operator, left, _reduced(right))
            if not isinstance(left, Number):
                return Binary(operator, _reduced(left), right)
        case Negative(inner) | Call(_, inner) if not isinstance(inner, Number):
            reduced = _reduced(inner)
            return Negative(reduced) if isinstance(node, Negative) else Call(node.name, reduced)
    value = value_of(node)
    if value is None:
        raise MathError("its value is not a rational number")
    return Number(value)


def _tighter(node: Node) -> bool:
    """Returns whether a part must be computed before the operation to its left."""
    return isinstance(node, Binary) and node.operator not in "+-"


def _same_denominator(node: Node) -> str:
    """A sum of two fractions over their common denominator; "" when the step is something else."""
    match node:
        case Binary(operator, Number(first), Number(second)) if operator in "+-":
            common = lcm(first.denominator, second.denominator)
            if (
                first.denominator != second.denominator
                and min(first.denominator, second.denominator) > 1
                and second > 0
            ):
                top = [each.numerator * (common // each.denominator) for each in (first, second)]
                return f"{top[0]}/{common} {'+' if operator == '+' else '−'} {top[1]}/{common}"
    return ""
