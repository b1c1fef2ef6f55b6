"""A plugin's words in each language, kept in files beside its code that anyone can read and correct."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

from assistant.language.catalogue import Catalogue
from assistant.plugins.toolkit.made import made_of

__all__ = ["Spoken", "Wording"]


class Spoken(TypedDict):
    """The phrases and pictures that mean an intent."""

    examples: list[str]
    looks_like: list[str]
    unlike: list[str]
    after: list[str]
    picture_kinds: str
    slot_values: dict[str, list[str]]


class Wording:
    """The phrases and example utterances of a plugin.

    ``phrases.toml`` holds a table per phrase with the keys ``en`` and ``zh``; ``phrases.de.toml``, a line per phrase,
    says the same in German, and so may a file for any other language. ``examples.toml`` holds a table per intent with
    the lists ``english``, ``chinese``, ``others`` (further languages, may be left out) and, where pictures may mean it,
    ``looks_like``, with the file ``picture_kinds``; ``unlike`` holds what is said of the subject and means no intent,
    ``after`` what means it in the midst of a conversation.
    A table ``slot_values`` holds typical values of slots, which any of the intents may have.

    Args:
        folder: where both files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.catalogue = Catalogue(folder)
        self.say = self.catalogue.say
        """a phrase with its values filled in; English where the language has none"""

    def examples_of(self, intent: str) -> Spoken:
        """Examples of an intent, for ``register(handler, **wording.examples_of(name))``; raises `KeyError` for none."""
        entry = self._examples[intent]
        typical, said = self._examples.get("slot_values", {}), " ".join((*entry["english"], *entry["chinese"]))
        return {
            "examples": [*entry["english"], *entry["chinese"], *entry.get("others", [])],
            "looks_like": list(entry.get("looks_like", [])),
            "unlike": list(entry.get("unlike", [])),
            "after": list(entry.get("after", [])),
            "picture_kinds": entry.get("picture_kinds", ""),
            "slot_values": {name: list(values) for name, values in typical.items() if f"{{{name}}}" in said},
        }

    @cached_property
    def _examples(self) -> dict[str, Any]:
        file = self._folder / "examples.toml"
        read: dict[str, Any] = made_of([file], "examples", lambda: tomllib.loads(file.read_text(encoding="utf-8")))
        return read
