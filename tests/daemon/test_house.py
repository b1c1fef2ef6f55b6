"""The assistant behind the voice loop: loaded when it is needed, and again when that failed."""

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np

from assistant.bus import Bus
from assistant.daemon.house import AppHouse
from assistant.errors import ModelUnavailable, StorageError
from assistant.events import Event, Notice
from assistant.messages import AudioClip, Decision, Transcript


class SmallApp:
    def __init__(self) -> None:
        self.bus, self.loads, self.missing = Bus(), 0, 0
        self.told: list[Event] = []
        self.bus.listen(self.told.append)
        self.senses = SimpleNamespace(load=self._load_speech)
        self.history = SimpleNamespace(add_latency=self._full)

    def start_loading(self, *, ears_and_eyes: bool) -> None:
        assert not ears_and_eyes
        self.loads += 1

    async def _load_speech(self, name: str) -> None:
        await asyncio.sleep(0)

    async def wait_ready(self) -> None:
        await asyncio.sleep(0)
        if self.missing:
            self.missing -= 1
            raise ModelUnavailable("No weights: run `assistant models pull`.")

    async def transcribe(self, clip: AudioClip) -> Transcript:
        return Transcript("hello", "en")

    async def foresee(self, session: str, text: str) -> tuple[Decision, bool]:
        return Decision("dice.roll_die", 0.9, "answer"), True

    def _full(self, turn: str, latency_ms: Any) -> None:
        raise StorageError("The disk is full.")


def in_house(work: Any) -> SmallApp:
    async def run() -> SmallApp:
        app = SmallApp()
        house = AppHouse(app)  # type: ignore[arg-type]
        await work(app, house)
        await house.close()
        return app

    return asyncio.run(run())


CLIP = AudioClip(np.zeros(16_000, np.float32))


def test_nothing_is_loaded_before_somebody_speaks_and_then_once() -> None:
    async def work(app: SmallApp, house: AppHouse) -> None:
        assert app.loads == 0
        house.warm_up()
        house.warm_up()
        assert (await house.hear(CLIP)).text == "hello"
        assert app.loads == 1

    in_house(work)


def test_models_that_could_not_be_had_are_told_and_tried_again() -> None:
    async def work(app: SmallApp, house: AppHouse) -> None:
        app.missing = 1
        await house.hear(CLIP)
        await house.hear(CLIP)
        assert app.loads == 2

    told = in_house(work).told
    assert [event.text for event in told if isinstance(event, Notice)] == ["No weights: run `assistant models pull`."]


def test_an_outlook_says_what_would_become_of_the_words() -> None:
    async def work(app: SmallApp, house: AppHouse) -> None:
        outlook = await house.foresee("s", "roll a die")
        assert (outlook.intent, outlook.complete) == ("dice.roll_die", True)

    in_house(work)


def test_a_full_disk_costs_the_latency_and_not_the_answer() -> None:
    async def work(app: SmallApp, house: AppHouse) -> None:
        await house.keep_latency("t", {"to first sound": 1.0})
        house.rest()

    in_house(work)
