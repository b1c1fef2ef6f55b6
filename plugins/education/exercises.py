"""Reads the exercise in a sentence: what is asked, of which expressions, and what was left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from .amounts import read_amounts
from .expressions import MathError
from .figures import Figure, find_figure
from .notation import in_plain_signs
from .runs import Runs, find_runs
from .stories import Story, read_story
from .worded import in_signs

__all__ = ["BETWEEN", "RELATION", "TASKS", "Exercise", "Task", "exercise_in", "find_exercise", "story_exercise"]

Task = Literal[
    "calculate", "remainder", "solve", "evaluate", "differentiate", "integrate", "limit", "expand", "factor",
    "simplify", "measure",
]  # fmt: skip

LONGEST = 2000
"""characters of text that are read"""
MOST = 6
"""expressions in one exercise"""


@dataclass(frozen=True)
class Exercise:
    """An exercise as text, ready for `parsing.parse`."""

    task: Task
    expressions: tuple[str, ...]
    """for "solve" each holds "=" or an inequality sign"""
    unknown: str = ""
    given: dict[str, str] = field(default_factory=dict)
    """values of letters: "for x = 4"; the bounds of an integral and the point of a limit as "from" and "to" """
    notes: tuple[str, ...] = ()
    """readings that could have been others"""
    left_out: tuple[str, ...] = ()
    """words that were not understood"""
    form: str = ""
    """how the result is wanted: decimal, fraction or percent; "" where that is not said"""
    figure: Figure | None = None
    """what is measured"""
    story: Story | None = None
    """what is told"""

    def to_json(self) -> dict[str, Any]:
        """For what goes on from it; see `exercise_in`."""
        kept: dict[str, Any] = {"task": self.task, "expressions": list(self.expressions)}
        kept |= {"unknown": self.unknown, "given": dict(self.given)}
        kept |= {"figure": self.figure.to_json()} if self.figure else {}
        return kept | ({"story": self.story.to_json()} if self.story else {})


def exercise_in(data: Mapping[str, Any]) -> Exercise | None:
    """The exercise that the data of a reply hold; None for none."""
    kept = data.get("exercise")
    if not isinstance(kept, Mapping):
        return None
    figure = Figure(**kept["figure"]) if kept.get("figure") else None
    story = Story(**kept["story"]) if kept.get("story") else None
    expressions, given = tuple(kept["expressions"]), dict(kept["given"])
    return Exercise(kept["task"], expressions, kept["unknown"], given, figure=figure, story=story)


TASKS: tuple[tuple[Task, str], ...] = (
    (
        "differentiate",
        (
            r"\bderivatives?\b|\bdifferentiat\w+|\bd ?/ ?d[a-z]\b|[fy]'(?![a-z])|slope of the tangent"
            r"|求.{0,3}导数?|导数|微分"
        ),
    ),
    ("integrate", r"\bintegra\w+|\banti-?derivatives?\b|不定积分|定积分|求积分|积分"),
    ("limit", r"\blim(?:it)?\b|极限"),
    ("expand", r"\bexpand\w*|\bmultiply out\b|展开"),
    ("factor", r"\bfactori[sz]e\w*|\bfactor\b|因式分解|分解因式"),
    ("simplify", r"\bsimplif\w+|化简"),
    ("remainder", r"\b(?:with |the |and )?(?:a )?remainder\b|的?余数"),
    (
        "solve",
        r"\bsolv\w+|\brearrange\b|\b(?:root|zero)s? of\b|解不等式|解方程组?|方程组?|不等式|求解",
    ),
    ("evaluate", r"\bevaluate\b|\bsubstitut\w+|求值"),
)
BOUND = r"-?(?: ?sqrt ?)?(?:\d+(?:\.\d+)?|oo|pi|e|[a-z])(?: ?[*/] ?(?:\d+|pi))?(?![a-zA-Z\d(])"
BETWEEN = re.compile(
    rf"\b(?:from|between)\s+({BOUND})\s+(?:to|and)\s+({BOUND})|从\s*({BOUND})\s*到\s*({BOUND})(?:的定?)?"
)
TOWARDS = re.compile(
    rf"(?:\bas\s+|\bwhen\s+|当|,)?\s*\b([a-z])\s*(?:->|approaches|tends to|goes to|趋于|趋近于|趋向于?)"
    rf"\s*({BOUND})(?:时|的)*"
)
LABEL = re.compile(
    r"^\s*(?:\d{1,2}|[a-h])[.)]\s+(?=.*\d)"
    r"|\b(?:exercise|question|problem|task|number|nr)\.? *\d{1,3}[a-h]?\b[.:)]?|第 *\d+ *题",
    re.IGNORECASE | re.MULTILINE,
)
NAMED = re.compile(r"^(?:[a-z]|[fghp]\s?\(\s?[a-z]\s?\))\s*=(?!=)", re.IGNORECASE)
DEFINED = re.compile(r"\s*([fghp])\s?\(\s?([a-z])\s?\)\s*=([^=<>]+)$")
RELATION = re.compile(r"<=|>=|<|>|=")


def find_exercise(text: str) -> Exercise | None:
    """The exercise in a text; None when it holds no mathematics to work out.

    Raises:
        MathError: it is too long, or something in it that matters was not understood.
    """
    if len(text) > LONGEST:
        raise MathError(f"it is longer than {LONGEST} characters")
    notes: list[str] = []
    form, text = _form(text)
    if (told := _told(text)) is not None:
        return told
    plain = in_signs(in_plain_signs(LABEL.sub(" ; ", text), notes))
    if (figure := find_figure(plain)) is not None and (figure.given or figure.loose):
        return Exercise("measure", (), notes=tuple(notes), figure=figure)
    task, plain = _task(plain)
    given, unknown, plain = _given(task, plain)
    runs = find_runs(plain, task)
    unknown = unknown or runs.unknown
    found = Exercise(task or "calculate", (), unknown, given, tuple(notes), runs.left_out, form)
    return _sorted(found, runs, task)


SIGNED = re.compile(r"[=<>≤≥^²³]|(?<![a-z])[xyz](?![a-z])", re.IGNORECASE)


FORMS = (
    ("decimal", r"\b(?:as|in|into|to) (?:an? )?decimals?\b|(?:用|化成|化为|写成|变成|换成)小数(?:表示|形式)?"),
    ("fraction", r"\b(?:as|into|to) an? fraction\b|(?:用|化成|化为|写成|变成|换成)分数(?:表示|形式)?"),
    ("percent", r"\b(?:as|in|into|to) an? per ?cent(?:age)?\b|(?:用|化成|化为|写成|变成|换成)百分数(?:表示|形式)?"),
)
"""how a result is wanted"""


def _form(text: str) -> tuple[str, str]:
    """Returns the requested form of the result, and the text without those words."""
    for form, words in FORMS:
        without, count = _asking(words).subn(" ", text)
        if count and re.search(r"\d|分之", without):
            return form, re.sub(r"\b(?:write|change|convert|turn)\b|把", " ", without)
    return "", text


def _told(text: str) -> Exercise | None:
    """Reads an exercise in words; None for one in signs."""
    if SIGNED.search(text):
        return None
    if (story := read_story(text)) is not None:
        return story_exercise(story)
    amounts = read_amounts(text)
    return Exercise("solve", tuple(amounts.equations), notes=tuple(amounts.notes())) if amounts else None


def story_exercise(story: Story) -> Exercise:
    """The sum of a story."""
    return Exercise("calculate", (story.signs,), story=story)


def _task(text: str) -> tuple[Task | None, str]:
    """Returns the task stated in words, and the text without those words."""
    for task, words in TASKS:
        if (asked := _asking(words)).search(text):
            letter = re.search(r"\bd ?/ ?d([a-z])\b", text)
            named = f" ; {letter[1]} ; " if letter and task == "differentiate" else " ; "
            return task, asked.sub(named, text)
    return None, text


@cache
def _asking(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


def _given(task: Task | None, text: str) -> tuple[dict[str, str], str, str]:
    """The bounds of an integral or the point of a limit, the letter they belong to, and the text without them."""
    if task == "integrate":
        bounds = BETWEEN.search(text)
        text = BETWEEN.sub(" ; ", text, count=1)
        letter = re.search(r"(?<![a-z])d([a-z])\b(?!\s*[=(^])", text)
        text = re.sub(r"(?<![a-z])d[a-z]\b(?!\s*[=(^])", " ; ", text)
        ends = [each for each in bounds.groups() if each] if bounds else []
        return dict(zip(("from", "to"), ends, strict=False)), letter[1] if letter else "", text
    if task == "limit" and (point := TOWARDS.search(text)):
        return {"to": point[2]}, point[1], TOWARDS.sub(" ; ", text, count=1)
    return {}, "", text


def _sorted(found: Exercise, runs: Runs, task: Task | None) -> Exercise | None:
    """The exercise with its expressions, told apart from given values such as "x = 4"."""
    relations = [run for run in runs.expressions if RELATION.search(run)]
    sums = [run for run in runs.expressions if not RELATION.search(run)]
    if found.form and not relations and not sums and len(runs.numbers) == 1:  # "0.75 as a fraction"
        return replace(found, expressions=(runs.numbers[0],))
    if not relations and not sums:
        return None
    if runs.numbers:
        raise _not_yet(found, [*relations, *sums], runs.numbers)
    if len(relations) + len(sums) > MOST:
        raise MathError(f"it has more than {MOST} expressions")
    found, relations, sums = _defined(found, relations, sums)
    if task in ("differentiate", "integrate", "expand", "factor", "simplify", "limit") and not sums:
        sums = [NAMED.sub("", run).strip() for run in relations]
        relations = []
    if task in (None, "solve", "evaluate"):
        given, relations = _values(relations, sums)
        found = replace(found, given=found.given | given)
    if sums and relations:
        raise _not_yet(found, relations, sums)
    if relations:
        return replace(found, task="solve", expressions=tuple(relations))
    if task == "solve":
        return _to_zero(found, sums)
    if found.given and task in (None, "evaluate"):
        return replace(found, task="evaluate", expressions=tuple(sums))
    if len(sums) > 1 and (task is not None or not runs.listed):
        raise _not_yet(found, sums[:1], sums[1:])
    if task == "evaluate" or (
        task is None and any(re.search(r"(?<![a-zA-Z])[a-df-zA-Z](?![a-zA-Z])", s) for s in sums)
    ):
        return replace(found, task="calculate" if task else "simplify", expressions=tuple(sums))
    return replace(found, expressions=tuple(sums))


def _defined(found: Exercise, relations: list[str], sums: list[str]) -> tuple[Exercise, list[str], list[str]]:
    """ "f(x) = x^2 + 1, f(3)" and "f(x) = x^2 + 1 at x = 3" ask for a value of x^2 + 1."""
    defined = next((match for run in relations if (match := DEFINED.match(run))), None)
    if defined is None or found.task not in ("calculate", "evaluate"):
        return found, relations, sums
    rest = [run for run in relations if run != defined.string]
    called = re.compile(rf"\s*{defined[1]}\s?\(([^()]+)\)\s*")
    if len(sums) == 1 and (value := called.fullmatch(sums[0])):
        return replace(found, given={defined[2]: value[1]}), rest, [defined[3]]
    return found, rest, [*sums, defined[3]]


def _to_zero(found: Exercise, sums: list[str]) -> Exercise:
    """ "The roots of x² − 4" leaves out "= 0"."""
    return replace(found, task="solve", expressions=tuple(f"{each} = 0" for each in sums))


def _values(relations: list[str], sums: list[str]) -> tuple[dict[str, str], list[str]]:
    """Of several relations those that give a letter its value, and the others."""
    given: dict[str, str] = {}
    rest: list[str] = []
    for run in relations:
        value = re.fullmatch(r"([a-zA-Z])\s*=\s*([^a-zA-Z=<>]+|.*\b(?:pi|sqrt)\b[^=<>]*)", run.strip())
        others = " ".join([*(each for each in relations if each is not run), *sums])
        used = value is not None and re.search(
            rf"{value[1]}", re.sub(r"[a-zA-Z]{{4,}}|sqrt|sin|cos|tan|log|ln|pi", "", others)
        )
        if value and used and value[1] not in given:
            given[value[1]] = value[2].strip()
        else:
            rest.append(run)
    if not rest and not sums:
        return {}, relations
    return given, rest


def _not_yet(found: Exercise, read: list[str], left: list[str]) -> MathError:
    """Returns the error for an exercise whose unread part matters."""
    parts = "; ".join(" ".join(each.split()) for each in read)
    rest = "; ".join(" ".join(each.split()) for each in [*left, *found.left_out])
    return MathError(f"I read {parts}, but not what to do with {rest}; I can't do that yet")
