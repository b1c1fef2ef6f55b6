import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.errors import DeviceError
from assistant.inputs.audio_file import read_audio
from assistant.outputs import loudspeaker
from assistant.outputs.loudspeaker import Loudspeaker
from assistant.outputs.reply_files import ReplyVoice
from assistant.settings import load_settings
from assistant.types import AudioClip, FloatArray, Reply

FRAMES = 480
"""samples the device pulls at a time: 10 ms at 48 kHz"""


class FakePortAudioError(Exception):
    pass


class FakeDevice:
    """A loudspeaker that pulls 10 ms at a time, and keeps what it got with the time of each pull."""

    PortAudioError = FakePortAudioError

    def __init__(self, vanish_after: int | None = None, hang_after: int | None = None) -> None:
        self.pulled: list[tuple[float, FloatArray]] = []
        self.vanish_after, self.hang_after = vanish_after, hang_after
        self.opened = 0

    def query_devices(self, device: Any, kind: str) -> dict[str, Any]:
        if device == 7:
            raise ValueError("No output device matching 7")
        return {"default_samplerate": 48_000.0}

    def OutputStream(self, *args: Any, callback: Any) -> "FakeStream":  # noqa: N802
        self.opened += 1
        return FakeStream(self, callback)

    @property
    def samples(self) -> FloatArray:
        return np.concatenate([block for _, block in self.pulled])


class FakeStream:
    def __init__(self, device: FakeDevice, callback: Any) -> None:
        self._device, self._callback = device, callback
        self.active = True

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        began = time.monotonic()
        for number in range(100_000):
            if number == self._device.vanish_after:
                self.active = False
            if not self.active or number == self._device.hang_after:
                return
            out = np.full((FRAMES, 1), np.nan, np.float32)
            asked = time.monotonic()
            self._callback(out, FRAMES, SimpleNamespace(outputBufferDacTime=1.02, currentTime=1.0), None)
            self._device.pulled.append((asked, out[:, 0]))
            time.sleep(max(0.0, began + (number + 1) * 0.01 - time.monotonic()))

    def abort(self, ignore_errors: bool) -> None:
        self.active = False

    close = abort


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> FakeDevice:
    fake = FakeDevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def tone(seconds: float, rate: int = 24_000, hertz: float = 300.0) -> AudioClip:
    t = np.arange(round(seconds * rate)) / rate
    return AudioClip((0.5 * np.sin(2 * np.pi * hertz * t)).astype(np.float32), rate)


async def one_by_one(*clips: AudioClip, pause: float = 0.0) -> AsyncIterator[AudioClip]:
    for clip in clips:
        await asyncio.sleep(pause)
        yield clip


def test_a_reply_is_played_whole_at_the_devices_rate(device: FakeDevice) -> None:
    assert asyncio.run(Loudspeaker().play(one_by_one(tone(0.2), tone(0.1, 16_000))))
    heard = device.samples
    sounding = np.flatnonzero(np.abs(heard) > 1e-3)
    assert (sounding[-1] - sounding[0]) / 48_000 == pytest.approx(0.3, abs=0.01)
    assert not np.isnan(heard).any()
    spectrum = np.abs(np.fft.rfft(heard[sounding[0] : sounding[-1]]))
    assert np.argmax(spectrum) * 48_000 / (sounding[-1] - sounding[0]) == pytest.approx(300, abs=5)


def test_the_first_sentence_is_heard_while_the_next_is_made(device: FakeDevice) -> None:
    firsts: list[float] = []
    made: list[float] = []

    async def sentences() -> AsyncIterator[AudioClip]:
        for pause in (0.05, 1.0):
            await asyncio.sleep(pause)
            made.append(time.monotonic())
            yield tone(0.1)

    async def play() -> bool:
        speaker = Loudspeaker()
        speaker.on_first_sound = firsts.append
        return await speaker.play(sentences())

    assert asyncio.run(play())
    assert len(firsts) == 1
    assert made[0] - 0.1 <= firsts[0] < made[1]  # the device's own clock counts in blocks


def test_nothing_sounds_that_is_asked_for_after_a_stop(device: FakeDevice) -> None:
    speaker = Loudspeaker()

    async def run() -> tuple[bool, float]:
        saying = asyncio.ensure_future(speaker.play(one_by_one(tone(5.0))))
        await asyncio.sleep(0.3)
        speaker.stop()
        stopped = time.monotonic()
        return await saying, stopped

    finished, stopped = asyncio.run(run())
    assert not finished
    assert not any(np.any(block) for at, block in device.pulled if at > stopped)


def test_stopping_also_ends_a_voice_that_is_still_making_sound(device: FakeDevice) -> None:
    speaker = Loudspeaker()

    async def run() -> bool:
        saying = asyncio.ensure_future(speaker.play(one_by_one(tone(0.1), pause=60.0)))
        await asyncio.sleep(0.05)
        speaker.stop()
        return await asyncio.wait_for(saying, 2.0)

    assert not asyncio.run(run())


def test_what_is_played_is_told_at_16_khz_with_its_time(device: FakeDevice) -> None:
    told: list[tuple[FloatArray, float]] = []
    clip = tone(0.2)

    async def play() -> None:
        speaker = Loudspeaker()
        speaker.on_played = lambda samples, at: told.append((samples, at))
        await speaker.play(one_by_one(clip))

    asyncio.run(play())
    assert sum(len(samples) for samples, _ in told) == pytest.approx(3200, abs=2)
    starts = np.array([at for _, at in told])
    assert np.allclose(np.diff(starts), 0.02, atol=0.002)  # by the count of samples, however the device trembles
    first = next(at for at, block in device.pulled if np.any(block))
    assert starts[0] == pytest.approx(first + 0.02, abs=0.03)  # the device says that it is 20 ms behind


def test_a_device_that_vanishes_while_speaking_is_reported(device: FakeDevice) -> None:
    device.vanish_after = 10
    with pytest.raises(DeviceError, match="disappeared during the reply"):
        asyncio.run(Loudspeaker().play(one_by_one(tone(2.0))))
    device.vanish_after = None
    assert asyncio.run(Loudspeaker().play(one_by_one(tone(0.05))))


def test_a_device_that_takes_no_more_sound_is_reported(device: FakeDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudspeaker, "STALLED", 0.2)
    device.hang_after = 10
    with pytest.raises(DeviceError, match="disappeared during the reply"):
        asyncio.run(Loudspeaker().play(one_by_one(tone(2.0))))


def test_what_the_voice_raises_is_passed_on(device: FakeDevice) -> None:
    async def broken() -> AsyncIterator[AudioClip]:
        yield tone(0.05)
        raise DeviceError("No voice for the language")

    with pytest.raises(DeviceError, match="No voice"):
        asyncio.run(Loudspeaker().play(broken()))


def test_without_portaudio_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="apt install libportaudio2"):
        asyncio.run(Loudspeaker().play(one_by_one(tone(0.1))))


def test_a_reply_is_said_in_sentences_or_written_to_a_file(device: FakeDevice, tmp_path: Path) -> None:
    voice = ReplyVoice(load_settings())
    asyncio.run(voice.say(Reply("Good morning. It is nine.")))
    asyncio.run(voice.say(Reply("Good morning."), tmp_path / "reply.wav"))
    assert np.abs(device.samples).max() > 0.05
    assert read_audio(tmp_path / "reply.wav").duration > 0.3


def test_a_missing_loudspeaker_is_named(device: FakeDevice) -> None:
    with pytest.raises(DeviceError, match="loudspeaker 7 cannot be opened: No output device"):
        asyncio.run(Loudspeaker("7").play(one_by_one(tone(0.1))))


def test_the_maker_of_a_long_reply_waits(device: FakeDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudspeaker, "AHEAD", 0.2)
    made: list[int] = []

    async def many() -> AsyncIterator[AudioClip]:
        for number in range(1000):
            made.append(number)
            yield tone(0.1)

    async def run(speaker: Loudspeaker) -> None:
        saying = asyncio.ensure_future(speaker.play(many()))
        await asyncio.sleep(0.4)
        speaker.stop()
        await saying

    asyncio.run(run(Loudspeaker()))
    assert len(made) < 20
