"""Finds known identifiers in a text, in spoken form and as speech recognisers write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.understanding.entities.finding import find_entities
from assistant.understanding.entities.reading import read_in_digits

__all__ = ["identifier_readings", "identifier_spans", "named_identifiers"]

_TOKEN = re.compile(r"(?P<digits>\d+)|(?P<letters>[a-z]+)", re.ASCII)
_GLUE = re.compile(r"(?! - )[ \t#_.-]{0,3}")
_AMOUNT = re.compile(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?|\d+[.,]\d+")
_ZEROS = frozenset({"oh", "o", "nought", "nil"})
_TIMES = {"double": 2, "triple": 3}
_DASHES = frozenset({"dash", "hyphen", "minus"})
_VALUES = frozenset(
    {
        "money",
        "money_range",
        "percentage",
        "duration",
        "time",
        "datetime",
        "date",
        "date_range",
        "address",
        "recurrence",
    }
)
SHORTEST = 3
"""digits from which a number alone may be an identifier"""
UNKNOWN = 4
"""digits from which a number alone that is no known identifier is worth reading back"""


_Digits = tuple[str, re.Match[str]]


LONGEST = 40
"""tokens of one stretch"""


@dataclass(frozen=True)
class _Stretch:
    """Tokens that stand together: letters in front, then groups of digits."""

    letters: str
    digits: tuple[str, ...]
    start: int
    end: int
    glued: bool
    """whether the letters touch the digits, or a hyphen holds them together"""


def identifier_readings(text: str, known: Collection[str], language: str = "en") -> list[str]:
    """Returns the known identifiers that a text names, and the unknown ones that look like them.

    "A ten oh seven", "10-07", "order 1 0 0 7" and "A１００７" all name A1007. A number alone names every known
    identifier with just these digits; a part of a longer number names none.

    Args:
        known: the identifiers of any shape, such as "A1007", "RMA-204" and "2024-0815".
        language: ISO 639-1; its number words are read beside English and Chinese ones.

    Returns:
        Known identifiers, spelled as in `known`, those named letter by letter first; then the others as they stand in
        the text without spaces, in capitals, so that they can be read back.
    """
    exact: list[str] = []
    partly: list[str] = []
    unknown: list[str] = []
    for names, by_letters, stretch in _stretches_read(text, known, language):
        (exact if by_letters else partly).extend(names)
        if not names:
            unknown.append(stretch)
    return list(dict.fromkeys([*exact, *partly, *unknown]))


def named_identifiers(text: str, known: Collection[str], language: str = "en") -> list[tuple[str, int, int]]:
    """Known identifiers that a text names, each with its start and end in the text, in order of their place."""
    reading = read_in_digits(text, language)
    found = [
        (name, *reading.span(stretch.start, stretch.end))
        for stretch in _stretches(reading.text, known)
        for name in _matches(stretch, known)[0]
    ]
    return sorted(found, key=lambda each: each[1])


def identifier_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every stretch that an identifier may be spelled with: "A ten oh two", "1 0 0 2", "A1002"."""
    reading = read_in_digits(text)
    return [
        reading.span(each.start, each.end)
        for each in _stretches(reading.text, ())
        if sum(map(len, each.digits)) >= SHORTEST and (each.letters or len(each.digits) > 1)
    ]


def _stretches_read(text: str, known: Collection[str], language: str) -> Iterator[tuple[list[str], bool, str]]:
    reading = read_in_digits(text, language)
    values = bytearray(len(text))
    for each in find_entities(text, language):
        if each.kind in _VALUES:
            values[each.start : each.end] = b"\x01" * (each.end - each.start)
    for stretch in _stretches(reading.text, known):
        names, by_letters = _matches(stretch, known)
        start, end = reading.span(stretch.start, stretch.end)
        amount = _AMOUNT.match(text, start) if not names else None
        if (all(values[start:end]) and not by_letters) or (amount and amount.end() >= end):
            continue
        joined = "".join(stretch.digits)
        if names:
            yield names, by_letters, ""
        elif len(joined) >= UNKNOWN or (len(joined) >= SHORTEST and stretch.glued and stretch.letters):
            yield [], False, (stretch.letters + joined).upper() if stretch.glued else joined


def _prefixes(known: Collection[str]) -> frozenset[str]:
    return frozenset(re.sub(r"[^a-z]", "", name.lower()) for name in known) - {""}


def _stretches(text: str, known: Collection[str]) -> Iterator[_Stretch]:
    """Cuts a text into stretches of letters and digits that may be identifiers."""
    prefixes = _prefixes(known)
    group: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        if len(group) >= LONGEST or (group and not _goes_on(group, token, text, prefixes)):
            yield from _read_group(group, text, prefixes, known)
            group = []
        if group or token["digits"] or _opens(token.group(), prefixes):
            group.append(token)
    yield from _read_group(group, text, prefixes, known)


def _opens(word: str, prefixes: frozenset[str]) -> bool:
    return len(word) == 1 or word in prefixes or word in _TIMES or word in _ZEROS or word.rstrip("0") in prefixes


def _goes_on(group: list[re.Match[str]], token: re.Match[str], text: str, prefixes: frozenset[str]) -> bool:
    between, word = text[group[-1].end() : token.start()], token.group()
    if not _GLUE.fullmatch(between) or (". " in between and len(between) > 1):
        return False
    if token["digits"]:
        return True
    if word in _ZEROS or word in _TIMES or word in _DASHES:
        return any(each["digits"] for each in group) or word in _TIMES
    begun = any(each["digits"] for each in group)
    return not begun and (len(word) == 1 or word in prefixes)


def _read_group(
    group: list[re.Match[str]], text: str, prefixes: frozenset[str], known: Collection[str]
) -> Iterator[_Stretch]:
    letters: list[re.Match[str]] = []
    digits: list[_Digits] = []
    times = 1
    for token in group:
        word = token.group()
        if word in _TIMES:
            times = _TIMES[word]
        elif token["digits"] or (word in _ZEROS and (digits or times > 1)):
            digits += [(word if token["digits"] else "0", token)] * times
            times = 1
        elif not digits and word not in _DASHES:
            letters.append(token)
    if not digits:
        return
    yield from _cut(letters, digits, text, prefixes, known)


def _cut(
    letters: list[re.Match[str]], digits: list[_Digits], text: str, prefixes: frozenset[str], known: Collection[str]
) -> Iterator[_Stretch]:
    """One stretch, or several where whole numbers stand side by side: "1001 1008"."""
    spoken = "".join(token.group() for token in letters[-8:])
    prefix = max((p for p in prefixes if spoken.endswith(p)), key=len, default=spoken[-1:])
    runs = _runs(prefix, letters, digits, text, known)
    for at, run in enumerate(runs):
        first, last = run[0][1], run[-1][1]
        own = prefix if at == 0 else ""
        start = letters[-1].start() if own and letters else first.start()
        between = text[letters[-1].end() : first.start()] if own and letters else " "
        glued = bool(own) and (between == "" or between.strip() == "-")
        yield _Stretch(own, tuple(digit for digit, _ in run), start, last.end(), glued)


def _runs(
    prefix: str, letters: list[re.Match[str]], digits: list[_Digits], text: str, known: Collection[str]
) -> list[list[_Digits]]:
    """Groups of digits that belong together: all of them, or each by itself where each is an identifier."""
    spaced = [set(text[one.end() : two.start()]) == {" "} for (_, one), (_, two) in pairwise(digits)]
    shapes = {_shape(name)[1] for name in known}
    whole = "".join(digit for digit, _ in digits)
    if whole in shapes or not any(spaced):
        return [digits]
    first, start = digits[0]
    if prefix and letters[-1].end() == start.start() and len(first) >= SHORTEST and spaced[0]:
        return [digits[:1], *_runs("", [], digits[1:], text, known)]  # "A1002 2 lamps"
    if all(spaced) and all(digit in shapes and len(digit) >= SHORTEST for digit, _ in digits):
        return [[each] for each in digits]
    return [digits]


def _matches(stretch: _Stretch, known: Collection[str]) -> tuple[list[str], bool]:
    """The known identifiers of a stretch, and whether its letters name them too."""
    joined = "".join(stretch.digits)
    spelled = [name for name in known if _shape(name) == (stretch.letters, joined)]
    if spelled:
        return spelled, bool(stretch.letters) or not any(char.isalpha() for char in spelled[0])
    if stretch.glued and stretch.letters:
        return [], False
    return ([name for name in known if _shape(name)[1] == joined], False) if len(joined) >= SHORTEST else ([], False)


def _shape(name: str) -> tuple[str, str]:
    """The letters and the digits of an identifier."""
    return re.sub(r"[^a-z]", "", name.lower()), re.sub(r"\D", "", name)
