"""The phrases and the example utterances of this plugin."""

from pathlib import Path

from assistant import Language, Spoken, Wording, language_of

__all__ = ["WRITTEN", "Language", "Spoken", "examples_of", "language_of", "reason_in", "say"]

_wording = Wording(Path(__file__).parent)
say, examples_of = _wording.say, _wording.examples_of
WRITTEN = _wording.catalogue.languages
"""ISO 639-1 codes of the languages that whole replies are written in"""


def reason_in(language: Language, rule: str, english: str) -> str:
    """Why a rule of ``rules.toml`` holds, in a further language; in English where no file says."""
    return _wording.catalogue.sentences(language).get(f"rule {rule}", english)
