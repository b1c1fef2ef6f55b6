"""Exercises, typed or photographed: solved with every step, or the nearest lesson."""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from assistant import Dialogue, Exchange, Picture, Reply, Services, Turn

from .arithmetic import decimal
from .asked_on import asked_on, told_on
from .course import find_lesson, sentences
from .evaluator import value_of
from .exercises import TASKS, Exercise, find_exercise
from .explaining import explain_concept
from .expressions import MathError
from .finding import see_also
from .going_on import went_on
from .parsing import parse
from .saying import in_chinese, said_mathematics
from .stories import Story
from .whole_numbers import about_numbers, asks_about_numbers, goes_on_about_numbers
from .wording import Language, language_of, say
from .working import in_time, sides_of, worked

__all__ = ["asks_exercise", "goes_on", "solve_exercise", "solve_if_exercise"]

HINT = re.compile(
    r"\bhints?\b|\bclue\b|how (?:do|would|should|can) i (?:start|begin)|how to (?:start|begin)|first step"
    r"|don't tell me the (?:answer|result)|提示|怎么开始|第一步|思路",
    re.IGNORECASE,
)
CLAIM = re.compile(
    r"\b(?:i (?:got|get|have|found|think|say)|i'?ve got|my (?:answer|result|solution)|is it|it'?s|it is)\b"
    r"|我(?:算|得|觉得)|我的答案|是不是",
    re.IGNORECASE,
)
PLAIN = re.compile(r"[\d\s.+*/÷()%!|-]+")
"""a sum that needs no SymPy; a power may"""
LONGEST_SURE = 300
"""characters of a text that may surely be an exercise"""
COUNTED = re.compile(
    r"[一二三四五六七八九十百两半]|\b(?:half|third|quarter|two|three|four|five|six|seven|eight|nine|ten)\b", re.I
)
SURE_TASKS = ("expand", "factor", "simplify", "solve", "differentiate", "integrate", "limit")
SOLVED = "education.solve_exercise"
REMEMBERED = 6
"""turns that are looked back on"""
SECONDS = 4.0
"""time a solution may take"""
LONGEST_READ = 1000
"""characters of a picture's text that are shown"""
QUESTION = re.compile(
    r"[?？]|\b(?:exercises?|questions?|problem|find|calculate|compute|prove|show that|explain|determine|draw|describe"
    r"|complete|fill in|choose|match|name|label|how many|which)\b|求|证明|计算|解释|说明|填空|选择|画出|多少",
    re.IGNORECASE,
)
"""what a page sets as a task"""


EXPLAINS = re.compile(r"\b(?:explain|teach me|tell me about)\b|讲讲|讲一?下|解释|什么(?:叫|是)", re.IGNORECASE)


def goes_on(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text follows up on the last exercise: changed, checked, explained, or as a decimal."""
    if goes_on_about_numbers(text, before) or asked_on(text, before) is not None:
        return True
    return went_on(text, before) is not None


def asks_exercise(text: str) -> int:
    """Returns how surely a text is only an exercise: 2 if all of it and the task were read, else 1 or 0."""
    if asks_about_numbers(text):
        return 1
    if len(text) > LONGEST_SURE or not (re.search(r"\d|[²³]", text) or COUNTED.search(text)):
        return 0
    found = _readable(text)
    if found is None or found.left_out:
        return 0
    if found.figure is not None:
        return 2 * found.figure.complete
    if found.story is not None or (found.notes and found.task == "solve"):
        return 2
    joined = " ".join(found.expressions)
    if found.task == "calculate":
        return 2 * (len(re.findall(r"\d\s*/\s*\d", joined)) > 1 or bool(found.form))
    named = any(task == found.task and re.search(words, text, re.IGNORECASE) for task, words in TASKS)
    related = found.task == "solve" and re.search(r"[a-z].*[-+*/^(]|[-+*/^)].*[a-z]|\d[a-z]", joined, re.IGNORECASE)
    return 2 * (found.task in SURE_TASKS and bool(named or related) and bool(re.search("[a-zA-Z]", joined) or named))


async def solve_exercise(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Solve a maths exercise step by step, typed or from a photo."""
    language = language_of(turn.utterance)
    try:
        return await _solved(turn, dialogue, language, services)
    except MathError as error:
        return _refused(str(error), language)


async def _solved(turn: Turn, dialogue: Dialogue, language: Language, services: Services) -> Reply:
    before = await services.conversation(turn.session, REMEMBERED)
    if (told := about_numbers(turn.utterance, before, language)) is not None:
        return told
    asked = asked_on(turn.utterance, before)
    if asked and (told := told_on(asked, turn.utterance, before, language)) is not None:
        return told
    if EXPLAINS.search(turn.utterance) and not turn.images and not re.search(r"\d|=", turn.utterance):
        return await explain_concept(turn, dialogue, services)
    typed = went_on(turn.utterance, before) or find_exercise(turn.utterance)
    if typed and (marked := await _claimed(turn, typed, language, services)):
        return marked
    read = "" if typed else await _read(turn, services)
    exercise = typed or find_exercise(read)
    if exercise is None and not turn.images and not turn.utterance.strip(" .?!"):
        picture = await dialogue.ask(say("exercise_photo", language), kind=Picture)
        read = "\n".join(line.text for line in await services.read_text(picture))
        exercise = find_exercise(read)
    elif exercise is None and not turn.images and not re.search(r"\d", turn.utterance):
        read = await dialogue.ask(say("exercise_text", language))
        exercise = find_exercise(read)
    if exercise is None:
        return await _nearest_lesson(turn, read, language, services)
    notes = list(exercise.notes)
    try:
        steps = await _steps(exercise, notes, language)
    except MathError as error:
        return _refused(str(error), language, "; ".join(exercise.expressions))
    if HINT.search(turn.utterance) and len(steps) > 1:
        hint = "\n".join([_title(exercise, language), f"  {steps[0]}"])
        if not await dialogue.ask(say("exercise_hint", language, hint=hint), kind=bool):
            return Reply(say("exercise_your_turn", language))
    return _told(exercise, steps, notes, language, from_picture=bool(read and turn.images))


async def solve_if_exercise(turn: Turn) -> Reply | None:
    """Solve a turn that belongs to no intent, when it is an exercise and nothing else; None when it is not."""
    exercise, language, notes = _readable(turn.utterance), language_of(turn.utterance), list[str]()
    if exercise is None or exercise.left_out or turn.images:
        return None
    try:
        steps = await _steps(exercise, notes, language)
    except MathError as error:
        return _refused(str(error), language, "; ".join(exercise.expressions))
    return _told(exercise, steps, [*exercise.notes, *notes], language, from_picture=False)


async def _steps(exercise: Exercise, notes: list[str], language: Language) -> list[str]:
    if exercise.task in ("calculate", "remainder") and all(PLAIN.fullmatch(each) for each in exercise.expressions):
        steps = worked(exercise, notes)  # fractions alone, which are bounded and quick
    else:
        await asyncio.to_thread(importlib.import_module, "sympy")  # its first import alone may take seconds
        steps = await in_time(partial(worked, exercise, notes), SECONDS)
    return steps if language == "en" else [in_chinese(step) for step in steps]


def _told(exercise: Exercise, steps: list[str], notes: list[str], language: Language, *, from_picture: bool) -> Reply:
    """The steps, below what was read, how it was read where that is open to doubt, and what was left out."""
    lead = [say("read_from_picture", language, text="; ".join(exercise.expressions))] if from_picture else []
    for note in dict.fromkeys(notes):
        seen, _, meaning = note.partition(": ")
        key = "stands_for" if re.fullmatch("[xyz]", meaning) else "read_as"
        lead.append(say(key, language, seen=seen, meaning=meaning))
    if exercise.left_out and not from_picture:
        words = say("quoted", language, text=" ".join(exercise.left_out))
        lead.append(say("left_out", language, words=words, text="; ".join(exercise.expressions) or steps[0]))
        lead += [say("task_partly", language)]
    else:
        lead.append(_title(exercise, language))
    return Reply(
        "\n".join([*lead, *(f"  {step}" for step in steps)]),
        speech=say("result", language, result=said_mathematics(steps[-1], language)),
        data={"task": exercise.task, "expressions": list(exercise.expressions), "steps": steps}
        | ({} if exercise.left_out or from_picture else {"exercise": exercise.to_json()})
        | ({"left_out": list(exercise.left_out)} if exercise.left_out else {})
        | (_as_sum(exercise.story) if exercise.story else {}),
    )


def _as_sum(story: Story) -> dict[str, Any]:
    """Returns the data that a follow-up to any sum needs: "split that by 3"."""
    value = value_of(parse(story.signs))
    shared = re.fullmatch(r"([\d.]+) / ([\d.]+)", story.signs)
    result = decimal(value) or str(value) if value is not None else ""
    return {"sum": story.signs, "result": result, "share": [shared[1], shared[2]] if shared else []}


def _title(exercise: Exercise, language: Language) -> str:
    known = exercise.task if exercise.task in ("solve", "differentiate", "integrate") else "calculate"
    return say(f"task_{known}", language)


def _refused(reason: str, language: Language, task: str = "") -> Reply:
    reason = in_chinese(reason) if language == "zh" else reason
    if language == "zh" and re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", reason):
        reason = in_chinese("it is of a kind I can't work out yet")  # a reason that has no Chinese
    return Reply(say("cannot_solve" if task else "cannot_read", language, task=_shortened(task), reason=reason))


def _shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


async def _claimed(turn: Turn, typed: Exercise, language: Language, services: Services) -> Reply | None:
    """ "I got x = 5" holds an answer to the exercise before it, and is not an exercise; None when it is one."""
    claim = " ".join(typed.expressions)
    if not (CLAIM.search(turn.utterance) and re.fullmatch(r"\s*[a-z]\s*=\s*[-−]?[\d./]+\s*", claim)):
        return None
    past = [each for each in await services.conversation(turn.session, REMEMBERED) if each.intent == SOLVED]
    before = next((found for each in reversed(past) if (found := _readable(each.text)) and found != typed), None)
    if before is None or before.task != "solve":
        return None
    try:
        steps = await in_time(partial(worked, before), SECONDS)
        results = [
            each.partition("≈")[0].replace("·", "*").replace("−", "-").strip()
            for each in re.split(r"\bor\b|,|或", steps[-1])
        ]
        claim = claim.replace("−", "-")
        right = sides_of(claim)[0] == sides_of(results[0])[0] and any(
            _same(claim, each) for each in results if "=" in each
        )
    except MathError:
        return None
    key = "claim_right" if right else "claim_wrong"
    values = {"claim": claim, "result": steps[-1], "exercise": "; ".join(before.expressions)}
    said = {name: said_mathematics(value, language) for name, value in values.items()}
    return Reply(say(key, language, **values), speech=say(key, language, **said), data={"right": right})


def _readable(text: str) -> Exercise | None:
    try:
        return find_exercise(text)
    except MathError:
        return None


def _same(one: str, other: str) -> bool:
    """Returns whether two lines such as "x = 1/2" and "x = 0.5" are equal."""
    value = value_of(sides_of(one)[1])
    return value is not None and value == value_of(sides_of(other)[1])


async def _read(turn: Turn, services: Services) -> str:
    """The text on the pictures of a turn, one line each."""
    lines = [line.text for picture in turn.images for line in await services.read_text(picture)]
    return "\n".join(lines)


async def _nearest_lesson(turn: Turn, read: str, language: Language, services: Services) -> Reply:
    """Replies to a text without a solvable exercise: what was read, and a lesson that may help."""
    lead = say("exercise_read", language, text=_shortened(" ".join(read.split()), LONGEST_READ)) + "\n" if read else ""
    lead += say("exercise_not_mine", language)
    if read and not QUESTION.search(read):  # a letter, a notice: no lesson is about it
        return Reply(lead)
    lesson, section = await find_lesson(read or turn.utterance, services)
    also, _ = await see_also(read or turn.utterance, language, services)
    if lesson is None or section is None:
        return Reply("\n".join(filter(None, (lead, also))))
    text = lesson.told(language) if language == "zh" else " ".join(sentences(section.text)[:3])
    return Reply(
        "\n".join(
            [
                lead,
                say("lesson_may_help", language, title=lesson.named(language)),
                text,
                say("from", language, source=lesson.source),
                *([also] if also else []),
            ]
        ),
        speech=" ".join(
            (say("exercise_not_mine", language), say("lesson_may_help", language, title=lesson.named(language)), text)
        ),
    )
