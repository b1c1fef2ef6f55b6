"""Units by the names that people give them; `pint` knows the rest, and is loaded when one is needed."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pint import Quantity, UnitRegistry

__all__ = ["convert", "counterpart_of", "density_of", "note_on", "unit_meant", "unit_named", "written_unit"]

CUP_ML = 236.588
LONG_ENOUGH = 5
"""letters of a name that may be misspelt"""
ALIKE = 0.8
"""how alike a misspelt name must be, from 0 to 1"""
NO_UNITS = frozenset(
    (  # noqa: SIM905
        "round rounds found count counts house pounding points point seconds other great"
        " greater water later meeting letter letters better sound bound yours hours ours"
    ).split()
)
"""words that are like a unit's name"""
SHAPE = re.compile(r"[a-z][a-z ./*^-]{0,38}|[\"'°℃℉]+[cf]?|[a-z]{1,4}[23²³]|[\u4e00-\u9fff/]{1,7}")
DEGREES = re.compile(r"^(?:degrees?|deg) |(?:^| )degrees?$")
STATED = re.compile(r"^(?:metric|us|american) (?=litres?|liters?|kilo|grams?|met)|^(?:个|公制|美制)(?=.)")
EVERYDAY = (
    *("[length]", "[mass]", "[length] ** 3", "[length] ** 2", "[time]", "[temperature]"),
    *("[length] / [time]", "[mass] * [length] ** 2 / [time] ** 2"),
    *("[mass] * [length] ** 2 / [time] ** 3", "[mass] / [length] / [time] ** 2", "[]"),
)
"""kinds of quantities that people convert"""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "units.toml").read_text("utf-8"))


@cache
def _names() -> dict[str, str]:
    return {name: unit for unit, names in _words()["names"].items() for name in names}


@cache
def _registry() -> UnitRegistry[Any]:
    import pint

    registry: UnitRegistry[Any] = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    for name, value in _words()["defined"].items():
        registry.define(f"{name} = {value}")
    return registry


@cache
def unit_named(name: str) -> str:
    """The unit of a name, for `convert`; "" where it is none."""
    plain = STATED.sub("", " ".join(name.lower().split()).strip(" ."))
    for form in (plain, plain.removesuffix("s"), plain.replace("metres", "metre").replace("litres", "litre")):
        if known := _names().get(form) or _names().get(DEGREES.sub("", form)):
            return known
    if not SHAPE.fullmatch(plain) or re.search(r"[\u4e00-\u9fff]", plain):
        return ""
    written = re.sub(r"\b(?:square|sq) ([a-z]+)", r"\1**2", DEGREES.sub("", plain))
    written = re.sub(r"\b(?:cubic|cu) ([a-z]+)", r"\1**3", written)
    written = re.sub(r"\b([a-z]+) squared\b", r"\1**2", written)
    written = re.sub(r"\s*(?:\bper\b|\ban?\b(?= hour| minute| second))\s*", "/", written)
    return _known(written.strip().replace(" ", "_"))


@cache
def _common() -> dict[str, str]:
    """Names that people say, with their units: those of the file, and the regular ones of what these are kept under."""
    found = {name: unit for name, unit in _names().items() if len(name) > 1 or not name.isascii()}
    for unit in _words()["names"]:
        plain = unit.replace("**2", "").replace("_", " ")
        if plain.isascii() and "/" not in plain and "**" not in unit and not unit.startswith("deg"):
            found |= {plain: unit, f"{plain}s": unit, f"{plain}es": unit}
    for name, unit in list(found.items()):
        if name.isascii() and len(name) > 1 and " " not in name:
            found[f"{name}s"] = unit
    found |= {"feet": "foot", "inches": "inch", "mile": "mile", "miles": "mile"}
    return found | {
        f"{each} {side}": f"{unit}**2"
        for each in ("square", "sq")
        for side, unit in {
            "feet": "foot",
            "foot": "foot",
            "metres": "meter",
            "meters": "meter",
            "metre": "meter",
            "miles": "mile",
            "yards": "yard",
            "inches": "inch",
        }.items()
    }


@cache
def unit_meant(name: str) -> str:
    """The unit of a name that may be misspelt: "fahrenhiet"; "" where none is near."""
    import difflib

    plain = name.lower().strip(" .")
    if known := _common().get(plain):
        return known
    if len(plain) < LONG_ENOUGH or not plain.isalpha() or not plain.isascii() or plain in NO_UNITS:
        return ""
    near = difflib.get_close_matches(
        plain, [each for each in _common() if len(each) >= LONG_ENOUGH and each.isascii()], 1, ALIKE
    )
    return _common()[near[0]] if near else ""


def counterpart_of(unit: str) -> str:
    """Returns the default target unit of a conversion; "" for none."""
    return str(_words()["counterparts"].get(unit, ""))


def written_unit(unit: str, chinese: bool) -> str:
    """A unit's name as it is said in a language."""
    if chinese:
        return next((name for name in _words()["names"].get(unit, ()) if not name.isascii()), unit)
    return {
        "degC": "celsius",
        "degF": "fahrenheit",
        "mile/hour": "mph",
        "kilometer/hour": "km/h",
        "meter**2": "square metres",
        "foot**2": "square feet",
        "kilogram": "kg",
        "centimeter": "cm",
        "kilometer": "km",
        "meter": "metres",
        "liter": "litres",
        "milliliter": "ml",
        "foot": "feet",
        "inch": "inches",
        "fluid_ounce": "fl oz",
        "hectare": "hectares",
    }.get(unit, f"{unit}s")


def _known(written: str) -> str:
    """A unit's name as pint knows it; "" where it does not, or where only a chance of prefixes makes it one."""
    registry = _registry()
    try:
        unit = registry.parse_units(written)
    except Exception:  # pint raises many kinds of errors for what it cannot read
        return ""
    kind = str(unit.dimensionality)
    return written if kind in EVERYDAY and unit.dimensionality != registry.dimensionless.dimensionality else ""


def convert(amounts: list[tuple[float, str]], target: str, density: float = 0.0) -> float | None:
    """An amount in another unit; None where they measure different things.

    Args:
        amounts: numbers and units from `unit_named`, which are added: 6 foot and 2 inch.
        target: from `unit_named`.
        density: grams per millilitre, to go between masses and volumes; 0 for none.
    """
    import pint

    registry = _registry()
    first, *rest = [registry.Quantity(number, unit) for number, unit in amounts]
    try:
        total: Quantity[Any] = sum(rest, first) if rest else first
        if density and not total.is_compatible_with(target):
            per = registry.Quantity(density, "gram/milliliter")
            total = total / per if total.is_compatible_with("gram") else total * per
        return float(total.to(target).magnitude)
    except pint.DimensionalityError:
        return None


def note_on(*units: str) -> tuple[str, str] | None:
    """Returns a note about a unit that differs between countries, in English and Chinese."""
    forms = (form for unit in units for form in (unit, unit.removesuffix("s")))
    found = next((_words()["notes"][form] for form in forms if form in _words()["notes"]), None)
    return (found[0], found[1]) if found else None


@cache
def density_of(thing: str) -> float:
    """Grams per millilitre of what is in a kitchen; 0 where it is not known."""
    plain = re.sub(
        r"^(?:the|some|plain|all-purpose|white|caster|granulated|fresh|whole|cooking"
        r"|uncooked) ",
        "",
        thing,
    )
    for names, (grams, chinese) in _words()["kitchen"].items():
        if plain in names.split("|") or (plain and plain in chinese.split("|")):
            return float(grams) / CUP_ML
    return 0.0
