"""Measures the time and the errors of transcribing short commands, beside faster-whisper in the same run."""

from __future__ import annotations

import statistics
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import ModelUnavailable
from assistant.evaluation.metrics import milliseconds, peer_of, word_error_rate
from assistant.inputs.audio_file import read_audio
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer, Synthesizer
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import read_table
from assistant.types import AudioClip, FloatArray
from assistant.weights.catalogue import Catalogue, Model
from assistant.weights.store import ModelStore

__all__ = ["MEDIAN", "evaluate_speech", "load_peer", "measure_noises", "recorded_commands", "spoken_commands"]

Command = tuple[AudioClip, str]
"""a clip at 16 kHz and the words spoken in it"""
OURS, WHOLE, PEER = "right-sized window", "full window", "faster-whisper int8"
MEDIAN = "transcription of a short command, median"
PEER_MODEL = "faster-whisper-base"
LONGEST = 30.0
"""seconds of a clip"""

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
    for clip, words in tracked(progress, "listening", clips):
        for name, transcribe in ways.items():
            texts[name].append((words, transcribe(clip)))
        rounds = [[milliseconds(partial(transcribe, clip)) for transcribe in ways.values()] for _ in range(runs)]
        for name, measured in zip(ways, zip(*rounds, strict=True), strict=True):
            times[name].append(statistics.median(measured))
    medians = {name: statistics.median(each) for name, each in times.items()}
    wrong = {name: 100.0 * word_error_rate(pairs, language) for name, pairs in texts.items()}
    rows = [
        Row(MEDIAN, medians[OURS], "ms", peer=peer_of(PEER, medians)),
        Row("words wrong", wrong[OURS], "%", wrong.get(PEER), peer=peer_of(PEER, wrong)),
        Row(f"{WHOLE}, median", medians[WHOLE], "ms"),
        Row(f"{WHOLE}, words wrong", wrong[WHOLE], "%"),
    ]
    rows += [measure_noises(noises, settings, progress)] if noises else []
    seconds = statistics.median(clip.duration for clip, _ in clips)
    measured_on = f"{len(clips)} clips of {seconds:.1f} s, {runs} runs each, {settings.inference.threads} threads"
    return Report("evaluate speech", measured_on, rows)


def measure_noises(folder: Path, settings: Settings, progress: StepProgress) -> Row:
    """Counts the recordings without speech in which words are heard."""
    recognizer = SpeechRecognizer.from_settings(settings)
    files = sorted({folder / row["file"] for row in read_table(folder / "manifest.csv")})
    tracks = tracked(progress, "listening to noises", files)
    heard = sum(bool(recognizer.transcribe(read_audio(file)).text) for file in tracks)
    return Row(f"noises in which words are heard, of {len(files)}", heard, at_most=0)


def _ways(settings: Settings, language: str) -> Iterator[tuple[str, Callable[[AudioClip], str]]]:
    speech, threads = settings.speech, settings.inference.threads
    for name, size in ((OURS, True), (WHOLE, False)):
        recognizer = SpeechRecognizer(speech.model, language, right_sized=size, margin=speech.margin, threads=threads)
        recognizer.load()
        yield name, lambda clip, recognizer=recognizer: recognizer.transcribe(clip).text  # type: ignore[misc]
    if find_spec("faster_whisper") is not None:
        theirs = load_peer(threads, language)
        yield PEER, lambda clip: theirs(clip.samples)


def load_peer(threads: int, language: str) -> Callable[[FloatArray], str]:
    """Loads faster-whisper (base, int8, greedy) and returns a function from samples at 16 kHz to text.

    `language` is ISO 639-1, or "auto".
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise ModelUnavailable("The peer is not installed: pip install 'multimodal-assistant[evaluate]'") from error
    entry = tomllib.loads(Path(__file__).with_name("speech_peer.toml").read_text("utf-8"))
    peer = Model.model_validate({"name": PEER_MODEL, **entry})
    folder = ModelStore(Catalogue({PEER_MODEL: peer})).ensure(PEER_MODEL)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def transcribe(samples: FloatArray) -> str:
        segments, _ = model.transcribe(samples, language=None if language == "auto" else language, beam_size=1)
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe


def spoken_commands() -> Iterator[Command]:
    """Yields commands of 3 to 5 s, spoken by the English voice."""
    voice = Synthesizer("hibari")
    yield from ((voice.recording(words), words) for words in COMMANDS)


def recorded_commands(folder: Path, language: str = "") -> Iterator[Command]:
    """Yields the clips of a folder with their words, from a manifest.csv with file, text and, optionally, lang.

    Rows without words or in another language, and clips over 30 s, are left out.
    """
    for row in read_table(folder / "manifest.csv"):
        if row["text"] and row.get("lang", language) == (language or row.get("lang", language)):
            clip = read_audio(folder / row["file"])
            if clip.duration <= LONGEST:
                yield clip, row["text"]
