"""The voice assistant under a real sound server without hardware.

Run it with ``pytest -m sound``; it takes a minute or two, in real time.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytestmark = [pytest.mark.sound, pytest.mark.models, pytest.mark.timeout(400)]


def count(room: Any, name: str) -> int:
    return room.names().count(name)


def test_it_answers_is_interrupted_and_never_wakes_itself(room: Any, tmp_path: Path) -> None:
    before = len(room.names())
    room.say("What is your name?")
    time.sleep(2)
    assert room.names()[before:] == [], "without the wake word, nothing happens"

    recorder = room.record(tmp_path / "answer.wav")
    room.say("Hey Jarvis, what is your name?")
    room.wait_for(lambda events: any(e["event"] == "SpeakingFinished" for e in events))
    time.sleep(3)
    recorder.terminate()
    recorder.wait(10)
    assert count(room, "WakeWordHeard") == 1, "its own answer, full of wake words, wakes nobody"
    assert count(room, "SpeakingInterrupted") == 0
    answer, rate = soundfile.read(tmp_path / "answer.wav", dtype="float32")
    loud = np.abs(answer.reshape(len(answer), -1)[:, 0]) > 0.02
    assert np.flatnonzero(loud)[-1] - np.flatnonzero(loud)[0] > 8 * rate, "the whole answer was heard"

    room.say("Hey Jarvis, what is your name?")
    room.wait_for(lambda events: sum(e["event"] == "FirstSound" for e in events) == 2)
    time.sleep(3)
    room.say("Tell me what is seven times eight.")
    room.wait_for(lambda events: any(e["event"] == "SpeakingInterrupted" for e in events), 5)
    assert count(room, "WakeWordHeard") == 2

    room.wait_for(lambda events: _last_state(events) == "idle")
    said = count(room, "SpeakingStarted")
    room.say("Hey Jarvis, what is seven times eight?")
    room.wait_for(lambda events: sum(e["event"] == "SpeakingStarted" for e in events) > said)
    assert "56" in [event["text"] for event in room.events() if event["event"] == "SpeakingStarted"][-1]


def _last_state(events: list[dict[str, Any]]) -> str:
    return str([event["state"] for event in events if event["event"] == "VoiceStateChanged"][-1])
