"""Expressions expanded, factored, simplified, differentiated, integrated, and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .equations import banned_values
from .expressions import MathError, Node, symbols_in
from .symbolic import about, excluded, shown, symbol, to_sympy

__all__ = ["differentiate", "evaluate", "integrate", "limit", "rewrite"]


def rewrite(node: Node, how: str) -> list[str]:
    """An expression in another form.

    Args:
        node: the expression.
        how: "expand", "factor" or "simplify".
    """
    import sympy

    expression = to_sympy(node)
    result = getattr(sympy, how)(expression)
    lines = [shown(expression)]
    names = symbols_in(node)
    if len(names) == 1 and (banned := banned_values([node], symbol(min(names)))):
        lines.append("not allowed: " + ", ".join(f"{min(names)} = {shown(value)}" for value in banned))
    return [*lines, shown(result)]


def evaluate(node: Node, values: Mapping[str, Node]) -> list[str]:
    """The value of an expression for given values of its unknowns.

    Raises:
        MathError: an unknown has no value.
    """
    missing = symbols_in(node) - set(values)
    if missing:
        raise MathError(f"I don't know the value of {', '.join(sorted(missing))}")
    numbers = {symbol(name): to_sympy(value) for name, value in values.items()}
    if any(to_sympy(each).subs(numbers) == 0 for each in excluded(node)):
        raise MathError("it divides by zero")
    result = to_sympy(node).subs(numbers)
    given = ", ".join(f"{name} = {shown(value)}" for name, value in numbers.items())
    return [f"{shown(to_sympy(node))}; {given}", f"{shown(result)}{about(result)}"]


def differentiate(node: Node, unknown: str = "") -> list[str]:
    """The derivative of an expression, one line per term with its rule, and the result last."""
    import sympy

    variable = _variable(node, unknown)
    expression = to_sympy(node)
    terms = sympy.Add.make_args(sympy.expand(expression) if expression.is_polynomial(variable) else expression)
    lines = [f"f({variable}) = {shown(expression)}"]
    if len(terms) > 1 or not terms[0].is_polynomial(variable):
        lines += [_derived(term, variable) for term in terms]
    result = sympy.diff(expression, variable)
    result = sympy.expand(result) if result.is_polynomial(variable) else result
    return [*lines, f"f'({variable}) = {shown(result)}"]


def _variable(node: Node, unknown: str) -> Any:
    """The letter named, else the only one, else x.

    Raises:
        MathError: there are several and none was named.
    """
    names = symbols_in(node)
    if not unknown and len(names) > 1 and "x" not in names:
        raise MathError(f"it has several unknowns ({', '.join(sorted(names))}); say which letter")
    return symbol(unknown or ("x" if "x" in names or not names else min(names)))


def _derived(term: Any, variable: Any) -> str:
    import sympy

    parts = [factor for factor in sympy.Mul.make_args(term) if factor.has(variable)]
    if not parts:
        rule = "a constant"
    elif len(parts) > 1:
        rule = "product rule"
    elif parts[0] == variable or (parts[0].is_Pow and parts[0].base == variable and not parts[0].exp.has(variable)):
        rule = "power rule"
    elif parts[0].args and all(not each.has(variable) or each == variable for each in parts[0].args):
        rule = "known derivative"
    else:
        rule = "chain rule"
    return f"({shown(term)})' = {shown(sympy.diff(term, variable))} ({rule})"


def integrate(node: Node, unknown: str = "", between: tuple[Node, Node] | None = None) -> list[str]:
    """The antiderivative of an expression, or its integral between two bounds.

    Raises:
        MathError: none was found, or the integral has no finite value.
    """
    import sympy

    variable = _variable(node, unknown)
    expression = to_sympy(node)
    antiderivative = sympy.integrate(expression, variable)
    if antiderivative.has(sympy.Integral):
        raise MathError("I find no antiderivative")
    lines = [f"∫ {shown(expression)} d{variable}"]
    if between is None:
        return [*lines, f"{shown(antiderivative)} + C"]
    bounds = [to_sympy(each) for each in between]
    value = sympy.integrate(expression, (variable, *bounds))
    if value.has(sympy.Integral, sympy.oo, sympy.zoo, sympy.nan) or value.is_real is False:
        raise MathError("the integral has no finite value")
    shape = f"∫ {shown(expression)} d{variable}, {variable} = {shown(bounds[0])} … {shown(bounds[1])}"
    value = sympy.simplify(value)
    return [shape, f"F({variable}) = {shown(antiderivative)}", f"{shown(value)}{about(value)}"]


def limit(node: Node, unknown: str, point: Node) -> list[str]:
    """The limit of an expression, from both sides.

    Raises:
        MathError: the sides differ, or none was found.
    """
    import sympy

    variable, goal = _variable(node, unknown), to_sympy(point)
    expression = to_sympy(node)
    direction = "-" if goal.is_infinite else "+-"
    try:
        value = sympy.limit(expression, variable, goal, direction)
    except ValueError:
        raise MathError("the limits from the left and from the right differ") from None
    if value.has(sympy.Limit, sympy.AccumBounds, sympy.nan, sympy.zoo):
        raise MathError("it has no limit")
    return [f"{shown(expression)}, {variable} → {shown(goal)}", f"{shown(value)}{about(value)}"]
