"""What plugin authors need to test a plugin without models, microphone, camera or network.

::

    from assistant.testing import load_plugin

    def test_throws_a_big_die():
        plugin = load_plugin(Path(__file__).parent.parent)
        assert "rolled" in plugin.ask("throw a 20 sided die").text

`PluginUnderTest.ask` picks the intent whose examples share the most words with the text (name it with ``intent=``
where that matters), reads the slots as the assistant does, answers the plugin's questions from a list, and runs
the handler as the assistant does: in its own lane, under its deadline, in a process of its own if it says so.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from assistant.bus import Bus
from assistant.contracts import Intent, Services
from assistant.dialogue.questions import Misfit, Question, read_answer
from assistant.errors import DeviceError, PluginError
from assistant.events import Event, PluginFailed
from assistant.inputs.audio_file import read_audio
from assistant.inputs.image_file import read_picture
from assistant.intents.slots import extract_slots, missing_slots, slot_question
from assistant.messages import (
    OUT_OF_SCOPE,
    AudioClip,
    Decision,
    Exchange,
    FloatArray,
    Picture,
    Reply,
    TextLine,
    Transcript,
    Turn,
)
from assistant.plugins import PluginInfo, PluginManager
from assistant.plugins.discovery import source_at
from assistant.plugins.record import load_source
from assistant.settings import Settings, load_settings

__all__ = ["FakeDialogue", "FakeServices", "PluginUnderTest", "load_plugin"]

T = TypeVar("T")


class FakeDialogue:
    """A `Dialogue` that answers from a list: texts as a user would type them, pictures as they are.

    Args:
        answers: one per question, in order.
        session: the session's name.
    """

    def __init__(self, answers: Sequence[str | Picture] = (), session: str = "test") -> None:
        self.session = session
        self.id = "test-dialogue"
        self.asked: list[str] = []
        """the questions so far"""
        self.done: dict[str, Any] = {}
        """side effects by key"""
        self._answers = list(answers)

    async def ask(
        self, question: str, *, kind: type[T] | None = None, choices: Sequence[str] = (), speech: str = ""
    ) -> Any:
        """See `Dialogue.ask`.

        Raises:
            AssertionError: the test has no answer left, or its answer does not fit the question.
        """
        asked = Question.of(question, kind, choices, speech)
        self.asked.append(question)
        if not self._answers:
            raise AssertionError(f"the plugin asked {question!r}, and the test has no answer left")
        answer = self._answers.pop(0)
        turn = Turn(images=(answer,)) if isinstance(answer, Picture) else Turn(text=answer)
        try:
            return read_answer(asked, turn)
        except Misfit as misfit:
            raise AssertionError(f"{answer!r} is no answer to {question!r}: {misfit}") from misfit

    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """See `Dialogue.once`."""
        if key not in self.done:
            made = effect()
            self.done[key] = await made if isinstance(made, Awaitable) else made
        result: T = self.done[key]
        return result


@dataclass
class FakeServices:
    """`Services` that answer what the test sets."""

    data_dir: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="assistant-test-")))
    lines: Sequence[str] = ()
    """what `read_text` finds, top to bottom"""
    similarities: Mapping[str, float] = field(default_factory=dict)
    """phrase → similarity, for `describe`; 0 for those not named"""
    labels: Sequence[tuple[str, float]] = ()
    """what `classify` sees, best first"""
    transcript: Transcript = field(default_factory=lambda: Transcript("", ""))
    picture: Picture | None = None
    """what the camera sees; None for no camera"""
    clip: AudioClip | None = None
    """what the microphone hears; None for no microphone"""
    known: Sequence[tuple[str, str, tuple[str, ...]]] = ()
    """what `intents` lists"""
    published: list[Event] = field(default_factory=list)
    """what was published"""
    options: Mapping[str, Any] = field(default_factory=dict)
    """the plugin's own settings, as the user wrote them"""
    said: Sequence[Exchange] = ()
    """the conversation so far, oldest first"""

    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """The end of the conversation the test set."""
        return list(self.said)[-last:]

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
        vectors = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _words(text):
                vectors[row, sum(word.encode()) % 256] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)

    async def describe(self, picture: Picture, phrases: Sequence[str]) -> list[tuple[str, float]]:
        """The phrases with the similarities the test set, best first."""
        return sorted(((p, self.similarities.get(p, 0.0)) for p in phrases), key=lambda pair: -pair[1])

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """The labels the test set."""
        return list(self.labels)[:top]

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """The transcript the test set."""
        return self.transcript

    async def take_picture(self) -> Picture:
        """The picture the test set."""
        if self.picture is None:
            raise DeviceError("There is no camera here.")
        return self.picture

    async def record(self, seconds: float) -> AudioClip:
        """The clip the test set."""
        if self.clip is None:
            raise DeviceError("There is no microphone here.")
        return self.clip

    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The intents the test set."""
        return list(self.known)

    def publish(self, event: Event) -> None:
        """Keep the event in `published`."""
        self.published.append(event)


class PluginUnderTest:
    """One plugin, loaded as the assistant loads it. See `load_plugin`."""

    def __init__(self, manager: PluginManager, failures: list[PluginFailed]) -> None:
        self.manager = manager
        """all hooks, for those who want to call them"""
        self.failures = failures
        """every failure that was reported"""

    @property
    def info(self) -> PluginInfo:
        """What ``assistant plugins list`` shows of it."""
        return self.manager.infos[0]

    @property
    def intents(self) -> tuple[Intent, ...]:
        """What it registered."""
        return self.manager.intents

    def intent(self, name: str) -> Intent:
        """An intent by its name, with or without the plugin's.

        Raises:
            KeyError: it has none of that name.
        """
        for intent in self.intents:
            if name in (intent.name, intent.name.partition(".")[2]):
                return intent
        raise KeyError(f"{name}; there are {', '.join(intent.name for intent in self.intents)}")

    def guess(self, text: str) -> Intent:
        """The intent whose examples share the most words with a text (the assistant itself uses its models)."""

        def likeness(example: str) -> float:
            said, known = _words(text), _words(example)
            return len(said & known) / max(1, len(said | known))

        return max(self.intents, key=lambda intent: max(likeness(example) for example in intent.examples))

    def ask(
        self,
        text: str = "",
        *,
        intent: str = "",
        pictures: Sequence[Picture] = (),
        answers: Sequence[str | Picture] = (),
        services: Services | None = None,
        turn: Turn | None = None,
        **slots: Any,
    ) -> Reply:
        """Let the plugin answer.

        Args:
            text: what the user types.
            intent: which intent is meant; guessed from the text when empty.
            pictures: what the user shows.
            answers: what the user answers to the plugin's questions, in order.
            services: a `FakeServices` of the test's own.
            turn: instead of text and pictures.
            slots: values of slots; those not given are read from the text, or asked for.

        Raises:
            PluginError: the plugin failed.
            AssertionError: it asked more than there are answers.
        """
        turn = turn or Turn(session="test", text=text, images=tuple(pictures))
        meant = self.intent(intent) if intent else self.guess(turn.utterance)
        return self._run(self._answer(meant, turn, FakeDialogue(answers), slots), services)

    def fall_back(self, text: str = "", *, services: Services | None = None, turn: Turn | None = None) -> Reply | None:
        """What its `answer_fallback` says to a turn that belongs to no intent."""
        turn = turn or Turn(session="test", text=text)
        decision = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", out_of_scope=1.0)
        return self._run(self.manager.answer_fallback(turn, decision), services)

    def recognize(self, turn: Turn, *, services: Services | None = None) -> Decision | None:
        """What its `recognize_intent` decides about a turn."""
        return self._run(self.manager.recognize_intent(turn), services)

    def _run(self, call: Awaitable[T], services: Services | None) -> T:
        given = services or FakeServices()

        async def run() -> T:
            await self.manager.startup(lambda info: given)
            if self.info.status == "failed":
                raise PluginError(self.info.name, self.info.reason)
            try:
                return await call
            finally:
                await self.manager.shutdown()

        return asyncio.run(run())

    async def _answer(self, intent: Intent, turn: Turn, dialogue: FakeDialogue, slots: Mapping[str, Any]) -> Reply:
        filled = {**extract_slots(intent, turn.utterance), **slots}
        for slot in missing_slots(intent, filled):
            filled[slot.name] = await dialogue.ask(slot_question(intent, slot), kind=slot.kind, choices=slot.choices)
        return await self.manager.answer(intent, turn, filled, dialogue)


def load_plugin(path: str | Path, settings: Settings | None = None) -> PluginUnderTest:
    """Load a plugin's file or folder, as the assistant would.

    Raises:
        PluginError: it cannot be loaded; says why, with file and line.
    """
    settings = settings or load_settings()
    bus = Bus()
    failures: list[PluginFailed] = []
    bus.listen(lambda event: failures.append(event) if isinstance(event, PluginFailed) else None)
    manager = PluginManager(settings, bus)
    plugin = load_source(source_at(Path(path)), settings)
    manager.add(plugin)
    if plugin.status != "active":
        raise PluginError(plugin.name, plugin.reason)
    return PluginUnderTest(manager, failures)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9']+|[^\W\da-z_]", text.lower()))
