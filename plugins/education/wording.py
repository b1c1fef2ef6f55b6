"""The user's language, the phrases in it, and the example utterances."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypedDict

__all__ = ["Language", "Spoken", "examples_of", "language_of", "say"]

Language = Literal["en", "zh"]

HERE = Path(__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")


class Spoken(TypedDict):
    """What people say and show to mean an intent."""

    examples: list[str]
    looks_like: list[str]


def language_of(text: str) -> Language:
    """Chinese when the text holds a Chinese character, English otherwise."""
    return "zh" if CHINESE.search(text) else "en"


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def say(key: str, language: Language, **values: object) -> str:
    """A phrase of ``phrases.toml`` with its values filled in.

    Raises:
        KeyError: no such phrase, or a value is missing.
    """
    phrase: str = _read("phrases.toml")[key][language]
    return phrase.format(**values)


def examples_of(intent: str) -> Spoken:
    """The ``examples`` and ``looks_like`` of an intent, ready for ``register(handler, **examples_of(name))``."""
    entry = _read("examples.toml")[intent]
    return {
        "examples": [*entry["english"], *entry["chinese"]],
        "looks_like": list(entry.get("looks_like", [])),
    }
