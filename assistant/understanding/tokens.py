"""Words of a turn with their places, in one spelling: small letters, straight quotes, restored apostrophes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Word", "is_han", "with_apostrophes", "with_commas", "words_of"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = f"\u0e00-\u0e7f\u3040-\u30ff\uff66-\uff9f{_HAN}"
_WORD = re.compile(
    rf"[{_UNSPACED}]|\d+(?:[.,:/-]\d+)+(?![^\W\d_])|(?:[^\W_{_UNSPACED}]|[\u0300-\u036f])+(?:['’`´-][^\W_{_UNSPACED}]+)*"
)
_IS_HAN = re.compile(f"[{_HAN}]")
_NOT = re.compile(r"(do|does|did|is|are|was|were|has|have|had|would|could|should|must|need|ca|wo|ai|sha)nt")
_RESTORED = {
    "im": "i'm", "ive": "i've", "youre": "you're", "theyre": "they're", "thats": "that's", "whats": "what's",
    "wheres": "where's", "hows": "how's", "whos": "who's", "theres": "there's", "hes": "he's", "shes": "she's",
    "dunno": "don't-know", "wanna": "want-to", "gonna": "going-to", "gotta": "have-to", "gimme": "give-me",
    "lemme": "let-me", "u": "you", "ur": "your", "pls": "please", "plz": "please", "thx": "thanks", "r": "are",
    "cannot": "can't", "ok": "okay", "k": "okay", "yea": "yeah", "yep": "yeah", "yup": "yeah", "nah": "no",
    "nope": "no", "ty": "thanks", "tmrw": "tomorrow", "tmr": "tomorrow", "wat": "what", "abt": "about", "bc": "because",
}  # fmt: skip
"""spoken and hurried spellings → the usual one"""


@dataclass(frozen=True)
class Word:
    """A word, a number, or one character of a script without spaces."""

    text: str
    """in its usual spelling; digits are 0, identifiers such as A1002 are #"""
    start: int
    end: int
    after: str
    """the punctuation between this word and the next, without spaces; line breaks count as punctuation"""


def is_han(word: str) -> bool:
    """Returns whether a word is a Chinese character."""
    return bool(_IS_HAN.match(word))


def words_of(text: str) -> list[Word]:
    """The words of a text, in order. Any string will do, also one with NUL or lone surrogates."""
    return list(_remembered(text) if len(text) <= REMEMBERED else _words_of(text))


REMEMBERED = 1_000
"""characters of a text that is cut into words once, however often a turn asks"""


def _words_of(text: str) -> tuple[Word, ...]:
    matches = list(_WORD.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)][: len(matches)]
    return tuple(
        Word(_usual(match[0]), match.start(), match.end(), _mark(text[match.end() : end]))
        for match, end in zip(matches, ends, strict=True)
    )


_remembered = lru_cache(64)(_words_of)


_CONTRACTION = re.compile(
    rf"\b(?:{_NOT.pattern}|{'|'.join(word for word, usual in _RESTORED.items() if chr(39) in usual)})\b", re.IGNORECASE
)


def with_apostrophes(text: str) -> str:
    """Returns English words with the apostrophes that hurried typing leaves out: "havent", "whats"."""
    return _CONTRACTION.sub(_contracted, text)


def with_commas(text: str) -> str:
    """Returns Chinese words with commas for the spaces that hurried typing puts in their place: 转人工 别绕了.

    A text whose every character stands apart stays as it is.
    """
    pieces = text.split()
    return text if pieces and max(map(len, pieces)) < _PHRASE else _SPACED.sub("，", text)


_PHRASE = 3
"""characters of the longest piece below which the spaces of a Chinese text part words, not phrases"""
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


def _contracted(match: re.Match[str]) -> str:
    word = match.group()
    usual = _usual(word.lower())
    place = usual.find("'")
    return f"{word[:place]}'{word[place:]}" if 0 < place <= len(word) and "-" not in usual else word


def _mark(between: str) -> str:
    marks = between.translate(_STRAIGHT)
    return ("\n" if "\n" in marks else "") + "".join(marks.split())[:4]


_STRAIGHT = str.maketrans("，。？！；：、’‘“”（）…—–\0", ",.?!;:,''\"\"().-- ")


@lru_cache(maxsize=20_000)
def _usual(word: str) -> str:
    word = word.lower().translate(_STRAIGHT).replace("`", "'").replace("´", "'")
    if word.isascii() and (match := _NOT.fullmatch(word)):
        return f"{match[1]}n't"
    if any(char.isdigit() for char in word):
        return "#" if any(char.isalpha() for char in word) else "0"
    return _RESTORED.get(word, word)
