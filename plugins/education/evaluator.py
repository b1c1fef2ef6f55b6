"""The exact value of an expression, within limits that keep every number small enough to work with."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from .expressions import Binary, Call, MathError, Negative, Node, Number

__all__ = ["LARGEST_EXPONENT", "raised", "value_of"]

LARGEST_EXPONENT = 1000
LARGEST_FACTORIAL = 300
LARGEST_BITS = 4096
"""size of a number, in bits"""


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
    if operator == "mod":
        if second == 0:
            raise MathError("it divides by zero")
        return first % second
    return raised(first, second) if operator == "^" else None


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
    if name == "%":
        return value / 100
    if name == "cbrt":
        return _cube_root(value)
    if name == "sqrt":
        if value < 0:
            raise MathError("a negative number has no real square root")
        return _root(value)
    return None


def _root(value: Fraction) -> Fraction | None:
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    return Fraction(top, bottom) if top * top == value.numerator and bottom * bottom == value.denominator else None


def _cube_root(value: Fraction) -> Fraction | None:
    top, bottom = (
        round(abs(part) ** (1 / 3)) if part < 10**15 else 0 for part in (abs(value.numerator), value.denominator)
    )
    root = Fraction(top, bottom or 1) * (-1 if value < 0 else 1)
    return root if root**3 == value else None


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > LARGEST_BITS:
        raise MathError("the number would be too large")
    return value
