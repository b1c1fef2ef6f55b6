"""A pipeline to walk with real plugins, real dialogues and a real database; only the models are small."""

import asyncio
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.bus import Bus
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.manager import DialogueManager
from assistant.encoders.models import Models
from assistant.encoders.runner import ModelRunner
from assistant.encoders.worker import InferenceWorker
from assistant.errors import ModelUnavailable
from assistant.events import Event
from assistant.fusion.projection import SharedSpace
from assistant.pipeline import Pipeline
from assistant.plugins.manager import PluginManager
from assistant.safety import SafetyChecks
from assistant.settings import load_settings, shipped_dir
from assistant.speech.tone import ToneReader
from assistant.storage import Attachments, Database, DialogueLog, History
from assistant.types import AudioClip, Candidate, Decision, Encoding, Picture, TextLine, Transcript, Turn, TurnResult

PLUGIN = '''
"""Says things."""
import asyncio
from assistant import Decision, Picture, hookimpl

def echo(turn) -> str:
    """Repeat what was said."""
    return f"{turn.utterance}|{len(turn.images)}"

def fail() -> str:
    """Break."""
    raise RuntimeError("out of paper")

async def hang() -> str:
    """Never answer."""
    await asyncio.sleep(60)

async def look(dialogue) -> str:
    """Look at a picture."""
    picture = await dialogue.ask("Show me the photo.", kind=Picture)
    return f"It is {picture.image.width} pixels wide."

@hookimpl
def register_intents(register):
    for handler in (echo, fail, hang, look):
        register(handler, examples=[f"please {handler.__name__}"], acts=False)

@hookimpl
def recognize_intent(turn):
    if "alarm" in turn.utterance:
        return Decision("talk.echo", 1.0, "answer", source="talk")
'''


DESK = '''
"""Takes things back."""
from assistant import hookimpl

async def give_back(dialogue) -> str:
    """Take something back."""
    return "Noted: " + await dialogue.ask("Why?")

async def paint(dialogue) -> str:
    """Paint something."""
    return "Painted: " + str(await dialogue.ask("Paint it?", kind=bool, mentions=["red"]))

async def warn(dialogue) -> str:
    """Ask about dangers."""
    return "Heard: " + await dialogue.ask("What must one never do with it?")

def count() -> str:
    """Count things."""
    return "There are two."

@hookimpl
def register_intents(register):
    for handler in (give_back, paint, warn, count):
        register(handler, examples=[f"please {handler.__name__}"], acts=handler in (give_back, paint))
'''


class WordEncoder:
    name, modality, dimension = "words", "text", 1

    def load(self) -> None: ...

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        one = np.ones((1, 1), np.float32)
        return [Encoding("text", self.name, one, np.ones(1, np.bool_), one[0], text=text) for text in inputs]


class BlindEncoder:
    name, modality, dimension = "eyes", "image", 1

    def load(self) -> None:
        raise ModelUnavailable("No weights for eyes: run `assistant models pull`.")

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        self.load()
        return []


class SmallRecognizer:
    def __init__(self, words: str = "", rejected: str = "", doubtful: str = "") -> None:
        self.transcript = Transcript(words, "en", rejected=rejected, doubtful=doubtful)
        self.listened = 0

    def load(self) -> None: ...

    def listen(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        self.listened += 1
        [encoding] = WordEncoder().encode([self.transcript.text])
        return self.transcript, encoding


class NoReader:
    def read(self, picture: Picture) -> list[TextLine]:
        return []


class NamedIntent:
    """Decides for the intent whose name stands in the words; two names are a question."""

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        text = " ".join(encoding.text for encoding in encodings)
        named = [f"talk.{name}" for name in ("echo", "fail", "hang", "look") if name in text]
        named += [f"desk.{name}" for name in ("give_back", "paint", "warn", "count") if name in text]
        if "rescue" in text:
            return Decision("files.rescue", 0.4, "answer", (Candidate("files.rescue", 0.4),))
        candidates = tuple(Candidate(name, 0.9 / len(named)) for name in named)
        if "this" in text:
            return Decision("talk.echo", 0.3, "clarify", candidates)
        if not named:
            return Decision("out_of_scope", 0.9, "out_of_scope", out_of_scope=0.9)
        outcome = "clarify" if len(named) > 1 else "answer"
        options = tuple(named) if outcome == "clarify" else ()
        return Decision(named[0], candidates[0].confidence, outcome, candidates, options, {"text": 1.0})

    def in_context(self, alone: Decision, joint: Decision, last: str, encodings: Sequence[Encoding]) -> Decision:
        return alone

    def respell(self, text: str) -> str:
        return text.replace("ehco", "echo")


class Setup:
    """A pipeline with everything around it."""

    def __init__(self, home: Path, speech: SmallRecognizer | None = None, checks: SafetyChecks | None = None) -> None:
        self.events: list[Event] = []
        bus = Bus()
        bus.listen(self.events.append)
        self.plugins = PluginManager(load_settings(), bus)
        self.plugins.load()
        self.worker = InferenceWorker()
        database = Database(f"sqlite:///{home / 'assistant.sqlite3'}")
        self.history = History(database)
        attachments = Attachments(home / "attachments")
        models = Models([WordEncoder(), BlindEncoder()], speech or SmallRecognizer(), NoReader(), SharedSpace)
        self.runner = ModelRunner(models, self.worker, bus, 5.0, ToneReader().read)
        self.dialogues = DialogueManager(DialogueLog(database), attachments, self.plugins, bus)
        asked = Clarifications(self.history, attachments)
        self.pipeline = Pipeline(
            self.runner, NamedIntent(), self.plugins, self.dialogues, asked, self.history, bus, checks
        )

    async def say(self, text: str = "", **rest: Any) -> TurnResult:
        return (await self.pipeline.run(Turn(session="s", text=text, **rest))).result

    async def close(self) -> None:
        await self.dialogues.close()
        await self.plugins.shutdown()
        self.worker.close()


Scenario = Callable[[Setup], Awaitable[None]]


@pytest.fixture
def with_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_PLUGINS__FOLDER", str(tmp_path / "mine"))
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: tmp_path / "none")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "talk.py").write_text(textwrap.dedent(PLUGIN), "utf-8")
    (tmp_path / "mine" / "desk.py").write_text(textwrap.dedent(DESK), "utf-8")

    shipped = shipped_dir("plugins")

    def run(*scenarios: Scenario, speech: SmallRecognizer | None = None, guarded: bool = False) -> None:
        async def live(scenario: Scenario) -> None:
            setup = Setup(tmp_path, speech, SafetyChecks(shipped) if guarded else None)
            try:
                await scenario(setup)
            finally:
                await setup.close()

        for scenario in scenarios:  # each in a process of its own: what lies between them is a restart
            asyncio.run(live(scenario))

    return run


def picture(width: int = 4) -> Picture:
    return Picture(Image.new("RGB", (width, 4), "red"))


def clip() -> AudioClip:
    return AudioClip(np.zeros(16_000, np.float32))
