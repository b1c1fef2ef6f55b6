"""The voices that have enrolled: their profiles on disk, and which of them speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from assistant.errors import AssistantError, AudioError, InputError
from assistant.folders import write_private
from assistant.settings import data_dir
from assistant.speech.speaker import SpeakerEncoder
from assistant.types import AudioClip, FloatArray

__all__ = [
    "SAME_VOICE",
    "EnrolledVoices",
    "forget_profiles",
    "load_profiles",
    "make_profile",
    "profile_path",
    "save_profile",
]

NEWEST = 1.0
"""seconds of speech before a wake word's end that are compared: the word, not who spoke before it"""
SENTENCE = 3.0
"""seconds of a sentence's speech, at most, that identify its speaker"""
FEWEST = 3
"""utterances for a profile"""
SAME_VOICE = 0.7
"""similarity from which two voices are one: of six readers enrolled with five seconds, 3.5 % of their other seconds
fell below it, and 4.2 % of the other readers' rose above"""
ONE_VOICE = 0.6
"""similarity that any two recordings of one voice have"""


class EnrolledVoices:
    """Tells which of the enrolled voices speaks; reads their profiles when it is first asked."""

    def __init__(self, encoder: SpeakerEncoder | None = None) -> None:
        self._encoder = encoder or SpeakerEncoder()

    @cached_property
    def _profiles(self) -> dict[str, FloatArray]:
        return load_profiles()

    @property
    def named(self) -> bool:
        """Whether a voice has enrolled with its name."""
        return any(name for name, _ in _files())

    def woke(self, clip: AudioClip) -> bool:
        """Returns whether an enrolled voice said the wake word at the end of a clip; true for one too short to tell.

        Raises:
            InputError: no voice is enrolled.
            ModelUnavailable: the weights cannot be had.
        """
        profiles = self._profiles
        try:
            return self._nearest(profiles, clip, NEWEST)[1] >= SAME_VOICE
        except AudioError:
            return True

    def who(self, clip: AudioClip) -> str:
        """The name of the enrolled voice that says a clip, "" if none does or it is unclear."""
        try:
            name, similarity = self._nearest(self._profiles, clip, SENTENCE)
        except AssistantError:
            return ""
        return name if similarity >= SAME_VOICE else ""

    def _nearest(self, profiles: Mapping[str, FloatArray], clip: AudioClip, seconds: float) -> tuple[str, float]:
        voice = self._encoder.newest(clip, seconds)
        return max(((name, float(voice @ profile)) for name, profile in profiles.items()), key=lambda pair: pair[1])


def make_profile(encoder: SpeakerEncoder, clips: Sequence[AudioClip]) -> tuple[FloatArray, float]:
    """The profile, (256,) float32 of unit length, of who speaks in all of these clips, and the least similarity to it.

    InputError when they are fewer than `FEWEST`, or not of one voice; also raises as `SpeakerEncoder.encode` does.
    """
    if len(clips) < FEWEST:
        raise InputError(f"Enrolling needs at least {FEWEST} recordings of a voice, not {len(clips)}")
    voices = np.stack([encoder.encode(clip) for clip in clips])
    mean = voices.mean(axis=0)
    profile = np.asarray(mean / np.linalg.norm(mean), np.float32)
    least = float((voices @ profile).min())
    if float((voices @ voices.T).min()) < ONE_VOICE:
        raise InputError("These recordings are not of one voice, or too noisy: record them again, alone and close by")
    return profile, least


def profile_path(name: str = "") -> Path:
    """Returns the path of a voice's profile, which need not exist; raises InputError for an invalid name."""
    if not re.fullmatch(r"[\w-]{0,40}", name):
        raise InputError(f"A voice's name is letters, digits, - and _, 40 at most, not {name[:60]!r}")
    return data_dir() / (f"speaker-{name}.npy" if name else "speaker.npy")


def save_profile(profile: FloatArray, name: str = "") -> Path:
    """Keeps a profile in a file that only its owner may read; returns the file. StorageError on a full disk."""
    path = profile_path(name)
    write_private(path, lambda file: np.save(file, profile.astype(np.float32), allow_pickle=False))
    return path


def load_profiles() -> dict[str, FloatArray]:
    """Name to profile, (256,), of all enrolled voices; InputError when there are none, or a file is damaged."""
    found = {}
    for name, path in _files():
        try:
            profile = np.load(path, allow_pickle=False)
            if profile.shape != (256,) or not np.isfinite(profile).all():
                raise ValueError("no profile")
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{path} is damaged; enroll again: `assistant wake enroll`") from error
        found[name] = np.asarray(profile, np.float32)
    if not found:
        raise InputError("No voice is enrolled yet: run `assistant wake enroll`")
    return found


def forget_profiles(name: str = "") -> list[str]:
    """Deletes the profile of a name, or all; returns the names, "" for the voice without one."""
    files = [(its, path) for its, path in _files() if name in ("", its)]
    for _, path in files:
        path.unlink(missing_ok=True)
    return [its for its, _ in files]


def _files() -> Iterator[tuple[str, Path]]:
    for path in sorted(data_dir().glob("speaker*.npy")):
        if match := re.fullmatch(r"speaker(?:-([\w-]+))?", path.stem):
            yield match[1] or "", path
