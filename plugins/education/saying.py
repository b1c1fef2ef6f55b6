"""Mathematics, files and minutes as they are said aloud."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePath

from .wording import Language

__all__ = ["in_chinese", "said_file", "said_mathematics", "said_time"]

MATHEMATICS = (
    (r"\b([fgh])'\((\w)\)", r"\1 prime of \2"),
    (r"\b([fgh])\((\w)\)", r"\1 of \2"),
    (r"\^2(?![\d.])", " squared "),
    (r"\^3(?![\d.])", " cubed "),
    (r"\^\(?([-−]?[\w/.]+)\)?", r" to the power of \1 "),
    (r"(?:√|sqrt)\s*\(?([\w.]+)\)?", r" the square root of \1 "),
    (r"≈", " is about "),
    (r"≠", " is not "),
    (r"=", " equals "),
    (r"[·×*]", " times "),
    (r"(?<=[\w)])\s*/\s*(?=[\w(])", " over "),
    (r"(?<=[\w)])\s*[−–]\s*|(?<=[\w)])\s+-\s+", " minus "),
    (r"(?<![\w)])[−–-](?=[\d\w(])", " minus "),
    (r"\+", " plus "),
    (r"✓", ", that is right"),
    (r"✗", ", that is wrong"),
    (r"[()]", " "),
)


CHINESE = (
    (r" or ", " 或 "),
    (r"; ", "；"),
    (r" remainder ", " 余 "),
    (r"true for every (\w)(?: except (.+))?", lambda f: f"对任意 {f[1]} 都成立" + (f"（除了 {f[2]}）" if f[2] else "")),
    (r"not allowed: (.+?)(?: \(division by zero\))?$", r"不允许：\1（除数为零）"),
    (r"no real solution", "没有实数解"),
    (r"no solution", "无解"),
    (r"infinitely many solutions", "有无穷多个解"),
    (r"\(complex: (.+)\)$", r"（复数解：\1）"),
    (r"\(n: any whole number\)", "（n 为任意整数）"),
    (r"\(product rule\)", "（乘法法则）"),
    (r"\(power rule\)", "（幂法则）"),
    (r"\(chain rule\)", "（链式法则）"),
    (r"\(known derivative\)", "（基本导数）"),
    (r"\(a constant\)", "（常数）"),
    (r"it divides by zero", "除数为零"),
    (r"its answer is too long to be shown", "答案太长，无法显示"),
    (r"it takes too long", "需要的时间太长"),
    (r"it is longer than ([\d,]+) characters", r"超过了\1个字符"),
    (r"it has more than (\d+) (?:parts|expressions)", r"超过了\1个部分"),
    (r"it is nested more than (\d+) deep", r"括号超过了\1层"),
    (r"the exponent is larger than (\d+)", r"指数大于\1"),
    (r"the number would be too large", "数字太大"),
    (r"a factorial needs a whole number(?: from 0 to (\d+))?", r"阶乘只能用0到300的整数"),
    (r"zero has no such power", "零没有这样的幂"),
    (r"a negative number has no real square root", "负数没有实数平方根"),
    (
        r"it has no real value(?: \(as a complex number: (.+)\))?",
        lambda f: "没有实数值" + (f"（复数：{f[1]}）" if f[1] else ""),
    ),
    (r"it has no (?:value|limit)", "没有值"),
    (r"it has no unknown", "没有未知数"),
    (r"it has several unknowns \((.+?)\).*", r"有多个未知数（\1），请说明求哪一个"),
    (r"I don't know the value of (.+)", r"不知道\1的值"),
    (
        r"I read (.+), but not what to do with (.+?)[;；] ?I can't do that yet",
        r"我读到了\1，但不知道该拿\2怎么办，我还不会",
    ),
    (r"I can't read “(.+)”", r"看不懂“\1”"),
    (r"I don't expect “(.*)” there", r"“\1”的位置不对"),
    (r"it is (?:empty|of a kind I can't (?:work out|solve) yet)|.*I can't solve yet", "这一类我还不会"),
    (r"it ends too early|a bracket is not closed", "式子不完整"),
)
"""what the steps and refusals say, in Chinese"""


def in_chinese(text: str) -> str:
    """A step of a solution, or the reason of a refusal, in Chinese."""
    for pattern, words in CHINESE:
        text = _compiled(pattern).sub(words, text)
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)  # `re` keeps fewer than there are


def said_mathematics(text: str, language: Language) -> str:
    """A line of mathematics in words; in Chinese as it is, for the signs are read there."""
    if language == "zh":
        return text
    for pattern, words in MATHEMATICS:
        text = _compiled(pattern).sub(words, text)
    return re.sub(r"\s+(?=,)", "", " ".join(text.split()))


def said_file(name: str) -> str:
    """A file's name without its ending, its dashes as spaces: "lecture-gradient-descent.ogg"."""
    return " ".join(re.split(r"[-_\s]+", PurePath(name).stem)).strip() or name


def said_time(seconds: float, language: Language) -> str:
    """A place in a recording: "1 minute 14"."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    if language == "zh":
        return (f"{minutes}分" if minutes else "") + (f"{rest}秒" if rest or not minutes else "")
    parts = [
        f"{count} {name}{'' if count == 1 else 's'}" for count, name in ((minutes, "minute"), (rest, "second")) if count
    ]
    return " ".join(parts) or "the beginning"
