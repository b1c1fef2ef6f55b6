"""Makes examples for a tool from its name, description and arguments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from .arguments import Argument
from .tools import Tool

__all__ = ["examples_of", "request_of", "shared_words", "words_of"]

MOST = 24
LEAST_SHARED = 2
"""tools of a server whose names begin alike"""
OTHER_VERBS: dict[str, tuple[str, ...]] = {
    "add": ("put in",),
    "create": ("make", "add"),
    "delete": ("remove",),
    "fetch": ("get", "open"),
    "find": ("search for", "look for"),
    "get": ("show me", "what is"),
    "list": ("show me", "what are"),
    "pause": ("stop",),
    "play": ("put on",),
    "post": ("send", "write"),
    "read": ("open",),
    "remove": ("delete",),
    "search": ("find", "look up"),
    "send": ("write",),
    "set": ("change", "make"),
    "start": ("begin", "run"),
    "turn": ("switch",),
    "update": ("change",),
    "write": ("make",),
}
"""what people say for the verbs with which most tools are named"""
_THIRD_PERSON = re.compile(r"^([A-Za-z]+(?:sh|ch|x|ss|zz|o)(?=es\b)|[A-Za-z]+[^\Ws](?=s\b))e?s\b")


def words_of(name: str) -> list[str]:
    """The words of a tool's name: ``getWeather``, ``get_weather`` and ``get-weather`` are "get weather"."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", parted) if word]


def shared_words(names: Sequence[str]) -> frozenset[str]:
    """First words that several tools of a server share, such as the server's own name: people may leave them out."""
    first = Counter(words[0] for words in map(words_of, names) if len(words) > 1)
    return frozenset(word for word, count in first.items() if count >= LEAST_SHARED)


def examples_of(
    tool: Tool, arguments: Sequence[Argument], own: Sequence[str] = (), shared: Collection[str] = ()
) -> list[str]:
    """A handful of sentences, those of the user's own first.

    Args:
        tool: what they ask for.
        arguments: those it takes; a slot stands in braces.
        own: sentences that the user wrote; those with unknown slots are left out.
        shared: see `shared_words`.
    """
    slots, required = {each.slot for each in arguments}, any(each.required for each in arguments)
    kept = [each for each in own if set(re.findall(r"\{([^{}]*)\}", each)) <= slots]
    words = words_of(tool.name) or [tool.name]
    short = words[1:] if words[0] in shared and len(words) > 2 else []  # "add" of "git add" would take too much
    phrases = [" ".join(short), " ".join(words), _told(tool), re.sub(r"[{}]", "", tool.title.lower())]
    if len(words) == 2 and not short:
        phrases += [f"{words[0]} {article} {words[1]}" for article in ("a", "the")]
    phrases = list(dict.fromkeys(phrase for phrase in phrases if phrase))
    phrases += [other for phrase in phrases[:3] for other in _other_verbs(phrase)]
    plain = [phrase for phrase in phrases if not required]
    made = plain + [each for phrase in phrases for each in _with_slots(phrase, arguments)]
    return list(dict.fromkeys([*kept, *made]))[: max(MOST, len(kept))]


def _other_verbs(phrase: str) -> list[str]:
    verb, _, rest = phrase.partition(" ")
    return [f"{other} {rest}" for other in OTHER_VERBS.get(verb, ()) if rest]


def _told(tool: Tool) -> str:
    """A short description's first sentence, in small letters; "" for a long one."""
    words = request_of(tool)
    return words[0].lower() + words[1:] if words and len(words.split()) <= 12 else ""


def request_of(tool: Tool) -> str:
    """The description's first sentence as a request: "Gets the weather of a city" is "Get the weather of a city"."""
    words = re.sub(r"[{}]", "", re.sub(r"\([^)]*\)|(?<=[a-z])/\w+", "", tool.summary)).strip()
    return _THIRD_PERSON.sub(r"\1", words)


def _with_slots(phrase: str, arguments: Sequence[Argument]) -> list[str]:
    """A phrase with the values people say: in the place of the words that name them, else behind it."""
    required = [argument for argument in arguments if argument.required]
    said = required or [argument for argument in arguments if argument.kind is str and not argument.choices][:2]
    if not said:
        return []
    filled, left = phrase, list[str]()
    for argument in said:
        named = rf"\b(?:(?:a|an|the|some|this|given|specific)\s+)*{re.escape(argument.slot.replace('_', ' '))}\b"
        slot = f"{{{argument.slot}}}"
        begins = re.match(named, filled)
        placed = filled if begins else re.sub(named, slot, filled, count=1)
        left += [slot] if placed == filled else []
        filled = placed
    if not left:
        return [filled]
    if len(left) == 1:
        return [f"{filled} {left[0]}", f"{filled} for {left[0]}"]
    # Between two texts only a word tells where one ends; numbers may stand side by side.
    numbers = all(argument.kind in (int, float) for argument in said)
    words = ("and", "to") if numbers else ("in", "to")
    pairs = [f"{filled} {left[0]} {word} {left[1]}" for word in words] if len(left) == 2 else []
    alone = [] if required else [f"{filled} {left[0]}"]
    return [*alone, *pairs, *([f"{filled} {' '.join(left)}"] if numbers else [])]
