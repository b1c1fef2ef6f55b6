"""A sound server without hardware, with the voice assistant in it.

One null sink stands for the room in front of the microphone (its monitor is the microphone), another for the
loudspeaker; what the loudspeaker plays is fed back into the room, late and softer, as a real one does.
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

from assistant.speech.synthesis import Synthesizer
from assistant.types import AudioClip

WEIGHTS = platformdirs.user_cache_path("multimodal-assistant", appauthor=False)

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
        self.start_server()
        self._assistant: subprocess.Popen[bytes] | None = None
        self._voice = Synthesizer("hibari")

    def start_server(self, rate: int = 48_000, channels: int = 2) -> None:
        """Start the sound server, with a microphone and a loudspeaker."""
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        command += ["-L", "module-native-protocol-unix"]
        self._server = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(100):
            if subprocess.run(["pactl", "info"], env=self.environment, capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        self.plug_in(rate, channels)

    def stop_server(self) -> None:
        """The sound server crashes."""
        self._server.kill()
        self._server.wait(10)

    def plug_in(self, rate: int = 48_000, channels: int = 2) -> None:
        """Connect microphone and loudspeaker."""
        self._speaker = self.pactl("load-module", "module-null-sink", "sink_name=speaker", "rate=44100", "channels=2")
        self.pactl("set-default-sink", "speaker")
        self.plug_in_microphone(rate, channels)

    def plug_in_microphone(self, rate: int = 48_000, channels: int = 2, echo: int = 50) -> None:
        """Connect the microphone, which hears the loudspeaker at so many percent."""
        before = self._playing()
        sink = ("module-null-sink", "sink_name=room", f"rate={rate}", f"channels={channels}")
        back = ("module-loopback", "source=speaker.monitor", "sink=room", "latency_msec=60", "source_dont_move=true")
        self._microphone = [self.pactl("load-module", *sink), self.pactl("load-module", *back)]
        self.pactl("set-default-source", "room.monitor")
        (heard,) = self._playing() - before
        self.pactl("set-sink-input-volume", heard, f"{echo}%")

    def _playing(self) -> set[str]:
        """The numbers of the streams that play something."""
        return {line.split()[0] for line in self.pactl("list", "short", "sink-inputs").splitlines()}

    def unplug_microphone(self) -> None:
        """Take the microphone away; the loudspeaker stays, and its monitor becomes the default microphone."""
        for module in reversed(self._microphone):
            self.pactl("unload-module", module)

    def unplug(self) -> None:
        """Take microphone and loudspeaker away."""
        self.unplug_microphone()
        self.pactl("unload-module", self._speaker)

    def pactl(self, *arguments: str) -> str:
        """Tell the sound server something."""
        done = subprocess.run(["pactl", *arguments], env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def listen(self) -> None:
        """Start the assistant, and wait until it hears."""
        assert self._server.poll() is None
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
            assert time.monotonic() < end, self._state()
            assert self._assistant is not None
            assert self._assistant.poll() is None, self._state()
            time.sleep(0.05)

    def _state(self) -> tuple[list[str], list[str], str]:
        """What a failed test shows."""
        return self.names()[-12:], self.notices()[-6:], (self.folder / "errors.txt").read_text()[-800:]

    def names(self) -> list[str]:
        """The names of what happened so far, but levels, and what a busy computer has to say about itself."""
        quiet = ("SoundLevel", "Notice", "ItemsDropped")
        return [event["event"] for event in self.events() if event["event"] not in quiet]

    def notices(self) -> list[str]:
        """What it had to say about itself."""
        return [event["text"] for event in self.events() if event["event"] == "Notice"]

    def say(self, words: str) -> None:
        """Somebody in the room says it, from the beginning to the end."""
        assert self.begin_to_say(words).wait(60) == 0

    def begin_to_say(self, words: str) -> "subprocess.Popen[bytes]":
        """Somebody in the room begins to say it."""
        path = self.folder / "said.wav"
        _write(path, self._voice.say(words, "en"))
        return subprocess.Popen(["paplay", "-d", "room", str(path)], env=self.environment, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """The assistant is killed, without a word."""
        assert self._assistant is not None
        self._assistant.kill()
        self._assistant.wait(10)
        self._assistant = None

    def record(self, path: Path) -> "subprocess.Popen[bytes]":
        """Record what the loudspeaker plays."""
        command = ["parecord", "-d", "speaker.monitor", "--latency-msec=20", "--file-format=wav", str(path)]
        return subprocess.Popen(command, env=self.environment)

    def close(self) -> None:
        """Leave."""
        if self._assistant is not None:
            self._assistant.send_signal(signal.SIGTERM)
            assert self._assistant.wait(20) == 0
        self.stop_server()


def _write(path: Path, clip: AudioClip) -> None:
    pause = np.zeros(clip.sample_rate // 4, np.float32)
    soundfile.write(path, np.concatenate([pause, clip.samples, pause]), clip.sample_rate)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room with the voice assistant listening in it."""
    if not all(map(shutil.which, ("pulseaudio", "pactl", "paplay", "parecord"))):
        pytest.skip("PulseAudio is not installed")
    if not WEIGHTS.is_dir():
        pytest.skip("the models are not here: `assistant models pull`")
    room = Room(tmp_path)
    try:
        room.listen()
        yield room
    finally:
        room.close()
