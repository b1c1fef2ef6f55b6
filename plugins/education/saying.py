"""Mathematics, files and minutes as they are said aloud."""

from __future__ import annotations

import re
from pathlib import PurePath

from .wording import Language

__all__ = ["said_file", "said_mathematics", "said_time"]

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


def said_mathematics(text: str, language: Language) -> str:
    """A line of mathematics in words; in Chinese as it is, for the signs are read there."""
    if language == "zh":
        return text
    for pattern, words in MATHEMATICS:
        text = re.sub(pattern, words, text)
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
