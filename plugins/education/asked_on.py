"""Follow-ups to a solved exercise: check it, explain why, show the steps, change the form of the result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from assistant import Exchange, Reply

from .arithmetic import decimal
from .exercises import RELATION, Exercise
from .expressions import MathError, symbols_in, written
from .expressions import Number as Value
from .going_on import last_exercise
from .parsing import parse
from .saying import in_chinese
from .symbolic import shown, symbol, to_sympy
from .wording import Language, say

__all__ = ["Asked", "asked_on", "told_on"]

Asked = Literal["check", "why", "steps", "decimal", "fraction", "percent"]
LONGEST = 70
"""characters that are read"""
WORDS: tuple[tuple[Asked, str], ...] = (
    ("percent", r"\b(?:as|in|into|to) an? ?per ?cent(?:age)?\b|\b(?:as|in|into) %|百分[数比]|百分之几"),
    ("decimal", r"\bdecimals?\b|小数"),
    ("fraction", r"\b(?:as|into|to) an? fraction\b|\bin fractions\b|分数"),
    (
        "check",
        (
            r"\b(?:check|verify|prove|proof|double.check)\b|\b(?:is|are) (?:it|that|this|you) (?:right|correct|true"
            r"|sure)|\bsure\?|验算|检验|检查|验证|代[入回]|对不对|对吗|确定吗"
        ),
    ),
    (
        "why",
        (
            r"\bwhy\b|\bhow come\b|\bhow (?:do|did|does|can|could) (?:you|it|that|i|we)\b|\bwhere (?:do|does|did)\b"
            r"|\bexplain (?:it|that|this|how|the)\b|为什么|为啥|怎么[来算得解做求]|凭什么|哪来|解释|怎么回事"
        ),
    ),
    ("steps", r"\bsteps?\b|\bworking\b|\bin (?:more )?detail\b|\bslow(?:ly|er)\b|步骤|过程|详细|一步"),
)
KINDS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in WORDS)
OF_IT = re.compile(
    r"\b(?:it|its|that|this|you|your|they|them|those|the|me|answer|result|working|solution|steps?|all|show"
    r"|check|verify|prove"
    r"|give|get|got|in|as|an?|and|can|could|i|see|please|why|how|come|did|do|does|is|are|was|were|so|ok|okay"
    r"|again|now|right"
    r"|correct|sure|true|write|explain|into|to|of|what|about|with|each|every|one|more|detail|out|for|decimals?"
    r"|fraction|percent"
    r"|percentage|number|line|by|then|would|be|where|from|really|go|through|tell|just|work|worked|slowly|slower"
    r"|double|checking"
    r"|proof|x|y|z)\b"
    r"|[为什么啥怎来算得解做求凭哪释回事这那它个道题步骤过程详细写出一下给我看请能把展示说明验检查证代入对不吗确定是的用小数百分"
    r"表示改成换化呢了吧再讲清楚结果答案等于可以没错你您会要么而且为]",
    re.IGNORECASE,
)
NOT_OF_IT = re.compile(r"订单|课|什么(?:是|叫)|单词|天气|图|考|测验|\b(?:order|lesson|quiz|weather)\b", re.IGNORECASE)
SPLITS = re.compile(
    r"\bsplit|factor|brackets?|(?:break|write) (?:it|that|this)|分解|拆|写成|变成|因式"
    r"|是[-−]?\d+和|得|来的|\bget\b|\bcome",
    re.IGNORECASE,
)
QUADRATIC = re.compile(r"(?<![\w^)])([a-z])\^2([+-]\d*)\1([+-]\d+)=0")


def asked_on(text: str, before: Sequence[Exchange]) -> Asked | None:
    """Classifies a follow-up to the exercise in the last answer; None if it is not one."""
    exercise = last_exercise(before)
    if exercise is None or len(text) > LONGEST or NOT_OF_IT.search(text):
        return None
    kind = next((kind for kind, words in KINDS if words.search(text)), None)
    factors = kind == "why" and SPLITS.search(text) and _roots(exercise) is not None
    if factors or (kind and not re.search(r"\w", re.sub(r"[-+]?\d+", "", OF_IT.sub("", text.replace("'", " "))))):
        return kind
    return None


def told_on(asked: Asked, text: str, before: Sequence[Exchange], language: Language) -> Reply | None:
    """The answer to what `asked_on` found; None where there is none."""
    exercise = last_exercise(before)
    steps = [str(each) for each in before[-1].data.get("steps", ())] if before else []
    if exercise is None or not steps:
        return None
    if asked in ("decimal", "fraction", "percent"):
        told = _in_form(asked, steps[-1], language)
    elif asked == "check":
        told = _checked(exercise, steps, language)
    elif asked == "why" and SPLITS.search(text) and (roots := _roots(exercise)) is not None:
        told = _why_factors(*roots, language)
    else:
        told = _explained(exercise, steps, language)
    kept = ("exercise", "task", "expressions", "steps")
    return Reply(told, data={name: value for name, value in before[-1].data.items() if name in kept})


def _in_form(asked: Asked, result: str, language: Language) -> str:
    """The numbers of a result as decimals, fractions or percentages."""
    lines = []
    for each in re.split(r" or | 或 |, ", result):
        name, value = _named(each)
        if value is None:
            return say("no_such_form", language, text=result)
        exact = to_sympy(parse(_plain(value)))
        if not exact.is_rational and asked != "decimal":
            return say("no_such_form", language, text=result)
        number = Fraction(int(exact.p), int(exact.q)) if exact.is_rational else Fraction(str(float(exact)))
        shifted = number * 100 if asked == "percent" else number
        told = written(Value(shifted)) if asked == "fraction" else decimal(shifted) or str(shifted).replace("-", "−")
        even = exact.is_rational and (asked == "fraction" or Fraction(told.replace("−", "-")) == shifted)
        lines.append(f"{name or value} {'=' if even else '≈'} {told}{'%' if asked == 'percent' else ''}")
    return "\n".join(lines)


def _named(line: str) -> tuple[str, str | None]:
    """The name and the exact value of "x = 1/3 ≈ 0.333333"; None for no value."""
    name, equals, rest = line.partition(" = ")
    exact = (rest if equals and re.fullmatch(r"[a-zA-Zα-δ]", name) else line).partition(" ≈ ")[0].partition(" = ")[0]
    exact = re.sub(r" (?:[a-z]+[²³]?|°)$", "", exact).removesuffix("°")
    try:
        number = to_sympy(parse(_plain(exact)))
    except MathError:
        return "", None
    return (name if equals and exact != line else ""), exact if number.is_number and number.is_real else None


def _plain(text: str) -> str:
    return text.replace("−", "-").replace("·", "*").replace("×", "*").replace("÷", "/").replace("π", "pi")


def _checked(exercise: Exercise, steps: Sequence[str], language: Language) -> str:
    """Checks the result: substitutes a solution, differentiates an antiderivative."""
    try:
        lines = _proof(exercise, steps[-1])
    except (MathError, TypeError, ValueError, AttributeError):
        lines = []
    if not lines:
        return "\n".join([say("check_again", language), *(f"  {each}" for each in steps)])
    lines = [in_chinese(each) for each in lines] if language == "zh" else lines
    return "\n".join([say("check_lead", language), *(f"  {each}" for each in lines)])


def _proof(exercise: Exercise, result: str) -> list[str]:
    import sympy

    if exercise.task == "solve" and not exercise.given:
        chains = [RELATION.split(each) for each in exercise.expressions]
        signs = [RELATION.findall(each) for each in exercise.expressions]
        if all(each == ["="] for each in signs):
            return [line for roots in _solutions(result) for sides in chains for line in _put_in(sides, "=", roots)]
        if len(signs) == len(signs[0]) == 1:
            return _tried(chains[0], signs[0][0])
    if exercise.task in ("expand", "factor", "simplify", "differentiate", "integrate") and exercise.expressions:
        one = to_sympy(parse(exercise.expressions[0]))
        other = to_sympy(parse(_plain(re.sub(r"^f'\(\w\) = ", "", result).removesuffix(" + C").partition(" ≈ ")[0])))
        if exercise.task == "differentiate":
            variable = symbol(exercise.unknown or min(str(each) for each in one.free_symbols))
            back = sympy.integrate(other, variable)
            fits = sympy.simplify(sympy.diff(back - one, variable)) == 0
            return [f"∫ {shown(other)} d{variable} = {shown(back)} + C {'✓' if fits else '✗'}"]
        if exercise.task == "integrate":
            variable = symbol(exercise.unknown or min(str(each) for each in one.free_symbols))
            back = sympy.diff(other, variable)
            fits = sympy.simplify(back - one) == 0
            return [f"({shown(other)})' = {shown(back)} {'✓' if fits else '✗'}"] if not exercise.given else []
        names = sorted(one.free_symbols, key=str)
        values = dict(zip(names, (2, 3, 5), strict=False))
        both = [each.subs(values) for each in (one, other)]
        told = ", ".join(f"{name} = {value}" for name, value in values.items())
        fits = sympy.simplify(one - other) == 0
        line = f"{told}: {shown(one)} = {shown(both[0])}; {shown(other)} = {shown(both[1])} {'✓' if fits else '✗'}"
        return [line] if names else []
    return []


def _solutions(result: str) -> list[dict[str, str]]:
    """The solutions of "x = 2 or x = 3" and of "x = 2, y = 3"; [] for others."""
    found = []
    for each in re.split(r" or | 或 ", result):
        pairs = [part.partition(" ≈ ")[0].partition(" = ") for part in each.split(", ")]
        if not all(equals and re.fullmatch(r"[a-zA-Z]", name) for name, equals, _ in pairs):
            return []
        found.append({name: value for name, _, value in pairs})
    return found


def _put_in(sides: Sequence[str], sign: str, values: dict[str, str]) -> list[str]:
    """A solution put into an equation: "x = 6: 4·6 − 5 = 19, 19 = 19 ✓"."""
    import sympy

    numbers: dict[Any, Any] = {symbol(name): to_sympy(parse(_plain(value))) for name, value in values.items()}
    told, results = [], []
    for side in sides:
        term = to_sympy(parse(side))
        results.append(sympy.simplify(term.subs(numbers)))
        told.append(_with_values(shown(term), values))
    fits = {
        "=": lambda a, b: sympy.simplify(a - b) == 0,
        "<": lambda a, b: a < b,
        ">": lambda a, b: a > b,
        "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b,
    }[sign](*results)
    sign = {"<=": "≤", ">=": "≥"}.get(sign, sign)
    lead = ", ".join(f"{name} = {value}" for name, value in values.items())
    values_told = f" → {shown(results[0])} {sign} {shown(results[1])}"
    return [f"{lead}: {told[0]} {sign} {told[1]}{values_told} {'✓' if fits else '✗'}"]


def _with_values(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        plain = value if re.fullmatch(r"\w+", value) else f"({value})"
        text = re.sub(rf"(?<![a-zA-Z]){name}(?![a-zA-Z])", plain, text)
    return text


def _tried(sides: Sequence[str], sign: str) -> list[str]:
    """Substitutes one number that satisfies an inequality and one that does not."""
    names = set().union(*(symbols_in(parse(side)) for side in sides))
    lines: dict[str, str] = {}
    for number in (0, *(each for size in range(1, 60) for each in (size, -size))):
        (line,) = _put_in(sides, sign, {next(iter(names)): str(number).replace("-", "−")})
        lines.setdefault(line[-1], line)
        if len(lines) == 2:
            break
    return [lines[mark] for mark in "✓✗" if mark in lines]


def _explained(exercise: Exercise, steps: Sequence[str], language: Language) -> str:
    """Every step, with the reason where it has one."""
    told = []
    for place, step in enumerate(steps):
        reason = _reason(exercise, steps, place)
        told.append(f"  {step}" + (f"   ({say(reason[0], language, **reason[1])})" if reason else ""))
    return "\n".join([say("all_steps", language), *told])


def _reason(exercise: Exercise, steps: Sequence[str], place: int) -> tuple[str, dict[str, str]] | None:
    """Returns the phrase name and the values that explain how a step was reached."""
    if place == 0 or exercise.task != "solve" or len(exercise.expressions) != 1:
        if exercise.figure is not None and place:
            return ("reason_formula" if re.search(r"[a-zA-Zα-δ].*[a-zα-δ]", steps[place]) else "reason_put_in"), {}
        return None
    line, before = steps[place], steps[place - 1]
    if line.startswith("b² − 4ac"):
        return "reason_discriminant", {}
    if "±" in line:
        return "reason_formula", {}
    if " or " in line or " 或 " in line or "±" in before:
        return None
    factor = re.match(r"(−?[\d/]+(?:\.\d+)?)·([a-z]) [=<>≤≥]", before)
    if factor and re.match(rf"{factor[2]} [=<>≤≥]", line):
        negative = factor[1].startswith("−") and not re.search(" = ", line)
        return ("reason_divide_turn" if negative else "reason_divide"), {"by": factor[1]}
    if re.match(r"(?:−?[\d/]+·)?[a-z] [=<>≤≥] ", line):
        return "reason_collect", {"letter": re.findall(r"[a-z]", line)[0]}
    return ("reason_collect_all", {}) if line.endswith(" = 0") else ("reason_brackets", {})


def _single(exercise: Exercise) -> str:
    """The one equation of an exercise without spaces; "" for none, or several."""
    if exercise.task != "solve" or len(exercise.expressions) != 1:
        return ""
    return re.sub(r"\s|\*|·", "", exercise.expressions[0]).replace("^(2)", "^2")


def _why_factors(letter: str, first: int, second: int, b: int, c: int, language: Language) -> str:
    """Explains why x² − 5x + 6 factors into (x − 2)(x − 3)."""
    product = f"({letter}{_signed(-first)})({letter}{_signed(-second)})"
    whole = f"{letter}²{_signed(b)}{letter}{_signed(c)}"
    numbers = {"first": _shown(-first), "second": _shown(-second), "b": _shown(b), "c": _shown(c)}
    return say("why_factors", language, product=product, whole=whole, **numbers)


def _roots(exercise: Exercise) -> tuple[str, int, int, int, int] | None:
    found = QUADRATIC.fullmatch(_single(exercise))
    if found is None:
        return None
    b = int(found[2] + "1" if found[2] in "+-" else found[2])
    c = int(found[3])
    for first in (each for size in range(1, min(abs(c), 10_000) + 1) for each in (size, -size)):
        if c % first == 0 and first + c // first == -b:
            one, other = sorted((first, c // first))
            return found[1], one, other, b, c
    return None


def _signed(number: int) -> str:
    return f"+{number}" if number >= 0 else f"−{-number}"


def _shown(number: int) -> str:
    return str(number) if number >= 0 else f"−{-number}"
