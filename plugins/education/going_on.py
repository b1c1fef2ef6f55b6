"""Follow-up exercises: the last one with a number, a side, a sign or a letter changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant import Exchange

from .exercises import BETWEEN, RELATION, TASKS, Exercise, exercise_in, find_exercise, story_exercise
from .expressions import MathError, symbols_in
from .figures import find_figure, merged
from .notation import in_plain_signs
from .parsing import parse
from .stories import story_again
from .worded import in_signs

__all__ = ["in_plain", "last_exercise", "went_on"]

LONGEST = 90
"""characters that are read"""
TERM = r"[+-]? ?(?:\d+(?:\.\d+)?(?:/\d+)?%?)? ?\*? ?(?:[a-z](?:\^\(?\d\)?)?)?(?![a-z\d])"
SUM = r"(?:[-+\d.*/^() ]|(?<![a-z])[a-z](?![a-z]))+?"
INSTEAD = tuple(
    re.compile(pattern.replace("NEW", rf"(?P<new>{TERM})").replace("OLD", rf"(?P<old>{TERM})"), re.IGNORECASE)
    for pattern in (
        (
            r"(?<![\w.])NEW(?: [a-z ]{0,20}?)? ?(?:instead of|rather than|in place of|and not|not|而不是|不是) ?(?:the "
            r"|an? )?OLD"
        ),
        r"\b(?:replace|change|swap|turn|make) (?:the )?OLD (?:with|by|to|for|into|become|be|an?)(?: an?)? ?NEW",
        (
            r"\b(?:if|suppose|say|when|and|but|make)\b.*?(?<![\w.])(?:the )OLD (?:was|were|is|had been|becomes?"
            r"|would be|=)(?: an?)? ?NEW"
        ),
        r"不是 ?OLD[,，]? ?(?:而)?是 ?NEW",
        r"(?:把|将)?OLD ?(?:如果|要是|若)?(?:换成|改成|改为|变成|变为|换为|换作|改作) ?NEW",
    )
)
SIDE = re.compile(
    rf"\b(?P<side>right|left)(?:[- ]hand)?(?: side)?\b(?: (?:is|was|were|had been|be|to|with|would be|said|showed"
    rf"|instead)|[ ,]|=)*(?P<new>{SUM})(?: instead| now| then)*\W*$|(?P<zh>[右左])[边侧面端]?(?:的?数字?)?(?:如果"
    rf"|要是)?(?:换成|改成|改为|变成|变为|换为|是|为|=|换|改)* ?(?P<neu>{SUM})(?:的话|呢|怎么[算解办]|吗"
    rf"|会怎样)*\W*$",
    re.IGNORECASE,
)
LEAD = (
    r"(?:(?:and|so|ok|okay|but|then|now|what|how|about|if|it|its|that|was|were|is|be|would|the|result|answer|whole"
    r"|thing|at|in|for|when|with|say|suppose|instead|please|value|evaluate|find|point|where|also|what's|came|out|as"
    r"|to|then|again|of|a|an)\b[\s,]*|那么?|要是|如果|假如|若|再|的|在|当|处|时|值|呢|求|结果|它|是|多少|[,，\s])*"
)
TRAIL = (
    r"(?:\s*(?:instead|now|then|please|again"
    r"|呢|的话|时|处|的|值|多少|是|怎么[算解办]|会怎样|吗|instead of that))*[\s?？.。!]*"
)
EQUALS = re.compile(rf"^\W*{LEAD}=\s*(?P<new>{SUM}){TRAIL}$", re.IGNORECASE)
POINT = re.compile(rf"^\W*{LEAD}(?P<letter>[a-z])\s*=\s*(?P<value>-?[\d./]+){TRAIL}$", re.IGNORECASE)
LETTER = re.compile(
    rf"^\W*(?:(?:and|now|solve|it|for|find|what|about|is|then|ok)\b\s*|再|那|求|解|出)*(?P<letter>[a-z]){TRAIL}$"
)
LONE = re.compile(
    rf"^\W*(?:{LEAD}|换成|改成|改为|变成|把它|中间|常数项?|就|(?:constant|had"
    rf"|been)\b\s*)*(?P<term>[+-] ?\d*(?:\.\d+)? ?[a-z]?(?:\^?\(?[2-9]\)?)?){TRAIL}$",
    re.IGNORECASE,
)
SIGNS = (
    (">=", r">=|\b(?:at least|no less than|(?:greater|more|bigger|larger) than or equal(?: to)?)\b"),
    ("<=", r"<=|\b(?:at most|no more than|(?:less|smaller) than or equal(?: to)?)\b"),
    (">", r"(?<!-)>|\b(?:greater|more|bigger|larger) than\b"),
    ("<", r"<|\b(?:less|smaller) than\b"),
    ("=", r"(?<![<>])=|\bequals?\b|\bequal(?: to)?\b"),
)
AGAIN = re.compile(
    r"\b(?:again|second|2 ?(?:nd|th)|twice|once more|further|result|back|that)\b|再|二阶|结果|回去|一次", re.IGNORECASE
)

MEANT = re.compile(r"\b(?:it'?s|its|that'?s|is|was|meant?|sorry|actually)\b|是|说错|不对", re.IGNORECASE)
"""says what a number is, and asks for nothing"""
Edit = Callable[[str, Exercise, str], Exercise | None]


def last_exercise(before: Sequence[Exchange]) -> Exercise | None:
    """The exercise that the last answer worked out; None where it worked out none."""
    return exercise_in(before[-1].data) if before else None


def in_plain(text: str) -> str:
    """Words in the plain signs in which an exercise is read."""
    return in_signs(in_plain_signs(text, [])).strip()


def went_on(text: str, before: Sequence[Exchange]) -> Exercise | None:
    """Returns the last exercise as changed by a text: "and if the right side were 31?"; None if it changes nothing."""
    old = last_exercise(before)
    if old is None or len(text) > LONGEST:
        return None
    plain, result = in_plain(text), _result(before)
    if old.story is not None:
        told = story_again(text, old.story)
        return story_exercise(told) if told and told != old.story else None
    if _own(text):
        return _alike(text, old)
    for edit in (_figure, _number, _bounds, _side, _sign, _point, _task, _letter, _term):
        try:
            new = edit(plain, old, result)
        except MathError:
            new = None
        if new is not None and new != old:
            return new
    return None


def _own(text: str) -> bool:
    """Returns whether the text holds an exercise of its own."""
    try:
        found = find_exercise(text)
    except MathError:
        return False
    if found is None or found.figure is not None:
        return found is not None and found.figure is not None and found.figure.complete
    lettered = [each for each in found.expressions if re.search(r"[a-z]", each)]
    if any(RELATION.search(each) and not re.fullmatch(r" *[a-z] *[=<>]+ *[-\d./ ]+", each) for each in lettered):
        return True
    joined = [each for each in found.expressions if re.search(r"[\w)] *[-+*/^(] *[\w(]", each)]
    return bool(joined) and not re.search(r"\b(?:instead|side)\b|[右左]边", text)


LIKEWISE = re.compile(
    r"\W*(?:(?:and|now|then|what about|how about|of|for|with)\b\W*)+|\W*(?:那么?|再|换成)", re.IGNORECASE
)
ALIKE = ("differentiate", "integrate", "expand", "factor", "simplify", "limit")


def _alike(text: str, old: Exercise) -> Exercise | None:
    """The same asked of another expression: "and of sin(x) times x?"; None where words say themselves what to do."""
    if old.task not in ALIKE or not LIKEWISE.match(text) or any(re.search(words, text, re.I) for _, words in TASKS):
        return None
    found = find_exercise(text)
    if found is None or found.left_out or len(found.expressions) != 1 or RELATION.search(found.expressions[0]):
        return None
    return replace(old, expressions=found.expressions)


def _result(before: Sequence[Exchange]) -> str:
    """Returns the last result, without a name before it."""
    steps = before[-1].data.get("steps") or [""]
    plain = str(steps[-1]).replace("−", "-").replace("·", "*").replace(" + C", "").replace("π", "pi")
    return re.sub(r"^[fF]'?\(\w\) = ", "", plain)


def _letters(exercise: Exercise) -> set[str]:
    """The unknowns of an exercise."""
    sides = [parse(side) for each in exercise.expressions for side in RELATION.split(each) if side.strip()]
    return set().union(*map(symbols_in, sides))


def _figure(plain: str, old: Exercise, _: str) -> Exercise | None:
    if old.figure is None:
        return None
    new = find_figure(plain, old.figure.shape)
    if new is not None and not new.given and new.wanted and len(old.figure.given) == 1 and MEANT.search(plain):
        ((said, number),) = old.figure.given.items()  # "sorry, it's a diameter": the number stays
        swapped = replace(old.figure, given={new.wanted: number})
        return replace(old, figure=swapped) if said != new.wanted and swapped.complete else None
    if new is None:
        return None
    both = merged(new, old.figure) if new.shape == old.figure.shape else new
    return replace(old, figure=both) if both.complete and both != old.figure else None


def _number(plain: str, old: Exercise, _: str) -> Exercise | None:
    """A number or term in place of another: "with a 2 instead of the 4", 把3换成5."""
    for pattern in INSTEAD:
        for found in pattern.finditer(plain):
            was, now = found["old"].strip(), found["new"].strip()
            if re.search(r"\w", was) and re.search(r"\w", now) and (new := _replaced(old, was, now)):
                return new
    return None


def _replaced(old: Exercise, was: str, now: str) -> Exercise | None:
    parts = [re.escape(each) for each in re.findall(r"[+-]|[\d./]+|[a-z]|\^|%", was)]
    pattern = (
        rf"(?<![\w.]){r' ?[*]? ?'.join(parts)}(?![\w.^])"
        if re.search(r"[a-z]", was)
        else rf"(?<![\d.]){' ?'.join(parts)}(?![\d.])"
    )
    for at, each in enumerate(old.expressions):
        changed, count = re.subn(pattern, now, each, count=1)
        if count:
            return replace(old, expressions=(*old.expressions[:at], changed, *old.expressions[at + 1 :]))
    return None


def _bounds(plain: str, old: Exercise, _: str) -> Exercise | None:
    found = BETWEEN.search(plain) if old.task == "integrate" else None
    ends = [each for each in found.groups() if each] if found else []
    return replace(old, given={**old.given, "from": ends[0], "to": ends[1]}) if len(ends) == 2 else None


def _side(plain: str, old: Exercise, _: str) -> Exercise | None:
    """Another side of the one equation: "if the right side were 31", 如果右边是28呢, "what if it equals 30"."""
    if len(old.expressions) != 1 or len(signs := RELATION.findall(old.expressions[0])) != 1:
        return None
    left, right = RELATION.split(old.expressions[0])
    if found := SIDE.search(plain):
        new = (found["new"] or found["neu"]).strip()
        if (found["side"] or "").lower() == "left" or found["zh"] == "左":
            return replace(old, expressions=(f"{new} {signs[0]} {right.strip()}",))
        return replace(old, expressions=(f"{left.strip()} {signs[0]} {new}",))
    if found := EQUALS.match(plain):
        return replace(old, expressions=(f"{left.strip()} {signs[0]} {found['new'].strip()}",))
    return None


def _sign(plain: str, old: Exercise, _: str) -> Exercise | None:
    """Another sign of the one relation: "what about less than instead", 把大于等于换成小于呢."""
    if len(old.expressions) != 1 or len(RELATION.findall(old.expressions[0])) != 1 or re.search(r"\d", plain):
        return None
    rest, named = plain, list[tuple[int, str]]()
    for sign, words in SIGNS:
        for found in re.finditer(words, rest, re.IGNORECASE):
            named.append((found.start(), sign))
        rest = re.sub(words, lambda found: " " * len(found[0]), rest, flags=re.IGNORECASE)
    if not named:
        return None
    first = re.search(r"instead of|rather than|而不是", plain)
    sign = (min(named) if first else max(named))[1]
    return replace(old, expressions=(RELATION.sub(sign, old.expressions[0], count=1),))


def _point(plain: str, old: Exercise, result: str) -> Exercise | None:
    """The value at a point: "and at x = 2", 在x=2处的值呢."""
    found = POINT.match(plain)
    if found is None:
        return None
    letter, value = found["letter"], found["value"]
    if old.task in ("evaluate", "solve"):
        names = _letters(old)
        known = letter in old.given or (old.task == "solve" and len(names) > len(old.expressions) and letter in names)
        return replace(old, given={**old.given, letter: value}) if known else None
    of = result if old.task in ("differentiate", "integrate", "expand", "factor", "simplify") else ""
    return Exercise("evaluate", (of,), "", {letter: value}) if of and letter in of else None


def _task(plain: str, old: Exercise, result: str) -> Exercise | None:
    """Something else done with what came out, or with the same expression: "expand it again", 再求导."""
    task = next((name for name, words in TASKS if re.search(words, plain, re.IGNORECASE)), None)
    counted = re.sub(r"\b\d ?(?:st|nd|rd|th)\b|\d[阶次]", "", plain)
    if task is None or old.figure is not None or re.search(r"\d", counted) or len(old.expressions) != 1:
        return None
    rewrites = ("expand", "factor", "simplify")
    if task in rewrites and old.task in rewrites:
        return Exercise(task, (result,), old.unknown)
    if task in ("differentiate", "integrate") and not RELATION.search(old.expressions[0]):
        of = result if AGAIN.search(plain) and old.task in (task, *rewrites) else old.expressions[0]
        return Exercise(task, (of,), old.unknown)
    if task in rewrites and old.task in ("differentiate", "integrate"):
        return Exercise(task, (result,), old.unknown)
    return None


def _letter(plain: str, old: Exercise, _: str) -> Exercise | None:
    """Another letter: "and for y?" of a formula."""
    found = LETTER.match(plain)
    names = _letters(old)
    if found is None or len(old.expressions) != 1 or len(names) < 2 or found["letter"] not in names:
        return None
    return replace(old, unknown=found["letter"])


def _term(plain: str, old: Exercise, _: str) -> Exercise | None:
    """One term replaced by another of its power: "what if it was +5x", 那要是+5x呢."""
    found = LONE.match(plain)
    if found is None or old.task not in ("solve", "differentiate", "integrate", "factor") or len(old.expressions) != 1:
        return None
    new = re.sub(r"\s|[()]", "", found["term"])
    if not re.search(r"\w", new):
        return None
    power = re.search(r"[a-z](?:\^?(\d))?$", new)
    whole = re.sub(r"[\s*·]", "", old.expressions[0]).replace("^(2)", "^2")
    left, equals, right = whole.partition("=")
    left = left if left[:1] in "+-" else f"+{left}"
    if power is None:
        pattern = r"[+-]\d+(?:\.\d+)?(?![\w^.(])"
    else:
        name = re.search(r"[a-z]", new)
        pattern = rf"[+-]\d*(?:\.\d+)?{name[0] if name else 'x'}" + (rf"\^{power[1]}" if power[1] else r"(?!\^)")
    changed, count = re.subn(pattern, new, left, count=1)
    return replace(old, expressions=(f"{changed.removeprefix('+')}{equals}{right}",)) if count else None
