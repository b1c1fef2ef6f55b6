"""Solves word problems about named amounts: "Maria is twice as old as her brother, together they are 36".

Each clause becomes an equation between the amounts. An exercise is read only where every number stands in an equation
and there are as many equations as amounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .quantities import in_short

__all__ = ["Amounts", "read_amounts"]

LONGEST = 220
"""characters that are read"""
N = r"(\d+(?:\.\d+)?)"
NAME = r"(?:(?:my|her|his|their|the|a|an|our) )?((?!(?:they|together|it|there|how|what|he|she|who|which|sum)\b)[a-z]+)"
OWNS = (
    r"(?:is|are|has|have|had|was|weighs?|costs?|scor\w+|earns?|got|gets|paid|pays|ran|runs|reads?|sold|collected|saved)"
)
UP = r"(?:more|older|taller|longer|heavier|dearer|bigger|larger|faster|further|greater|higher|wider)"
DOWN = r"(?:less|fewer|younger|shorter|lighter|cheaper|smaller|slower|lower|narrower)"
TIMES = {"twice": "2", "double": "2", "thrice": "3", "triple": "3", "half": "1/2", "2 times": "2"}
ZH = r"((?!今年|现在|两|2|一共|其中|如果|已知|它)[\u4e00-\u9fff]{1,4}?)"
OF = r"(?:的(?:年龄|岁数|个数|数量|身高|体重|钱|书|只数|棵数|长|价格|价钱))?"
UP_ZH, DOWN_ZH = "(?:多|大|高|重|长|贵|快)", "(?:少|小|矮|轻|短|便宜|慢)"
ENGLISH = (
    (rf"{NAME} {OWNS} {N} ?(?:[a-z]+ )?{UP}(?: [a-z]+)? than {NAME}", "{0} = {2} + {1}"),
    (rf"{NAME} {OWNS} {N} ?(?:[a-z]+ )?{DOWN}(?: [a-z]+)? than {NAME}", "{0} = {2} - {1}"),
    (
        rf"{NAME} {OWNS} (twice|double|half|thrice|triple|\d+ times) as [a-z]+(?: [a-z]+)? as {NAME}",
        "{0} = {1} * {2}",
    ),
    (
        (
            rf"{NAME} and {NAME} (?:are |is )?(?:mixed |shared |divided )?(?:in (?:the"
            rf"|a) ratio(?: of)? )?{N} ?(?:to|:) ?{N}"
        ),
        "{0} * {3} = {1} * {2}",
    ),
    (
        (
            rf"(?:the |their )?difference (?:between them |of their \w+ |(?:of|between) (?:the )?2 numbers )?(?:is"
            rf"|was) {N}"
        ),
        "D {0}",
    ),
    (
        (
            rf"(?:(?:together|altogether|in total|combined|in all|both),? (?:they|there|both)? ?{OWNS} {N}|(?:they"
            rf"|both) {OWNS} {N}(?: [a-z]+){{0,2}} (?:together|altogether|in total|combined|in all)|(?:the "
            rf"|their )?(?:sum|total)(?: of (?:their ages|both|the ages|the 2 numbers|the numbers|them))?(?: (?:is"
            rf"|are|was|of))? {N}|(?:they|which) add up to {N})"
        ),
        "S {0}",
    ),
    (rf"{NAME} {OWNS} (?:now )?[€£$]?{N}(?! times)", "{0} = {1}"),
)
CHINESE = (
    (rf"{ZH}{OF}比{ZH}{OF}的?{N}倍(?:还)?多{N}", "{0} = {2} * {1} + {3}"),
    (rf"{ZH}{OF}比{ZH}{OF}的?{N}倍(?:还)?少{N}", "{0} = {2} * {1} - {3}"),
    (rf"{ZH}{OF}比{ZH}{OF}{UP_ZH}{N}", "{0} = {1} + {2}"),
    (rf"{ZH}{OF}比{ZH}{OF}{DOWN_ZH}{N}", "{0} = {1} - {2}"),
    (rf"{ZH}{OF}(?:今年|现在)?是{ZH}{OF}的?{N}倍", "{0} = {2} * {1}"),
    (rf"{ZH}(?:和|与|、)?{ZH}(?:2|两)?(?:个?数|人)?的?比(?:是|为){N}(?:比|:){N}", "{0} * {3} = {1} * {2}"),
    (rf"(?:2|两)?[人数者]?(?:的)?(?:相差|差是|差为){N}", "D {0}"),
    (rf"(?:一共|总共|共|合计|加起来|年龄和|总和|之和|的?和)(?:有|是|为|等于|=)*{N}", "S {0}"),
    (rf"{ZH}{OF}(?:今年|现在|有|是|重|高|长|考了?|得了?|买了?|走了?)+{N}(?!倍)", "{0} = {1}"),
)
CONSECUTIVE = re.compile(
    rf"(?:sum of )?{N} consecutive (?P<kind>even |odd )?(?:whole |natural )?(?:numbers?|integers?)(?: add up to"
    rf"| is| sum to| equals?|,? sum| have a sum of)*[ =]*{N}"
    rf"|{N}个连续的?(?P<zh>自然数|整数|奇数|偶数|数)的?和(?:是|为|等于|=)*{N}"
)
RATIO = re.compile(
    rf"(?:divide|share|split) {N}[^\d]{{0,60}}?ratio(?: of)? {N} ?(?:to|:) ?{N}(?: ?(?:to|:) ?{N})?"
    rf"|把{N}[^\d]{{0,20}}?按(?:照)?{N}(?:比|:){N}(?:(?:比|:){N})?的?(?:比|分)"
)
LETTERS = "xyz"
MOST = 3


@dataclass
class Amounts:
    """Amounts with names, and what is known of them."""

    names: list[str] = field(default_factory=list)
    equations: list[str] = field(default_factory=list)

    def letter(self, name: str) -> str:
        """The letter of a name, a new one for a new name; "" where there are too many."""
        name = re.sub(r"^(?:而|那么|已知|如果|今年|现在|其中)", "", name)
        if name not in self.names:
            self.names.append(name)
        place = self.names.index(name)
        return LETTERS[place] if place < MOST else ""

    def notes(self) -> list[str]:
        """Lists which letter stands for which quantity."""
        return [f"{name}: {letter}" for name, letter in zip(self.names, LETTERS, strict=False)]


def read_amounts(text: str) -> Amounts | None:
    """Reads the amounts of a word problem; None if there are none, or more than can be read."""
    if len(text) > LONGEST:
        return None
    said = in_short(text)
    if (found := _consecutive(said) or _ratio(said)) is not None:
        return found
    said = _with_subjects(re.sub(r"甲、?乙(?=[2两]?数)", "甲和乙", said))
    amounts, rest = Amounts(), said
    whole: list[tuple[str, str]] = []
    for pattern, shape in (*CHINESE, *ENGLISH) if not said.isascii() else ENGLISH:
        for match in list(re.finditer(pattern, rest)):
            groups = [each for each in match.groups() if each]
            if shape[0] in "SD":
                whole.append((shape[0], groups[0]))
            else:
                amounts.equations.append(_equation(shape, groups, amounts))
            rest = (
                rest[: match.start()]
                + " ; " * (match.end() > match.start())
                + " " * max(0, match.end() - match.start() - 3)
                + rest[match.end() :]
            )
    if not amounts.names and re.search(r"2个?数|\b2 numbers\b", said) and {kind for kind, _ in whole} == {"S", "D"}:
        amounts.names = ["大数", "小数"] if not said.isascii() else ["the larger", "the smaller"]
    mixed = re.search(rf"\b(?:for|makes?|of) {N} ?[a-z]*(?! of)", rest)
    if mixed and not whole and any("*" in each for each in amounts.equations) and len(re.findall(r"\d+", rest)) == 1:
        whole.append(("S", mixed[1]))
        rest = rest.replace(mixed[0], "")
    if not whole and not any(
        "y" in each and "x" in each for each in amounts.equations
    ):  # nothing joins them: they are no exercise
        return None
    asked = re.search(r"how (?:old|many|much|tall|long|heavy)|what (?:are|is)|多少|几|各", said)
    if asked is None or re.search(r"\d|%|\bthan\b|\btimes\b|\b(?:twice|half)\b|倍|比", _unread(rest)):
        return None
    if not 2 <= len(amounts.names) <= MOST or any(not each or " = " not in each for each in amounts.equations):
        return None
    for kind, number in whole:
        letters = list(LETTERS[: len(amounts.names)])
        amounts.equations.append(f"{(' + ' if kind == 'S' else ' - ').join(letters)} = {number}")
    if len(amounts.equations) != len(amounts.names) or any(
        letter not in " ".join(amounts.equations) for letter in LETTERS[: len(amounts.names)]
    ):
        return None
    return amounts


def _with_subjects(said: str) -> str:
    """Chinese clauses with the subject that they leave out: 小红有12支，比小明多4支."""
    subject, clauses = "", []
    for clause in re.split(r"(?<=[,，。;；])", said):
        if subject and re.match(r"\s*(?:比|是)", clause):
            clause = f" {subject}{clause.strip()}"
        elif named := re.match(rf"\s*{ZH}{OF}(?:今年|现在|有|是|比|重|高|长)", clause):
            subject = named[1]
        clauses.append(clause)
    return "".join(clauses)


def _unread(rest: str) -> str:
    """Returns the words that no equation was made from, without numbers that only count the amounts."""
    return re.sub(r"[2两]个?(?:数|人|者)|\b2 (?:numbers|people|children|brothers|sisters|friends|kids)\b", " ", rest)


def _equation(shape: str, groups: list[str], amounts: Amounts) -> str:
    values = []
    for each in groups:
        if re.fullmatch(r"\d+(?:\.\d+)?", each):
            values.append(each)
        elif each in TIMES or each.endswith(" times"):
            values.append(TIMES.get(each) or each.removesuffix(" times"))
        else:
            values.append(amounts.letter(each))
    return shape.format(*values) if all(values) else ""


def _consecutive(said: str) -> Amounts | None:
    """ "The sum of three consecutive numbers is 72"."""
    said = re.sub(r"(?:这|which|these|the)\s?\d个?\s?(?:数|numbers)", "", said)
    found = CONSECUTIVE.search(said)
    if found is None or len(re.findall(r"\d+", said)) != 2:
        return None
    count, total = (each for each in (found[1], found[3], found[4], found[6]) if each)
    step = 2 if (found["kind"] or "").strip() or found["zh"] in ("奇数", "偶数") else 1
    if not 2 <= int(count) <= 9:
        return None
    whole = "zh" if found["zh"] else "en"
    if int(count) <= MOST:
        letters = LETTERS[: int(count)]
        equations = [f"{' + '.join(letters)} = {total}"]
        equations += [f"{letter} = x + {step * place}" for place, letter in enumerate(letters) if place]
        return Amounts([NTH[whole].format(place) for place in range(1, int(count) + 1)], equations)
    terms = ["x", *(f"(x + {step * place})" for place in range(1, int(count)))]
    return Amounts([SMALLEST[whole]], [f"{' + '.join(terms)} = {total}"])


NTH = {"en": "number {}", "zh": "第{}个数"}
PART = {"en": "part {}", "zh": "第{}份"}
SMALLEST = {"en": "the smallest of them", "zh": "其中最小的数"}


def _ratio(said: str) -> Amounts | None:
    """ "Divide 60 in the ratio 2 to 3"."""
    counted = re.sub(r"(?:between|among|给) ?\d (?:kids|people|children|friends|persons|个?人)|\d个?人", "", said)
    found = RATIO.search(counted)
    if found is None:
        return None
    total, *parts = (each for each in found.groups() if each)
    if len(re.findall(r"\d+(?:\.\d+)?", counted)) != len(parts) + 1:
        return None
    letters = LETTERS[: len(parts)]
    part = PART["en" if said.isascii() else "zh"]
    names = [part.format(place) for place in range(1, len(parts) + 1)]
    equations = [f"{' + '.join(letters)} = {total}"]
    equations += [
        f"{letters[0]} * {part} = {letter} * {parts[0]}" for letter, part in zip(letters[1:], parts[1:], strict=True)
    ]
    return Amounts(names, equations)
