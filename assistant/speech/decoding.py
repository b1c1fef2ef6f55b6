"""From Whisper's encoder frames to words: greedy, beam search, or sampling at a temperature.

The rules are those of ``whisper.decoding`` (suppressed tokens, no blank first token, log-probability
ranking); the loop is ours because it starts from the key-value cache, reads the language and the
probability of "no speech" from the same first step, and stops a run-away clip early.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.speech.network import Cache, WhisperNetwork
from assistant.speech.spectrogram import whisper_file
from assistant.types import FloatArray

if TYPE_CHECKING:
    from whisper.tokenizer import Tokenizer

__all__ = ["Decoder", "Hypothesis", "Opening"]


@dataclass(frozen=True)
class Hypothesis:
    """One reading of a window."""

    text: str
    tokens: tuple[int, ...]
    """text tokens, without special ones"""
    avg_logprob: float
    """mean log-probability of the tokens and the closing one, nats"""
    temperature: float = 0.0
    """0 is greedy or beam search"""
    finished: bool = True
    """False when the token limit cut it"""

    @property
    def compression_ratio(self) -> float:
        """UTF-8 bytes over zlib-compressed bytes, 0 for no text; loops compress well: above 2.4 it is one."""
        data = self.text.encode()
        return len(data) / len(zlib.compress(data)) if data else 0.0


@dataclass(frozen=True)
class Opening:
    """Result of the decoder's first step, before any word."""

    languages: dict[str, float]
    """probability per language, ISO 639-1; sums to 1; empty for English-only models"""
    no_speech: float
    """probability that there is no speech, 0 to 1"""
    guess: str
    """the language in which the cache goes on, ISO 639-1"""
    row: FloatArray
    """(n_vocab,), logits of the first word in that language"""


class Decoder:
    """Decodes windows with one network."""

    def __init__(self, network: WhisperNetwork) -> None:
        self._network = network
        dims = network.dimensions
        self.multilingual = dims.n_vocab >= 51_865
        self._languages = dims.n_vocab - 51_765 - int(self.multilingual)
        self._tokenizers: dict[str, Tokenizer] = {}
        self._masks: dict[str, tuple[FloatArray, FloatArray]] = {}

    @property
    def languages(self) -> list[str]:
        """The languages it knows, ISO 639-1."""
        return sorted(self.tokenizer("en").all_language_codes) if self.multilingual else ["en"]

    def tokenizer(self, language: str) -> Tokenizer:
        """Whisper's tokenizer for a language (ISO 639-1)."""
        if language not in self._tokenizers:
            options: dict[str, Any] = {"language": language, "task": "transcribe"} if self.multilingual else {}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)  # it leaves its vocabulary file open
                self._tokenizers[language] = _tokenizers().get_tokenizer(
                    self.multilingual, num_languages=self._languages, **options
                )
            # Texts are said, so no mark in them is Whisper's own; to look for such marks takes a tenth of a second.
            encoding = self._tokenizers[language].encoding
            encoding.encode = encoding.encode_ordinary
        return self._tokenizers[language]

    def open(self, cache: Cache, guess: str = "en") -> Opening:
        """Reads the opening in the language that was guessed, of which the first token tells about all languages."""
        tokenizer = self.tokenizer(guess)
        rows = self._network.step([self._opening_tokens(tokenizer, "")], cache, each=True)[0]
        no_speech = float(np.exp(_log_softmax(rows[0])[tokenizer.no_speech]))
        if not self.multilingual:
            return Opening({}, no_speech, guess, rows[-1])
        codes, ids = tokenizer.all_language_codes, list(tokenizer.all_language_tokens)
        shares = np.exp(_log_softmax(rows[0, ids])).tolist()
        return Opening(dict(zip(codes, shares, strict=True)), no_speech, guess, rows[-1])

    def decode(
        self,
        frames: FloatArray,
        language: str,
        *,
        beam_size: int = 1,
        temperature: float = 0.0,
        limit: int = 224,
        cache: Cache | None = None,
        begun: Opening | None = None,
        prompt: str = "",
    ) -> Hypothesis:
        """Writes down what is said.

        Args:
            frames: (n, d), from `WhisperNetwork.encode`.
            language: ISO 639-1.
            temperature: above 0 samples, with a fixed seed.
            cache: of the same frames and one row, to save building it again.
            begun: what was read into that cache, to go on from there where the language is the one guessed.
            prompt: words said before, for style; at most half the context is kept.
        """
        tokenizer = self.tokenizer(language)
        opening = self._opening_tokens(tokenizer, prompt)
        limit = min(limit, self._network.dimensions.n_text_ctx - len(opening))
        if beam_size > 1 and temperature == 0.0:
            cache = self._network.start(frames, beam_size)
            tokens, score, finished = self._beam(cache, tokenizer, opening, beam_size, limit)
        else:
            cache = cache or self._network.start(frames)
            if begun is None or prompt or begun.guess != language:
                cache.clear()
                row = self._network.step([opening], cache)[0, -1]
            else:
                row = begun.row
            tokens, score, finished = self._single(cache, tokenizer, row, temperature, limit)
        text = tokenizer.decode(tokens).strip()
        return Hypothesis(text, tuple(tokens), score / (len(tokens) + 1), temperature, finished)

    def score(self, frames: FloatArray, texts: Sequence[str], language: str) -> list[float]:
        """The log-probabilities, nats, that each text, none empty, is the beginning of what is said in `frames`."""
        tokenizer = self.tokenizer(language)
        opening = self._opening_tokens(tokenizer, "")
        _, later = self._mask(tokenizer)
        cache = self._network.start(frames)
        scores = []
        for text in texts:
            tokens = tokenizer.encode(" " + text)
            cache.clear()
            logits = self._network.step([opening + tokens[:-1]], cache, each=True)[0, len(opening) - 1 :] + later
            scores.append(float(_log_softmax(logits)[range(len(tokens)), tokens].sum()))
        return scores

    def _opening_tokens(self, tokenizer: Tokenizer, prompt: str) -> list[int]:
        opening = list(tokenizer.sot_sequence_including_notimestamps)
        if not prompt:
            return opening
        before = tokenizer.encode(" " + prompt.strip())[-(self._network.dimensions.n_text_ctx // 2 - 1) :]
        return [tokenizer.sot_prev, *before, *opening]

    def _mask(self, tokenizer: Tokenizer) -> tuple[FloatArray, FloatArray]:
        """Logits to add at the first step and at later ones: -inf for what may not be written."""
        key = tokenizer.language or "en"
        if key not in self._masks:
            later = np.zeros(self._network.dimensions.n_vocab, np.float32)
            later[list(tokenizer.non_speech_tokens)] = -np.inf
            later[tokenizer.eot + 1 :] = -np.inf  # every special token and timestamp
            first = later.copy()
            first[[*tokenizer.encode(" "), tokenizer.eot]] = -np.inf
            self._masks[key] = (first, later)
        return self._masks[key]

    def _single(
        self, cache: Cache, tokenizer: Tokenizer, row: FloatArray, temperature: float, limit: int
    ) -> tuple[list[int], float, bool]:
        dice = np.random.default_rng(0)
        first, later = self._mask(tokenizer)
        tokens: list[int] = []
        score, mask = 0.0, first
        while True:
            shares = _log_softmax(row + mask)
            if temperature > 0:
                token = int(np.argmax(shares / temperature + dice.gumbel(size=len(shares))))
            else:
                token = int(shares.argmax())
            score += float(shares[token])
            if token == tokenizer.eot:
                return tokens, score, True
            if len(tokens) == limit:
                return tokens, score, False
            tokens.append(token)
            mask, row = later, self._network.step([[token]], cache)[0, -1]

    def _beam(
        self, cache: Cache, tokenizer: Tokenizer, opening: Sequence[int], size: int, limit: int
    ) -> tuple[list[int], float, bool]:
        first, later = self._mask(tokenizer)
        logits = self._network.step([list(opening)] * size, cache)[:, -1] + first
        beams: list[tuple[list[int], float]] = [([], 0.0)]
        done: list[tuple[list[int], float]] = []
        for _ in range(limit):
            shares = _log_softmax(logits)
            options = sorted(
                (
                    (score + float(shares[row, token]), row, int(token))
                    for row, (_, score) in enumerate(beams)
                    for token in np.argpartition(shares[row], -(size + 1))[-(size + 1) :]
                ),
                reverse=True,
            )
            done += [(beams[row][0], score) for score, row, token in options[:size] if token == tokenizer.eot]
            alive = [option for option in options if option[2] != tokenizer.eot][:size]
            if len(done) >= size:
                break
            beams = [([*beams[row][0], token], score) for score, row, token in alive]
            cache.reorder([row for _, row, _ in alive])
            logits = self._network.step([[token] for _, _, token in alive], cache)[:, -1] + later
        finished = bool(done)
        tokens, score = max(done or beams, key=lambda beam: beam[1] / (len(beam[0]) + 1))
        return tokens, score, finished


def _log_softmax(logits: FloatArray) -> FloatArray:
    """Log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    shares: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shares


@cache
def _tokenizers() -> Any:
    """The module ``whisper.tokenizer`` by itself: its package would import torch."""
    name = "assistant.speech.whisper_tokenizer"
    spec = importlib.util.spec_from_file_location(name, whisper_file("tokenizer.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
