"""Solves an exercise with the module for its kind, within a time limit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import TypeVar

from . import arithmetic, equations, inequalities, measuring, rewriting, symbolic
from .evaluator import value_of
from .exercises import Exercise
from .expressions import Binary, Call, MathError, Negative, Node, Number, Symbol, symbols_in, written
from .parsing import parse
from .stories import Story

__all__ = ["in_time", "sides_of", "worked"]

log = logging.getLogger(__name__)
T = TypeVar("T")
GRACE = 0.5
"""seconds in which a thread whose time is over ends itself, before it is left alone"""
AGAIN = 0.2
"""seconds after which a thread that goes on all the same is ended once more"""
LONGEST_ANSWER = 4000
"""characters of all steps together"""
SIGN = re.compile(r"<=|>=|<|>|=")


class _OutOfTime(BaseException):
    """Raised in a thread whose time is over; no `except Exception` on its way stops it."""


async def in_time(work: Callable[[], T], seconds: float) -> T:
    """Runs work in a thread of its own, which ends itself when its time is over.

    Args:
        work: pure Python, so that it can be interrupted whenever it calls a function.
        seconds: how long it may take.

    Raises:
        MathError: the time is over.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        if not done.done():
            set_outcome()

    def run() -> None:
        sys.settrace(_watch(time.monotonic() + seconds, (sys.setprofile, sys.settrace)))
        try:
            outcome: Callable[[], None] = partial(done.set_result, work())
        except _OutOfTime:
            outcome = partial(done.set_exception, MathError("it takes too long"))
        except Exception as error:
            outcome = partial(done.set_exception, error)
        finally:
            sys.settrace(None)
            sys.setprofile(None)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=run, name="education-exercise", daemon=True).start()
    try:
        return await asyncio.wait_for(done, seconds + GRACE)
    except TimeoutError:
        raise MathError("it takes too long") from None


def _watch(deadline: float, others: tuple[Callable[..., None], ...]) -> Callable[[FrameType, str, object], None]:
    """A trace function that ends its thread at the first call behind a deadline (monotonic seconds).

    Not in a finalizer, where Python drops exceptions. Where C code drops one all the same, Python goes on untraced: a
    little later the next of `others` is to raise it again.
    """
    clock = time.monotonic  # looked up once: this runs at every call

    def watch(frame: FrameType, event: str, argument: object) -> None:
        if clock() < deadline:
            return
        caller: FrameType | None = frame
        while caller is not None:
            if caller.f_code.co_name == "__del__" or caller.f_code.co_filename.endswith(
                ("weakref.py", "_weakrefset.py")
            ):
                return
            caller = caller.f_back
        again, *rest = others
        again(_watch(clock() + AGAIN, (*rest, again)))
        raise _OutOfTime

    return watch


def worked(exercise: Exercise, notes: list[str] | None = None) -> list[str]:
    """The steps of an exercise; the last line is the result.

    Args:
        exercise: what is asked.
        notes: gets a line for every reading that could have been another.

    Raises:
        MathError: it cannot be read or solved, or is too large.
    """
    try:
        steps = _worked(exercise, [] if notes is None else notes)
    except MathError:
        raise
    except Exception as error:  # SymPy raises almost anything where it knows no way
        log.info("SymPy could not work out %s: %r", exercise.expressions, error)
        raise MathError("it is of a kind I can't work out yet") from error
    if sum(map(len, steps)) > LONGEST_ANSWER:
        raise MathError("its answer is too long to be shown")
    return steps


def _worked(exercise: Exercise, notes: list[str]) -> list[str]:
    if exercise.figure is not None:
        return measuring.measure(exercise.figure)
    if exercise.story is not None:
        return _reckoned(exercise.story, notes)
    if exercise.task == "solve":
        return _solved(exercise, notes)
    if exercise.task in ("calculate", "evaluate") and len(exercise.expressions) > 1:
        return [line for text in exercise.expressions for line in _one(exercise, text, notes)]
    return _one(exercise, exercise.expressions[0], notes)


def _one(exercise: Exercise, text: str, notes: list[str]) -> list[str]:
    node = parse(text, notes)
    given = {name: parse(value) for name, value in exercise.given.items()}
    if exercise.task == "differentiate":
        return rewriting.differentiate(node, exercise.unknown)
    if exercise.task == "integrate":
        bounds = (given["from"], given["to"]) if len(given) == 2 else None
        return rewriting.integrate(node, exercise.unknown, bounds)
    if exercise.task == "limit":
        if "to" not in given:
            raise MathError("a limit needs a point, such as x → 0")
        return rewriting.limit(node, exercise.unknown, given["to"])
    if exercise.task == "evaluate":
        return rewriting.evaluate(node, given)
    if exercise.task == "remainder":
        return _divided(node)
    if exercise.task in ("expand", "factor", "simplify") and not (exercise.task == "simplify" and not symbols_in(node)):
        return rewriting.rewrite(node, exercise.task)
    steps = _calculated(node, text)
    value = value_of(node)
    return [*steps, *_in_form(exercise.form, value)] if exercise.form and value is not None else steps


def _in_form(form: str, value: Fraction) -> list[str]:
    """A value as a decimal, a fraction or a percentage."""
    if form == "fraction":
        return [written(Number(value))]
    shifted = value * 100 if form == "percent" else value
    text = arithmetic.decimal(shifted) or str(shifted)
    sign = "" if Fraction(text.replace("−", "-")) == shifted else "≈ "
    return [f"{sign}{text}{'%' if form == 'percent' else ''}"]


def _reckoned(story: Story, notes: list[str]) -> list[str]:
    """The sum of a word problem, its result in decimals and with its unit."""
    node = parse(story.signs, notes)
    value = value_of(node)
    if value is None:
        raise MathError("its value is not a rational number")
    steps = [arithmetic.in_decimals(each.partition(" = ")[0]) for each in arithmetic.steps_of(node)]
    text = arithmetic.decimal(value) or str(value)
    sign = "" if Fraction(text.replace("−", "-")) == value else "≈ "
    return list(dict.fromkeys([*(each for each in steps[:-1] if each != text), story.named(f"{sign}{text}")]))


def _divided(node: Node) -> list[str]:
    """A division of whole numbers with its remainder."""
    if not isinstance(node, Binary) or node.operator not in ("/", "mod"):
        raise MathError("a remainder needs one whole number divided by another")
    top, bottom = value_of(node.left), value_of(node.right)
    if top is None or bottom is None or top.denominator != 1 or bottom.denominator != 1:
        raise MathError("a remainder needs one whole number divided by another")
    if bottom == 0:
        raise MathError("it divides by zero")
    whole, rest = divmod(top.numerator, bottom.numerator)
    return [f"{top} = {whole} × {bottom} + {rest}", f"{whole} remainder {rest}"]


def _calculated(node: Node, text: str) -> list[str]:
    if symbols_in(node):
        raise MathError(f"I don't know the value of {', '.join(sorted(symbols_in(node)))}")
    value = value_of(node)
    if value is None:
        steps = symbolic.valued(node)
        return [written(node), *steps] if steps[0] != written(node) else steps
    steps = arithmetic.steps_of(node)
    rounded = arithmetic.decimal(value)
    if "." in text and "/" not in text:
        # Who writes decimals reads decimals.
        return list(dict.fromkeys(arithmetic.in_decimals(step) for step in steps))
    if not rounded:
        return steps
    sign = "=" if Fraction(rounded.replace("−", "-")) == value else "≈"
    return [*steps[:-1], f"{steps[-1]} {sign} {rounded}"]


def sides_of(text: str, notes: list[str] | None = None) -> list[Node]:
    """Returns the expressions between the signs of an equation or inequality."""
    return [parse(side, notes) for side in SIGN.split(text)]


def _solved(exercise: Exercise, notes: list[str]) -> list[str]:
    given = {name: parse(value) for name, value in exercise.given.items()}
    relations = [
        ([_with(side, given) for side in sides_of(text, notes)], SIGN.findall(text)) for text in exercise.expressions
    ]
    unknowns = set().union(*(symbols_in(side) for sides, _ in relations for side in sides))
    if any(sign != "=" for _, signs in relations for sign in signs):
        if len(relations) > 1 or any(sign == "=" for sign in relations[0][1]):
            raise MathError("inequalities together with others I can't solve yet")
        return inequalities.solve_inequality(*relations[0], exercise.unknown)
    pairs = [pair for sides, _ in relations for pair in pairwise(sides)]
    if not unknowns:
        return [_checked(*pair) for pair in pairs]
    if len(unknowns) > 1 and len(pairs) > 1:
        return equations.solve_system(pairs)
    if len(relations) > 1:  # several exercises with one unknown, such as the lines of a worksheet
        return [line for pair in pairs for line in equations.solve_equation(*pair, exercise.unknown)]
    return equations.solve_equation(*pairs[0], exercise.unknown)


def _with(node: Node, given: dict[str, Node]) -> Node:
    """An expression with the values of its letters."""
    match node:
        case Symbol(name):
            return given.get(name, node)
        case Binary(operator, left, right):
            return Binary(operator, _with(left, given), _with(right, given))
        case Negative(inner):
            return Negative(_with(inner, given))
        case Call(name, inner):
            return Call(name, _with(inner, given))
    return node


def _checked(left: Node, right: Node) -> str:
    """Says whether an equation without unknowns is true."""
    one, other = value_of(left), value_of(right)
    if one is None or other is None:
        raise MathError("it has no unknown")
    told = f"{written(left)} = {written(right)}"
    return f"{told} ✓" if one == other else f"{told} ✗ ({written(Number(one))} ≠ {written(Number(other))})"
