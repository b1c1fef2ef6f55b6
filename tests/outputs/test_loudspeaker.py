import sys
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.errors import DeviceError
from assistant.outputs.loudspeaker import loudspeakers, play
from assistant.types import AudioClip


class FakePortAudioError(Exception):
    pass


class FakeStream:
    played: list[np.ndarray]
    after_each: Any = staticmethod(lambda: None)

    def __init__(self, rate: int, *, device: Any, **options: Any) -> None:
        if device == 7:
            raise FakePortAudioError("Invalid device")

    def __enter__(self) -> "FakeStream":
        type(self).played = []
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def write(self, samples: np.ndarray) -> None:
        self.played.append(samples)
        self.after_each()

    def abort(self) -> None:
        pass


@pytest.fixture
def sound_system(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = [{"name": "Desk", "max_output_channels": 0}, {"name": "Loud", "max_output_channels": 2}]
    fake = SimpleNamespace(OutputStream=FakeStream, PortAudioError=FakePortAudioError, query_devices=lambda: devices)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)


CLIP = AudioClip(np.linspace(-1, 1, 24_000, dtype=np.float32), 24_000)


def test_without_portaudio_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    for action in (lambda: play(CLIP), loudspeakers):
        with pytest.raises(DeviceError, match="apt install libportaudio2"):
            action()


@pytest.mark.usefixtures("sound_system")
def test_a_clip_is_played_whole() -> None:
    assert play(CLIP)
    assert np.array_equal(np.concatenate(FakeStream.played)[:, 0], CLIP.samples)


@pytest.mark.usefixtures("sound_system")
def test_a_clip_falls_silent_within_a_twentieth_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr(FakeStream, "after_each", staticmethod(stop.set))
    assert not play(CLIP, stop=stop)
    assert len(np.concatenate(FakeStream.played)) == 1_200


@pytest.mark.usefixtures("sound_system")
def test_a_missing_loudspeaker_is_named() -> None:
    with pytest.raises(DeviceError, match="loudspeaker 7 cannot be opened: Invalid device"):
        play(CLIP, "7")
    assert loudspeakers() == ["1: Loud"]
