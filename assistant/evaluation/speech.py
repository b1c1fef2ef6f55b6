"""Measures the time and the errors of transcribing short commands, beside faster-whisper in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from assistant.evaluation import faster_whisper
from assistant.evaluation.metrics import milliseconds, word_error_rate
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer, Synthesizer
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import read_table
from assistant.types import AudioClip

__all__ = ["MEDIAN", "evaluate_speech", "measure_noises", "recorded_commands", "spoken_commands"]

Command = tuple[AudioClip, str]
"""a clip at 16 kHz and the words spoken in it"""
OURS, WHOLE = "right-sized window", "full window"
MEDIAN = "transcription of a short command, median"

COMMANDS = (
    "Please turn on the lights in the kitchen and close the blinds.",
    "Where is my order? I bought a blue kettle last Tuesday.",
    "I have had a headache and a slight fever since yesterday.",
    "What is three quarters of one hundred and twenty?",
    "I would like to return the shoes that arrived this morning.",
    "Set a timer for twenty five minutes and remind me to call my mother.",
)


def evaluate_speech(
    settings: Settings, progress: StepProgress, runs: int, data: Path | None, language: str, noises: Path | None
) -> Report:
    """Transcribes commands with our window, with the full window and with faster-whisper, taking turns clip by clip.

    Args:
        runs: times each clip is transcribed, after one to warm up.
        data: folder of `recorded_commands`; by default the English voice speaks.
        language: ISO 639-1 of all commands.
        noises: folder of recordings without speech, with a manifest.csv.
    """
    clips = list(recorded_commands(data, language) if data else spoken_commands())
    ways = dict(_ways(settings, language))
    times: dict[str, list[float]] = {name: [] for name in ways}
    texts: dict[str, list[tuple[str, str]]] = {name: [] for name in ways}
    for clip, words in clips:
        for name, transcribe in ways.items():
            texts[name].append((words, transcribe(clip)))
        rounds = [
            {name: milliseconds(partial(transcribe, clip)) for name, transcribe in ways.items()} for _ in range(runs)
        ]
        for name in ways:
            times[name].append(statistics.median(row[name] for row in rounds))
    wrong = {name: 100.0 * word_error_rate(pairs, language) for name, pairs in texts.items()}
    peer = faster_whisper.NAME

    def beside(value: Callable[[str], float]) -> Peer | None:
        return Peer(peer, value(peer)) if peer in ways else None

    rows = [
        Row(MEDIAN, statistics.median(times[OURS]), "ms", peer=beside(lambda name: statistics.median(times[name]))),
        Row("slowest clip", max(times[OURS]), "ms", peer=beside(lambda name: max(times[name]))),
        Row("words wrong", wrong[OURS], "%", wrong.get(peer), peer=beside(lambda name: wrong[name])),
        Row(f"{WHOLE}, median", statistics.median(times[WHOLE]), "ms"),
        Row(f"{WHOLE}, words wrong", wrong[WHOLE], "%"),
    ]
    rows += [measure_noises(noises, settings, progress)] if noises else []
    seconds = statistics.median(clip.duration for clip, _ in clips)
    measured = f"{len(clips)} clips of {seconds:.1f} s, {runs} runs each, {settings.inference.threads} threads"
    return Report("evaluate speech", measured, rows)


def measure_noises(folder: Path, settings: Settings, progress: StepProgress) -> Row:
    """Counts the recordings without speech in which words are heard."""
    from assistant.inputs.audio_file import read_audio

    recognizer = SpeechRecognizer.from_settings(settings)
    files = sorted({folder / row["file"] for row in read_table(folder / "manifest.csv")})
    tracks = tracked(progress, "listening to noises", files)
    heard = sum(bool(recognizer.transcribe(read_audio(file)).text) for file in tracks)
    return Row(f"noises in which words are heard, of {len(files)}", heard, at_most=0)


def _ways(settings: Settings, language: str) -> Iterator[tuple[str, Callable[[AudioClip], str]]]:
    threads = settings.inference.threads
    for name, right_sized in ((OURS, True), (WHOLE, False)):
        speech = settings.speech
        recognizer = SpeechRecognizer(
            speech.model, language, right_sized=right_sized, margin=speech.margin, threads=threads
        )
        recognizer.load()
        yield name, lambda clip, recognizer=recognizer: recognizer.transcribe(clip).text  # type: ignore[misc]
    if faster_whisper.installed():
        theirs = faster_whisper.load_peer(threads, language)
        yield faster_whisper.NAME, lambda clip: theirs(clip.samples)


def spoken_commands() -> Iterator[Command]:
    """Yields commands of 3 to 5 s, spoken by the English voice."""
    voice = Synthesizer("hibari")
    yield from ((voice.recording(words), words) for words in COMMANDS)


def recorded_commands(folder: Path, language: str = "") -> Iterator[Command]:
    """Yields the clips of a folder with their words, from a manifest.csv with file, text and, optionally, lang.

    Rows without words or in another language, and clips over 30 s, are left out.
    """
    from assistant.inputs.audio_file import read_audio

    for row in read_table(folder / "manifest.csv"):
        if row["text"] and row.get("lang", language) == (language or row.get("lang", language)):
            clip = read_audio(folder / row["file"])
            if clip.duration <= 30.0:
                yield clip, row["text"]
