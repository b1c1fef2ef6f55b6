"""Training the spotter of stop words on examples under the assistant's own voice, in rooms and noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from assistant.fusion.shipped import save_weights
from assistant.settings import Settings
from assistant.speech.stop_words import BANDS, FRAMES, HOP, WEIGHTS, log_mel, network, normalized
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.stop_word_voices import Material, read_corpora, read_material, stretched
from assistant.types import FloatArray

__all__ = ["fit_stop_words", "train_stop_words"]

RATE = 16_000
LENGTH = FRAMES * HOP + 256
"""samples of one example"""
WEIGHT_DECAY, RATE_OF_LEARNING, BATCH, EPOCHS, AGAIN = 1e-2, 2e-3, 256, 12, 6
LIKELY = 0.02
"""probability from which a spectrogram without a stop word is worth learning from again"""
THROAT, PACE, BALANCE = (0.88, 1.12), (0.75, 1.3), 0.6
"""how far a voice is made another: its resonances and its pace, times as much, and how much louder or softer a part of
its spectrum becomes (half nepers)"""
CHANNELS, BLOCKS, WIDTH = 64, 4, 9


class _Examples:
    """Draws examples: spectrograms with the number of the word that ends at their end, 0 for none."""

    def __init__(self, material: Material, seed: int) -> None:
        self._material, self._draw = material, np.random.default_rng(seed)

    def some(self, count: int, progress: StepProgress) -> tuple[FloatArray, Any]:
        rows, labels = np.zeros((count, FRAMES, BANDS), np.float32), np.zeros(count, np.int64)
        for row in tracked(progress, "examples", range(count)):
            samples, labels[row] = self._positive() if self._draw.random() < 0.4 else (self._negative(), 0)
            rows[row] = normalized(log_mel(samples))
        return rows, labels

    def stretches(self) -> Iterator[FloatArray]:
        """All speech without a stop word, as it is and in rooms with noise."""
        for clip in [*self._material.own, *self._material.speech]:
            yield clip
            if len(clip) > LENGTH:
                yield self._in_a_room(clip, clip, len(clip))

    def _positive(self) -> tuple[FloatArray, int]:
        number, word = self._pick(self._material.words)
        word = stretched(word, float(self._draw.uniform(0.88, 1.14)))
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
            word = stretched(self._pick(self._material.alike), float(self._draw.uniform(0.88, 1.14)))
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

    def _in_a_room(self, line: FloatArray, word: FloatArray, length: int = LENGTH) -> FloatArray:
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
        return np.clip(line[-length:], -1, 1)

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


def train_stop_words(settings: Settings, progress: StepProgress, examples: int, seed: int, out: Path | None) -> Report:
    """Trains on `examples` drawn from all voices, and writes the weights, in float16, with their hash."""
    material, path = read_material(*read_corpora(seed), progress, seed), out or WEIGHTS
    weights = fit_stop_words(material, progress, examples=examples, seed=seed)
    save_weights(path.stem, weights, path.parent)
    rows = [Row("weights", sum(array.size for array in weights.values()))]
    return Report("train stop-words", f"{examples} examples", rows, [f"Written to {path}"])


def fit_stop_words(
    material: Material, progress: StepProgress, *, examples: int = 30_000, seed: int = 0
) -> dict[str, FloatArray]:
    """Trains the network, twice: the second time also on what it took for stop words though it was none.

    Returns its weights as `assistant.speech.stop_words.network` reads them.
    """
    torch.manual_seed(seed)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the layers are too small to share
    draw = _Examples(material, seed)
    rows, labels = draw.some(examples, progress)
    model = _Network(max(number for number, _ in material.words) + 1)
    _train(model, rows, labels, EPOCHS, RATE_OF_LEARNING, progress, 1, seed)
    hard = _hardest(model.exported(), draw.stretches(), examples // 3)
    rows, labels = np.concatenate([rows, hard]), np.concatenate([labels, np.zeros(len(hard), np.int64)])
    _train(model, rows, labels, AGAIN, RATE_OF_LEARNING / 2, progress, 2, seed)
    torch.set_num_threads(threads)
    return model.exported()


def _train(
    model: _Network,
    rows: FloatArray,
    labels: Any,
    epochs: int,
    rate: float,
    progress: StepProgress,
    step: int,
    seed: int,
) -> None:
    steps = epochs * (len(rows) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    loss_of = nn.CrossEntropyLoss()
    order = torch.Generator().manual_seed(seed + step)
    inputs, wanted = torch.from_numpy(rows), torch.from_numpy(labels)
    model.train()
    for _ in tracked(progress, f"training {step}", range(epochs)):
        chosen = torch.randperm(len(rows), generator=order)[: len(rows) // BATCH * BATCH].reshape(-1, BATCH)
        for batch in chosen:
            loss = loss_of(model(_masked(_as_another_voice(inputs[batch], order), order)), wanted[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    model.eval()


def _hardest(weights: dict[str, FloatArray], stretches: Iterable[FloatArray], count: int) -> FloatArray:
    """The spectrograms that are taken for stop words most, of all seconds of stretches of speech without one."""
    found: list[tuple[FloatArray, FloatArray]] = []
    for samples in stretches:
        frames = log_mel(samples)
        if len(frames) < FRAMES:
            continue
        windows = normalized(np.lib.stride_tricks.sliding_window_view(frames, FRAMES, axis=0)[::2].swapaxes(1, 2))
        scores = network(weights, windows)
        likely = scores > LIKELY
        found.append((scores[likely], windows[likely].astype(np.float16)))
    scores, rows = np.concatenate([s for s, _ in found]), np.concatenate([r for _, r in found])
    return rows[np.argsort(-scores)[:count]].astype(np.float32)


def _as_another_voice(rows: Tensor, order: torch.Generator) -> Tensor:
    """Spectrograms of another throat, pace and microphone: bands and frames are warped, and the balance is changed."""
    count = len(rows)

    def drawn(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=order)

    bands = torch.linspace(-1, 1, BANDS).expand(count, BANDS)
    bands = (bands + 1) * drawn(*THROAT, 1) - 1
    times = 1 - (1 - torch.linspace(-1, 1, FRAMES)) * drawn(*PACE, 1)  # the end stays where it is
    grid = torch.stack([bands[:, None].expand(-1, FRAMES, -1), times[:, :, None].expand(-1, -1, BANDS)], dim=-1)
    warped = nn.functional.grid_sample(rows[:, None], grid, padding_mode="border", align_corners=True)[:, 0]
    curve = nn.functional.interpolate(drawn(-BALANCE, BALANCE, 1, 5), BANDS, mode="linear", align_corners=True)
    return warped + curve


def _masked(rows: Tensor, order: torch.Generator) -> Tensor:
    """Spectrograms with a random band and a random moment left out (SpecAugment)."""
    rows = rows.clone()
    band, moment = (int(torch.randint(0, most, (), generator=order)) for most in (BANDS - 6, FRAMES - 5))
    rows[::2, :, band : band + 6] = 0
    rows[1::2, moment : moment + 5] = 0
    return rows


class _Network(nn.Module):
    """The network that `assistant.speech.stop_words.network` runs."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(BANDS, CHANNELS, 5, stride=2, padding=2)
        self.depth = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, WIDTH, padding=WIDTH // 2, groups=CHANNELS) for _ in range(BLOCKS)
        )
        self.point = nn.ModuleList(nn.Linear(CHANNELS, CHANNELS) for _ in range(BLOCKS))
        self.last = nn.Linear(CHANNELS * FRAMES // 2, classes)
        self.drop = nn.Dropout(0.3)

    def forward(self, rows: Tensor) -> Tensor:
        x = torch.relu(self.first(rows.transpose(1, 2)))
        for depth, point in zip(self.depth, self.point, strict=True):
            x = torch.relu(x + point(torch.relu(depth(x)).transpose(1, 2)).transpose(1, 2))
        scores: Tensor = self.last(self.drop(x.transpose(1, 2).flatten(1)))
        return scores

    def exported(self) -> dict[str, FloatArray]:
        arrays: dict[str, Any] = {
            "first.weight": self.first.weight.permute(2, 1, 0).reshape(-1, CHANNELS),
            "first.bias": self.first.bias,
            "last.weight": self.last.weight.T,
            "last.bias": self.last.bias,
        }
        layers: Any = zip(self.depth, self.point, strict=True)
        for number, (depth, point) in enumerate(layers):
            arrays |= {f"depth.{number}.weight": depth.weight[:, 0], f"depth.{number}.bias": depth.bias}
            arrays |= {f"point.{number}.weight": point.weight.T, f"point.{number}.bias": point.bias}
        return {name: np.ascontiguousarray(array.detach().numpy(), np.float32) for name, array in arrays.items()}
