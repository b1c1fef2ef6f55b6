"""Equations in one unknown, formulas and systems, worked out with SymPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .expressions import MathError, Node, symbols_in
from .symbolic import about, excluded, shown, symbol, to_sympy

__all__ = ["banned_values", "chosen_unknown", "solve_equation", "solve_system", "without"]

HIGHEST_DEGREE = 6
MOST_UNKNOWNS = 3
NONE, REAL_NONE = "no solution", "no real solution"


def chosen_unknown(names: set[str], unknown: str) -> str:
    """The letter to solve for.

    Raises:
        MathError: there is none, or several and none was named.
    """
    if unknown and unknown in names:
        return unknown
    if unknown:
        raise MathError(f"{unknown} is not in it")
    if len(names) != 1:
        several = (
            f"it has several unknowns ({', '.join(sorted(names))}), and one equation is not enough; say which letter"
        )
        raise MathError(several if names else "it has no unknown")
    return min(names)


def banned_values(sides: Sequence[Node], unknown: Any) -> list[Any]:
    """The values of an unknown for which a denominator is zero."""
    import sympy

    found: set[Any] = set()
    for denominator in (to_sympy(each) for side in sides for each in excluded(side)):
        if denominator.is_polynomial(unknown) and denominator.has(unknown):
            found |= {root for root in sympy.roots(sympy.Poly(denominator, unknown)) if root.is_real}
    return sorted(found, key=lambda value: float(value) if value.is_number else 0.0)


def without(unknown: Any, banned: Sequence[Any]) -> str:
    """ " except x = 1", or "" when nothing is left out."""
    return f" except {', '.join(f'{unknown} = {shown(value)}' for value in banned)}" if banned else ""


def solve_equation(left: Node, right: Node, name: str = "") -> list[str]:
    """The steps to the real solutions of an equation; the last line names them.

    Raises:
        MathError: it has several unknowns and none was named, or is not of a kind that is solved here.
    """
    import sympy

    names = symbols_in(left) | symbols_in(right)
    unknown = symbol(chosen_unknown(names, name))
    one, other = to_sympy(left), to_sympy(right)
    steps = [f"{shown(one)} = {shown(other)}"]
    if len(names) > 1:
        return [*steps, *_formula(one - other, unknown)]
    banned = banned_values((left, right), unknown)
    if banned:
        steps.append(
            "not allowed: " + ", ".join(f"{unknown} = {shown(value)}" for value in banned) + " (division by zero)"
        )
    top = sympy.fraction(sympy.together(one - other))[0]
    if not top.is_polynomial(unknown):
        return [*steps, _general(one - other, unknown, banned)]
    polynomial = sympy.Poly(top, unknown)
    if polynomial.degree() > HIGHEST_DEGREE:
        raise MathError(f"its degree is above {HIGHEST_DEGREE}")
    if polynomial.degree() < 1:
        every = f"true for every {unknown}{without(unknown, banned)}"
        return [*steps, every if polynomial.is_zero else NONE]
    kinds = {1: _linear, 2: _quadratic}
    lines, roots = kinds.get(polynomial.degree(), _higher)(one, other, unknown, polynomial)
    allowed = [root for root in roots if root not in banned]
    last = _roots(unknown, allowed) if allowed else NONE if roots else REAL_NONE
    if not roots and polynomial.degree() == 2:
        complex_roots = sympy.roots(polynomial.as_expr(), unknown)
        last += f" (complex: {' or '.join(f'{unknown} = {shown(root)}' for root in complex_roots)})"
    return list(dict.fromkeys([*steps, *lines, last]))


def _linear(one: Any, other: Any, unknown: Any, polynomial: Any) -> tuple[list[str], list[Any]]:
    import sympy

    factor, rest = polynomial.all_coeffs()
    lines = []
    if one.is_polynomial(unknown) and other.is_polynomial(unknown):
        lines.append(f"{shown(sympy.expand(one))} = {shown(sympy.expand(other))}")
    return [*lines, f"{shown(factor * unknown)} = {shown(-rest)}"], [-rest / factor]


def _quadratic(_: Any, __: Any, unknown: Any, polynomial: Any) -> tuple[list[str], list[Any]]:
    import sympy

    a, b, c = polynomial.all_coeffs()
    discriminant = sympy.simplify(b**2 - 4 * a * c)
    lines = [
        f"{shown(polynomial.as_expr())} = 0",
        f"b² − 4ac = ({shown(b)})² − 4·({shown(a)})·({shown(c)}) = {shown(discriminant)}",
    ]
    if discriminant < 0:
        return lines, []
    lines.append(f"{unknown} = (−({shown(b)}) ± √({shown(discriminant)})) / (2·({shown(a)}))")
    return lines, sorted({sympy.simplify((-b + sign * sympy.sqrt(discriminant)) / (2 * a)) for sign in (-1, 1)})


def _higher(_: Any, __: Any, unknown: Any, polynomial: Any) -> tuple[list[str], list[Any]]:
    import sympy

    factored = sympy.factor(polynomial.as_expr())
    lines = [f"{shown(polynomial.as_expr())} = 0"]
    if factored != polynomial.as_expr():
        lines.append(f"{shown(factored)} = 0")
    exact = [root for root in sympy.roots(polynomial.as_expr(), unknown) if root.is_rational]
    every = [sympy.Float(root, 12) for root in polynomial.sqf_part().nroots(n=15) if abs(sympy.im(root)) < 1e-9]
    rest = [root for root in every if all(abs(root - each) > 1e-6 for each in exact)]
    return lines, [*sorted(exact), *rest]


def _roots(unknown: Any, roots: Sequence[Any]) -> str:
    return " or ".join(
        f"{unknown} ≈ {float(root):.6g}".replace("-", "−")
        if root.is_Float
        else f"{unknown} = {shown(root)}{about(root)}"
        for root in roots
    )


def _general(difference: Any, unknown: Any, banned: Sequence[Any]) -> str:
    """The solutions of an equation that is not a polynomial: with roots, absolute values, sines, powers."""
    import sympy

    found = sympy.solveset(difference, unknown, sympy.S.Reals)
    if isinstance(found, sympy.FiniteSet):
        roots = sorted((sympy.simplify(each) for each in found if each not in banned), key=float)
        return _roots(unknown, roots) if roots else REAL_NONE
    if found is sympy.S.EmptySet:
        return REAL_NONE
    if found == sympy.S.Reals:
        return f"true for every {unknown}{without(unknown, banned)}"
    parts = found.args if isinstance(found, sympy.Union) else (found,)
    if not all(isinstance(part, sympy.ImageSet) and part.base_sets == (sympy.S.Integers,) for part in parts):
        raise MathError("it is of a kind I can't solve yet")
    n = sympy.Symbol("n", integer=True)
    each = " or ".join(f"{unknown} = {shown(sympy.expand(part.lamda(n)))}" for part in parts)
    return f"{each} (n: any whole number)"


def _formula(difference: Any, unknown: Any) -> list[str]:
    """An equation with several letters, solved for one of them."""
    import sympy

    found = sympy.solve(difference, unknown)
    if not found:
        raise MathError("it is of a kind I can't solve yet")
    factor = sympy.Poly(difference, unknown).LC() if difference.is_polynomial(unknown) else sympy.S.One
    lines = [f"{shown(factor)} ≠ 0"] if factor.free_symbols else []
    return [*lines, " or ".join(f"{unknown} = {shown(root)}" for root in found)]


def solve_system(equations: Sequence[tuple[Node, Node]]) -> list[str]:
    """The steps to the solutions of a system of equations.

    Raises:
        MathError: it has more than three unknowns, or is of another kind.
    """
    import sympy

    names = sorted(set().union(*(symbols_in(left) | symbols_in(right) for left, right in equations)))
    if not 1 <= len(names) <= MOST_UNKNOWNS or len(equations) > MOST_UNKNOWNS + 1:
        raise MathError(f"I solve systems with up to {MOST_UNKNOWNS} unknowns")
    unknowns = [symbol(name) for name in names]
    differences = [sympy.expand(to_sympy(left) - to_sympy(right)) for left, right in equations]
    lines = [f"{shown(to_sympy(left))} = {shown(to_sympy(right))}" for left, right in equations]
    if any(excluded(side) for pair in equations for side in pair) or any(
        not each.is_polynomial(*unknowns) for each in differences
    ):
        raise MathError("systems of this kind I can't solve yet")
    if any(sympy.Poly(each, *unknowns).total_degree() > 1 for each in differences):
        return [*lines, _together(differences, unknowns)]
    first = next((u for u in unknowns if differences[0].has(u)), unknowns[0])
    isolated = sympy.solve(differences[0], first)
    if isolated and len(equations) > 1:
        lines.append(f"{first} = {shown(isolated[0])}")
        lines += [f"{shown(sympy.expand(each.subs(first, isolated[0])))} = 0" for each in differences[1:]]
    found = sympy.linsolve(differences, *unknowns)
    if not found:
        return [*lines, NONE]
    (values,) = found
    if any(value.free_symbols for value in values):
        return [*lines, "infinitely many solutions"]
    return [*lines, ", ".join(f"{u} = {shown(v)}" for u, v in zip(unknowns, values, strict=True))]


def _together(differences: Sequence[Any], unknowns: Sequence[Any]) -> str:
    """The solutions of a system that is not linear."""
    import sympy

    found = sympy.solve(differences, unknowns, dict=True)
    if any(set(each) != set(unknowns) or any(value.free_symbols for value in each.values()) for each in found):
        return "infinitely many solutions"
    rows = sorted((tuple(each[u] for u in unknowns) for each in found), key=lambda row: tuple(map(float, row)))
    told = (", ".join(f"{u} = {shown(v)}" for u, v in zip(unknowns, row, strict=True)) for row in rows)
    return " or ".join(told) or REAL_NONE
