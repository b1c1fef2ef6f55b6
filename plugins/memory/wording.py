"""The phrases and the example utterances of this plugin."""

from pathlib import Path

from assistant import Language, Spoken, Wording, language_of

__all__ = ["Language", "Spoken", "examples_of", "language_of", "say"]

_wording = Wording(Path(__file__).parent)
say, examples_of = _wording.say, _wording.examples_of
