"""The figures of school geometry: their names, their measures, and the formulas between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["DIMENSIONS", "SHAPES", "Shape"]


@dataclass(frozen=True)
class Shape:
    """A kind of figure."""

    words: str
    """pattern of its name"""
    letters: Mapping[str, str]
    """letter of the formulas → pattern of the measure's name; two letters share the numbers of one list"""
    formulas: Sequence[str]
    """each 0, in the notation of `parsing.parse`, and as it is shown, divided by a colon"""
    bare: str = ""
    """letters of numbers that are given without a name: "a rectangle 9 by 12" """


AREA, VOLUME = r"\barea\b|面积", r"\bvolume\b|体积|容积"
ROUND = r"\bcircumference\b|\bperimeter\b|\b(?:far|distance|way|once|walk|fence) a?round\b|周长|一圈"
SURFACE = r"\bsurface(?: area)?\b|表面积"
DIAGONAL = r"\bdiagonals?\b|对角线"
RADIUS, DIAMETER = r"\bradius\b|半径", r"\bdiameter\b|直径"
HEIGHT = r"\b(?:height|high|tall|altitude)\b|高"
LENGTH, WIDTH = (
    r"\b(?:length|long|longer side)\b|(?<![边周棱])长(?!方)",
    r"\b(?:width|wide|breadth|height|high|shorter side)\b|宽",
)
SIDES = r"\b(?:sides?|edges?)(?: length)?s?\b|边长?|棱长?"
FLAT = {"A": AREA, "P": ROUND}
SHAPES = {
    "cylinder": Shape(
        r"\bcylind\w+|圆柱",
        {"r": RADIUS, "d": DIAMETER, "h": HEIGHT, "V": VOLUME},
        ("V-pi*r^2*h:V = π·r²·h", "d-2*r:d = 2·r"),
    ),
    "cone": Shape(
        r"\bcone\b|圆锥",
        {"r": RADIUS, "d": DIAMETER, "h": HEIGHT, "V": VOLUME},
        ("V-pi*r^2*h/3:V = π·r²·h/3", "d-2*r:d = 2·r"),
    ),
    "sphere": Shape(
        r"\bsphere\b|\bball\b|球",
        {"r": RADIUS, "d": DIAMETER, "V": VOLUME, "S": SURFACE},
        ("V-4/3*pi*r^3:V = 4/3·π·r³", "S-4*pi*r^2:S = 4·π·r²", "d-2*r:d = 2·r"),
    ),
    "circle": Shape(
        r"\bcirc(?:le|ular)\b|圆",
        {"r": RADIUS, "d": DIAMETER, "A": AREA, "C": ROUND},
        ("A-pi*r^2:A = π·r²", "C-2*pi*r:C = 2·π·r", "d-2*r:d = 2·r"),
    ),
    "cuboid": Shape(
        r"\bcuboid\b|\brectangular (?:box|prism)\b|长方体",
        {"a": LENGTH, "b": r"\b(?:width|wide|breadth)\b|宽", "c": HEIGHT, "V": VOLUME, "S": SURFACE},
        ("V-a*b*c:V = a·b·c", "S-2*(a*b+b*c+a*c):S = 2·(a·b + b·c + a·c)"),
        "abc",
    ),
    "cube": Shape(
        r"\bcube\b(?! of)|正方体|立方体",
        {"a": SIDES, "V": VOLUME, "S": SURFACE},
        ("V-a^3:V = a³", "S-6*a^2:S = 6·a²"),
        "a",
    ),
    "trapezium": Shape(
        r"\btrapez(?:oid|ium)\b|梯形",
        {
            "a": r"\b(?:upper|top|shorter|parallel) (?:bases?|sides?)\b|上底",
            "b": r"\b(?:lower|bottom|longer)(?: base| side)?\b|下底",
        }
        | {"h": HEIGHT, "A": AREA},
        ("A-(a+b)*h/2:A = (a + b)·h/2",),
    ),
    "parallelogram": Shape(
        r"\bparallelogram\b|平行四边形",
        {"b": r"\bbase\b|底边?", "h": HEIGHT, "A": AREA},
        ("A-b*h:A = b·h",),
    ),
    "right triangle": Shape(
        r"\bpythagor\w*|\bpythagorean theorem\b|\bhypotenuse\b|\bright(?:-| )?angled? triangle\b|\bright triangle\b"
        r"|\btriangle\b.*\bright angle\b|勾股(?:定理)?|斜边|直角三角形",
        {"a,b": r"\b(?:legs?|catheti|short(?:er)? sides|other sides?|other leg|sides|base)\b|直角边|边", "b": HEIGHT}
        | {
            "c": r"\b(?:hypotenuse|longest side)\b|斜边",
            "α,β": r"\b(?:acute )?angles?\b|锐角|(?<![直三])角(?![边形])",
            **FLAT,
        },
        ("a^2+b^2-c^2:a² + b² = c²", "A-a*b/2:A = a·b/2", "P-a-b-c:P = a + b + c", "α+β-90:α + β = 90°"),
    ),
    "triangle": Shape(
        r"\btriang(?:le|ular)\b|三角形",
        {"b": r"\bbase\b|底边?", "h": HEIGHT, "a,b,c": SIDES, "α,β,γ": r"\bangles?\b|(?<!三)角(?!形)", **FLAT},
        ("A-b*h/2:A = b·h/2", "P-a-b-c:P = a + b + c", "α+β+γ-180:α + β + γ = 180°"),
    ),
    "square": Shape(
        r"\bsquare\b(?! (?:root|of|met|cent|cm|m\b|feet|inch|km))|正方形",
        {"a": SIDES, "d": DIAGONAL, **FLAT},
        ("A-a^2:A = a²", "P-4*a:P = 4·a", "d^2-2*a^2:d² = 2·a²"),
        "a",
    ),
    "quadrilateral": Shape(
        r"\bquadrilateral\b|\bfour-sided\b|四边形",
        {"α,β,γ,δ": r"\bangles?\b|角", "P": ROUND, "a,b,c,f": SIDES},
        ("α+β+γ+δ-360:α + β + γ + δ = 360°", "P-a-b-c-f:P = a + b + c + f"),
    ),
    "rectangle": Shape(
        r"\brectang(?:le|ular)\b|长方形|矩形|\b(?:garden|room|field|floor|lawn|pitch|yard)\b|花园|菜地|房间|操场|花坛|草坪",
        {"a": LENGTH, "b": WIDTH, "a,b": SIDES, "d": DIAGONAL, **FLAT},
        ("A-a*b:A = a·b", "P-2*(a+b):P = 2·(a + b)", "a^2+b^2-d^2:a² + b² = d²"),
        "ab",
    ),
}
DIMENSIONS = {**dict.fromkeys("AS", 2), "V": 3}
