"""faster-whisper, the peer of our transcription: base, int8, greedy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import ModelUnavailable
from assistant.types import FloatArray
from assistant.weights.catalogue import Catalogue, Model
from assistant.weights.store import ModelStore

__all__ = ["NAME", "installed", "load_peer"]

NAME, MODEL = "faster-whisper int8", "faster-whisper-base"


def installed() -> bool:
    """Whether the package is here."""
    return find_spec("faster_whisper") is not None


def load_peer(threads: int, language: str) -> Callable[[FloatArray], str]:
    """Loads the peer and returns a function from samples at 16 kHz to text; the language is ISO 639-1, or "auto"."""
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise ModelUnavailable("The peer is not installed: pip install 'multimodal-assistant[evaluate]'") from error
    entry = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    peer = Model.model_validate({"name": MODEL, **entry})
    folder = ModelStore(Catalogue({MODEL: peer})).ensure(MODEL)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def transcribe(samples: FloatArray) -> str:
        segments, _ = model.transcribe(samples, language=None if language == "auto" else language, beam_size=1)
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe
