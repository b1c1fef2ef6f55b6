"""The assistant behind the voice loop: loaded when it is needed, and again when that failed."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.bus import Bus
from assistant.errors import ModelUnavailable, StorageError
from assistant.events import Event, Notice
from assistant.settings import load_settings
from assistant.speech.enrolled import save_profile
from assistant.speech.wake import WakeHit
from assistant.speech.wake_verifier import HALF, STRANGER
from assistant.types import AudioClip, Decision, Transcript, Turn
from assistant.voice.backend import AppBackend


class SmallApp:
    def __init__(self) -> None:
        self.bus, self.loads, self.missing, self.broken = Bus(), 0, 0, 0
        self.told: list[Event] = []
        self.bus.listen(self.told.append)
        models = SimpleNamespace(speech=self)
        self.runner = SimpleNamespace(load=self._load_speech, models=models, call=self._call)
        self.settings = load_settings({})
        self.whole = 0.0
        """likelihood of the whole wake word; that of its half is -5"""
        self.history = SimpleNamespace(add_latency=self._full)
        self.considering = self

    def start_loading(self, *, text_only: bool) -> None:
        assert text_only
        self.loads += 1

    async def _load_speech(self, name: str) -> None:
        await asyncio.sleep(0)

    def likelihoods(self, clip: AudioClip, texts: list[str], language: str) -> list[float]:
        return [self.whole if " " in text else -5.0 for text in texts]

    async def _call(self, function: Any, *arguments: Any) -> Any:
        return function(*arguments)

    async def wait_ready(self) -> None:
        await asyncio.sleep(0)
        if self.broken:
            self.broken -= 1
            raise RuntimeError("no memory")
        if self.missing:
            self.missing -= 1
            raise ModelUnavailable("No weights: run `assistant models pull`.")

    async def transcribe(self, clip: AudioClip) -> Transcript:
        return Transcript("hello", "en")

    async def preview(self, session: str, text: str) -> tuple[Decision, bool]:
        return Decision("dice.roll_die", 0.9, "answer"), True

    async def respond(self, turn: Turn) -> Turn:
        return turn

    def _full(self, turn: str, latency_ms: Any) -> None:
        raise StorageError("The disk is full.")


def with_backend(work: Any) -> SmallApp:
    async def run() -> SmallApp:
        app = SmallApp()
        backend = AppBackend(app)  # type: ignore[arg-type]
        await work(app, backend)
        await backend.close()
        return app

    return asyncio.run(run())


CLIP = AudioClip(np.zeros(16_000, np.float32))


def test_nothing_is_loaded_before_somebody_speaks_and_then_once() -> None:
    async def work(app: SmallApp, backend: AppBackend) -> None:
        assert app.loads == 0
        backend.warm_up()
        backend.warm_up()
        assert (await backend.transcribe(CLIP)).text == "hello"
        assert app.loads == 1

    with_backend(work)


def test_models_that_could_not_be_had_are_told_and_tried_again() -> None:
    async def work(app: SmallApp, backend: AppBackend) -> None:
        app.missing = 1
        await backend.transcribe(CLIP)
        await backend.transcribe(CLIP)
        assert app.loads == 2

    told = with_backend(work).told
    assert [event.text for event in told if isinstance(event, Notice)] == ["No weights: run `assistant models pull`."]


def test_what_nobody_foresaw_while_loading_is_told_once_and_tried_again() -> None:
    async def work(app: SmallApp, backend: AppBackend) -> None:
        app.broken = 1
        with pytest.raises(RuntimeError, match="no memory"):
            await backend.transcribe(CLIP)
        assert (await backend.transcribe(CLIP)).text == "hello"
        assert app.loads == 2

    with_backend(work)


def test_an_outlook_says_what_would_become_of_the_words() -> None:
    async def work(app: SmallApp, backend: AppBackend) -> None:
        outlook = await backend.preview("s", "roll a die")
        assert (outlook.intent, outlook.complete) == ("dice.roll_die", True)

    with_backend(work)


def test_a_full_disk_costs_the_latency_and_not_the_answer() -> None:
    async def work(app: SmallApp, backend: AppBackend) -> None:
        await backend.keep_latency("t", {"to first sound": 1.0})
        backend.rest()

    with_backend(work)


def test_the_wake_word_is_doubted_once_the_models_are_there_and_not_before() -> None:
    async def work(app: SmallApp, backend: AppBackend) -> None:
        assert await backend.verify_wake_word(CLIP, WakeHit("alexa", 0.9, 1.0)) == ""
        assert await backend.verify_wake_word(CLIP, WakeHit("hey jarvis", 0.9, 1.0)) is None
        assert app.loads == 0, "no model is loaded for a doubt"
        await backend.transcribe(CLIP)
        assert await backend.verify_wake_word(CLIP, WakeHit("hey jarvis", 0.9, 1.0)) == ""
        app.whole = -20.0
        assert await backend.verify_wake_word(CLIP, WakeHit("hey jarvis", 0.9, 1.0)) == HALF

    with_backend(work)


def test_who_has_not_enrolled_is_told_once_and_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_VOICE__ONLY_ENROLLED", "true")

    async def work(app: SmallApp, backend: AppBackend) -> None:
        await backend.transcribe(CLIP)
        assert await backend.verify_wake_word(CLIP, WakeHit("alexa", 0.9, 1.0)) is None
        assert await backend.verify_wake_word(CLIP, WakeHit("alexa", 0.9, 1.0)) is None

    (notice,) = with_backend(work).told
    assert isinstance(notice, Notice)
    assert "No voice is enrolled yet: run `assistant wake enroll`" in notice.text


def test_only_the_enrolled_speaker_wakes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_VOICE__ONLY_ENROLLED", "true")
    save_profile(np.eye(256, dtype=np.float32)[0])
    like = {"one": 0.9}
    monkeypatch.setattr(
        "assistant.speech.enrolled.SpeakerEncoder.newest",
        lambda self, clip, seconds: np.eye(256, dtype=np.float32)[0] * like["one"],
    )

    async def work(app: SmallApp, backend: AppBackend) -> None:
        await backend.transcribe(CLIP)
        assert await backend.verify_wake_word(CLIP, WakeHit("alexa", 0.9, 1.0)) == ""
        like["one"] = 0.5
        assert await backend.verify_wake_word(CLIP, WakeHit("alexa", 0.9, 1.0)) == STRANGER

    with_backend(work)


def test_a_turn_knows_its_speaker_where_that_voice_has_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    voice = {"of": 0}
    monkeypatch.setattr(
        "assistant.speech.enrolled.SpeakerEncoder.newest",
        lambda self, clip, seconds: np.eye(256, dtype=np.float32)[voice["of"]],
    )

    async def speaker(backend: AppBackend, **given: Any) -> str:
        turn: Any = await backend.respond(Turn(**given))
        return str(turn.speaker)

    async def work(app: SmallApp, backend: AppBackend) -> None:
        save_profile(np.eye(256, dtype=np.float32)[0])
        assert await speaker(backend, audio=CLIP) == ""
        save_profile(np.eye(256, dtype=np.float32)[1], "Anna")
        assert await speaker(backend, text="typed") == ""
        voice["of"] = 1
        assert await speaker(backend, audio=CLIP) == "Anna"
        voice["of"] = 2
        assert await speaker(backend, audio=CLIP) == ""

    with_backend(work)
