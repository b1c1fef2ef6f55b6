"""Whose voice it is, the profile of who has enrolled, and whether the whole wake word was said.

Source: Wan et al., "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018; the weights are Resemblyzer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from assistant.errors import AudioError, InputError, ModelUnavailable
from assistant.folders import write_private
from assistant.settings import Voice, data_dir
from assistant.speech.activity import speech_segments
from assistant.speech.wake_models import WAKE_WORDS
from assistant.types import AudioClip, FloatArray

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "BEFORE",
    "HALF",
    "SAME_VOICE",
    "STRANGER",
    "LikelihoodModel",
    "SpeakerEncoder",
    "WakeVerifier",
    "forget_profile",
    "half_of",
    "load_profile",
    "make_profile",
    "profile_path",
    "said_whole",
    "save_profile",
    "wholeness",
]

MODEL = "speaker-ge2e"
SAMPLE_RATE = 16_000
WINDOW, HOP, MELS = 400, 160, 40
"""samples per frame and between frames (25 and 10 ms), and frequency bands"""
FRAMES, STEP = 160, 80
"""frames the encoder was trained on (1.6 s), and between two such stretches of a longer clip"""
LEVEL = -30.0
"""decibels below full scale to which softer clips are raised"""
SHORTEST = 0.4
"""seconds of speech from which a voice can be told"""
NEWEST = 1.0
"""seconds of speech before the hit that are compared: the wake word, not who spoke before it"""
FEWEST = 3
"""utterances for a profile"""
SAME_VOICE = 0.7
"""similarity from which two voices are one: of six readers enrolled with five seconds, 3.5 % of their other seconds
fell below it, and 4.2 % of the other readers' rose above"""
ONE_VOICE = 0.6
"""similarity that any two recordings of one voice have"""


class SpeakerEncoder:
    """Turns speech into a vector that depends on who speaks; loads torch and its weights (17 MB) when first used."""

    def encode(self, clip: AudioClip) -> FloatArray:
        """The voice in a clip, mono at 16 kHz; what is not speech is left out.

        Returns:
            (256,), float32, unit length; the dot product of two is their similarity, 0 to 1.

        Raises:
            AudioError: less than `SHORTEST` seconds of speech.
            ModelUnavailable: the weights cannot be had.
        """
        import torch

        samples = _speech_of(clip)
        lstm, weight, bias = self._network
        mels = _mels(samples)
        starts = range(0, max(1, len(mels) - STEP), STEP) if len(mels) > FRAMES else (0,)
        with torch.inference_mode():
            last = torch.stack([lstm(mels[None, at : at + FRAMES])[1][0][-1, 0] for at in starts])
            found = torch.relu(last @ weight.T + bias)
            mean = (found / found.norm(dim=1, keepdim=True)).mean(0)
        voice: FloatArray = (mean / mean.norm()).numpy()
        return voice

    def similarity(self, clip: AudioClip, profile: FloatArray) -> float:
        """The similarity of the newest voice in a clip to the profile, 0 to 1; raises as `encode` does."""
        spoken = _speech_of(clip)[-int(NEWEST * SAMPLE_RATE) :]
        return float(self.encode(AudioClip(spoken)) @ profile)

    @cached_property
    def _network(self) -> tuple[Any, Tensor, Tensor]:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from assistant.weights import ensure_model

        folder = ensure_model(MODEL)
        try:
            weights = load_file(folder / "model.safetensors")
            lstm = torch.nn.LSTM(MELS, 256, 3, batch_first=True)
            lstm.load_state_dict({n[5:]: value for n, value in weights.items() if n.startswith("lstm.")})
            return lstm, weights["linear.weight"], weights["linear.bias"]
        except (KeyError, RuntimeError, OSError, SafetensorError) as error:
            raise ModelUnavailable(f"The weights in {folder} are damaged; `assistant models verify`") from error


def make_profile(encoder: SpeakerEncoder, clips: Sequence[AudioClip]) -> tuple[FloatArray, float]:
    """The profile, (256,) float32 of unit length, of who speaks in all of these clips, and the least similarity to it.

    InputError when they are fewer than `FEWEST`, or not of one voice; also raises as `SpeakerEncoder.encode` does.
    """
    if len(clips) < FEWEST:
        raise InputError(f"Enrolling needs at least {FEWEST} recordings of your voice, not {len(clips)}")
    voices = np.stack([encoder.encode(clip) for clip in clips])
    mean = voices.mean(axis=0)
    profile = np.asarray(mean / np.linalg.norm(mean), np.float32)
    least = float((voices @ profile).min())
    if float((voices @ voices.T).min()) < ONE_VOICE:
        raise InputError("These recordings are not of one voice, or too noisy: record them again, alone and close by")
    return profile, least


def profile_path() -> Path:
    """Where the profile is kept; it need not exist."""
    return data_dir() / "speaker.npy"


def save_profile(profile: FloatArray) -> Path:
    """Keeps a profile in a file that only its owner may read; returns the file. StorageError on a full disk."""
    path = profile_path()
    write_private(path, lambda file: np.save(file, profile.astype(np.float32), allow_pickle=False))
    return path


def load_profile(path: Path | None = None) -> FloatArray:
    """The enrolled speaker's profile, (256,); InputError when no voice is enrolled, or the file is damaged."""
    path = path or profile_path()
    try:
        profile = np.load(path, allow_pickle=False)
        if profile.shape != (256,) or not np.isfinite(profile).all():
            raise ValueError("no profile")
    except FileNotFoundError as error:
        raise InputError("No voice is enrolled yet: run `assistant wake enroll`") from error
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path} is damaged; enroll again: `assistant wake enroll`") from error
    return np.asarray(profile, np.float32)


def forget_profile() -> bool:
    """Deletes the profile; False when there was none."""
    path = profile_path()
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def _speech_of(clip: AudioClip) -> FloatArray:
    spans = speech_segments(clip, gap=0.2, pad=0.05)
    parts = [clip.samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)] for start, end in spans]
    speech = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if len(speech) < SHORTEST * SAMPLE_RATE:
        raise AudioError(f"There is too little speech to tell the voice; say at least {SHORTEST} s")
    return speech


def _mels(samples: FloatArray) -> Tensor:
    """(n, 40) powers, 100 per second."""
    import torch

    gain = 10 ** (LEVEL / 20) / (float(np.sqrt(np.mean(samples**2))) + 1e-9)
    padded = torch.from_numpy(np.pad(samples * max(1.0, gain), WINDOW // 2).astype(np.float32))
    spectrum = torch.stft(padded, WINDOW, HOP, window=torch.hann_window(WINDOW), center=False, return_complex=True)
    return (torch.from_numpy(_bands()) @ spectrum.abs() ** 2).T


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


HALF, STRANGER = "only half of the wake word", "not the enrolled speaker"
"""why a wake word is rejected"""
BEFORE = 1.6
"""seconds before a hit that are judged: a wake word, and a little of what was said before it"""
WHOLE = 0.0
"""`wholeness` from which a word counts as said whole. Synthetic voices that said the whole got 2.5 to 11; people who
said "Jarvis" alone -15 to -8, and those whom the detector took for "hey mycroft" -5"""


@runtime_checkable
class LikelihoodModel(Protocol):
    """Speech recognition that can tell how likely given words are."""

    def likelihoods(self, clip: AudioClip, texts: Sequence[str], language: str) -> list[float]:
        """Log-probabilities, nats, that a clip begins with each text."""


class WakeVerifier:
    """Verifies a detected wake word.

    Without a model that tells likelihoods, half a word is accepted; without `speaker`, every voice is.
    """

    def __init__(self, model: object, speaker: SpeakerEncoder | None = None) -> None:
        self._model = model if isinstance(model, LikelihoodModel) else None
        self._speaker = speaker

    @classmethod
    def from_settings(cls, voice: Voice, model: object) -> WakeVerifier:
        """Verifies as the settings of the section ``[voice]`` say, with this recognizer."""
        return cls(model if voice.wake_check else None, SpeakerEncoder() if voice.only_enrolled else None)

    def needless(self, word: str) -> bool:
        """Whether this word is always accepted, so that no model need be loaded."""
        return self._speaker is None and (self._model is None or not half_of(word))

    def __call__(self, clip: AudioClip, word: str) -> str:
        """Why a word detected at the end of a clip (`BEFORE` seconds, 16 kHz) is rejected; "" to accept it.

        Raises:
            InputError: only the enrolled speaker may wake the assistant, and no voice is enrolled.
            ModelUnavailable: weights cannot be had.
        """
        if self._model is not None and not said_whole(self._model, clip, word):
            return HALF
        return STRANGER if self._speaker is not None and not self._is_enrolled(self._speaker, clip) else ""

    @cached_property
    def _profile(self) -> FloatArray:
        return load_profile()

    def _is_enrolled(self, speaker: SpeakerEncoder, clip: AudioClip) -> bool:
        profile = self._profile
        try:
            return speaker.similarity(clip, profile) >= SAME_VOICE
        except AudioError:  # too short to tell: a quick word is accepted
            return True


def half_of(word: str) -> str:
    """A wake word without its first word; "" for a single word, and where a user's own model knows the whole."""
    return word.partition(" ")[2] if word in WAKE_WORDS else ""


def wholeness(model: LikelihoodModel, clip: AudioClip, word: str) -> float:
    """How much likelier the whole wake word, of several words, is than its half alone, as a logarithm (nats).

    The clip is the `BEFORE` seconds up to the hit, 16 kHz; raises as `SpeechRecognizer.likelihoods` does.
    """
    whole, half = word.title(), half_of(word).title()
    called = f"{word.partition(' ')[0].title()}, {half}"
    *wholes, alone = model.likelihoods(clip, [whole, called, half], "en")
    return float(np.logaddexp.reduce(wholes)) - alone


def said_whole(model: LikelihoodModel, clip: AudioClip, word: str) -> bool:
    """Whether a clip that ends with a wake word has all of it; always true for a single word."""
    return not half_of(word) or wholeness(model, clip, word) >= WHOLE
