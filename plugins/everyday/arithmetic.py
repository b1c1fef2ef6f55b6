"""Works sums out exactly, and writes numbers as people do."""

from __future__ import annotations

import ast
import math
from fractions import Fraction

__all__ = ["SumError", "value_of", "written"]

LARGEST_POWER = 4_000
"""digits that a power may have"""
SHOWN = 30
"""digits of a number that are written out"""
PLACES = 4
"""decimal places of a number that does not end"""


class SumError(Exception):
    """A sum without a value; the message is a key of the phrases: "divides_by_zero" or "too_large"."""


def value_of(signs: str) -> tuple[Fraction, bool]:
    """The value of a sum in signs, and whether it is exact.

    Args:
        signs: figures, ``+ - * / ^ %`` and brackets, ``sqrt(…)`` and ``cbrt(…)``; ``%`` is the remainder.

    Raises:
        SumError: it divides by zero or is too large.
        SyntaxError: it is no sum.
    """
    try:
        tree = ast.parse(signs.strip().replace("^", "**"), mode="eval").body
        return _value(tree)
    except (RecursionError, MemoryError, OverflowError) as error:
        raise SumError("too_large") from error
    except ZeroDivisionError as error:
        raise SumError("divides_by_zero") from error


def _value(node: ast.expr) -> tuple[Fraction, bool]:
    match node:
        case ast.Constant(int() | float() as number):
            return Fraction(str(number)), True
        case ast.UnaryOp(ast.USub(), inner):
            value, exact = _value(inner)
            return -value, exact
        case ast.UnaryOp(ast.UAdd(), inner):
            return _value(inner)
        case ast.Call(ast.Name("sqrt" | "cbrt" as name), [inner]):
            value, exact = _value(inner)
            root, whole = _root(value, 2 if name == "sqrt" else 3)
            return root, exact and whole
        case ast.BinOp(left, operator, right):
            (first, one), (second, other) = _value(left), _value(right)
            value, whole = _joined(first, operator, second)
            return value, one and other and whole
    raise SyntaxError("no sum")


def _joined(first: Fraction, operator: ast.operator, second: Fraction) -> tuple[Fraction, bool]:
    match operator:
        case ast.Add():
            return first + second, True
        case ast.Sub():
            return first - second, True
        case ast.Mult():
            return first * second, True
        case ast.Div():
            return first / second, True
        case ast.Mod():
            return first % second, True
        case ast.Pow():
            return _power(first, second)
    raise SyntaxError("no sum")


def _power(base: Fraction, exponent: Fraction) -> tuple[Fraction, bool]:
    if exponent.denominator == 1:
        digits = max(len(str(abs(base.numerator))), len(str(base.denominator))) * abs(exponent)
        if abs(base) != 1 and base and digits > LARGEST_POWER:
            raise SumError("too_large")
        return base ** int(exponent), True
    if base < 0:
        raise SumError("no_root")
    return Fraction(float(base) ** float(exponent)), False


def _root(value: Fraction, degree: int) -> tuple[Fraction, bool]:
    if value < 0 and degree % 2 == 0:
        raise SumError("no_root")
    size = abs(value)
    # float() fails on what is out of its range; such roots are reported as too large
    near = float(size) ** (1 / degree)
    for whole in (math.floor(near), math.ceil(near)):
        if whole**degree == size:
            return Fraction(whole if value >= 0 else -whole), True
    exact = Fraction(near).limit_denominator(10**6)
    found = exact if exact**degree == size else Fraction(near)
    return found if value >= 0 else -found, found == exact and exact**degree == size


def written(value: Fraction, places: int | None = None) -> tuple[str, bool]:
    """A number as people write it, and whether that is exact.

    Args:
        places: decimal places, such as 2 for money; None for as many as it has, or `PLACES` where it does not end.

    Raises:
        SumError: it is too large to be written.
    """
    if places is None:
        places = next((n for n in range(9) if (value * 10**n).denominator == 1), PLACES)
        if value and abs(value) < Fraction(1, 10**places) * 100 and (value * 10**places).denominator != 1:
            places += max(0, 2 - math.floor(math.log10(abs(value))) - places)
    scaled = round(value * 10**places)
    if len(str(abs(scaled))) > SHOWN:
        try:
            text = f"{float(value):.6g}"
        except OverflowError as error:
            raise SumError("too_large") from error
        return text, False
    whole, rest = divmod(abs(scaled), 10**places)
    text = f"{whole:,}" if whole >= 10_000 else str(whole)
    text += f".{rest:0{places}d}" if places and (rest or places == 2) else ""
    return ("−" if scaled < 0 else "") + text, Fraction(scaled, 10**places) == value
