"""The phrases and the example utterances of this plugin."""

import re
from pathlib import Path

from assistant import Language, Spoken, Wording, language_of

__all__ = ["Language", "Spoken", "examples_of", "language_of", "name_in", "say"]

_wording = Wording(Path(__file__).parent)
examples_of = _wording.examples_of
_EUROS = re.compile(r"€(\d[\d,]*)\.(\d\d)")


def say(key: str, language: Language, **values: object) -> str:
    """A phrase with its values filled in; amounts as the language writes them: €1,234.50 or 1.234,50 €."""
    said = _wording.say(key, language, **values)
    if language in ("en", "zh"):
        return said
    return _EUROS.sub(lambda amount: f"{amount[1].replace(',', '.')},{amount[2]} €", said)


def name_in(language: Language, name: str) -> str:
    """Translates a product name of the demo shop; returns it unchanged if the language has no file."""
    return _wording.catalogue.sentences(language).get(f"product {name}", name)
