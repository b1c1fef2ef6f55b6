"""How people ask, read from ``said.toml``."""

from pathlib import Path

from assistant import Sentences

__all__ = ["fitting", "without_courtesies"]

_sentences = Sentences(Path(__file__).parent / "said.toml")
fitting, without_courtesies = _sentences.fitting, _sentences.without_courtesies
