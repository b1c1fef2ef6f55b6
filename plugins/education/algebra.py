"""Equations, systems and derivatives, worked out with SymPy on trees our own parser has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .expressions import Binary, Call, Constant, MathError, Negative, Node, Symbol, symbols_in
from .values import LARGEST_EXPONENT, value_of

__all__ = ["differentiate", "solve_equation", "solve_system", "to_sympy", "valued"]

HIGHEST_DEGREE = 6
MOST_UNKNOWNS = 3


def to_sympy(node: Node) -> Any:
    """The tree as a SymPy expression; powers are checked before they are built, for SymPy works them out at once.

    Raises:
        MathError: a power or factorial is too large, or it divides by zero.
    """
    import sympy  # takes half a second, and most questions need none of it

    value = value_of(node)
    if value is not None:
        return sympy.Rational(value.numerator, value.denominator)
    match node:
        case Symbol(name):
            return sympy.Symbol(name, real=True)
        case Constant(name):
            return sympy.pi if name == "pi" else sympy.E
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
    value = value_of(exponent)
    if value is not None and abs(value) > LARGEST_EXPONENT:
        raise MathError(f"the exponent is larger than {LARGEST_EXPONENT}")
    power = to_sympy(exponent)
    if value is None and not power.free_symbols and abs(float(power)) > LARGEST_EXPONENT:
        raise MathError(f"the exponent is larger than {LARGEST_EXPONENT}")
    if base.is_number and power.is_number and base == 0 and power.is_nonpositive:
        raise MathError("zero has no such power")
    return base**power


def _joined(operator: str, left: Any, right: Any) -> Any:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        raise MathError("it divides by zero")
    return left / right


def _applied(name: str, inner: Any) -> Any:
    import sympy

    if name == "!":
        raise MathError("a factorial needs a whole number")
    known = {"ln": sympy.log, "log": lambda x: sympy.log(x, 10), "abs": sympy.Abs}
    return (known.get(name) or getattr(sympy, name))(inner)


def shown(expression: Any) -> str:
    """A SymPy expression as people write it."""
    text = str(expression).replace("**", "^").replace("*", "·").replace("pi", "π").replace("-", "−")
    return text.replace("log(", "ln(").replace("exp(", "e^(").replace("Abs(", "abs(")


def valued(node: Node) -> list[str]:
    """An expression without unknowns that is not rational: exact, and as a decimal."""
    exact = to_sympy(node)
    number = exact.evalf(10)
    if not number.is_real:
        raise MathError("it has no real value")
    return [shown(exact), f"≈ {float(number):.6g}".replace("-", "−")]


def solve_equation(left: Node, right: Node, unknown: str = "") -> list[str]:
    """The steps to the real solutions of an equation in one unknown; the last line names them.

    Raises:
        MathError: it has no or several unknowns, or is not of a kind that is solved here.
    """
    import sympy

    names = symbols_in(left) | symbols_in(right)
    if unknown not in names:
        unknown = "x" if "x" in names else min(names, default="")
    if len(names) != 1:
        raise MathError("it has no unknown" if not names else "it has several unknowns, and one equation is not enough")
    symbol = sympy.Symbol(unknown, real=True)
    one, other = to_sympy(left), to_sympy(right)
    top = sympy.fraction(sympy.together(one - other))
    if not top[0].is_polynomial(symbol):
        raise MathError("it is of a kind I can't solve step by step")
    polynomial = sympy.Poly(top[0], symbol)
    steps = [f"{shown(one)} = {shown(other)}"]
    if polynomial.degree() > HIGHEST_DEGREE:
        raise MathError(f"its degree is above {HIGHEST_DEGREE}")
    if polynomial.degree() < 1:
        return [*steps, "always true" if polynomial.is_zero else "no solution"]
    if polynomial.degree() == 1:
        steps += _linear(one, other, symbol, polynomial)
    elif polynomial.degree() == 2:
        steps += _quadratic(polynomial, symbol)
    else:
        steps += _higher(polynomial, symbol)
    # What makes a denominator zero solves the cleared equation but not the given one.
    banned = list(sympy.roots(sympy.Poly(top[1], symbol))) if top[1].has(symbol) else []
    steps = list(dict.fromkeys(steps))
    if banned:
        steps.insert(1, f"not allowed: {unknown} = {', '.join(map(shown, banned))} (division by zero)")
    return steps


def _linear(one: Any, other: Any, symbol: Any, polynomial: Any) -> list[str]:
    import sympy

    factor, rest = polynomial.all_coeffs()
    lines = []
    if one.is_polynomial(symbol) and other.is_polynomial(symbol):
        lines.append(f"{shown(sympy.expand(one))} = {shown(sympy.expand(other))}")
    lines.append(f"{shown(factor * symbol)} = {shown(-rest)}")
    solution = -rest / factor
    lines.append(f"{symbol} = {shown(solution)}{_approximately(solution)}")
    return list(dict.fromkeys(lines))


def _quadratic(polynomial: Any, symbol: Any) -> list[str]:
    import sympy

    a, b, c = polynomial.all_coeffs()
    discriminant = b**2 - 4 * a * c
    lines = [
        f"{shown(polynomial.as_expr())} = 0",
        f"b² − 4ac = {shown(b)}² − 4·({shown(a)})·({shown(c)}) = {shown(discriminant)}",
    ]
    if discriminant < 0:
        return [*lines, "no real solution"]
    roots = sorted({sympy.simplify((-b + sign * sympy.sqrt(discriminant)) / (2 * a)) for sign in (-1, 1)})
    lines.append(f"{symbol} = (−({shown(b)}) ± √({shown(discriminant)})) / (2·({shown(a)}))")
    return [*lines, _roots(symbol, roots)]


def _higher(polynomial: Any, symbol: Any) -> list[str]:
    import sympy

    factored = sympy.factor(polynomial.as_expr())
    lines = [f"{shown(polynomial.as_expr())} = 0"]
    if factored != polynomial.as_expr():
        lines.append(f"{shown(factored)} = 0")
    exact = [root for root in sympy.roots(polynomial.as_expr(), symbol) if root.is_rational]
    every = [
        sympy.Float(root, 12) for root in sympy.Poly(polynomial, symbol).nroots(n=15) if abs(sympy.im(root)) < 1e-9
    ]
    rest = [root for root in every if all(abs(root - each) > 1e-6 for each in exact)]
    return [*lines, _roots(symbol, [*sorted(exact), *rest]) if exact or rest else "no real solution"]


def _roots(symbol: Any, roots: Sequence[Any]) -> str:
    return " or ".join(
        f"{symbol} ≈ {float(root):.6g}".replace("-", "−")
        if root.is_Float
        else f"{symbol} = {shown(root)}{_approximately(root)}"
        for root in roots
    )


def _approximately(value: Any) -> str:
    if value.is_integer:
        return ""
    return f" ≈ {float(value):.6g}".replace("-", "−")


def solve_system(equations: Sequence[tuple[Node, Node]]) -> list[str]:
    """The steps to the solution of a system of linear equations.

    Raises:
        MathError: it is not linear, or has more than three unknowns.
    """
    import sympy

    names = sorted(set().union(*(symbols_in(left) | symbols_in(right) for left, right in equations)))
    if not 1 <= len(names) <= MOST_UNKNOWNS or len(equations) > MOST_UNKNOWNS + 1:
        raise MathError(f"I solve systems with up to {MOST_UNKNOWNS} unknowns")
    unknowns = [sympy.Symbol(name, real=True) for name in names]
    differences = [sympy.expand(to_sympy(left) - to_sympy(right)) for left, right in equations]
    if any(not each.is_polynomial(*unknowns) or sympy.Poly(each, *unknowns).total_degree() > 1 for each in differences):
        raise MathError("one of the equations is not linear")
    lines = [f"{shown(to_sympy(left))} = {shown(to_sympy(right))}" for left, right in equations]
    first = next((u for u in unknowns if differences[0].has(u)), unknowns[0])
    isolated = sympy.solve(differences[0], first)
    if isolated and len(equations) > 1:
        lines.append(f"{first} = {shown(isolated[0])}")
        lines += [f"{shown(sympy.expand(each.subs(first, isolated[0])))} = 0" for each in differences[1:]]
    found = sympy.linsolve(differences, *unknowns)
    if not found:
        return [*lines, "no solution"]
    (values,) = found
    if any(value.free_symbols for value in values):
        return [*lines, "infinitely many solutions"]
    return [*lines, ", ".join(f"{u} = {shown(v)}" for u, v in zip(unknowns, values, strict=True))]


def differentiate(node: Node, unknown: str = "") -> list[str]:
    """The derivative of an expression, one line per term with its rule, and the result last."""
    import sympy

    names = symbols_in(node)
    unknown = unknown if unknown in names else "x" if "x" in names or not names else min(names)
    symbol = sympy.Symbol(unknown, real=True)
    expression = to_sympy(node)
    terms = sympy.Add.make_args(sympy.expand(expression) if expression.is_polynomial(symbol) else expression)
    lines = [f"f({unknown}) = {shown(expression)}"]
    if len(terms) > 1 or not _simple(terms[0], symbol):
        lines += [_derived(term, symbol) for term in terms]
    result = sympy.diff(expression, symbol)
    result = sympy.expand(result) if result.is_polynomial(symbol) else result
    return [*lines, f"f'({unknown}) = {shown(result)}"]


def _simple(term: Any, symbol: Any) -> bool:
    return bool(term.is_polynomial(symbol))


def _derived(term: Any, symbol: Any) -> str:
    import sympy

    parts = [factor for factor in sympy.Mul.make_args(term) if factor.has(symbol)]
    if not parts:
        rule = "a constant"
    elif len(parts) > 1:
        rule = "product rule"
    elif parts[0] == symbol or (parts[0].is_Pow and parts[0].base == symbol and not parts[0].exp.has(symbol)):
        rule = "power rule"
    elif parts[0].args and all(not each.has(symbol) or each == symbol for each in parts[0].args):
        rule = "known derivative"
    else:
        rule = "chain rule"
    return f"({shown(term)})' = {shown(sympy.diff(term, symbol))} ({rule})"
