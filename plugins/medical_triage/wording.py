"""The phrases and the example utterances of this plugin."""

from pathlib import Path

from assistant import Language, Spoken, Wording, language_of

__all__ = ["WRITTEN", "Language", "Spoken", "examples_of", "language_of", "say", "written_in"]

_wording = Wording(Path(__file__).parent)
say, examples_of = _wording.say, _wording.examples_of
WRITTEN = _wording.catalogue.languages
"""ISO 639-1 codes of the languages that whole replies are written in"""


def written_in(language: Language, key: str, english: str) -> str:
    """A reason or a question of ``rules.toml`` in a further language, such as "rule choking"; else the English one."""
    return _wording.catalogue.sentences(language).get(key, english)
