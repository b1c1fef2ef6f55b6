"""Everyday things and what they are kinds of: from the names of ImageNet's classes to "a dog", "an animal"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from .wording import Language

__all__ = ["Seen", "Thing", "Things"]

SURE, SURE_BROAD = 0.7, 0.85
"""probability from which a thing is said to be there, and something broad such as an animal: on everyday photos the sum
over many unlike classes is the less to be trusted"""
LIKELY = 0.25
"""probability from which it is named with "perhaps" """
MOST = 0.7
"""share of a broad thing's probability from which a narrower one stands for it"""
FINE = 0.5
"""share of a thing's probability from which its one class is named too"""


@dataclass(frozen=True)
class Thing:
    """A thing by its everyday name."""

    english: str
    """with its article: "a dog" """
    chinese: str
    broader: str
    """English name of what it is a kind of; "" for nothing"""
    classes: frozenset[str] = frozenset()
    """of the picture encoder"""
    broad: bool = False
    """whether other things are kinds of it"""

    def named(self, language: Language) -> str:
        """Its name in a sentence."""
        return self.chinese if language == "zh" else self.english


@dataclass(frozen=True)
class Seen:
    """A thing in a picture."""

    thing: Thing
    probability: float
    """0 to 1"""
    fine: str = ""
    """the one class of it that stands out; "" for none"""
    alike: tuple[Thing, ...] = field(default=())
    """for something broad: what it is most likely, best first"""

    @property
    def sure(self) -> bool:
        """Whether it can be said without "perhaps"."""
        return self.probability >= (SURE_BROAD if self.thing.broad else SURE)


class Things:
    """All things of a file; see ``things.txt``.

    Args:
        file: one thing a line, parted by tabs.
        classes: of the picture encoder, in its order.
    """

    def __init__(self, file: Path, classes: Sequence[str]) -> None:
        self._file, self._classes = file, tuple(classes)

    @cached_property
    def all(self) -> tuple[Thing, ...]:
        """Every thing, with the classes of all that is a kind of it."""
        rows = [line.split("\t") for line in self._file.read_text("utf-8").splitlines() if line and line[0] != "#"]
        own = {row[0]: self._own_classes(row) for row in rows}
        broader = {row[0]: row[2] if len(row) > 2 else "" for row in rows}
        whole = {name: set(classes) for name, classes in own.items()}
        for name, classes in own.items():
            above = broader[name]
            while above:
                whole[above] |= classes
                above = broader[above]
        broad = set(broader.values())
        return tuple(
            Thing(name, row[1], broader[name], frozenset(whole[name]), name in broad)
            for row in rows
            for name in row[:1]
        )

    @cached_property
    def by_name(self) -> Mapping[str, Thing]:
        """Things by their English names."""
        return {thing.english: thing for thing in self.all}

    def _own_classes(self, row: Sequence[str]) -> set[str]:
        if len(row) < 4:
            bare = row[0].partition(" ")[2] if row[0].split(" ")[0] in ("a", "an", "the") else row[0]
            return {bare} & set(self._classes)
        found: set[str] = set()
        for part in row[3].split("; "):
            first, _, last = part.partition("..")
            begin = self._classes.index(first)
            found.update(self._classes[begin : self._classes.index(last or first) + 1])
        return found

    def is_kind_of(self, thing: Thing, broad: Thing) -> bool:
        """Returns whether a thing equals the other or is a kind of it."""
        while thing.english != broad.english:
            if not thing.broader:
                return False
            thing = self.by_name[thing.broader]
        return True

    def probability(self, thing: Thing, classes: Mapping[str, float]) -> float:
        """Returns the probability of a thing, from the probabilities of classes."""
        return sum(classes.get(name, 0.0) for name in thing.classes)

    def recognise(self, classes: Mapping[str, float], most: int = 3) -> list[Seen]:
        """Returns the things that a picture shows, surest first: the narrowest names that are sure, or else likely.

        Args:
            classes: name → probability, 0 to 1.
            most: most things.
        """
        left = dict(classes)
        found: list[Seen] = []
        while len(found) < most:
            seen = [self.seen(thing, left) for thing in self.all]
            sure = [each for each in seen if each.sure]
            likely = [each for each in seen if each.probability >= LIKELY]
            if sure:
                best = max(sure, key=lambda each: (self._depth(each.thing), -len(each.thing.classes)))
            elif likely:
                best = self._narrowed(max(likely, key=lambda each: each.probability), left)
            else:
                break
            found.append(best)
            left = {name: share for name, share in left.items() if name not in best.thing.classes}
        return [replace(each, alike=self._alike(each, classes)) for each in found]

    def _depth(self, thing: Thing) -> int:
        return 1 + self._depth(self.by_name[thing.broader]) if thing.broader else 0

    def seen(self, thing: Thing, classes: Mapping[str, float]) -> Seen:
        """Returns how surely a picture shows one thing, and its most prominent class."""
        probability = self.probability(thing, classes)
        name = max(thing.classes, key=lambda each: classes.get(each, 0.0))
        share = classes.get(name, 0.0)
        return Seen(thing, probability, name if share >= FINE * probability else "")

    def _narrowed(self, seen: Seen, classes: Mapping[str, float]) -> Seen:
        """Replaces a likely thing by the narrowest name with most of its probability: a cat rather than an animal."""
        kinds = [self.seen(each, classes) for each in self.all if each.broader == seen.thing.english]
        best = max(kinds, key=lambda each: each.probability, default=None)
        if best is None or best.probability < max(LIKELY, MOST * seen.probability):
            return seen
        return self._narrowed(best, classes)

    def _alike(self, seen: Seen, classes: Mapping[str, float]) -> tuple[Thing, ...]:
        kinds = [each for each in self.all if each.broader == seen.thing.english]
        ranked = sorted(kinds, key=lambda each: -self.probability(each, classes))[:2]
        return tuple(each for each in ranked if self.probability(each, classes) >= 0.1 * seen.probability)
