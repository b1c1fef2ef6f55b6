"""The phrases and the example utterances of this plugin."""

from pathlib import Path

from assistant import Language, Sentences, Spoken, Wording, language_of

__all__ = ["Language", "Spoken", "asked_in", "examples_of", "matches_write", "say"]

_wording = Wording(Path(__file__).parent)
_sentences = Sentences(Path(__file__).with_name("sentences.toml"))
say, examples_of = _wording.say, _wording.examples_of

PASTED = 15
"""characters from which what follows a request is a text to work on"""
MOST_BEFORE = 80
"""characters of a request before the colon"""
READ = 300
"""characters of a turn in which what is wanted is looked for; a text may follow it"""


def asked_in(text: str) -> Language:
    """The language in which something is asked; a text to work on may follow on other lines, in another one."""
    return language_of(text.strip()[:READ].partition("\n")[0])


def matches_write(text: str, *, on: bool = True) -> int:
    """Returns 1 if the text asks to write, translate or rephrase, 2 to summarise a pasted text with a model, else 0.

    A text that is pasted below "summarise this" is also for whoever makes a summary of its own sentences: 2 says that a
    model is set up and takes it. A file to be summarised is left to whoever has all of it.

    Args:
        on: a model is set up.
    """
    first, _, rest = text.strip().partition("\n")
    asked = _sentences.without_courtesies(first[:READ], ends=False)
    kinds = {kind for kind, _ in _sentences.fitting("write", asked)}
    if kinds - {"summarise"}:
        return 1
    pasted = rest or _after_colon(first)
    return 2 if kinds and on and len(pasted) >= PASTED else 0


def _after_colon(line: str) -> str:
    head, _, rest = line.replace("：", ":").partition(":")
    return rest if len(head) <= MOST_BEFORE else ""
