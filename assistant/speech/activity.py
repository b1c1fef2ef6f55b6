"""Detects speech with the Silero voice-activity model, 32 ms at a time."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.types import AudioClip, FloatArray

__all__ = ["CHUNK", "VoiceActivity", "segments_of", "speech_probabilities", "speech_segments"]

CHUNK = 512
"""samples per chunk at 16 kHz (32 ms)"""
SAMPLE_RATE = 16_000
SPEECH, HYSTERESIS = 0.5, 0.15
"""probability at which speech begins, and by how much lower it ends"""
SHORTEST = 0.1
"""seconds; shorter stretches do not count as speech"""
BLOCK = 512
"""chunks given to the model in one call, so that an hour does not fill the memory"""
CONTEXT = 64
"""samples of the chunk before, which the model reads again"""


@cache
def _session(file: str) -> Any:
    """An ONNX session for a file of the silero-vad package; the package itself would import torch."""
    found = importlib.util.find_spec("silero_vad")
    path = Path(found.origin).parent / "data" / file if found and found.origin else None
    if path is None or not path.is_file():
        raise ModelUnavailable("The voice-activity model is missing: `pip install silero-vad`")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1  # a chunk is too small to share
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class VoiceActivity:
    """Streaming: one chunk in, one probability out; ModelUnavailable on the first without the silero-vad package."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: another speaker, another recording."""
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT, np.float32)

    def probability(self, chunk: FloatArray) -> float:
        """The probability, 0 to 1, of speech in a chunk, (512,) float32 at 16 kHz; a shorter is padded."""
        if len(chunk) < CHUNK:
            chunk = np.pad(chunk, (0, CHUNK - len(chunk)))
        row = np.concatenate([self._context, chunk[:CHUNK]]).astype(np.float32)[None]
        self._context = row[0, -CONTEXT:]
        inputs = {"input": row, "state": self._state, "sr": np.array(SAMPLE_RATE, np.int64)}
        output, self._state = _session("silero_vad.onnx").run(None, inputs)
        return float(output[0, 0])


def speech_probabilities(clip: AudioClip) -> FloatArray:
    """The probability of speech for each 32 ms of a clip, (n,), 0 to 1."""
    count = -(-len(clip.samples) // CHUNK)
    chunks = np.zeros((count, CHUNK), np.float32)
    chunks.reshape(-1)[: len(clip.samples)] = clip.samples
    contexts = np.zeros((count, CONTEXT), np.float32)
    contexts[1:] = chunks[:-1, -CONTEXT:]
    rows = np.concatenate([contexts, chunks], axis=1)
    h = c = np.zeros((1, 1, 128), np.float32)
    parts = [np.zeros(0, np.float32)]
    # The same model as `VoiceActivity`, exported to run many chunks in one call.
    for at in range(0, count, BLOCK):
        probabilities, h, c = _session("silero_vad_16k_sequence.onnx").run(
            None, {"input": rows[at : at + BLOCK], "h": h, "c": c}
        )
        parts.append(probabilities)
    return np.concatenate(parts)


def speech_segments(clip: AudioClip, *, gap: float = 0.3, pad: float = 0.1) -> list[tuple[float, float]]:
    """Speech segments of a mono clip at 16 kHz: (start, end) in seconds, in order, not overlapping.

    Pauses shorter than `gap` seconds are bridged, and `pad` seconds are added on both sides.
    """
    return segments_of(speech_probabilities(clip), clip.duration, gap=gap, pad=pad)


def segments_of(probabilities: FloatArray, duration: float, *, gap: float, pad: float) -> list[tuple[float, float]]:
    """`speech_segments` of probabilities already known."""
    second = CHUNK / SAMPLE_RATE
    spans: list[list[float]] = []
    speaking = False
    for i, probability in enumerate(probabilities):
        speaking = probability >= (SPEECH - HYSTERESIS if speaking else SPEECH)
        if not speaking:
            continue
        if spans and i * second - spans[-1][1] < gap:
            spans[-1][1] = (i + 1) * second
        else:
            spans.append([i * second, (i + 1) * second])
    kept = [(start, end) for start, end in spans if end - start >= SHORTEST]
    edges = [(max(0.0, start - pad), min(duration, end + pad)) for start, end in kept]
    return [(max(start, edges[i - 1][1]) if i else start, end) for i, (start, end) in enumerate(edges) if end > start]
