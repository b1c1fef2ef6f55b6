"""Whisper's tokens: between words and the numbers its decoder reads and writes.

The vocabularies in ``whisper/``, the languages and the rules are those of openai-whisper 20250625 (MIT). The package
itself is not needed: on Linux it would bring 1.2 GB (Triton, LLVM) that nothing here uses.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

__all__ = ["ASSETS", "Tokenizer"]

ASSETS = Path(__file__).parent / "whisper"
CODES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml"
    " cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am"
    " yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue"
)
LANGUAGES = CODES.split()
"""ISO 639-1 codes in the order of their tokens"""
UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
PATTERN = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
MUSIC = "♩♪♫♬♭♮♯"
SEVERAL = "<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪"
NO_SPEECH = (*'"#()*+/:;<=>@[\\]^_`{|}~「」『』', *SEVERAL.split(), *MUSIC)
"""signs of speaker tags and remarks such as "[music]": they are not written down"""


class Tokenizer:
    """The tokens of one model and one language.

    Args:
        language: ISO 639-1; "" for a model that knows English alone.
        languages: how many languages the model knows; the newest know one more.

    Raises:
        ValueError: Whisper does not know the language.
    """

    def __init__(self, language: str, languages: int) -> None:
        self.language = language
        self._encoding = _encoding("multilingual" if language else "gpt2", languages)
        self._codes = LANGUAGES[:languages]
        start = self._special("startoftranscript")
        opening = [start, start + 1 + self._codes.index(language), self._special("transcribe")] if language else [start]
        self.opening = (*opening, self._special("notimestamps"))
        """what the decoder reads before the first word"""
        self.no_speech = self._special("nospeech")
        self.before = self._special("startofprev")
        """marks the words said before"""
        self.end = self._encoding.eot_token

    @property
    def languages(self) -> dict[str, int]:
        """The token of each language, by ISO 639-1 code, in the order of the tokens."""
        return {code: self.opening[0] + 1 + place for place, code in enumerate(self._codes)}

    @cached_property
    def suppressed(self) -> tuple[int, ...]:
        """Tokens that stand for no speech, sorted."""
        found = {self.encode(" -")[0], self.encode(" '")[0]}  # between words, but not at the beginning of one
        for sign in NO_SPEECH:
            for tokens in (self.encode(sign), self.encode(f" {sign}")):
                if len(tokens) == 1 or sign in MUSIC:
                    found.add(tokens[0])
        return tuple(sorted(found))

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, in which no mark is Whisper's own."""
        tokens: list[int] = self._encoding.encode_ordinary(text)
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without timestamps."""
        first = self._special("0.00")
        text: str = self._encoding.decode([token for token in tokens if token < first])
        return text

    def split_words(self, tokens: Sequence[int]) -> tuple[list[str], list[list[int]]]:
        """The words that tokens spell, and the tokens of each; a sign of an unspaced script is a word."""
        words, parts = self._split_characters(tokens)
        if self.language in UNSPACED:
            return words, parts
        joined: list[str] = []
        grouped: list[list[int]] = []
        for word, part in zip(words, parts, strict=True):
            begins = part[0] >= self.end or word.startswith(" ") or word.strip() in string.punctuation
            if begins or not joined:
                joined.append(word)
                grouped.append(part)
            else:
                joined[-1] += word
                grouped[-1] += part
        return joined, grouped

    def _split_characters(self, tokens: Sequence[int]) -> tuple[list[str], list[list[int]]]:
        """Splits wherever the bytes so far are whole characters."""
        whole = self._encoding.decode(list(tokens))
        words: list[str] = []
        parts: list[list[int]] = []
        current: list[int] = []
        offset = 0
        for token in tokens:
            current.append(token)
            text = self._encoding.decode(current)
            if "\ufffd" not in text or whole[offset + text.index("\ufffd")] == "\ufffd":
                words.append(text)
                parts.append(current)
                current = []
                offset += len(text)
        return words, parts

    def _special(self, name: str) -> int:
        return int(self._encoding.encode_single_token(f"<|{name}|>"))


@cache
def _encoding(vocabulary: str, languages: int) -> tiktoken.Encoding:
    import tiktoken

    lines = (line.split() for line in (ASSETS / f"{vocabulary}.tiktoken").read_bytes().splitlines() if line)
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    marks = ["endoftext", "startoftranscript", *LANGUAGES[:languages], "translate", "transcribe", "startoflm"]
    marks += ["startofprev", "nospeech", "notimestamps", *(f"{step * 0.02:.2f}" for step in range(1501))]
    special = {f"<|{mark}|>": len(ranks) + place for place, mark in enumerate(marks)}
    return tiktoken.Encoding(
        vocabulary,
        pat_str=PATTERN,
        mergeable_ranks=ranks,
        special_tokens=special,
        explicit_n_vocab=len(ranks) + len(special),
    )
