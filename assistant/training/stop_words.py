"""Training the spotter of stop words on synthetic voices under the assistant's own voice, in rooms and noise.

Voices: those of espeak-ng, in many languages, pitches and speeds, and the assistant's own. What is no stop word: the
same voices with sentences and with words that sound alike, and people's recordings where there are some.
"""

from __future__ import annotations

import io
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import InputError
from assistant.speech.stop_words import BANDS, FRAMES, HOP, log_mel, normalized
from assistant.speech.synthesis import Synthesizer
from assistant.terminal.steps import StepProgress
from assistant.types import FloatArray

__all__ = ["ALIKE", "WORDS", "Material", "espeak_variants", "fit_stop_words", "read_material", "spoken", "trimmed"]

RATE = 16_000
LENGTH = FRAMES * HOP + 256
"""samples of one example"""
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
ALIKE = (
    "top, shop, step, drop, stock, stuff, star, store, stand, still, stay, spot, adopt, sto, start, quite, quick, "
    "quality, client, quote, acquire, riot, rough, tough, enjoy, in a, no, nothing, science, sirens, patience, rush, push, "
    "shut, shutter, cut, up, house, hello, yes, okay, mhm, aha, thanks, all, also, auto, art, pasta, faster, half, hat, "
    "jarvis, alexa, alarm, order, parcel, quarter, continue, go on, the second one, roll a die"
)
"""words that are none, many of them like one"""
WEIGHT_DECAY, RATE_OF_LEARNING, BATCH, EPOCHS = 1e-2, 2e-3, 256, 14
CHANNELS, BLOCKS, WIDTH = 64, 4, 9


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
        raise InputError(f"espeak-ng cannot say {text!r} in {language!r} ({error}): `sudo apt install espeak-ng`") from error
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    return np.asarray(soxr.resample(samples, rate, RATE), np.float32)


def trimmed(samples: FloatArray) -> FloatArray:
    """A word without the silence around it, 35 dB below its loudest 16 ms."""
    count = len(samples) // HOP
    power = np.square(samples[: count * HOP]).reshape(count, HOP).mean(axis=1)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10**-3.5)
    return samples[loud[0] * HOP : (loud[-1] + 1) * HOP] if len(loud) else samples[:0]


def read_material(
    sentences: Sequence[str], recordings: Sequence[Path], noises: Sequence[Path], progress: StepProgress, seed: int = 0
) -> Material:
    """Has all voices speak, and reads recordings of people (16 kHz) who say no stop word."""
    import soundfile

    draw = np.random.default_rng(seed)
    variants, numbers = ["", *espeak_variants(False)], _numbers()
    words: list[tuple[int, FloatArray]] = []
    own = Synthesizer("hibari")
    for at, (language, listed) in enumerate(WORDS.items(), 1):
        for word in listed.split(", "):
            for _ in range(200 if language == "en" else 120 if language == "zh" else 60):
                words.append((numbers[word], trimmed(_said(draw, word, language, variants))))
        progress("stop words", at, len(WORDS))
    for word in WORDS["en"].split(", "):
        for speed in np.linspace(0.75, 1.35, 10):
            clip = Synthesizer("hibari", float(speed))
            clip._hibari = own._voice()  # the voice is loaded once
            sample = trimmed(clip.recording(f"{word.capitalize()}.", "en").samples)
            words += [(numbers[word], _stretched(sample, factor)) for factor in (0.85, 0.93, 1.0, 1.0, 1.08, 1.18)]
    alike = [trimmed(_said(draw, word, "en", variants)) for word in ALIKE.split(", ") for _ in range(12)]
    alike += [own.recording(f"{word.capitalize()}.", "en").samples for word in ALIKE.split(", ")]
    half = len(sentences) // 3
    said = []
    for at, text in enumerate(sentences[:half], 1):
        said.append(own.recording(text, "en").samples)
        progress("sentences", at, len(sentences))
    others = []
    for at, text in enumerate(sentences[half:], half + 1):
        others.append(_said(draw, text, "en", variants))
        progress("sentences", at, len(sentences))
    others += [soundfile.read(path, dtype="float32")[0] for path in recordings]
    return Material(words, alike, others, said, [soundfile.read(path, dtype="float32")[0] for path in noises])


def _numbers() -> dict[str, int]:
    """Each stop word's number; the same word in two languages has two."""
    names = [word for listed in WORDS.values() for word in listed.split(", ")]
    return {name: number for number, name in enumerate(dict.fromkeys(names), 1)}


def _said(draw: np.random.Generator, text: str, language: str, variants: Sequence[str]) -> FloatArray:
    variant = variants[int(draw.integers(len(variants)))]
    speed, pitch = int(draw.integers(110, 230)), int(draw.integers(15, 90))
    return spoken(text, language, variant, speed=speed, pitch=pitch)


def _stretched(samples: FloatArray, factor: float) -> FloatArray:
    """Faster and higher (above 1), or slower and lower."""
    import soxr

    return np.asarray(soxr.resample(samples, RATE * factor, RATE), np.float32)


class _Examples:
    """Draws examples: spectrograms with the number of the word that ends at their end, 0 for none."""

    def __init__(self, material: Material, seed: int) -> None:
        self._material, self._draw = material, np.random.default_rng(seed)

    def some(self, count: int, progress: StepProgress) -> tuple[FloatArray, Any]:
        rows, labels = np.zeros((count, FRAMES, BANDS), np.float32), np.zeros(count, np.int64)
        for row in range(count):
            samples, labels[row] = self._positive() if self._draw.random() < 0.4 else (self._negative(), 0)
            rows[row] = normalized(log_mel(samples))
            progress("examples", row + 1, count)
        return rows, labels

    def _positive(self) -> tuple[FloatArray, int]:
        number, word = self._pick(self._material.words)
        word = _stretched(word, float(self._draw.uniform(0.88, 1.14)))
        late = int(self._draw.uniform(0.0, 0.2) * RATE)
        line = np.zeros(LENGTH + RATE, np.float32)
        end = len(line) - late
        begin = max(0, end - len(word))
        line[begin:end] = word[-(end - begin) :]
        if self._draw.random() < 0.25:  # other words before it, by the same person or another
            gap = int(self._draw.uniform(0.05, 0.3) * RATE)
            before = self._stretch(self._material.speech, begin - gap) if begin > gap else line[:0]
            line[: len(before)] = before * self._level(word, before, self._draw.uniform(-6, 6))
        return self._in_a_room(line, word), number

    def _negative(self) -> FloatArray:
        kind = self._draw.random()
        line = np.zeros(LENGTH + RATE, np.float32)
        if kind < 0.2:  # a word that sounds alike
            word = _stretched(self._pick(self._material.alike), float(self._draw.uniform(0.88, 1.14)))
            end = len(line) - int(self._draw.uniform(0.0, 0.3) * RATE)
            word = word[-end:]
            line[end - len(word) : end] = word
        elif kind < 0.3:  # half of a stop word
            _, word = self._pick(self._material.words)
            word = word[: int(len(word) * self._draw.uniform(0.2, 0.5))]
            line[len(line) - len(word) :] = word
        elif kind < 0.65:
            line = self._stretch(self._material.own, len(line))
        elif kind < 0.95:
            line = self._stretch(self._material.speech, len(line))
        return self._in_a_room(line, line)

    def _in_a_room(self, line: FloatArray, word: FloatArray) -> FloatArray:
        draw = self._draw
        if draw.random() < 0.6:
            line = _reverberated(line, draw)
        if draw.random() < 0.6:  # what the echo canceller leaves, or all of it
            rest = self._stretch(self._material.own, len(line))
            line = line + rest * self._level(word, rest, -draw.uniform(-2, 25))
        if draw.random() < 0.3 and self._material.noise:
            noise = self._stretch(self._material.noise, len(line))
            line = line + noise * self._level(word, noise, -draw.uniform(3, 30))
        line = line + 10 ** draw.uniform(-5, -2.7) * draw.standard_normal(len(line)).astype(np.float32)
        line = np.asarray(line * 10 ** draw.uniform(-1.2, 0.3), np.float32)
        return np.clip(line[-LENGTH:], -1, 1)

    def _stretch(self, clips: list[FloatArray], length: int) -> FloatArray:
        """A stretch of one of the clips, which may begin or end within it."""
        clip = self._pick(clips)
        first = int(self._draw.integers(-length // 2, max(1, len(clip) - length // 2)))
        line = np.zeros(length, np.float32)
        part = clip[max(0, first) : first + length]
        at = max(0, -first)
        line[at : at + len(part)] = part[: length - at]
        return line

    def _level(self, word: FloatArray, other: FloatArray, decibels: float) -> np.float32:
        """The gain at which `other` is so many decibels louder than `word`."""
        loud, soft = _loudness(word), _loudness(other)
        return np.float32(loud / soft * 10 ** (decibels / 20)) if loud and soft else np.float32(1)

    def _pick(self, things: Sequence[Any]) -> Any:
        return things[int(self._draw.integers(len(things)))]


def _loudness(samples: FloatArray) -> float:
    power = np.square(samples[np.abs(samples) > 1e-4])
    return float(np.sqrt(power.mean())) if len(power) else 0.0


def _reverberated(samples: FloatArray, draw: np.random.Generator) -> FloatArray:
    count = int(draw.uniform(0.05, 0.35) * RATE)
    tail = draw.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail = tail / np.linalg.norm(tail) * draw.uniform(0.1, 0.7)
    tail[0] += 1.0
    size = 1 << (len(samples) + count).bit_length()
    whole = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
    return np.asarray(whole, np.float32)


def fit_stop_words(material: Material, progress: StepProgress, *, examples: int = 40_000, seed: int = 0) -> dict[str, FloatArray]:
    """Trains the network; returns its weights as `assistant.speech.stop_words.network` reads them."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)  # the layers are too small to share
    draw = _Examples(material, seed)
    rows, labels = draw.some(examples, progress)
    model = _Network(max(number for number, _ in material.words) + 1)
    steps = EPOCHS * (examples // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), RATE_OF_LEARNING, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE_OF_LEARNING, total_steps=steps)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.02)
    order = torch.Generator().manual_seed(seed)
    inputs, wanted = torch.from_numpy(rows), torch.from_numpy(labels)
    for epoch in range(EPOCHS):
        losses = 0.0
        for chosen in torch.randperm(examples, generator=order)[: examples // BATCH * BATCH].split(BATCH):
            loss = loss_of(model(_masked(inputs[chosen], order)), wanted[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses += float(loss.detach())
        progress(f"training, loss {losses * BATCH / examples:.3f}" if epoch + 1 == EPOCHS else "training", epoch + 1, EPOCHS)
    return model.exported()


def _masked(rows: Any, order: Any) -> Any:
    """Spectrograms with a random band and a random moment left out (SpecAugment)."""
    import torch

    rows = rows.clone()
    band, moment = (int(torch.randint(0, most, (), generator=order)) for most in (BANDS - 6, FRAMES - 5))
    rows[::2, :, band : band + 6] = 0
    rows[1::2, moment : moment + 5] = 0
    return rows


def _Network(classes: int) -> Any:  # noqa: N802 - a class, made where torch is loaded
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv1d(BANDS, CHANNELS, 5, stride=2, padding=2)
            self.depth = nn.ModuleList(
                nn.Conv1d(CHANNELS, CHANNELS, WIDTH, padding=WIDTH // 2, groups=CHANNELS) for _ in range(BLOCKS)
            )
            self.point = nn.ModuleList(nn.Linear(CHANNELS, CHANNELS) for _ in range(BLOCKS))
            self.last = nn.Linear(CHANNELS * FRAMES // 2, classes)
            self.drop = nn.Dropout(0.3)

        def forward(self, rows: Any) -> Any:
            x = torch.relu(self.first(rows.transpose(1, 2)))
            for depth, point in zip(self.depth, self.point, strict=True):
                y = point(torch.relu(depth(x)).transpose(1, 2)).transpose(1, 2)
                x = torch.relu(x + y)
            return self.last(self.drop(x.transpose(1, 2).flatten(1)))

        def exported(self) -> dict[str, FloatArray]:
            arrays = {
                "first.weight": self.first.weight.permute(2, 1, 0).reshape(-1, CHANNELS),
                "first.bias": self.first.bias,
                "last.weight": self.last.weight.T,
                "last.bias": self.last.bias,
            }
            for number, (depth, point) in enumerate(zip(self.depth, self.point, strict=True)):
                arrays |= {f"depth.{number}.weight": depth.weight[:, 0], f"depth.{number}.bias": depth.bias}
                arrays |= {f"point.{number}.weight": point.weight.T, f"point.{number}.bias": point.bias}
            return {name: np.ascontiguousarray(array.detach().numpy(), np.float32) for name, array in arrays.items()}

    return Network()

