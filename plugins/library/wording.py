"""The phrases, the example utterances and the sentence patterns of this plugin."""

from pathlib import Path

from assistant import Language, Sentences, Wording, language_of

__all__ = ["SAID", "Language", "examples_of", "language_of", "say"]

_wording = Wording(Path(__file__).parent)
say, examples_of = _wording.say, _wording.examples_of
SAID = Sentences(Path(__file__).with_name("said.toml"))
