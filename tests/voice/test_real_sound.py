"""The voice loop with its real parts: the English voice speaks to it, and real recordings pass by."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soxr
from click.testing import CliRunner

from assistant.cli import main
from assistant.speech import Synthesizer, write_audio
from assistant.testing.voice import FakeBackend, Scene
from assistant.types import AudioClip

DATA = Path(os.environ.get("ASSISTANT_DATA", ""))
needs_data = pytest.mark.skipif(
    not os.environ.get("ASSISTANT_DATA"), reason="real recordings: set ASSISTANT_DATA to their folder"
)


def spoken(*parts: str | float) -> AudioClip:
    voice = Synthesizer("hibari")

    def sound(part: str | float) -> np.ndarray:
        if isinstance(part, float):
            return np.zeros(int(part * 16_000), np.float32)
        clip = voice.say(part)
        return np.asarray(soxr.resample(clip.samples, clip.sample_rate, 16_000), np.float32)

    return AudioClip(np.concatenate([sound(part) for part in parts]))


def listen(*arguments: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(main, ["listen", "--json", *arguments])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.settings import cache_dir

    cache = cache_dir()
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(cache)


@pytest.mark.slow
@pytest.mark.models
def test_a_recording_is_answered_into_a_file_with_every_event_in_order(tmp_path: Path) -> None:
    path = tmp_path / "request.wav"
    write_audio(path, spoken(1.0, "Hey Jarvis.", 0.2, "Roll a twenty sided die.", 1.0))
    events = listen("--audio-file", str(path), "--out", str(tmp_path / "replies"))
    names = [event["event"] for event in events]
    milestones = (
        "WakeWordHeard",
        "PartialTranscript",
        "SpeechEnded",
        "TranscriptReady",
        "IntentRecognized",
        "ReplyReady",
        "SpeakingStarted",
        "FirstSound",
        "SpeakingFinished",
    )
    places = [names.index(name) for name in milestones]
    assert places == sorted(places)
    assert all("second" in event for event in events)
    seconds = [event["second"] for event in events]
    assert seconds == sorted(seconds, key=float)  # type: ignore[arg-type]
    assert events[names.index("IntentRecognized")]["intent"] == "dice.roll_die"
    (reply,) = (tmp_path / "replies").iterdir()
    assert reply.stat().st_size > 10_000


def test_the_same_without_the_wake_word_is_nothing_but_levels(tmp_path: Path) -> None:
    path = tmp_path / "request.wav"
    write_audio(path, spoken(1.0, "Roll a twenty sided die.", 1.0))
    assert {event["event"] for event in listen("--audio-file", str(path))} == {"SoundLevel"}


def test_a_recording_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["listen", "--audio-file", str(tmp_path / "none.wav")])
    assert done.exit_code == 1
    assert done.output.strip().endswith("none.wav")


def test_a_recorded_session_can_be_read_and_played_again(tmp_path: Path) -> None:
    path, out = tmp_path / "talk.wav", tmp_path / "session.jsonl"
    write_audio(path, spoken(0.5, "Nobody is meant.", 1.5))
    done = CliRunner().invoke(main, ["record", "--audio-file", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    recorded = [json.loads(line) for line in out.read_text().splitlines()]
    replayed = listen("--replay", str(out))
    assert [event["decibels"] for event in recorded] == [event["decibels"] for event in replayed[: len(recorded)]]


def test_a_session_that_is_there_is_not_recorded_over_unasked(tmp_path: Path) -> None:
    path, out = tmp_path / "talk.wav", tmp_path / "session.jsonl"
    write_audio(path, spoken(1.0))
    out.write_text("kept\n")
    done = CliRunner().invoke(main, ["record", "--audio-file", str(path), "--out", str(out)])
    assert done.exit_code == 1
    assert "session.jsonl" in done.output
    assert "choose another name" in done.output
    assert out.read_text() == "kept\n"


@pytest.mark.models
@pytest.mark.slow
def test_a_question_open_at_kill_9_is_asked_again_after_the_restart(tmp_path: Path) -> None:
    request, silence = tmp_path / "request.wav", tmp_path / "silence.wav"
    write_audio(request, spoken(1.0, "Hey Jarvis.", 0.2, "Where is my order?", 1.0))
    write_audio(silence, spoken(2.0))
    command = [sys.executable, "-m", "assistant", "listen", "--json", "--session", "talk", "--audio-file"]
    asked = ""
    with subprocess.Popen([*command, str(request)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "SpeakingStarted":
                asked = event["text"]
                process.kill()
    again = listen("--session", "talk", "--audio-file", str(silence))
    assert asked
    assert asked in [event["text"] for event in again if event["event"] == "SpeakingStarted"]


@pytest.mark.data
@pytest.mark.models
@needs_data
def test_noise_leads_to_no_words() -> None:
    from assistant.bus import Bus
    from assistant.events import Event, TranscriptReady
    from assistant.inputs.audio_file import read_audio
    from assistant.settings import load_settings
    from assistant.speech import SpeechRecognizer
    from assistant.types import Transcript
    from assistant.voice.backend import loop_over_recordings

    recognizer = SpeechRecognizer()

    class AudioFrontEnd(FakeBackend):
        async def hear(self, clip: AudioClip) -> Transcript:
            return await asyncio.to_thread(recognizer.transcribe, clip)

    async def run() -> list[str]:
        words: list[str] = []

        def keep(event: Event) -> None:
            assert isinstance(event, TranscriptReady)
            words.append(event.text)

        bus = Bus()
        bus.listen(keep, (TranscriptReady,))
        clips = [read_audio(path) for path in sorted((DATA / "noise_esc10").rglob("*.flac"))]
        settings = load_settings({"voice": {"mode": "always"}})
        await loop_over_recordings(clips, AudioFrontEnd(Scene()), bus, settings, session="noise").run()
        return words

    assert [words for words in asyncio.run(run()) if words] == []
