"""SymPy expressions made from our own trees, and written as people write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .evaluator import value_of
from .expressions import Binary, Call, Constant, MathError, Negative, Node, Symbol, symbols_in

__all__ = ["about", "excluded", "shown", "symbol", "to_sympy", "valued"]

HIGHEST_POWER = 64
"""largest number in an exponent of an expression with unknowns"""
NAMES = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "abs": "Abs", "cbrt": "real_root"}


def symbol(name: str) -> Any:
    """An unknown; it stands for a real number."""
    import sympy  # takes half a second, and most questions need none of it

    return sympy.Symbol(name, real=True)


def to_sympy(node: Node) -> Any:
    """The tree as a SymPy expression; powers are checked before they are built, for SymPy works them out at once.

    Raises:
        MathError: a power or factorial is too large, or it divides by zero.
    """
    import sympy

    value = value_of(node)
    if value is not None:
        return sympy.Rational(value.numerator, value.denominator)
    match node:
        case Symbol(name):
            return symbol(name)
        case Constant(name):
            return {"pi": sympy.pi, "e": sympy.E, "oo": sympy.oo}[name]
        case Negative(inner):
            return -to_sympy(inner)
        case Binary("^", base, exponent):
            return _power(to_sympy(base), exponent)
        case Binary(operator, left, right):
            return _joined(operator, to_sympy(left), to_sympy(right))
        case Call(name, inner):
            return _applied(name, to_sympy(inner))
    raise MathError("I can't work that out")


def _power(base: Any, exponent: Node) -> Any:
    power = to_sympy(exponent)
    if not power.free_symbols and power.is_real and abs(float(power)) > HIGHEST_POWER:
        raise MathError(f"the exponent is larger than {HIGHEST_POWER}")
    if base.is_number and power.is_number and base == 0 and power.is_nonpositive:
        raise MathError("zero has no such power")
    return base**power


def _joined(operator: str, left: Any, right: Any) -> Any:
    import sympy

    if operator in ("/", "mod") and right == 0:
        raise MathError("it divides by zero")
    if operator == "log":
        return sympy.log(right, left)
    if operator == "mod":
        raise MathError("mod needs numbers on both sides")
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}.get(
        operator, lambda: left / right
    )()


def _applied(name: str, inner: Any) -> Any:
    import sympy

    if name == "!":
        raise MathError("a factorial needs a whole number")
    if name == "deg":
        return inner * sympy.pi / 180
    if name == "%":
        return inner / 100
    if name == "log":
        return sympy.log(inner, 10)
    if name == "cbrt":
        return sympy.real_root(inner, 3)
    return getattr(sympy, NAMES.get(name, name))(inner)


@lru_cache(maxsize=1)
def _printer() -> Any:
    """Writes constants as people do."""
    from sympy.printing.str import StrPrinter

    constants = {"Exp1": "e", "Pi": "π", "ImaginaryUnit": "i", "Infinity": "∞", "NegativeInfinity": "-∞"}

    def exponential(printer: Any, expression: Any) -> str:
        exponent = expression.exp
        return f"e^{printer._print(exponent)}" if exponent.is_Atom else f"e^({printer._print(exponent)})"

    written = {f"_print_{name}": lambda _, __, sign=sign: sign for name, sign in constants.items()}
    return type("Printer", (StrPrinter,), {**written, "_print_ExpBase": exponential})()


def shown(expression: Any) -> str:
    """A SymPy expression as people write it."""
    text = _printer().doprint(expression).replace("**", "^").replace("*", "·").replace("-", "−")
    return re.sub(r"\blog\(", "ln(", text).replace("Abs(", "abs(")


def about(value: Any) -> str:
    """A number that is not whole as a decimal, " ≈ 0.333333"; "" for a whole number."""
    return "" if value.is_integer or not value.is_real else f" ≈ {float(value):.6g}".replace("-", "−")


def valued(node: Node) -> list[str]:
    """An expression without unknowns that is not rational: exact, and as a decimal.

    Raises:
        MathError: it has no real value.
    """
    import sympy

    exact = to_sympy(node)
    if exact.has(sympy.zoo, sympy.nan) or exact.is_infinite:
        raise MathError("it has no value")
    exact = sympy.nsimplify(exact) if exact.is_Float else exact
    if exact.is_real is False:
        raise MathError(f"it has no real value (as a complex number: {shown(exact)})")
    number = exact.evalf(10)
    if not number.is_real:
        raise MathError("it has no real value")
    if exact.is_integer:
        return [shown(exact)]
    decimal = f"{float(number):.6g}".replace("-", "−")
    sign = "=" if exact.is_rational and sympy.Rational(decimal.replace("−", "-")) == exact else "≈"
    return [f"{shown(exact)} {sign} {decimal}"]


def excluded(node: Node) -> list[Node]:
    """Returns the expressions that must not be zero: denominators with an unknown."""
    match node:
        case Binary(operator, left, right):
            own = [right] if operator == "/" and symbols_in(right) else []
            negative = operator == "^" and (value_of(right) or 0) < 0 and bool(symbols_in(left))
            return [*own, *([left] if negative else []), *excluded(left), *excluded(right)]
        case Negative(inner) | Call(_, inner):
            return excluded(inner)
    return []
