import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.errors import DeviceError
from assistant.inputs import live_microphone
from assistant.inputs.audio_devices import device_names
from assistant.inputs.chunking import CHUNK
from assistant.inputs.live_microphone import record, record_until


class FakePortAudioError(Exception):
    pass


class FakeStream:
    """Sends a rising tone of chunks from another thread, as PortAudio does; nothing from a device that is silent."""

    def __init__(self, rate: int, size: int, device: Any, channels: int, kind: str, callback: Any) -> None:
        if device == "busy":
            raise FakePortAudioError("Device unavailable [PaErrorCode -9985]")
        self._callback, self._size, self._open = callback, size, device != "silent"

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for i in range(100):
            if not self._open:
                return
            self._callback(np.full((self._size, 1), i / 100, np.float32), self._size, None, None)
            time.sleep(0.0005)

    def abort(self, ignore_errors: bool) -> None:
        self._open = False

    close = abort


@pytest.fixture
def sound_system(monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"default_samplerate": 16_000.0, "max_input_channels": 1}
    fake = SimpleNamespace(
        InputStream=FakeStream, PortAudioError=FakePortAudioError, query_devices=lambda device, kind: about
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)


def test_without_portaudio_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match=r"apt install libportaudio2.*assistant doctor"):
        record(0.1)


@pytest.mark.usefixtures("sound_system")
def test_a_busy_microphone_is_named() -> None:
    with pytest.raises(DeviceError, match=r"microphone busy cannot be opened: Device unavailable.*assistant doctor"):
        record(0.1, "busy")


@pytest.mark.usefixtures("sound_system")
def test_a_microphone_that_sends_nothing_ends_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_microphone, "STOPPED", 0.2)
    with pytest.raises(DeviceError, match=r"microphone silent sends no sound any more; is it plugged in"):
        record(0.1, "silent")


@pytest.mark.usefixtures("sound_system")
def test_a_recording_has_the_length_asked_for() -> None:
    clip = record(0.5)
    assert clip.duration == pytest.approx(0.5)
    assert clip.samples[0] == 0
    assert clip.samples[-1] > 0.1


@pytest.mark.usefixtures("sound_system")
def test_recording_stops_when_the_speaker_is_done() -> None:
    clip = record_until(lambda chunk: bool(chunk[0] >= 0.05), most=3.0)
    assert len(clip.samples) == 6 * CHUNK


@pytest.mark.parametrize(("direction", "named"), [("input", "0: Desk"), ("output", "1: Loud")])
def test_devices_are_named_with_their_numbers(monkeypatch: pytest.MonkeyPatch, direction: Any, named: str) -> None:
    desk = {"name": "Desk", "max_input_channels": 1, "max_output_channels": 0}
    loud = {"name": "Loud", "max_input_channels": 0, "max_output_channels": 2}
    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(query_devices=lambda: [desk, loud]))
    assert device_names(direction) == [named]
