"""Inequalities in one unknown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .equations import NONE, banned_values, chosen_unknown, without
from .evaluator import value_of
from .expressions import MathError, Node, symbols_in
from .symbolic import shown, symbol, to_sympy

__all__ = ["solve_inequality"]

SHOWN = {"<": "<", ">": ">", "<=": "≤", ">=": "≥"}


def solve_inequality(sides: Sequence[Node], signs: Sequence[str], name: str = "") -> list[str]:
    """The steps to the solutions of a chain such as 1 < 2x + 3 < 7; the last line names them.

    Args:
        sides: what stands between the signs, one more than those.
        signs: of ``< > <= >=``.
        name: the unknown; "" for the only one.

    Raises:
        MathError: it has several unknowns, or is not of a kind that is solved here.
    """
    import sympy

    names = set().union(*map(symbols_in, sides))
    told = " ".join(
        part for each in zip(map(_told, sides), [*map(SHOWN.get, signs), ""], strict=True) for part in each if part
    )
    if not names:
        return [f"{told} {'✓' if _holds(sides, signs) else '✗'}"]
    unknown = symbol(chosen_unknown(names, name))
    if len(names) > 1:
        raise MathError("inequalities with several letters I can't solve yet")
    found: Any = sympy.S.Reals
    for (left, right), sign in zip(pairwise(map(to_sympy, sides)), signs, strict=True):
        relation = sympy.Rel(left, right, sign)
        if relation in (sympy.true, sympy.false):
            found = found if relation == sympy.true else sympy.S.EmptySet
        else:
            found = found.intersect(sympy.solve_univariate_inequality(relation, unknown, relational=False))
    banned = banned_values(sides, unknown)
    found = found - sympy.FiniteSet(*banned)
    steps = _steps(sides, signs[0], unknown) if len(signs) == 1 else []
    return list(dict.fromkeys([told, *steps, _written(found, unknown, banned)]))


def _steps(sides: Sequence[Node], sign: str, unknown: Any) -> list[str]:
    """The steps between a linear inequality and its solution; none for others."""
    import sympy

    left, right = map(to_sympy, sides)
    difference = sympy.expand(left - right)
    if not (left.is_polynomial(unknown) and right.is_polynomial(unknown) and sympy.degree(difference, unknown) == 1):
        return []
    factor, rest = sympy.Poly(difference, unknown).all_coeffs()
    expanded = f"{shown(sympy.expand(left))} {SHOWN[sign]} {shown(sympy.expand(right))}"
    return [expanded, f"{shown(factor * unknown)} {SHOWN[sign]} {shown(-rest)}"]


def _told(side: Node) -> str:
    return shown(to_sympy(side))


def _holds(sides: Sequence[Node], signs: Sequence[str]) -> bool:
    values = [value_of(side) for side in sides]
    if None in values:
        raise MathError("it has no unknown")
    tests = {"<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}
    return all(tests[sign](a, b) for (a, b), sign in zip(pairwise(values), signs, strict=True))


def _written(found: Any, unknown: Any, banned: Sequence[Any]) -> str:
    import sympy

    if found is sympy.S.EmptySet:
        return NONE
    if found == sympy.S.Reals - sympy.FiniteSet(*banned):
        return f"true for every {unknown}{without(unknown, banned)}"
    parts = found.args if isinstance(found, sympy.Union) else (found,)
    if not all(isinstance(part, sympy.Interval | sympy.FiniteSet) for part in parts):
        raise MathError("it is of a kind I can't solve yet")
    return " or ".join(_part(part, unknown) for part in parts)


def _part(part: Any, unknown: Any) -> str:
    import sympy

    if isinstance(part, sympy.FiniteSet):
        return " or ".join(f"{unknown} = {shown(value)}" for value in part)
    below, above = "<" if part.right_open else "≤", "<" if part.left_open else "≤"
    if part.start == -sympy.oo:
        return f"{unknown} {below} {shown(part.end)}"
    if part.end == sympy.oo:
        return f"{unknown} {above.replace('<', '>').replace('≤', '≥')} {shown(part.start)}"
    return f"{shown(part.start)} {above} {unknown} {below} {shown(part.end)}"
