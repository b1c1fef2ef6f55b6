"""Measures figures.

What is wanted of a figure follows by using, one after another, the formulas of which a single letter is still
unknown, so "area of a circle with diameter 6" and "radius of a circle whose area is 20" are solved alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expressions import MathError
from .figures import Figure
from .parsing import parse
from .shapes import DIMENSIONS, SHAPES
from .symbolic import about, shown, symbol, to_sympy

__all__ = ["measure"]


def measure(figure: Figure) -> list[str]:
    """The steps of measuring a figure; the last line is the result.

    Raises:
        MathError: a measure is missing, has no use, or cannot be.
    """
    import sympy

    shape = SHAPES[figure.shape]
    if figure.loose:
        raise MathError(
            f"I read {figure.shape}, but not what to do with {'; '.join(figure.loose)}; I can't do that yet"
        )
    if not figure.wanted:
        raise MathError("I don't see what of it is asked for")
    values = {letter: to_sympy(parse(text)) for letter, text in figure.given.items()}
    if any(not value.is_positive for value in values.values()):
        raise MathError("a measure must be larger than zero")
    formulas = [each.partition(":")[::2] for each in shape.formulas]
    terms = {told: _term(formula) for formula, told in formulas}
    ways = _way(
        values, figure.wanted, {told: {str(each) for each in term.free_symbols} for told, term in terms.items()}
    )
    if ways is None:
        raise MathError(f"too little is known: {', '.join(told for _, told in formulas)}")
    lines = [", ".join(f"{letter} = {_plain(value)}{_with_unit(letter, figure)}" for letter, value in values.items())]
    used: set[str] = set()
    for letter, told in ways:
        roots = sympy.solve(terms[told].subs({symbol(x): v for x, v in values.items()}), symbol(letter))
        roots = [root for root in roots if root.is_positive]
        if len(roots) != 1:
            raise MathError("there is no such figure")
        used |= {str(each) for each in terms[told].free_symbols}
        values[letter] = roots[0]
        lines += [told, f"{letter} = {_plain(roots[0])}{_with_unit(letter, figure)}"]
    if unused := [letter for letter in figure.given if letter not in used]:
        raise MathError(f"I don't see what {', '.join(unused)} is for")
    if figure.shape == "right triangle" and "c" in values and values["c"] <= max(values.get(x, 0) for x in "ab"):
        raise MathError("c, the longest side, must be longer than the others")
    return lines


def _plain(value: Any) -> str:
    """A number as it is measured: as a decimal, exactly where it ends."""
    if value.is_rational and not value.is_integer:
        text = f"{float(value):.6g}"
        if to_sympy(parse(text.lstrip("-"))) == abs(value):
            return text.replace("-", "−")
    return f"{shown(value)}{about(value)}"


def _term(formula: str) -> Any:
    """A formula as a SymPy expression; Greek letters stand for angles."""
    return to_sympy(parse(formula))


def _way(values: Mapping[str, Any], wanted: str, formulas: Mapping[str, set[str]]) -> list[tuple[str, str]] | None:
    """The shortest chain of formulas that gives a letter, each with the letter that it gives; None for none."""
    ways: list[list[tuple[str, str]]] = [[]]
    for _ in range(3):
        longer = []
        for way in ways:
            known = {*values, *(letter for letter, _ in way)}
            for told, letters in formulas.items():
                if len(missing := letters - known) == 1:
                    longer.append([*way, (next(iter(missing)), told)])
                    if missing == {wanted}:
                        return longer[-1]
        ways = longer
    return None


def _with_unit(letter: str, figure: Figure) -> str:
    if letter in "αβγδ":
        return "°"
    power = DIMENSIONS.get(letter, 1)
    return f" {figure.unit}{'²³'[power - 2] if power > 1 else ''}" if figure.unit and figure.unit != "deg" else ""
