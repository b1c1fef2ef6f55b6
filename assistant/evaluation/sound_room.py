"""A room under a real sound server without hardware, with the voice assistant in it.

One null sink stands for the room in front of the microphone (its monitor is the microphone), another for the
loudspeaker; what the loudspeaker plays is fed back into the room, late and softer, as a real one does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import InputError
from assistant.speech.synthesis import Synthesizer, write_audio
from assistant.types import AudioClip

__all__ = ["PROGRAMS", "SoundRoom"]

ASOUND = """
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
PROGRAMS = ("pulseaudio", "pactl", "paplay", "parecord")
STARTS = 120.0
"""seconds in which the assistant must listen"""


class SoundRoom:
    """A sound server of its own, and the voice assistant in it.

    Its home is in `folder` and holds the text of a `plugin`; the models come from the folder `cache`.

    Raises:
        InputError: PulseAudio is not installed.
    """

    def __init__(self, folder: Path, plugin: str, cache: Path) -> None:
        if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
            raise InputError(f"{', '.join(missing)} not found: `sudo apt install pulseaudio pulseaudio-utils`")
        self.folder = folder
        (folder / "run").mkdir(mode=0o700)
        (folder / "asound.conf").write_text(ASOUND)
        plugins = folder / "home" / "config" / "plugins"
        plugins.mkdir(parents=True)
        (plugins / "spoken.py").write_text(plugin)
        (folder / "home" / "cache").symlink_to(cache.absolute())
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

    def plug_in_microphone(self, rate: int = 48_000, channels: int = 2, echo: float = 0.125) -> None:
        """Connect the microphone, which hears the loudspeaker `echo` times as loud as it plays."""
        before = self._playing()
        sink = ("module-null-sink", "sink_name=room", f"rate={rate}", f"channels={channels}")
        back = ("module-loopback", "source=speaker.monitor", "sink=room", "latency_msec=60", "source_dont_move=true")
        self._microphone = [self.pactl("load-module", *sink), self.pactl("load-module", *back)]
        self.pactl("set-default-source", "room.monitor")
        (heard,) = self._playing() - before
        self.pactl("set-sink-input-volume", heard, f"{max(echo, 0.01):.2f}")

    def _playing(self) -> set[str]:
        """The numbers of the streams that play something."""
        return {line.split()[0] for line in self.pactl("list", "short", "sink-inputs").splitlines()}

    def streams_of_programs(self) -> set[str]:
        """The numbers of the streams that programs play, not the sound server itself."""
        lines = (line.split("\t") for line in self.pactl("list", "short", "sink-inputs").splitlines())
        return {line[0] for line in lines if line[2] != "-"}

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
        self.wait_for(
            lambda events: any(e["event"] == "ModelLoaded" and e["model"] == "intents" for e in events), STARTS
        )

    @property
    def process(self) -> int:
        """The number of the assistant's process."""
        assert self._assistant is not None
        return self._assistant.pid

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
        """The names of what happened so far, but levels, loaded models, and what a busy computer says about itself."""
        quiet = ("SoundLevel", "Notice", "ItemsDropped", "ModelLoading", "ModelLoaded")
        return [event["event"] for event in self.events() if event["event"] not in quiet]

    def notices(self) -> list[str]:
        """What it had to say about itself."""
        return [event["text"] for event in self.events() if event["event"] == "Notice"]

    def say(self, words: str) -> None:
        """Somebody in the room says it, from the beginning to the end."""
        assert self.begin_to_say(words).wait(60) == 0

    def begin_to_say(self, words: str) -> subprocess.Popen[bytes]:
        """Somebody in the room begins to say it."""
        path, clip = self.folder / "said.wav", self._voice.say(words, "en")
        pause = np.zeros(clip.sample_rate // 4, np.float32)
        write_audio(path, AudioClip(np.concatenate([pause, clip.samples, pause]), clip.sample_rate))
        return self.play(path)

    def play(self, path: Path) -> subprocess.Popen[bytes]:
        """Begins to play a sound file to the microphone."""
        command = ["paplay", "--latency-msec=100", "-d", "room", str(path)]
        return subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """The assistant is killed, without a word."""
        assert self._assistant is not None
        self._assistant.kill()
        self._assistant.wait(10)
        self._assistant = None

    def record(self, path: Path) -> subprocess.Popen[bytes]:
        """Record what the loudspeaker plays."""
        command = ["parecord", "-d", "speaker.monitor", "--latency-msec=20", "--file-format=wav", str(path)]
        return subprocess.Popen(command, env=self.environment)

    def close(self) -> None:
        """Leave."""
        if self._assistant is not None:
            self._assistant.send_signal(signal.SIGTERM)
            assert self._assistant.wait(20) == 0
        self.stop_server()
