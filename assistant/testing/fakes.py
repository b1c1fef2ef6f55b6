"""Fakes of the objects that a handler gets."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from assistant.dialogue.questions import InvalidAnswer, Question, read_answer
from assistant.errors import InputError
from assistant.inputs.audio_file import read_audio
from assistant.inputs.image_file import read_picture
from assistant.outputs.schedule import Schedule, Scheduled
from assistant.plugins.api import Exchange
from assistant.plugins.tools import Tool
from assistant.retrieval.collection import StoredCollection
from assistant.retrieval.entries import LibraryAnswer
from assistant.retrieval.items import MEANING, SHARED
from assistant.retrieval.terms import telling_words
from assistant.storage import Database
from assistant.types import AudioClip, FloatArray, Picture, Reply, TextLine, Transcript, Turn, new_id
from assistant.understanding.entities import Recurrence

__all__ = ["FakeDialogue", "FakeEmbedder", "FakeServices", "FakeTools", "words_of"]

T = TypeVar("T")


class FakeDialogue:
    """A `Dialogue` that answers each question from a list: texts as a user types them, pictures as they are."""

    def __init__(self, answers: Sequence[str | Picture] = (), session: str = "test") -> None:
        self.session = session
        self.id = "test-dialogue"
        self.asked: list[str] = []
        """the questions so far"""
        self.done: dict[str, Any] = {}
        """side effects by key"""
        self._answers = list(answers)

    async def ask(
        self,
        question: str,
        *,
        kind: type[T] | None = None,
        choices: Sequence[str] = (),
        mentions: Sequence[str] = (),
        speech: str = "",
    ) -> Any:
        """See `Dialogue.ask`.

        Raises:
            AssertionError: the test has no answer left, or its answer does not fit the question.
        """
        asked = Question.of(question, kind, choices, speech, mentions)
        self.asked.append(question)
        if not self._answers:
            raise AssertionError(f"the plugin asked {question!r}, and the test has no answer left")
        answer = self._answers.pop(0)
        turn = Turn(images=(answer,)) if isinstance(answer, Picture) else Turn(text=answer)
        try:
            return read_answer(asked, turn)
        except InvalidAnswer as invalid:
            raise AssertionError(f"{answer!r} is not an answer to {question!r}: {invalid}") from invalid

    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """See `Dialogue.once`."""
        if key not in self.done:
            made = effect()
            self.done[key] = await made if isinstance(made, Awaitable) else made
        result: T = self.done[key]
        return result


@dataclass
class FakeTools:
    """`Tools` that answer what the test sets."""

    toolbox: Mapping[Tool, Callable[[Mapping[str, Any]], Reply]]

    async def list(self, most: int = 12) -> list[Tool]:
        """The tools the test set."""
        return [*self.toolbox][:most]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Reply:
        """Returns the reply that the test set.

        Raises:
            InputError: the tool does not exist.
        """
        for tool, answer in self.toolbox.items():
            if tool.name == name:
                return answer(arguments)
        raise InputError(f"There is no tool {name!r}.")


@dataclass
class FakeServices:
    """`Services` that answer what the test sets."""

    data_dir: Path = Path()
    """by default a fresh folder, deleted with the object"""
    lines: Sequence[str] = ()
    """what `read_text` finds, top to bottom"""
    labels: Sequence[tuple[str, float]] = ()
    """what `classify` sees, best first"""
    kinds: Mapping[str, float] = field(default_factory=dict)
    """what `picture_kinds` takes every picture for"""
    places: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """what `locate` finds"""
    shown: Sequence[Picture] = ()
    """the pictures of the conversation, newest first"""
    transcript: Transcript = field(default_factory=lambda: Transcript("", ""))
    known: Sequence[tuple[str, str, tuple[str, ...]]] = ()
    """what `intents` lists"""
    options: Mapping[str, Any] = field(default_factory=dict)
    """the plugin's own settings, as the user wrote them"""
    said: Sequence[Exchange] = ()
    """the conversation so far, oldest first"""
    clock: Callable[[], float] = time.time
    """seconds since the epoch, for what is said later"""
    rings: bool = True
    """whether a program runs that says what was to be said later"""
    toolbox: Mapping[Tool, Callable[[Mapping[str, Any]], Reply]] = field(default_factory=dict)
    """what `tools` lists, and what a call of each answers or raises"""
    facts: dict[str, str] = field(default_factory=dict)
    """what the user told about themselves"""
    library: Sequence[LibraryAnswer] = ()
    """what the user's library holds"""
    unread: Mapping[str, str] = field(default_factory=dict)
    """what could not be read of the library's files"""

    def __post_init__(self) -> None:
        if self.data_dir == Path():
            self.data_dir = Path(tempfile.mkdtemp(prefix="assistant-test-"))
            weakref.finalize(self, shutil.rmtree, self.data_dir, ignore_errors=True)

    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """The end of the conversation the test set."""
        return list(self.said)[-last:]

    async def remembered(self) -> dict[str, str]:
        """The facts the test set, and those kept since."""
        return dict(self.facts)

    async def remember(self, key: str, value: str) -> None:
        """Keep a fact."""
        self.facts.pop(key, None)
        self.facts[key] = value

    async def forget(self, keys: Sequence[str]) -> int:
        """Forget facts."""
        return sum(self.facts.pop(key, None) is not None for key in keys)

    async def open_picture(self, path: str | os.PathLike[str]) -> Picture:
        """The file's picture, really read."""
        return read_picture(Path(path))

    async def open_audio(self, path: str | os.PathLike[str]) -> AudioClip:
        """The file's sound, really read."""
        return read_audio(path)

    async def read_text(self, picture: Picture) -> list[TextLine]:
        """The lines the test set, one below the other."""
        return [TextLine(text, 1.0, (0.0, 20.0 * row, 100.0, 20.0 * row + 18)) for row, text in enumerate(self.lines)]

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """Vectors (n, 256) of hashed words: equal for equal words, whatever their order."""
        return _hashed(texts, 256)

    async def relevance(self, question: str, texts: Sequence[str]) -> list[float]:
        """Half and more for texts that share a telling word with the question, 0 for the others."""
        asked = set(telling_words(question))
        shared = [len(asked & set(telling_words(text))) for text in texts]
        return [(1 + each / len(asked)) / 2 if each else 0.0 for each in shared]

    def collection(self, name: str, encoded: str | os.PathLike[str] | None = None) -> StoredCollection:
        """A real collection in a folder of the test's, in which equal words mean the same, and equal colours."""
        file = Path(encoded) if encoded else None
        embedder = FakeEmbedder(self.transcript.text)
        return StoredCollection(self.data_dir / "collections", name, embedder, encoded=file)

    async def library_answers(self, question: str, top: int = 3, least: float | None = None) -> list[LibraryAnswer]:
        """The answers the test set that share a word with the question and are as relevant; by default half."""
        words = set(question.lower().split())
        enough = 0.5 if least is None else least
        found = [each for each in self.library if words & set(each.text.lower().split())]
        return [each for each in found if each.relevance >= enough][:top]

    async def library_files(self) -> list[str]:
        """The files of the answers the test set."""
        return sorted({each.source for each in self.library})

    async def library_unread(self) -> dict[str, str]:
        """The unread files set by the test."""
        return dict(self.unread)

    async def library_texts(self, path: str) -> list[str]:
        """The answers' own texts."""
        return [each.text for each in self.library if each.source == path]

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """The labels the test set."""
        return list(self.labels)[:top]

    async def locate(self, picture: Picture, names: Sequence[str]) -> FloatArray:
        """The places the test set."""
        return self.places

    async def picture_kinds(self, picture: Picture) -> dict[str, float]:
        """The kinds the test set."""
        return dict(self.kinds)

    async def pictures(self, session: str, last: int = 1) -> list[Picture]:
        """The pictures the test set."""
        return list(self.shown)[:last]

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """The transcript the test set."""
        return self.transcript

    def tools(self, session: str) -> FakeTools:
        """The tools the test set."""
        return FakeTools(self.toolbox)

    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The intents the test set."""
        return list(self.known)

    @cached_property
    def schedule(self) -> Schedule:
        """A real schedule in a file of the test; due entries ring only when claimed."""
        return Schedule(Database(f"sqlite:///{self.data_dir / 'schedule.sqlite3'}"), lambda: self.clock())

    def ring(self) -> list[str]:
        """Ring all that is due, and return the replies."""
        entries = self.schedule.claim()
        self.schedule.strike_out(entries)
        return [entry.reply.text for entry in entries]

    async def at(
        self, when: datetime | None, reply: Reply, *, session: str, key: str = "", insistent: bool = False
    ) -> Scheduled:
        """Keeps it in the schedule."""
        kept = self.schedule.put("test", key or new_id(), session, reply, when, insistent=insistent)
        return replace(kept, rings=self.rings)

    async def every(
        self,
        repeat: Recurrence,
        reply: Reply,
        *,
        start: datetime,
        session: str,
        key: str = "",
        insistent: bool = False,
    ) -> Scheduled:
        """Keeps it in the schedule."""
        kept = self.schedule.put("test", key or new_id(), session, reply, start, repeat, insistent=insistent)
        return replace(kept, rings=self.rings)

    async def announce(self, reply: Reply, *, session: str) -> None:
        """Really kept, and due."""
        self.schedule.put("test", new_id(), session, reply, datetime.fromtimestamp(self.clock()).astimezone())

    async def scheduled(self, session: str, prefix: str = "", most: int = 1_000) -> list[Scheduled]:
        """Returns the entries kept."""
        return [replace(each, rings=self.rings) for each in self.schedule.find("test", session, prefix, most)]

    async def unschedule(self, keys: Sequence[str]) -> int:
        """Really forgotten."""
        return self.schedule.drop("test", keys)


@dataclass
class FakeEmbedder:
    """Encodes words by their letters and pictures by their colours, and transcribes what the test set."""

    said: str = ""
    """in every clip"""
    version: str = "fake"
    text_version: str = "fake"

    async def embed_texts(self, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Vectors of hashed words."""
        return _hashed(texts, SHARED), _hashed(texts, MEANING)

    async def embed_picture(self, picture: Picture) -> FloatArray:
        """The colours of 8 × 16 places."""
        pixels = np.asarray(picture.image.resize((16, 8)), np.float32).ravel() + 1
        return pixels / np.linalg.norm(pixels)

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """Returns the transcript that the test set."""
        return Transcript(self.said, "en")


def _hashed(texts: Sequence[str], dimension: int) -> FloatArray:
    vectors = np.zeros((len(texts), dimension), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in words_of(text):
            vectors[row, sum(word.encode()) % dimension] += 1
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)


def words_of(text: str) -> set[str]:
    """The words of a text, lower case; a Chinese character is one."""
    return set(re.findall(r"[a-z0-9']+|[^\W\da-z_]", text.lower()))
