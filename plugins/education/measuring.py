"""Lengths, areas and volumes of simple figures with named measures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .expressions import MathError
from .parsing import parse
from .symbolic import about, shown, to_sympy

__all__ = ["FIGURES", "Figure", "find_figure", "measure"]

NUMBER = r"-?\d+(?:\.\d+)?(?:/\d+)?|\(\d+\+\d+/\d+\)"


@dataclass(frozen=True)
class Figure:
    """Something that can be measured."""

    words: str
    """pattern of its name"""
    measures: Mapping[str, str]
    """letter of the formula → pattern of the measure's name"""
    formula: str
    """as it is shown"""
    result: str
    """in the notation of `parsing.parse`"""

    def read(self, text: str) -> tuple[dict[str, str], str]:
        """The measures that a text gives, and the text without them and the figure's name."""
        values: dict[str, str] = {}
        for letter, name in self.measures.items():
            given = rf"(?<![a-zA-Z])(?:{name}|{letter})\s*(?:of|is|=|:|为|是)?\s*({NUMBER})(?:\s*deg)?"
            if found := re.search(given, text, re.IGNORECASE):
                values[letter] = found[1]
                text = text.replace(found[0], " ; ", 1)
        return values, re.sub(self.words, " ; ", text, flags=re.IGNORECASE)


R = {"r": r"radius|半径"}
AREA, ROUND, VOLUME = r"\barea\b|面积", r"\bcircumference\b|\bperimeter\b|周长", r"\bvolume\b|体积"
RIGHT = r"\bpythagoras\b|\bpythagorean theorem\b|\bhypotenuse\b|\bright(?:-angled)? triangle\b|勾股定理|斜边|直角三角形"
LEGS = {"a": "(?:leg|side) a|直角边", "b": "(?:leg|side) b", "c": "hypotenuse|斜边"}


def _words(kind: str, shape: str) -> str:
    return f"{kind}|{shape}"


FIGURES = {
    "pythagoras": Figure(RIGHT, LEGS, "a² + b² = c²", ""),
    "circle area": Figure(_words(AREA, r"\bcircle\b|圆"), R, "A = π·r²", "pi*r^2"),
    "circumference": Figure(_words(ROUND, r"\bcircle\b|圆"), R, "C = 2·π·r", "2*pi*r"),
    "rectangle area": Figure(
        _words(AREA, r"\brectangle\b|长方形|矩形"), {"a": "length|长", "b": "width|height|宽"}, "A = a·b", "a*b"
    ),
    "rectangle perimeter": Figure(
        _words(ROUND, r"\brectangle\b|长方形|矩形"),
        {"a": "length|长", "b": "width|height|宽"},
        "P = 2·(a + b)",
        "2*(a+b)",
    ),
    "square area": Figure(_words(AREA, r"\bsquare\b|正方形"), {"a": "side(?: length)?|边长"}, "A = a²", "a^2"),
    "square perimeter": Figure(_words(ROUND, r"\bsquare\b|正方形"), {"a": "side(?: length)?|边长"}, "P = 4·a", "4*a"),
    "triangle area": Figure(
        _words(AREA, r"\btriangle\b|三角形"), {"b": "base|底边?", "h": "height|高"}, "A = b·h/2", "b*h/2"
    ),
    "cube volume": Figure(
        _words(VOLUME, r"\bcube\b|正方体"), {"a": "side(?: length)?|edge|棱长|边长"}, "V = a³", "a^3"
    ),
    "sphere volume": Figure(_words(VOLUME, r"\bsphere\b|球体?"), R, "V = 4/3·π·r³", "4/3*pi*r^3"),
    "cylinder volume": Figure(
        _words(VOLUME, r"\bcylinder\b|圆柱体?"), R | {"h": "height|高"}, "V = π·r²·h", "pi*r^2*h"
    ),
}


def find_figure(text: str) -> str:
    """The figure that a text names together with what of it is wanted; "" for none."""
    if re.search(r"\bpythagor|\bhypotenuse\b|勾股|斜边", text, re.IGNORECASE):
        return "pythagoras"
    for name, figure in FIGURES.items():
        halves = re.split(r"(?<=面积|周长|体积)\|", figure.words, maxsplit=1)
        if name != "pythagoras" and all(re.search(half, text, re.IGNORECASE) for half in halves):
            return name
    return ""


def measure(name: str, given: Mapping[str, str]) -> list[str]:
    """The steps of measuring a figure; the last line is the result.

    Raises:
        MathError: a measure is missing or cannot be.
    """
    figure = FIGURES[name]
    values = {letter: to_sympy(parse(text)) for letter, text in given.items()}
    if any(not value.is_positive for value in values.values()):
        raise MathError("a measure must be larger than zero")
    if name == "pythagoras":
        return _pythagoras(values)
    missing = [letter for letter in figure.measures if letter not in values]
    if missing:
        raise MathError(f"I don't know {', '.join(missing)} in {figure.formula}")
    result = to_sympy(parse(figure.result)).subs({_letter(letter): value for letter, value in values.items()})
    return [figure.formula, _told(values), f"{shown(result)}{about(result)}"]


def _pythagoras(values: Mapping[str, Any]) -> list[str]:
    import sympy

    wanted = [letter for letter in "abc" if letter not in values]
    if len(wanted) != 1:
        raise MathError("a² + b² = c² needs two of a, b and c")
    if wanted == ["c"]:
        square, how = values["a"] ** 2 + values["b"] ** 2, "c = √(a² + b²)"
    else:
        other = values["b" if wanted == ["a"] else "a"]
        square, how = values["c"] ** 2 - other**2, f"{wanted[0]} = √(c² − {'b' if wanted == ['a'] else 'a'}²)"
    if square <= 0:
        raise MathError("c, the longest side, must be longer than the others")
    result = sympy.sqrt(square)
    return ["a² + b² = c²", _told(values), how, f"{wanted[0]} = {shown(result)}{about(result)}"]


def _told(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{letter} = {shown(value)}" for letter, value in values.items())


def _letter(name: str) -> Any:
    from .symbolic import symbol

    return symbol(name)
