"""The phrases and the example utterances of this plugin."""

import tomllib
from pathlib import Path

from assistant import Language, Spoken, Wording, language_of

__all__ = ["Language", "Spoken", "examples_of", "language_of", "say"]

FOLDER = Path(__file__).parent
_wording = Wording(FOLDER)
say = _wording.say


def examples_of(intent: str) -> Spoken:
    """What means an intent, in English, Chinese and a few words of further languages.

    Raises:
        KeyError: ``examples.toml`` has no such intent.
    """
    spoken = _wording.examples_of(intent)
    more = tomllib.loads((FOLDER / "examples.toml").read_text(encoding="utf-8"))[intent].get("others", [])
    return {"examples": [*spoken["examples"], *more], "looks_like": spoken["looks_like"]}
