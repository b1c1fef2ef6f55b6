"""The phrases and the example utterances of this plugin."""

from pathlib import Path

from assistant import Language, Sentences, Spoken, Wording, language_of

__all__ = ["Language", "Spoken", "asked_in", "examples_of", "matches_write", "say"]

_wording = Wording(Path(__file__).parent)
_sentences = Sentences(Path(__file__).with_name("sentences.toml"))
say, examples_of = _wording.say, _wording.examples_of

READ = 300
"""characters of a turn in which what is wanted is looked for; a text may follow it"""


def asked_in(text: str) -> Language:
    """The language in which something is asked; a text to work on may follow on other lines, in another one."""
    return language_of(text.strip()[:READ].partition("\n")[0])


def matches_write(text: str, *, on: bool = True) -> bool:
    """Whether words ask for a text to be written, translated, summarised or put in other words.

    Args:
        on: a model is set up; without one, a summary is left to whoever makes one of the text's own sentences.
    """
    first = text.strip()[:READ].partition("\n")[0]
    found = _sentences.fitting("write", _sentences.without_courtesies(first, ends=False))
    return any(on or kind != "summarise" for kind, _ in found)
