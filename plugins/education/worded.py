"""Writes mathematics in words as signs: "the square root of nine" is "sqrt 9", 八乘以七 is "8*7"."""

from __future__ import annotations

import re
from functools import cache

from .notation import in_plain_signs

__all__ = ["in_figures", "in_signs"]

NUMBER = r"-?\d+(?:\.\d+)?%?"
PLAIN = rf"(?:{NUMBER}|[a-zA-Z])"
ALONE = r"(?!\w|\s*(?:[(^+*/÷-]|plus|minus|times|divided|over|squared|cubed|to the))"
"""nothing that belongs to the number before it"""
PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}
PARTS |= {"eighth": 8, "ninth": 9, "tenth": 10, "twentieth": 20, "hundredth": 100}
PART = "|".join(PARTS)

ENGLISH = (
    (r"\bper ?cent(?:age)?\b", "%"),
    (r"\bfactorial of (\d+)", r"\1!"),
    (r"\s*\bfactorial\b", "!"),
    (r"\b(?:the )?square root of\b|\bsquare root\b", " sqrt "),
    (r"\b(?:the )?cub(?:e|ic) root of\b", " cbrt "),
    (r"\bto the (?:power of|power)\b|\braised to(?: the power(?: of)?)?\b", "^"),
    (r"\bto the (\d+)(?:th|st|nd|rd)?(?: power)?\b", r"^\1"),
    (rf"\b(?:the )?square of ({PLAIN})(?![\w(^])", r"(\1)^2"),
    (rf"\b(?:the )?cube of ({PLAIN})(?![\w(^])", r"(\1)^3"),
    (r"\bsquared\b", "^2"),
    (r"\bcubed\b", "^3"),
    (rf"\b(?:the )?remainder of ({NUMBER}) (?:divided by|/|÷) ?({NUMBER})", r"\1 mod \2"),
    (rf"\b(?:the )?remainder (?:when|if) ({NUMBER}) is divided by ({NUMBER})", r"\1 mod \2"),
    (r"\bmod(?:ulo|ulus)?\b", " mod "),
    (rf"\b(?:the )?sum of ({PLAIN}) and ({PLAIN})(?![\w(^])", r"(\1+\2)"),
    (rf"\b(?:the )?product of ({PLAIN}) and ({PLAIN})(?![\w(^])", r"(\1*\2)"),
    (rf"\b(?:the )?difference (?:between|of) ({PLAIN}) and ({PLAIN})(?![\w(^])", r"(\1-\2)"),
    (rf"\b(?:the )?quotient of ({PLAIN}) and ({PLAIN})(?![\w(^])", r"(\1÷\2)"),
    (rf"\badd ({PLAIN}) (?:and|to) ({PLAIN}){ALONE}", r"\1+\2"),
    (rf"\bsubtract ({PLAIN}) from ({PLAIN}){ALONE}", r"\2-(\1)"),
    (rf"\bmultiply ({PLAIN}) (?:by|and|with) ({PLAIN}){ALONE}", r"\1*\2"),
    (rf"\bdivide ({PLAIN}) by ({PLAIN}){ALONE}", r"\1÷\2"),
    (r"\bdivided by\b", "÷"),
    (r"\bover\b", "/"),
    (r"\bmultiplied by\b|\btimes\b", "*"),
    (r"\bplus\b", "+"),
    (r"\bminus\b|\bnegative(?= ?\d)", "-"),
    (r"\b(?:double|twice)(?= ?[\d(a-z])", "2*"),
    (r"\b(?:triple|thrice)(?= ?[\d(a-z])", "3*"),
    (r"\b(?:is )?(?:greater|more|larger) than or equal to\b|\bis at least\b", ">="),
    (r"\b(?:is )?(?:less|smaller) than or equal to\b|\bis at most\b", "<="),
    (r"\bis (?:greater|more|larger) than\b", ">"),
    (r"\bis (?:less|smaller) than\b", "<"),
    (r"\b(?:equals|is equal to|equal to)\b", "="),
    (r"\blog(?:arithm)? (?:to )?(?:the )?base (\d+) of\b", r" log_\1 "),
    (r"\bdegrees?\b(?! (?:celsius|fahrenheit))", " deg "),
    (r"\binfinity\b", " oo "),
    (r"(?<![\w./])(\d+/\d+)\s*of\b(?=\s*[\d(])", r"(\1)*"),
    (r"(?<=[%)])\s*of\b(?=\s*[\d(])", "*"),
    (r"(?<=\d) +% +(?=\d)", " mod "),
    (r"(?<=[\d)])\s*[xX]\s*(?=\d)", "*"),
)
CHINESE = (
    (r"百分之(\d+(?:\.\d+)?)", r"(\1%)"),
    (r"(\d+)分之(\d+)", r"(\2/\1)"),
    (r"一半|1半", "(1/2)"),
    (r"(?<![\d.])1[个道条]", " "),
    (r"(\d+)除以(\d+)的?余数?(?:是多少)?", r"\1 mod \2"),
    (rf"({NUMBER})[和与加]({NUMBER})的和", r"(\1+\2)"),
    (rf"({NUMBER})[和与减]({NUMBER})的差", r"(\1-\2)"),
    (rf"({NUMBER})[和与乘]({NUMBER})的积", r"(\1*\2)"),
    (rf"({NUMBER})[和与除]({NUMBER})的商", r"(\1÷\2)"),
    (r"(\d+(?:\.\d+)?)的(?:算术)?平方根", r" sqrt \1 "),
    (r"(\d+(?:\.\d+)?)的立方根", r" cbrt \1 "),
    (r"根号", " sqrt "),
    (r"的?平方(?![厘分毫千]?米|公里)", "^2"),
    (r"的?立方(?![厘分毫千]?米|体)", "^3"),
    (r"的?(\d+|[a-z])次方", r"^\1"),
    (r"的?阶乘", "!"),
    (r"的(\d+(?:\.\d+)?)倍", r"*\1"),
    (r"除以", "÷"),
    (r"乘以|乘上|乘", "*"),
    (r"加上|加", "+"),
    (r"减去|减", "-"),
    (r"负(?=\d|[a-z])", "-"),
    (r"等于(?:多少|几|什么)", " "),
    (r"(?:大于等于|大于或等于|不小于)", ">="),
    (r"(?:小于等于|小于或等于|不大于)", "<="),
    (r"大于", ">"),
    (r"小于", "<"),
    (r"等于", "="),
    (r"无穷大?", " oo "),
    (r"(?<=\d)度", " deg "),
    (r"(?<=[\d)%])\s*的\s*(?=[\d(])", "*"),
)


def in_figures(text: str) -> str:
    """Number words, groups and fractions in plain figures; all other words stay."""
    return _fractions(_in_digits(in_plain_signs(text, [])))


def in_signs(text: str) -> str:
    """Rewrites number words and names of operations; what is not mathematics stays as it is."""
    text = _fractions(_in_digits(text))
    if not text.isascii():
        for pattern, sign in _compiled()[0]:
            text = pattern.sub(sign, text)
    for pattern, sign in _compiled()[1]:
        text = pattern.sub(sign, text)
    return text


@cache
def _compiled() -> tuple[list[tuple[re.Pattern[str], str]], ...]:
    """`CHINESE` and `ENGLISH`: more than `re` keeps."""
    chinese = [(re.compile(pattern), sign) for pattern, sign in CHINESE]
    return chinese, [(re.compile(pattern, re.IGNORECASE), sign) for pattern, sign in ENGLISH]


def _in_digits(text: str) -> str:
    """Number words as digits; letters keep their case, for a and A are two unknowns."""
    from assistant.understanding.entities.reading import read_in_digits

    read = read_in_digits(text)
    written = (text[start] for start in read.starts)
    return "".join(old if old.lower() == new else new for old, new in zip(written, read.text, strict=True))


def _fractions(text: str) -> str:
    """ "3 quarters of" is "(3/4)*", "2 and a half" is "(2+1/2)"."""
    text = re.sub(r"\b(\d+) and (?:a|an|1|one) (half|third|quarter)\b", _and_a_part, text)
    text = re.sub(rf"\b(\d+) (?:({PART})s?|(\d+)(?:th|rd|nd)s?)(?: (of)\b|(?=\W|$))", _parts, text)
    text = re.sub(r"\b(?:a|an|one|1) (\d+)(?:th|rd|nd) of\b", r"(1/\1)*", text)
    return re.sub(r"(?:\b(?:a|an|one) )?\b(half|third|quarter) of\b", lambda found: f"(1/{PARTS[found[1]]})*", text)


def _and_a_part(found: re.Match[str]) -> str:
    return f"({found[1]}+1/{PARTS[found[2]]})"


def _parts(found: re.Match[str]) -> str:
    return f"({found[1]}/{PARTS[found[2]] if found[2] else found[3]}){'*' if found[4] else ''}"
