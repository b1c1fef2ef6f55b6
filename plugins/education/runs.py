"""Cuts a text into the stretches that are mathematics alone, and the words between them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .parsing import WORDS

__all__ = ["Runs", "find_runs"]


@dataclass(frozen=True)
class Runs:
    """The mathematics in a text."""

    expressions: tuple[str, ...]
    """what can be worked out or solved, in order"""
    numbers: list[str]
    """numbers that stand alone"""
    unknown: str
    """a letter that stands alone: "for x"; "" for none"""
    left_out: tuple[str, ...]
    """words that are no part of an exercise's usual wording"""
    listed: bool = True
    """whether nothing but "and" and commas stands between the expressions"""


PIECE = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)|(?P<base>log_\d+)|(?P<word>[a-zA-Z]+|[^\W\d_a-zA-Z]+)"
    r"|(?P<sign>\*\*|<=|>=|[-+*/^!%()|=<>÷])|(?P<other>.))",
    re.DOTALL,
)
JOINS = tuple("+-*/^=<>(÷|")
"""signs that want something behind them"""
WORDING = tomllib.loads((Path(__file__).parent / "exercise_words.toml").read_text("utf-8"))
USUAL = frozenset(WORDING["usual"])
USUAL_CHINESE = re.compile("|".join(WORDING["usual_chinese"]))
UNITS = frozenset(WORDING["behind_numbers"])
LISTS = frozenset(("and", "also", "then", "or", "please", "thanks", "和", "与", "还有"))
"""words that join separate expressions"""
TAIL = re.compile(r"[\s=]+$")


def find_runs(text: str, task: str | None) -> Runs:
    """Finds the mathematics in a text of plain signs.

    Args:
        text: from `worded.in_signs`.
        task: what is asked; None when no word says it.
    """
    pieces = [_piece(found) for found in PIECE.finditer(text) if found[0].strip()]
    runs: list[str] = [""]
    left_out: list[str] = []
    between: list[str] = []
    for at, (kind, token, spaced) in enumerate(pieces):
        if kind in ("number", "sign", "base") or (kind == "word" and _belongs(pieces, at)):
            if kind == "sign" and token == "!" and _exclaims(pieces, at):
                runs.append("")
                continue
            runs[-1] += f" {token}" if spaced else token
            continue
        runs.append("")
        if kind == "word":
            between += [token] if any(run.strip() for run in runs) else []
            left_out += _unusual(token)
    whole = [TAIL.sub("", run).strip() for run in runs]
    whole = [run for run in whole if re.search(r"\w", run)]
    letters = [run for run in whole if re.fullmatch(r"[a-zA-Z]", run)]
    numbers = [
        run for run in whole if re.fullmatch(r"[-+\d. ()]+", run) and not re.search(r"[-+] *\d.*[-+]|\d *[-+]", run)
    ]
    expressions = [run for run in whole if run not in letters and run not in numbers]
    if not expressions and task in ("differentiate", "integrate", "factor") and len(letters) == 1:
        return Runs(tuple(letters), numbers, "", tuple(left_out))
    if not expressions and len(whole) == 1 and whole[0].startswith("("):
        return Runs((whole[0],), [], "", tuple(left_out))  # "½" is "(1/2)"
    listed = len(expressions) < 2 or all(word in LISTS for word in between)
    return Runs(tuple(expressions), numbers, letters[-1] if letters else "", tuple(left_out), listed)


Piece = tuple[str, str, bool]
"""kind, token, and whether a space stands before it"""


def _piece(found: re.Match[str]) -> Piece:
    kind = str(found.lastgroup)
    return kind, found[kind], found[0] != found[kind]


def _exclaims(pieces: Sequence[Piece], at: int) -> bool:
    """Returns whether "!" is punctuation, not a factorial: it follows a word or a sign."""
    before = pieces[at - 1] if at else ("", "", False)
    return not (before[0] in ("number", "word") or before[1] in (")", "!")) or pieces[at][2]


def _belongs(pieces: Sequence[Piece], at: int) -> bool:
    """Returns whether a word is part of an expression: a function, an unknown, or letters written as a product."""
    word = pieces[at][1]
    if word in WORDS:
        return True
    if not word.isascii() or word.lower() in UNITS:
        return bool(re.fullmatch("[α-ωΑ-Ω]", word))
    before = pieces[at - 1] if at else ("", "", False)
    after = pieces[at + 1] if at + 1 < len(pieces) else ("", "", False)
    wanted = before[1] in JOINS or (before[0] == "number" and not pieces[at][2])
    joined = after[1] in ("^", "=", "<", ">", "<=", ">=", "+", "*", "/", "÷", ")") or (after[1] == "(" and not after[2])
    if after[1] == "-":
        joined = len(pieces) > at + 2 and (after[2] == pieces[at + 2][2])
    if len(word) == 1:
        beside = after[0] == "word" and len(after[1]) == 1
        article = word in "aAiI" and not wanted and not joined and not beside
        return not article or before[1] in ("for", "find", "to")
    if len(word) > 3 or _plain(word):
        return False
    if word.lower() in USUAL:
        return wanted and word == "at"
    return wanted or joined


def _plain(word: str) -> bool:
    """Returns whether a word is a name such as "Tom", not a product of unknowns."""
    return len(word) > 2 and word[0].isupper() and word[1:].islower()


def _unusual(word: str) -> list[str]:
    """The parts of a word that no exercise is usually worded with."""
    if word.isascii():
        return [] if word.lower() in USUAL else [word]
    return [part for part in USUAL_CHINESE.sub(" ", word).split() if part]
