"""Finding the mathematics in a sentence: what is asked, and the expressions it is asked of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .parsing import FUNCTIONS

__all__ = ["Exercise", "find_exercise"]

Task = Literal["calculate", "solve", "differentiate"]

LONGEST = 2000
"""characters of text that are searched"""


@dataclass(frozen=True)
class Exercise:
    """An exercise as text, ready for `parsing.parse`."""

    task: Task
    expressions: tuple[str, ...]
    """for "solve" each holds one "=" """
    unknown: str = ""


DERIVATIVE = re.compile(r"deriv|differentiat|d\s?/\s?d[a-z]\b|[fy]'|slope of the tangent|求导|导数|微分", re.IGNORECASE)
WITH_RESPECT = re.compile(r"(?:with respect to|for|solve for|find|d\s?/\s?d|关于|对)\s*([a-z])\b", re.IGNORECASE)

WORDS = (
    (r"(\d+(?:\.\d+)?) ?(?:%|percent|per cent) of", r"(\1/100)*"),
    (r"(\d+(?:\.\d+)?)的(\d+(?:\.\d+)?)%", r"\1*(\2/100)"),
    (r"百分之(\d+(?:\.\d+)?)", r"(\1/100)"),
    (r"\b(\d+) and (?:a|one) half\b", r"(\1+1/2)"),
    (r"\b(?:a|one) half of\b|\bhalf of\b", "(1/2)*"),
    (r"\b(?:a|one) (?:third) of\b", "(1/3)*"),
    (r"\b(?:a|one) quarter of\b", "(1/4)*"),
    (r"(\d)/(\d+) of\b", r"(\1/\2)*"),
    (r"\b(?:the )?square root of\b|根号", " sqrt "),
    (r"\bto the (?:power of|power)\b|\braised to\b|的?(?=\d次方)", "^"),
    (r"次方", ""),
    (r"\bsquared\b|的?平方", "^2"),
    (r"\bcubed\b|的?立方", "^3"),
    (r"\bdivided by\b|\bover\b|除以", "/"),
    (r"\b(?:multiplied by|times)\b|乘以?", "*"),
    (r"\bplus\b|加上?", "+"),
    (r"\bminus\b|减去?", "-"),
    (r"\b(?:equals|is equal to)\b|等于", "="),
    (r"(?<=\d)\s*[x×*]\s*(?=\d)", "*"),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"(?<=\d),(?=\d)", "."),
    (r"\bd\s?/\s?d[a-z]\b|[fyghp]\s?\(\s?[a-z]\s?\)\s*=|\by\s*=(?=[^=]*$)", " ; "),
)

PIECE = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>[^\W\d_²³½¼¾]+)|(?P<sign>\*\*|[-+*/^!%()|=×·÷−–²³π√½¼¾])|(?P<other>.))",
    re.DOTALL,
)
OPERATOR = re.compile(r"[-+*/^!=×·÷−–²³√%]|sqrt|sin|cos|tan|ln|log|exp")


def find_exercise(text: str) -> Exercise | None:
    """The exercise in a sentence; None when it holds no mathematics to work out."""
    derivative = bool(DERIVATIVE.search(text[:LONGEST]))
    asked = WITH_RESPECT.search(text[:LONGEST])
    unknown = asked[1].lower() if asked else ""
    # "Find the derivative of y = x²" is about the right side alone.
    text = f" {text[:LONGEST]} ".lower()
    for pattern, plain in WORDS[: None if derivative else -1]:
        text = re.sub(pattern, plain, text)
    runs = _runs(text)
    if derivative:
        runs = [run.rpartition("=")[2].strip() for run in runs]
        wanted = [run for run in runs if re.search(r"[a-z]", run)] or runs
        return Exercise("differentiate", (max(wanted, key=len),), unknown) if wanted else None
    equations = [run for run in runs if run.count("=") == 1 and all(side.strip() for side in run.split("="))]
    if equations:
        return Exercise("solve", tuple(equations[:4]), unknown)
    # "What are the roots of x² − 5x + 6?" leaves the "= 0" out, and "12 × 7 = ?" the other side.
    sums = [run.strip("= ") for run in runs if OPERATOR.search(run.strip("= ")) and re.search(r"[\da-zπ]", run)]
    if not sums:
        return None
    longest = max(sums, key=len)
    if re.search(r"(?<![a-z])[a-df-z](?![a-z])", longest) and re.search(r"\d", longest):
        return Exercise("solve", (f"{longest} = 0",), unknown)
    return Exercise("calculate", (longest,), unknown)


def _runs(text: str) -> list[str]:
    """The longest stretches of a text that are made of mathematics alone."""
    runs: list[str] = []
    run = ""
    for piece in PIECE.finditer(text):
        if "\n" in piece[0] and run:
            runs.append(run)
            run = ""
        if piece["number"] or piece["sign"] or (piece["word"] and _mathematical(piece["word"], text, piece.end(), run)):
            run += f" {piece[0].strip()}" if re.match(r"\s", piece[0]) else piece[0].strip()
        else:
            runs.append(run)
            run = ""
    runs.append(run)
    trimmed = (re.sub(r"^[\s)*/^%!|²³]+|[\s(*/^+√−-]+$", "", each) for each in runs)
    return [each for each in trimmed if re.search(r"[\da-zπ]", each) and (OPERATOR.search(each) or len(each) == 1)]


def _mathematical(word: str, text: str, end: int, run: str) -> bool:
    """Whether a word is part of an expression: a function, an unknown, or letters written together as a product."""
    if word in FUNCTIONS or word == "pi":
        return True
    if len(word) > 2 or not word.isascii():
        return False
    before, after = run.rstrip()[-1:], text[end:].lstrip()[:1]
    beside = before in tuple("+-*/^=(−×·÷0123456789.") or after in tuple("+-*/^=)−×·÷²³")
    if len(word) == 2:
        return word in ("xy", "yx", "ab") and beside
    # "a" and "i" are words unless an operator stands beside them; "is", "to" are never products.
    leads = after != "" and after in ("+*/^=−×·÷²³" if word in "ai" else "+-*/^=−×·÷²³")
    return (beside and before != "") or leads
