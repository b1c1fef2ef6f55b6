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
from assistant.speech.speaker import save_profile
from assistant.speech.wake_verifier import HALF, STRANGER
from assistant.types import AudioClip, Decision, Transcript
from assistant.voice.backend import AppBackend


class SmallApp:
    def __init__(self) -> None:
        self.bus, self.loads, self.missing, self.broken = Bus(), 0, 0, 0
        self.told: list[Event] = []
        self.bus.listen(self.told.append)
        self.senses = SimpleNamespace(load=self._load_speech, listener=self, call=self._call)
        self.settings = load_settings({})
        self.whole = 0.0
        """likelihood of the whole wake word; that of its half is -5"""
        self.history = SimpleNamespace(add_latency=self._full)

    def start_loading(self, *, ears_and_eyes: bool) -> None:
        assert not ears_and_eyes
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

    def _full(self, turn: str, latency_ms: Any) -> None:
        raise StorageError("The disk is full.")


def in_house(work: Any) -> SmallApp:
    async def run() -> SmallApp:
        app = SmallApp()
        house = AppBackend(app)  # type: ignore[arg-type]
        await work(app, house)
        await house.close()
        return app

    return asyncio.run(run())


CLIP = AudioClip(np.zeros(16_000, np.float32))


def test_nothing_is_loaded_before_somebody_speaks_and_then_once() -> None:
    async def work(app: SmallApp, house: AppBackend) -> None:
        assert app.loads == 0
        house.warm_up()
        house.warm_up()
        assert (await house.transcribe(CLIP)).text == "hello"
        assert app.loads == 1

    in_house(work)


def test_models_that_could_not_be_had_are_told_and_tried_again() -> None:
    async def work(app: SmallApp, house: AppBackend) -> None:
        app.missing = 1
        await house.transcribe(CLIP)
        await house.transcribe(CLIP)
        assert app.loads == 2

    told = in_house(work).told
    assert [event.text for event in told if isinstance(event, Notice)] == ["No weights: run `assistant models pull`."]


def test_what_nobody_foresaw_while_loading_is_told_once_and_tried_again() -> None:
    async def work(app: SmallApp, house: AppBackend) -> None:
        app.broken = 1
        with pytest.raises(RuntimeError, match="no memory"):
            await house.transcribe(CLIP)
        assert (await house.transcribe(CLIP)).text == "hello"
        assert app.loads == 2

    in_house(work)


def test_an_outlook_says_what_would_become_of_the_words() -> None:
    async def work(app: SmallApp, house: AppBackend) -> None:
        outlook = await house.preview("s", "roll a die")
        assert (outlook.intent, outlook.complete) == ("dice.roll_die", True)

    in_house(work)


def test_a_full_disk_costs_the_latency_and_not_the_answer() -> None:
    async def work(app: SmallApp, house: AppBackend) -> None:
        await house.keep_latency("t", {"to first sound": 1.0})
        house.rest()

    in_house(work)


def test_the_wake_word_is_doubted_once_the_models_are_there_and_not_before() -> None:
    async def work(app: SmallApp, house: AppBackend) -> None:
        assert await house.verify_wake_word(CLIP, "alexa") == ""
        assert await house.verify_wake_word(CLIP, "hey jarvis") is None
        assert app.loads == 0, "no model is loaded for a doubt"
        await house.transcribe(CLIP)
        assert await house.verify_wake_word(CLIP, "hey jarvis") == ""
        app.whole = -20.0
        assert await house.verify_wake_word(CLIP, "hey jarvis") == HALF

    in_house(work)


def test_who_has_not_enrolled_is_told_once_and_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_VOICE__ONLY_ENROLLED", "true")

    async def work(app: SmallApp, house: AppBackend) -> None:
        await house.transcribe(CLIP)
        assert await house.verify_wake_word(CLIP, "alexa") is None
        assert await house.verify_wake_word(CLIP, "alexa") is None

    (notice,) = in_house(work).told
    assert isinstance(notice, Notice)
    assert "Nobody has enrolled yet: `assistant wake enroll`" in notice.text


def test_only_the_enrolled_speaker_wakes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_VOICE__ONLY_ENROLLED", "true")
    save_profile(np.eye(256, dtype=np.float32)[0])
    like = {"one": 0.9}
    monkeypatch.setattr("assistant.speech.speaker.SpeakerEncoder.similarity", lambda self, clip, profile: like["one"])

    async def work(app: SmallApp, house: AppBackend) -> None:
        await house.transcribe(CLIP)
        assert await house.verify_wake_word(CLIP, "alexa") == ""
        like["one"] = 0.5
        assert await house.verify_wake_word(CLIP, "alexa") == STRANGER

    in_house(work)
