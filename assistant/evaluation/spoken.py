"""Do spoken clips meet sentences and pictures in the shared space, without anybody writing down what is said?

Sentences and captions that nothing was trained on are spoken by voices that nothing was trained on; and real people
are looked for among all texts of their recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.evaluation.data import data_folder, read_table
from assistant.fusion import SharedSpace
from assistant.fusion.projection import unit
from assistant.inputs.audio_file import read_audio
from assistant.speech import SpeechRecognizer
from assistant.training.features import Progress
from assistant.training.spoken import STRANGERS, hear
from assistant.types import Encoding, FloatArray

__all__ = ["Spoken", "SpokenSentences", "evaluate_recordings", "evaluate_spoken", "find", "read_requests"]

REQUESTS = 200
"""sentences that are spoken, of the test file of `text_clinc150`"""
VOICES = dict(zip(("neural voice", "espeak-ng"), STRANGERS, strict=True))
RECORDINGS = ("speech_misc_gold", "speech_homeassistant_commands")
PEOPLE = ("human", "recorded")
"""how the kind of a recording of a person begins; other recordings only add their texts"""
LONGEST = 20.0
"""seconds; longer recordings are left out"""

Read = Callable[[Sequence[str]], FloatArray]
"""sentences → (n, 384) in the shared space"""


@dataclass(frozen=True)
class Spoken:
    """Shares of clips, 0 to 1."""

    first: float
    """what belongs to the clip comes first"""
    tenth: float
    """what belongs to the clip is among the first ten"""
    clips: int
    items: int
    """how many each clip chooses among"""


@dataclass(frozen=True, eq=False)
class SpokenSentences:
    """Sentences to be spoken, and what each is to find."""

    name: str
    finds: str
    texts: Sequence[str]
    items: FloatArray
    """(n, 384), in the same order"""


def read_requests(read: Read, seed: int) -> SpokenSentences:
    """Requests of many kinds, each of which is to find itself."""
    texts = [row["text"] for row in read_table(data_folder("text_clinc150") / "test.csv")]
    order = np.random.default_rng(seed).permutation(len(texts))[:REQUESTS]
    chosen = [texts[index] for index in order]
    return SpokenSentences("request", "its text", chosen, read(chosen))


def evaluate_spoken(
    sentences: Sequence[SpokenSentences], recognizer: SpeechRecognizer, work: Path, progress: Progress
) -> dict[str, Spoken]:
    """Have every sentence spoken by strange voices and look for what belongs to it.

    Args:
        sentences: what is said and found.
        recognizer: Whisper; the size that the shipped map was learnt from.
        work: where what was heard is kept.
        progress: told how far it is.

    Raises:
        DeviceError: a voice is not installed.
    """
    found: dict[str, Spoken] = {}
    for said in sentences:
        for name, voice in VOICES.items():
            step = f"{said.name}s, {name}"
            heard = hear(said.texts, [voice], recognizer, work / "spoken", step, progress)
            placed = _place([_encoding(moments) for moments in heard])
            found[f"{said.name}, {name} → {said.finds}"] = find(placed, said.items, np.arange(len(placed)))
    return found


def evaluate_recordings(read: Read, recognizer: SpeechRecognizer, progress: Progress) -> dict[str, Spoken]:
    """Look for the text of each recording of a person among all English texts.

    Raises:
        InputError: the data is not there.
    """
    rows = [(folder, row) for name in RECORDINGS for folder in [data_folder(name)] for row in _english(folder)]
    texts = sorted({row["text"].lower() for _, row in rows})
    people = [(folder / row["file"], row["text"].lower()) for folder, row in rows if row["kind"].startswith(PEOPLE)]
    heard, own = [], []
    for done, (path, text) in enumerate(people, 1):
        try:
            clip = read_audio(path, LONGEST)
        except InputError:
            continue  # longer than that
        heard.append(recognizer.hear(clip))
        own.append(texts.index(text))
        progress("listening to people", done, len(people))
    placed, items = _place(heard), read(texts)
    wrong = np.roll(np.array(own), 1)
    return {
        "recorded person → their text": find(placed, items, np.array(own)),
        "recorded person → another's text (chance)": find(placed, items, wrong),
    }


def find(clips: FloatArray, items: FloatArray, own: np.ndarray) -> Spoken:
    """How often clips (n, d) find item `own` (n,) among items (m, d)."""
    similarity = unit(clips) @ unit(items).T
    place = (similarity > similarity[np.arange(len(own)), own][:, None]).sum(axis=1)
    return Spoken(float((place < 1).mean()), float((place < 10).mean()), len(clips), len(items))


def _english(folder: Path) -> list[Mapping[str, str]]:
    rows = read_table(folder / "manifest.csv")
    return [row for row in rows if row["lang"] == "en" and row["text"] and row["kind"] != "out_of_vocabulary"]


def _encoding(moments: FloatArray) -> Encoding:
    return Encoding("audio", "whisper", moments, np.ones(len(moments), np.bool_), moments.mean(axis=0))


def _place(heard: Sequence[Encoding]) -> FloatArray:
    space = SharedSpace()
    placed = [space.place(encoding) for encoding in heard]
    missing = np.zeros(space.dimension, np.float32)
    return np.stack([missing if row is None else row for row in placed])
