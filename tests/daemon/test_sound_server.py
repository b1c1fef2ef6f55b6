"""The voice assistant under a real sound server without hardware.

One null sink stands for the room in front of the microphone (its monitor is the microphone), another for the
loudspeaker; what the loudspeaker plays is fed back into the room, late and softer, as a real one does.
Run it with ``pytest -m sound``; it takes a minute or two, in real time.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest
import soundfile

from assistant.messages import AudioClip
from assistant.speech.synthesis import Synthesizer

PROGRAMS = ("pulseaudio", "pactl", "paplay", "parecord")
WEIGHTS = platformdirs.user_cache_path("multimodal-assistant", appauthor=False)

pytestmark = [
    pytest.mark.sound,
    pytest.mark.models,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not all(map(shutil.which, PROGRAMS)), reason="PulseAudio is not installed"),
    pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the models are not here: `assistant models pull`"),
]

ASOUND = """
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
PLUGIN = '''
from assistant import hookimpl

def tell_name():
    """Say who I am."""
    return (
        "Most people call me by my name, hey Jarvis. Some say Alexa, hey Mycroft, or okay Nabu. "
        "Whenever you say hey Jarvis, I listen to what you have to say. "
        "When you say nothing, then I say nothing either, and I keep waiting until you say hey Jarvis once more."
    )

@hookimpl
def register_intents(register):
    register(tell_name, examples=["what is your name", "tell me your name", "who are you", "how are you called"])
'''


class Room:
    """A sound server of its own, and the voice assistant in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "run").mkdir(mode=0o700)
        (folder / "asound.conf").write_text(ASOUND)
        plugins = folder / "home" / "config" / "plugins"
        plugins.mkdir(parents=True)
        (plugins / "namesake.py").write_text(PLUGIN)
        (folder / "home" / "cache").symlink_to(WEIGHTS)
        self.environment = os.environ | {
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "PULSE_RUNTIME_PATH": str(folder / "run" / "pulse"),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
            "ASSISTANT_HOME": str(folder / "home"),
            "ASSISTANT_VOICE__WARM_UP": "start",
            "ASSISTANT_INFERENCE__THREADS": "2",
        }
        self._server = self._start_server()
        self._assistant: subprocess.Popen[bytes] | None = None
        self._voice = Synthesizer("hibari")

    def _start_server(self) -> subprocess.Popen[bytes]:
        modules = [
            "module-native-protocol-unix",
            "module-null-sink sink_name=room rate=48000 channels=2",
            "module-null-sink sink_name=speaker rate=44100 channels=2",
            "module-loopback source=speaker.monitor sink=room latency_msec=60 sink_input_properties=media.name=echo",
        ]
        options = [part for module in modules for part in ("-L", module)]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *options]
        server = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if subprocess.run(["pactl", "info"], env=self.environment, capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        for arguments in (["set-default-sink", "speaker"], ["set-default-source", "room.monitor"]):
            subprocess.run(["pactl", *arguments], env=self.environment, check=True)
        subprocess.run(["pactl", "set-sink-input-volume", "0", "50%"], env=self.environment, check=True)
        return server

    def listen(self) -> None:
        """Start the assistant, and wait until it hears."""
        with (self.folder / "events.jsonl").open("wb") as out, (self.folder / "errors.txt").open("wb") as errors:
            command = [sys.executable, "-m", "assistant", "listen", "--json"]
            self._assistant = subprocess.Popen(command, env=self.environment, stdout=out, stderr=errors)
        self.wait_for(lambda events: any(e["event"] == "ModelLoaded" and e["model"] == "intents" for e in events), 120)

    def events(self) -> list[dict[str, Any]]:
        """What happened so far."""
        lines = (self.folder / "events.jsonl").read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def wait_for(self, happened: Callable[[list[dict[str, Any]]], bool], seconds: float = 60.0) -> None:
        """Wait until it did."""
        end = time.monotonic() + seconds
        while not happened(self.events()):
            assert time.monotonic() < end, (self.names(), (self.folder / "errors.txt").read_text()[-800:])
            assert self._assistant is not None
            assert self._assistant.poll() is None, (self.folder / "errors.txt").read_text()[-800:]
            time.sleep(0.05)

    def names(self) -> list[str]:
        """The names of what happened so far, but levels, and what a busy computer has to say about itself."""
        quiet = ("SoundLevel", "Notice", "ItemsDropped")
        return [event["event"] for event in self.events() if event["event"] not in quiet]

    def say(self, words: str) -> None:
        """Somebody in the room says it, from the beginning to the end."""
        clip = self._voice.say(words, "en")
        path = self.folder / "said.wav"
        _write(path, clip)
        subprocess.run(["paplay", "-d", "room", str(path)], env=self.environment, check=True)

    def record(self, path: Path) -> "subprocess.Popen[bytes]":
        """Record what the loudspeaker plays."""
        command = ["parecord", "-d", "speaker.monitor", "--latency-msec=20", "--file-format=wav", str(path)]
        return subprocess.Popen(command, env=self.environment)

    def close(self) -> None:
        """Leave."""
        if self._assistant is not None:
            self._assistant.send_signal(signal.SIGTERM)
            assert self._assistant.wait(20) == 0
        self._server.terminate()
        self._server.wait(10)


def _write(path: Path, clip: AudioClip) -> None:
    pause = np.zeros(clip.sample_rate // 4, np.float32)
    soundfile.write(path, np.concatenate([pause, clip.samples, pause]), clip.sample_rate)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    try:
        room.listen()
        yield room
    finally:
        room.close()


def count(room: Room, name: str) -> int:
    return room.names().count(name)


def test_it_answers_is_interrupted_and_never_wakes_itself(room: Room, tmp_path: Path) -> None:
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
