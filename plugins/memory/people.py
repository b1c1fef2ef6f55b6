"""People by the words for them, in English and Chinese."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .wording import Language

__all__ = ["person_key", "person_named", "same_person"]

ALIKE = {
    "mum": "mother", "mom": "mother", "mummy": "mother", "dad": "father", "daddy": "father", "spouse": "partner",
    "granny": "grandmother", "grandma": "grandmother", "nan": "grandmother", "grandpa": "grandfather",
    "grandad": "grandfather", "granddad": "grandfather", "auntie": "aunt", "roommate": "flatmate",
    "neighbor": "neighbour", "manager": "boss", "kid": "child", "toddler": "child", "baby": "child",
}  # fmt: skip


ANY_OF = {
    "child": {"son", "daughter"},
    "partner": {"wife", "husband", "girlfriend", "boyfriend"},
    "pet": {"dog", "cat"},
}
"""words that may mean any of several people"""


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "people.toml").read_text("utf-8"))
    return words


def person_key(said: str) -> str:
    """Returns the key of a person: the word used, in lower case and one form."""
    plain = " ".join(said.lower().split())
    return ALIKE.get(plain, plain)


def same_person(key: str, kept: Iterable[str]) -> str:
    """Returns the known person who is meant; "" for none. 妹妹 is a sister; "my sister" is the only sister."""
    kept = list(kept)
    if key in kept:
        return key
    wanted = ANY_OF.get(_english(key), {_english(key)})
    alike = [other for other in kept if _english(other) in wanted | {_english(key)}]
    return alike[0] if len(set(alike)) == 1 else ""


def person_named(key: str, language: Language) -> str:
    """Names a person, in a language."""
    if language == "en":
        return _english(key)
    return key if not key.isascii() else _words().get(key, [key])[0]


def _english(key: str) -> str:
    return next((english for english, chinese in _words().items() if key in chinese), key)
