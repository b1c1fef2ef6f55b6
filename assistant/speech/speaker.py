"""Speech to a vector that depends on whose voice it is.

Source: Wan et al., "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018; the weights are Resemblyzer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

import numpy as np

from assistant.errors import AudioError, ModelUnavailable
from assistant.speech.activity import speech_segments
from assistant.types import AudioClip, FloatArray

__all__ = ["SpeakerEncoder"]

MODEL = "speaker-ge2e"
SAMPLE_RATE = 16_000
WINDOW, HOP, MELS = 400, 160, 40
"""samples per frame and between frames (25 and 10 ms), and frequency bands"""
FRAMES, STEP = 160, 80
"""frames the encoder was trained on (1.6 s), and between two such stretches of a longer clip"""
LEVEL = -30.0
"""decibels below full scale to which softer clips are raised"""
SHORTEST = 0.4
"""seconds of speech from which a voice can be identified"""


class SpeakerEncoder:
    """Turns speech into a vector that depends on who speaks; loads its weights (6 MB) when first used."""

    def encode(self, clip: AudioClip) -> FloatArray:
        """The voice in a clip, mono at 16 kHz; what is not speech is left out.

        Returns:
            (256,), float32, unit length; the dot product of two is their similarity, 0 to 1.

        Raises:
            AudioError: less than `SHORTEST` seconds of speech.
            ModelUnavailable: the weights cannot be had.
        """
        mels = _mels(_speech_of(clip))
        starts = {*range(0, max(1, len(mels) - FRAMES), STEP), max(0, len(mels) - FRAMES)}
        last = _last_states(self._weights, np.stack([mels[at : at + FRAMES] for at in sorted(starts)]))
        found = np.maximum(last @ self._weights["linear.weight"].T + self._weights["linear.bias"], 0)
        mean = (found / np.linalg.norm(found, axis=1, keepdims=True)).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def newest(self, clip: AudioClip, seconds: float) -> FloatArray:
        """The voice, (256,), in so many of a clip's last seconds of speech; raises as `encode` does."""
        return self.encode(AudioClip(_speech_of(clip)[-int(seconds * SAMPLE_RATE) :]))

    @cached_property
    def _weights(self) -> dict[str, FloatArray]:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        from assistant.weights import ensure_model

        folder = ensure_model(MODEL)
        try:
            weights = {
                name: np.asarray(each, np.float32) for name, each in load_file(folder / "model.safetensors").items()
            }
            _last_states(weights, np.zeros((1, 1, MELS), np.float32))
            return weights
        except (KeyError, ValueError, OSError, SafetensorError) as error:
            raise ModelUnavailable(f"The weights in {folder} are damaged; `assistant models verify`") from error


def _last_states(weights: Mapping[str, FloatArray], x: FloatArray) -> FloatArray:
    """The last state, (n, 256), of the topmost of three LSTM layers that have read (n, t, MELS)."""
    for layer in range(3):
        names = (f"lstm.{name}_l{layer}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        inputs, recurrent, *biases = (weights[name] for name in names)
        given, recurrent = x @ inputs.T + sum(biases), np.ascontiguousarray(recurrent.T)
        state = cell = np.zeros((len(x), len(recurrent)), np.float32)
        states = []
        for step in given.swapaxes(0, 1):
            entry, forget, new, out = np.split(step + state @ recurrent, 4, axis=1)
            cell = _sigmoid(forget) * cell + _sigmoid(entry) * np.tanh(new)
            state = _sigmoid(out) * np.tanh(cell)
            states.append(state)
        x = np.stack(states, axis=1)
    return state


def _sigmoid(x: FloatArray) -> FloatArray:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), np.float32)


def _speech_of(clip: AudioClip) -> FloatArray:
    spans = speech_segments(clip, gap=0.2, pad=0.05)
    parts = [clip.samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)] for start, end in spans]
    speech = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if len(speech) < SHORTEST * SAMPLE_RATE:
        raise AudioError(f"There is too little speech to recognise the voice; say at least {SHORTEST} s")
    return speech


def _mels(samples: FloatArray) -> FloatArray:
    """(n, 40) powers, 100 per second."""
    gain = 10 ** (LEVEL / 20) / (float(np.sqrt(np.mean(samples**2))) + 1e-9)
    padded = np.pad(samples * max(1.0, gain), WINDOW // 2).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * np.hanning(WINDOW + 1)[:-1]
    return np.asarray(np.abs(np.fft.rfft(windows, axis=1)) ** 2 @ _bands().T, np.float32)


@cache
def _bands() -> FloatArray:
    """The bands of M. Slaney's Auditory Toolbox, (40, 201): linear to 1 kHz, logarithmic above, of equal area."""
    top = 15 + np.log(8.0) / (np.log(6.4) / 27)
    steps = np.linspace(0, top, MELS + 2)
    edges = np.where(steps < 15, steps * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (steps - 15)))
    ramps = edges[:, None] - np.linspace(0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    widths = np.diff(edges)[:, None]
    bands = np.maximum(0, np.minimum(-ramps[:-2] / widths[:-1], ramps[2:] / widths[1:]))
    return np.asarray(bands * (2 / (edges[2:] - edges[:-2]))[:, None], np.float32)
