"""Training sounds of the stop-word spotter: stop words, similar words, sentences and noises.

Voices are those of espeak-ng, in many languages, pitches and speeds, flite's where it is installed, which were made of
people's recordings, and the assistant's own. Recordings of people, where there are some, hold no stop word.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.speech.stop_words import HOP
from assistant.speech.synthesis import Synthesizer
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import read_table
from assistant.types import FloatArray

__all__ = [
    "WORDS",
    "Material",
    "espeak_variants",
    "flite_voices",
    "read_corpora",
    "read_material",
    "said_by_flite",
    "spoken",
    "stretched",
    "trimmed",
]

RATE = 16_000
WORDS: dict[str, str] = {
    "en": "stop, stop it, stop talking, quiet, be quiet, enough, that's enough, silence, shut up, hush",
    "zh": "停, 停下, 停止, 停一下, 别说了, 不要说了, 安静, 闭嘴, 够了",
    "de": "stopp, halt, ruhe, genug, hör auf",
    "fr": "arrête, arrêtez, stop, silence, ça suffit, tais-toi",
    "es": "alto, basta, silencio, cállate, detente",
    "it": "basta, fermati, zitto, silenzio",
    "pt": "chega, pare, silêncio",
    "nl": "stop, stil, genoeg",
    "pl": "stop, dość, cisza",
    "ru": "стоп, хватит, тихо, замолчи",
}
"""the stop words of each language"""
SPEECH = (
    "speech_librispeech_resemblyzer",
    "speech_intent_picovoice",
    "speech_homeassistant_commands",
    "speech_zh_aishell3_biaobei",
)
NOISES = "noise_esc10"
SAID = 600
"""sentences"""
SENTENCES = (
    "The letter left our house on Monday and arrives tomorrow in the afternoon.",
    "A plant uses light, water and air to make the sugar that it lives on.",
    "Seven times eight is fifty six, and a quarter of that is fourteen.",
    "Put a cold cloth on it, drink some water, and see a doctor if it gets no better.",
    "Your list now holds milk, bread, potatoes and a bag of onions.",
)
"""said where there is no better text"""
ALIKE = (
    "top, chop, step, drop, stock, stuff, star, store, stand, still, stay, spot, adopt, sto, start, quite, quick, "
    "quality, client, quote, acquire, riot, rough, tough, enjoy, in a, no, nothing, science, sirens, patience, rush, "
    "push, shut, shutter, cut, up, house, hello, yes, okay, mhm, aha, thanks, all, also, auto, art, pasta, faster, "
    "half, hat, jarvis, alexa, alarm, order, partial, quarter, continue, go on, the second one, roll a die"
)
"""words that are none, many of them like one"""
FLITE, FLITE_TIMES = ("kal16", "rms"), 50
"""flite's English voices that teach, and how often each says each word; "awb" and "slt" are for measuring only"""
TIMES = {"en": 200, "zh": 120}
"""how often each word of a language is said; 60 times in others"""


@dataclass
class Material:
    """Clips at 16 kHz to make examples from."""

    words: list[tuple[int, FloatArray]]
    """number of the word, from 1 on, and how it was said, without silence around"""
    alike: list[FloatArray]
    speech: list[FloatArray]
    """sentences of other people"""
    own: list[FloatArray]
    """sentences of the assistant's voice"""
    noise: list[FloatArray]


def espeak_variants(held_out: bool) -> list[str]:
    """The names of espeak-ng's voice variants; those `held_out` (a third) are for measuring only."""
    done = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True)
    names = sorted(line.split()[4].removeprefix("!v/") for line in done.stdout.splitlines()[1:])
    odd = ("whisper", "robo", "Robot", "Demonic", "croak", "Mr", "fast", "Tweaky", "Storm")
    names = [name for name in names if not any(word in name for word in odd)]
    return [name for name in names if (zlib.crc32(name.encode()) % 3 == 0) is held_out]


def spoken(text: str, language: str, variant: str, *, speed: int = 165, pitch: int = 50) -> FloatArray:
    """A text said by espeak-ng, (n,) float32 at 16 kHz.

    Raises:
        InputError: espeak-ng is not installed.
    """
    import soundfile
    import soxr

    voice = {"zh": "cmn", "en": "en-us"}.get(language, language)
    command = ["espeak-ng", "--stdout", "--stdin", "-b", "1", "-v", f"{voice}+{variant}" if variant else voice]
    try:
        done = subprocess.run(
            [*command, "-s", str(speed), "-p", str(pitch)], input=text.encode(), capture_output=True, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(
            f"espeak-ng cannot say {text!r} in {language!r} ({error}): `sudo apt install espeak-ng`"
        ) from error
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    return np.asarray(soxr.resample(samples, rate, RATE), np.float32)


def flite_voices() -> tuple[str, ...]:
    """The names of flite's English voices; none where it is not installed."""
    return FLITE if shutil.which("flite") else ()


def said_by_flite(text: str, voice: str, *, stretch: float = 1.0, shift: float = 1.0) -> FloatArray:
    """A text said by one of `flite_voices`, (n,) float32 at 16 kHz, `stretch` times as long, `shift` times as high."""
    import soundfile
    import soxr

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        values = (f"duration_stretch={stretch:.2f}", f"f0_shift={shift:.2f}")
        settings = [part for value in values for part in ("--setf", value)]
        subprocess.run(["flite", "-voice", voice, *settings, "-t", text, "-o", path], capture_output=True, check=True)
        samples, rate = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(samples, rate, RATE), np.float32)


def trimmed(samples: FloatArray) -> FloatArray:
    """A word without the silence around it, 35 dB below its loudest 16 ms."""
    count = len(samples) // HOP
    power = np.square(samples[: count * HOP]).reshape(count, HOP).mean(axis=1)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10**-3.5)
    return samples[loud[0] * HOP : (loud[-1] + 1) * HOP] if len(loud) else samples[:0]


def read_corpora(seed: int = 0) -> tuple[list[str], list[Path], list[Path]]:
    """The sentences that voices say, and people's recordings and noises in ``ASSISTANT_DATA``, of which half is kept.

    The other half of the recordings is for measuring. Sentences with a stop word are left out.
    """
    root = Path(os.environ.get("ASSISTANT_DATA", ""))
    table = root / "text_clinc150" / "train.csv"
    texts = [row["text"] for row in read_table(table, "text")] if os.environ.get("ASSISTANT_DATA") else list(SENTENCES)
    stops = re.compile(r"\b(?:stop|quiet|enough|silence|hush|halt|basta)\b", re.IGNORECASE)
    texts = [text for text in texts if not stops.search(text)]
    chosen = np.random.default_rng(seed).permutation(len(texts))[:SAID]
    spoken = [path for folder in SPEECH for path in sorted((root / folder).rglob("*.flac"))[::2]]
    return [texts[at] for at in chosen], spoken, sorted((root / NOISES).rglob("*.flac"))[::2]


def read_material(
    sentences: Sequence[str], recordings: Sequence[Path], noises: Sequence[Path], progress: StepProgress, seed: int = 0
) -> Material:
    """Has all voices speak, and reads recordings of people (16 kHz) who say no stop word."""
    import soundfile

    draw = np.random.default_rng(seed)
    variants = ["", *espeak_variants(False)]
    names = dict.fromkeys(word for listed in WORDS.values() for word in listed.split(", "))
    numbers = {name: number for number, name in enumerate(names, 1)}
    words: list[tuple[int, FloatArray]] = []
    own = Synthesizer("hibari")
    for language, listed in tracked(progress, "stop words", list(WORDS.items())):
        for word in listed.split(", "):
            times = TIMES.get(language, 60)
            words += [(numbers[word], trimmed(_said(draw, word, language, variants))) for _ in range(times)]
    for word in WORDS["en"].split(", "):
        for speed in np.linspace(0.75, 1.35, 10):
            clip = Synthesizer("hibari", float(speed))
            clip._hibari = own._hibari  # the voice is loaded once
            sample = trimmed(clip.recording(f"{word.capitalize()}.", "en").samples)
            words += [(numbers[word], stretched(sample, factor)) for factor in (0.85, 0.93, 1.0, 1.0, 1.08, 1.18)]
    people = flite_voices()
    for word in tracked(progress, "stop words by flite", WORDS["en"].split(", ")):
        words += [(numbers[word], trimmed(_flite(draw, word, who))) for who in people for _ in range(FLITE_TIMES)]
    alike = [trimmed(_said(draw, word, "en", variants)) for word in ALIKE.split(", ") for _ in range(12)]
    alike += [own.recording(f"{word.capitalize()}.", "en").samples for word in ALIKE.split(", ")]
    alike += [trimmed(_flite(draw, word, who)) for who in people for word in ALIKE.split(", ") for _ in range(3)]
    half = len(sentences) // 2
    said = [own.recording(text, "en").samples for text in tracked(progress, "own sentences", sentences[:half])]
    others = [_said(draw, text, "en", variants) for text in tracked(progress, "sentences", sentences[half:])]
    others += [_flite(draw, text, people[at % len(people)]) for at, text in enumerate(sentences[:half:3]) if people]
    others += [soundfile.read(path, dtype="float32")[0] for path in recordings]
    return Material(words, alike, others, said, [soundfile.read(path, dtype="float32")[0] for path in noises])


def _said(draw: np.random.Generator, text: str, language: str, variants: Sequence[str]) -> FloatArray:
    variant = variants[int(draw.integers(len(variants)))]
    speed, pitch = int(draw.integers(110, 230)), int(draw.integers(15, 90))
    return spoken(text, language, variant, speed=speed, pitch=pitch)


def _flite(draw: np.random.Generator, text: str, voice: str) -> FloatArray:
    return said_by_flite(text, voice, stretch=float(draw.uniform(0.6, 1.25)), shift=float(draw.uniform(0.8, 1.3)))


def stretched(samples: FloatArray, factor: float) -> FloatArray:
    """Faster and higher (above 1), or slower and lower."""
    import soxr

    return np.asarray(soxr.resample(samples, RATE * factor, RATE), np.float32)
