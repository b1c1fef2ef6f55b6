"""Puts what was seen into sentences, and says no more than that."""

from __future__ import annotations

from collections.abc import Sequence

from .colours import COLOURS, main_colours
from .looking import BRIGHT, DARK, View, things
from .things import Seen, Thing
from .wording import Language, say

__all__ = ["describe", "listed", "named_colours", "style", "thing_line"]

GUESS = 0.08
"""probability from which the nearest guess is worth naming"""
KIND = 0.6
"""probability from which a kind of picture is named"""


def describe(view: View, places: Sequence[str], words: str, language: Language) -> str:
    """A short description: kind of picture and light, things, colours, writing.

    Args:
        view: what was seen.
        places: of the things seen, in their order.
        words: that stand on it; "" for none.
    """
    parts = [style(view, language)]
    if not view.blank:
        parts += _things(view, places, language)
        parts.append(_colours(view, language) if not view.grey else "")
        parts.append(say("words", language, text=words) if words else "")
    return joined(parts, language)


def joined(parts: Sequence[str], language: Language) -> str:
    """Sentences as one text."""
    return ("" if language == "zh" else " ").join(part for part in parts if part)


def style(view: View, language: Language) -> str:
    """Photo, drawing or black-and-white picture, its size, and its light."""
    if view.blank:
        return say("blank", language, colour=named_colours(list(view.colours)[:1], language)) + _stop(language)
    kind = "grey" if view.grey else "drawing" if view.drawn else "photo" if view.photographed else "picture"
    light = "dark" if view.brightness < DARK else "bright" if view.brightness > BRIGHT else "normal"
    width, height = view.picture.image.size
    lit = say(f"light_{light}", language)
    return say("size", language, kind=say(kind, language), width=width, height=height, light=lit)


def _stop(language: Language) -> str:
    return "。" if language == "zh" else "."


def _things(view: View, places: Sequence[str], language: Language) -> list[str]:
    if not view.classes:
        return [say("no_eyes", language)]
    sure = [(seen, place) for seen, place in zip(view.seen, places, strict=True) if seen.sure]
    rest = [seen for seen in view.seen if not seen.sure]
    lines = [thing_line(seen, place, language) for seen, place in sure]
    if rest and not view.drawn:
        named = listed([_with_share(seen.thing, seen.probability, language) for seen in rest], language)
        lines.append(say("perhaps_also" if sure else "perhaps", language, things=named))
    if not lines:
        best = max(things().all, key=lambda thing: (things().probability(thing, view.classes), -len(thing.classes)))
        probability = things().probability(best, view.classes)
        guess = say("unsure", language, thing=best.named(language), share=_percent(probability))
        lines = [guess if probability >= GUESS and not view.drawn else say("unknown", language)]
    return lines


def thing_line(seen: Seen, place: str, language: Language) -> str:
    """A sentence about a thing that is surely there."""
    thing, share = seen.thing.named(language), _percent(seen.probability)
    at = say(f"place_{place}", language) if place else ""
    if seen.fine and len(seen.thing.classes) > 1:
        return say("shows_fine", language, thing=thing, fine=fine_name(seen.fine, language), share=share, place=at)
    if seen.alike:
        kinds = listed([each.named(language) for each in seen.alike], language, "or")
        return say("shows_broad", language, thing=thing, share=share, place=at, kinds=kinds)
    return say("shows", language, thing=thing, share=share, place=at)


def fine_name(name: str, language: Language) -> str:
    """A class of the picture encoder with its article; Chinese where this plugin knows it."""
    if language == "zh":
        alone = next((thing for thing in things().all if thing.classes == {name}), None)
        return alone.chinese if alone else name
    if name.endswith("s") and not name.endswith("ss"):
        return name
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _with_share(thing: Thing, probability: float, language: Language) -> str:
    return say("with_share", language, thing=thing.named(language), share=_percent(probability))


def _colours(view: View, language: Language) -> str:
    names = main_colours(view.colours, 3)
    if not names:
        return say("colours_none", language)
    key = "colours_one" if len(names) == 1 else "colours"
    return say(key, language, colours=named_colours(names, language))


def named_colours(names: Sequence[str], language: Language) -> str:
    """Colours in a sentence."""
    return listed([COLOURS[name] if language == "zh" else name for name in names], language)


def listed(names: Sequence[str], language: Language, joint: str = "and") -> str:
    """Names in a sentence: "a, b and c"."""
    if language == "zh":
        return (
            "、".join(names[:-1]) + ("或" if joint == "or" else "和") + names[-1] if len(names) > 1 else "".join(names)
        )
    return f"{', '.join(names[:-1])} {joint} {names[-1]}" if len(names) > 1 else "".join(names)


def _percent(share: float) -> int:
    return min(99, round(100 * share))
