import asyncio
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assistant.errors import DeviceError
from assistant.inputs import live_microphone
from assistant.inputs.chunking import CHUNK, Chunker, RateWatch
from assistant.inputs.live_microphone import DeviceChange, LiveMicrophone
from assistant.types import FloatArray

Blocks = Callable[[int], FloatArray | None]


class FakePortAudioError(Exception):
    pass


class FakeSoundSystem:
    """A PortAudio with one microphone, which behaves as each opening in turn says; the last goes on."""

    PortAudioError = FakePortAudioError

    def __init__(self, *openings: Blocks | Exception, rate: int = 48_000, channels: int = 2) -> None:
        self.openings = list(openings)
        self.rate, self.channels = rate, channels
        self.scans = 0
        self.opened: list[dict[str, Any]] = []

    def query_devices(self, device: Any, kind: str) -> dict[str, Any]:
        return {"name": "Desk", "default_samplerate": float(self.rate), "max_input_channels": self.channels}

    def _terminate(self) -> None:
        self.scans += 1

    def _initialize(self) -> None:
        pass

    def InputStream(  # noqa: N802
        self, rate: int, size: int, device: Any, channels: int, kind: str, callback: Any
    ) -> "FakeStream":
        self.opened.append({"rate": rate, "channels": channels, "device": device})
        now = self.openings.pop(0) if len(self.openings) > 1 else self.openings[0]
        if isinstance(now, Exception):
            raise now
        return FakeStream(now, callback)


class FakeStream:
    def __init__(self, blocks: Blocks, callback: Any) -> None:
        self._blocks, self._callback, self._open = blocks, callback, True

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        number = 0
        while self._open and (block := self._blocks(number)) is not None:
            self._callback(block, len(block), None, None)
            number += 1
            time.sleep(0.0005)

    def abort(self, ignore_errors: bool) -> None:
        self._open = False

    close = abort


def sound(number: int) -> FloatArray:
    """A tone of 440 Hz at 48 kHz on two channels, 32 ms."""
    t = (np.arange(1536) + 1536 * number) / 48_000
    return np.repeat((0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None], 2, axis=1)


def three(number: int) -> FloatArray | None:
    return sound(number) if number < 3 else None


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeSoundSystem], FakeSoundSystem]:
    def put(system: FakeSoundSystem) -> FakeSoundSystem:
        monkeypatch.setitem(sys.modules, "sounddevice", system)
        monkeypatch.setattr(live_microphone, "STOPPED", 0.6)
        return system

    return put


Install = Callable[[FakeSoundSystem], FakeSoundSystem]


async def take(microphone: LiveMicrophone, count: int) -> list[FloatArray]:
    chunks: list[FloatArray] = []
    stream = aiter(microphone)
    async with asyncio.timeout(20):
        async for chunk in stream:
            chunks.append(chunk)
            if len(chunks) == count:
                break
    await stream.aclose()  # type: ignore[attr-defined]
    return chunks


def listen(microphone: Callable[[], LiveMicrophone], count: int) -> tuple[list[FloatArray], LiveMicrophone]:
    async def run() -> tuple[list[FloatArray], LiveMicrophone]:
        made = microphone()
        return await take(made, count), made

    return asyncio.run(run())


def test_any_rate_and_channels_become_mono_at_16_khz(install: Install) -> None:
    system = install(FakeSoundSystem(sound))
    chunks, _ = listen(lambda: LiveMicrophone("3"), 30)
    assert system.opened == [{"rate": 48_000, "channels": 2, "device": 3}]
    assert {chunk.shape for chunk in chunks} == {(CHUNK,)}
    heard = np.concatenate(chunks)[2048:]
    assert np.argmax(np.abs(np.fft.rfft(heard))) * 16_000 / len(heard) == pytest.approx(440, abs=2)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.02)


def test_a_microphone_that_is_missing_at_first_is_found(install: Install) -> None:
    busy = FakePortAudioError("Device unavailable")
    system = install(FakeSoundSystem(busy, busy, sound))
    changes: list[DeviceChange] = []
    listen(lambda: LiveMicrophone(on_change=changes.append, retry=(0.01,)), 2)
    assert [change.kind for change in changes] == ["lost", "found"]
    assert changes[0].text == "The microphone (default) cannot be opened: Device unavailable; I keep trying"
    assert system.scans >= 2


def test_a_microphone_that_stops_sending_is_found_again(install: Install) -> None:
    install(FakeSoundSystem(three, sound))
    changes: list[DeviceChange] = []
    chunks, _ = listen(lambda: LiveMicrophone(on_change=changes.append, retry=(0.01,)), 8)
    assert len(chunks) == 8
    assert [change.kind for change in changes] == ["lost", "found"]
    assert "sends no sound any more" in changes[0].text


def test_a_device_that_comes_back_at_another_rate_is_opened_at_it(install: Install) -> None:
    system = install(FakeSoundSystem(three, sound))

    def unplugged(change: DeviceChange) -> None:
        system.rate, system.channels = 44_100, 1

    listen(lambda: LiveMicrophone(on_change=unplugged, retry=(0.01,)), 8)
    assert [(way["rate"], way["channels"]) for way in system.opened] == [(48_000, 2), (44_100, 1)]


def test_what_nobody_takes_is_dropped_and_counted(install: Install) -> None:
    install(FakeSoundSystem(sound))

    async def run() -> LiveMicrophone:
        microphone = LiveMicrophone(waiting=0.32)
        stream = aiter(microphone)
        await anext(stream)
        time.sleep(0.3)  # noqa: ASYNC251 -- the event loop is busy with something else
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        return microphone

    microphone = asyncio.run(run())
    assert microphone.dropped > 50
    assert len(microphone._blocks) <= 10


@pytest.mark.parametrize(
    "block",
    [
        np.full((1536, 2), np.nan, np.float32),
        np.full((1536, 6), 1e30, np.float32),
        np.zeros((0, 2), np.float32),
        np.full(1536, -np.inf, np.float32),
        np.zeros((7, 0), np.float32),
    ],
)
def test_a_lying_device_does_no_harm(install: Install, block: FloatArray) -> None:
    install(FakeSoundSystem(lambda number: block if number < 5 else sound(number)))
    chunks, _ = listen(lambda: LiveMicrophone(), 12)
    assert all(np.all(np.abs(chunk) <= 1.0) for chunk in chunks)


def test_after_the_machine_has_slept_it_is_opened_anew(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    system = install(FakeSoundSystem(sound))
    slept = iter([0.0, 0.0, 3600.0])
    monkeypatch.setattr(live_microphone, "_slept", lambda: next(slept, 3600.0))
    changes: list[DeviceChange] = []
    listen(lambda: LiveMicrophone(on_change=changes.append), 4)
    assert [change.kind for change in changes] == ["gap"]
    assert len(system.opened) == 2


def test_without_portaudio_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="apt install libportaudio2"):
        listen(lambda: LiveMicrophone(), 1)


def test_a_device_that_lies_about_its_rate_is_caught() -> None:
    watch = RateWatch(48_000)
    found = [watch.look(1411, now) for now in np.arange(0, 24.5, 0.032)]
    assert [rate for rate in found if rate] == [44_100]


def test_lost_sound_is_not_taken_for_another_rate() -> None:
    watch = RateWatch(48_000)
    looks = [watch.look(1536, now) for now in np.arange(0, 60, 0.032) if int(now) % 7]
    assert not any(looks)


def test_a_device_that_catches_up_after_a_stall_is_not_taken_for_another_rate() -> None:
    watch, looks = RateWatch(44_100), []
    for second in range(0, 60, 3):  # three seconds' worth of sound in one go
        looks += [watch.look(1411, second + 0.0001 * block) for block in range(94)]
    assert not any(looks)


def test_the_seams_between_blocks_are_not_heard() -> None:
    whole = Chunker(44_100)
    parts = [sound(n)[:, 0] for n in range(40)]
    joined = np.concatenate([c for part in parts for c in whole.feed(part)])
    once = np.concatenate(list(Chunker(44_100).feed(np.concatenate(parts))))
    both = min(len(joined), len(once))
    assert np.allclose(joined[:both], once[:both], atol=1e-4)
