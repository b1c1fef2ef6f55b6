"""Exercises, typed or photographed: solved with every step, or the nearest lesson."""

from __future__ import annotations

import asyncio
import importlib
import re
from fractions import Fraction

from assistant import Dialogue, Picture, Reply, Services, Turn

from . import algebra, arithmetic
from .course import find_lesson, sentences
from .exercises import Exercise, find_exercise
from .expressions import MathError, Node, symbols_in
from .finding import see_also
from .parsing import parse
from .saying import said_mathematics
from .values import value_of
from .wording import Language, language_of, say

__all__ = ["solve_exercise", "worked"]

HINT = re.compile(
    r"\bhints?\b|\bclue\b|how (?:do|would|should|can) i (?:start|begin)|first step|don't tell me the (?:answer|result)"
    r"|提示|怎么开始|第一步|思路",
    re.IGNORECASE,
)
CLAIM = re.compile(
    r"\b(?:i (?:got|get|have|found|think|say)|i'?ve got|my (?:answer|result|solution)|is it|it'?s|it is)\b"
    r"|我(?:算|得|觉得)|我的答案|是不是",
    re.IGNORECASE,
)
SOLVED = "education.solve_exercise"
REMEMBERED = 6
"""turns that are looked back on"""
SECONDS = 5.0
"""time a solution may take"""


async def solve_exercise(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Solve a maths exercise step by step, typed or from a photo."""
    language = language_of(turn.utterance)
    typed = find_exercise(turn.utterance)
    if typed and (marked := await _claimed(turn, typed, language, services)):
        return marked
    read = "" if typed else await _read(turn, services)
    exercise = typed or find_exercise(read)
    if exercise is None and not turn.images and not turn.utterance.strip(" .?!"):
        picture = await dialogue.ask(say("exercise_photo", language), kind=Picture)
        read = "\n".join(line.text for line in await services.read_text(picture))
        exercise = find_exercise(read)
    elif exercise is None and not turn.images:
        read = await dialogue.ask(say("exercise_text", language))
        exercise = find_exercise(read)
    if exercise is None:
        return await _nearest_lesson(turn, read, language, services)
    await asyncio.to_thread(importlib.import_module, "sympy")  # its first import alone may take seconds
    try:
        async with asyncio.timeout(SECONDS):
            steps = await asyncio.to_thread(worked, exercise)
    except (MathError, TimeoutError) as error:
        reason = str(error) or say("takes_too_long", language)
        return Reply(say("cannot_solve", language, task="; ".join(exercise.expressions), reason=reason))
    if HINT.search(turn.utterance) and len(steps) > 1:
        hint = "\n".join([say(f"task_{exercise.task}", language), f"  {steps[0]}"])
        if not await dialogue.ask(say("exercise_hint", language, hint=hint), kind=bool):
            return Reply(say("exercise_your_turn", language))
    lead = (
        say("read_from_picture", language, text="; ".join(exercise.expressions)) + "\n" if read and turn.images else ""
    )
    title = say(f"task_{exercise.task}", language)
    return Reply(
        lead + "\n".join([title, *(f"  {step}" for step in steps)]),
        speech=say("result", language, result=said_mathematics(steps[-1], language)),
        data={"task": exercise.task, "expressions": list(exercise.expressions), "steps": steps},
    )


async def _claimed(turn: Turn, typed: Exercise, language: Language, services: Services) -> Reply | None:
    """ "I got x = 5" holds an answer to the exercise before it, and is no exercise; None when it is one."""
    claim = " ".join(typed.expressions)
    if not (CLAIM.search(turn.utterance) and re.fullmatch(r"\s*[a-z]\s*=\s*[-−]?[\d./]+\s*", claim)):
        return None
    past = [each for each in await services.conversation(turn.session, REMEMBERED) if each.intent == SOLVED]
    before = next((found for each in reversed(past) if (found := find_exercise(each.text)) and found != typed), None)
    if before is None or before.task != "solve":
        return None
    try:
        steps = await asyncio.to_thread(worked, before)
        results = [each.partition("≈")[0].strip() for each in re.split(r"\bor\b|,|或", steps[-1])]
        right = _sides(claim)[0] == _sides(results[0])[0] and any(_same(claim, each) for each in results if "=" in each)
    except MathError:
        return None
    key = "claim_right" if right else "claim_wrong"
    values = {"claim": claim, "result": steps[-1], "exercise": "; ".join(before.expressions)}
    said = {name: said_mathematics(value, language) for name, value in values.items()}
    return Reply(say(key, language, **values), speech=say(key, language, **said), data={"right": right})


def _same(one: str, other: str) -> bool:
    """Whether two lines such as "x = 1/2" and "x = 0.5" say the same."""
    value = value_of(_sides(one)[1])
    return value is not None and value == value_of(_sides(other)[1])


async def _read(turn: Turn, services: Services) -> str:
    """The text on the pictures of a turn, one line each."""
    lines = [line.text for picture in turn.images for line in await services.read_text(picture)]
    return "\n".join(lines)


def worked(exercise: Exercise) -> list[str]:
    """The steps of an exercise; the last line is the result.

    Raises:
        MathError: it cannot be read or solved, or is too large.
    """
    if exercise.task == "differentiate":
        return algebra.differentiate(parse(exercise.expressions[0]), exercise.unknown)
    if exercise.task == "calculate":
        return _calculated(exercise.expressions[0])
    equations = [_sides(text) for text in exercise.expressions]
    unknown = set().union(*(symbols_in(left) | symbols_in(right) for left, right in equations))
    if len(equations) > 1 and len(unknown) > 1:
        return algebra.solve_system(equations)
    left, right = equations[0]
    if not unknown:
        return [_checked(left, right, exercise.expressions[0])]
    return algebra.solve_equation(left, right, exercise.unknown)


def _sides(text: str) -> tuple[Node, Node]:
    left, _, right = text.partition("=")
    return parse(left), parse(right)


def _calculated(text: str) -> list[str]:
    node = parse(text)
    value = value_of(node)
    if value is None:
        return algebra.valued(node)
    steps = arithmetic.steps_of(node)
    rounded = arithmetic.decimal(value)
    if "." in text and "/" not in text:
        # Who writes decimals reads decimals.
        return list(dict.fromkeys(arithmetic.in_decimals(step) for step in steps))
    if not rounded:
        return steps
    sign = "=" if Fraction(rounded.replace("−", "-")) == value else "≈"
    return [*steps[:-1], f"{steps[-1]} {sign} {rounded}"]


def _checked(left: Node, right: Node, text: str) -> str:
    """Whether an equation without unknowns holds."""
    one, other = value_of(left), value_of(right)
    if one is None or other is None:
        raise MathError("it has no unknown")
    return f"{text} ✓" if one == other else f"{text} ✗ ({one} ≠ {other})"


async def _nearest_lesson(turn: Turn, read: str, language: Language, services: Services) -> Reply:
    """What to say when there is no sum to work out: what was read, and the lesson that may help."""
    lead = say("exercise_read", language, text=" ".join(read.split())[:300]) + "\n" if read else ""
    lead += say("exercise_not_mine", language)
    lesson, section = await find_lesson(read or turn.utterance, services)
    also, _ = await see_also(read or turn.utterance, language, services)
    if lesson is None or section is None:
        return Reply("\n".join(filter(None, (lead, also))))
    text = lesson.told(language) if language == "zh" else " ".join(sentences(section.text)[:3])
    return Reply(
        "\n".join(
            [
                lead,
                say("lesson_may_help", language, title=lesson.title),
                text,
                say("from", language, source=lesson.source),
                *([also] if also else []),
            ]
        ),
        speech=" ".join(
            (say("exercise_not_mine", language), say("lesson_may_help", language, title=lesson.title), text)
        ),
    )
