"""Tests the output of the voice assistant: the live view, plain lines, and the log."""

import asyncio
import io
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from assistant.events import (
    FirstSound,
    Notice,
    PartialTranscript,
    SoundLevel,
    StageFinished,
    TranscriptReady,
    TurnStarted,
    VoiceStateChanged,
)
from assistant.inputs.audio_devices import sound_library_lines_logged
from assistant.types import FloatArray
from assistant.voice.event_lines import BYTES, VoiceLog, line_of, newest_lines
from assistant.voice.foreground import LiveView, PlainView, meter
from assistant.voice.live import MutedSource


def state(name: str) -> VoiceStateChanged:
    return VoiceStateChanged(session="voice", state=name, second=1.0)


def partial(text: str) -> PartialTranscript:
    return PartialTranscript(session="voice", text=text, second=1.0)


def transcript(text: str) -> TranscriptReady:
    return TranscriptReady(session="voice", text=text, rejected="", avg_logprob=-0.1, no_speech=0.0, second=2.0)


def test_the_meter_is_as_long_as_the_sound_is_loud() -> None:
    assert [meter(level, 4) for level in (-100, -60, -30, 0, 6)] == ["····", "····", "██··", "████", "████"]


def test_the_view_shows_state_level_words_and_latency() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)

    async def run() -> None:
        with LiveView(console, lambda: -30.0, lambda: False, 'waiting for "alexa"', "space: talk") as view:
            await asyncio.sleep(0.2)
            view(state("listening"))
            view(partial("turn on the li"))
            await asyncio.sleep(0.3)
            view(transcript("Turn on the lights."))
            view(state("speaking"))
            view(FirstSound(turn="t", session="voice", latency_ms={"to first sound": 640.4}, second=3.0))
            view(state("idle"))
            await asyncio.sleep(0.3)

    asyncio.run(run())
    shown = screen.getvalue()
    for words in (
        '● waiting for "alexa"  ████████████············',
        "● listening",
        "turn on the li",
        "You: Turn on the lights.",
        "answered in 640 ms",
        "space: talk",
    ):
        assert words in shown


def test_a_muted_microphone_is_seen() -> None:
    screen = io.StringIO()

    async def run() -> None:
        with LiveView(Console(file=screen, force_terminal=True, width=80), lambda: -100.0, lambda: True):
            await asyncio.sleep(0.2)

    asyncio.run(run())
    assert "muted" in screen.getvalue()


@pytest.mark.parametrize("width", [12, 24, 34])
def test_a_narrow_terminal_keeps_to_its_two_lines(width: int) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=width, color_system=None)
    view = LiveView(
        console, lambda: -30.0, lambda: False, 'waiting for "hey jarvis"', "space: talk   s: stop   m: mute"
    )
    view(partial("帮我查一下订单现在到哪里了"))
    console.print(view._picture())
    lines = screen.getvalue().splitlines()
    assert len(lines) == 2
    assert all(cell_len(line) <= width for line in lines)


def test_words_that_look_like_markup_are_shown_as_they_are() -> None:
    screen = io.StringIO()
    view = LiveView(Console(file=screen, force_terminal=True, width=80, color_system=None), lambda: 0, lambda: False)
    view(transcript("[bold]press [/x] now"))
    assert "[bold]press [/x] now" in screen.getvalue()


def test_without_a_terminal_there_are_plain_lines() -> None:
    lines: list[str] = []
    view = PlainView(lines.append)
    stage = StageFinished(turn="t", stage="decide", milliseconds=2.0)
    level = SoundLevel(decibels=-40, second=1)
    for event in (state("listening"), partial("turn"), level, stage, transcript("Turn on.")):
        view(event)
    assert lines == ["state       listening", "transcript  Turn on."]


def test_the_log_is_the_owners_alone_and_never_grows_large(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "voice.log"
    log = VoiceLog(path)
    for number in range(40_000):
        log(Notice(text=f"something to know, number {number:08}, and a few words more to fill the line"))
    log(partial("a secret half said"))
    log.close()
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["voice.log", "voice.log.1"]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert sum(file.stat().st_size for file in files) < 2.1 * BYTES
    newest = newest_lines(3, path)
    assert [line.split("number ")[1][:8] for line in newest] == ["00039997", "00039998", "00039999"]
    assert len(newest_lines(15_000, path)) > 10_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_costs_the_line_and_no_more() -> None:
    log = VoiceLog(Path("/dev/full"))
    log(Notice(text="lost"))
    log.close()


def test_a_muted_source_gives_silence_and_keeps_the_time() -> None:
    class Noise:
        dropped = 3

        async def __aiter__(self) -> AsyncIterator[FloatArray]:
            for _ in range(4):
                yield np.full(512, 0.5, np.float32)

    async def run() -> list[float]:
        source, heard = MutedSource(Noise()), list[float]()
        assert source.dropped == 3
        async for chunk in source:
            heard.append(float(chunk[0]))
            source.muted = len(heard) in (1, 2)
        return heard

    assert asyncio.run(run()) == [0.5, 0.0, 0.0, 0.5]


def test_what_sound_libraries_write_goes_into_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with sound_library_lines_logged(tmp_path / "sound.log"):
        os.write(2, b"ALSA lib: underrun occurred\n")
    with sound_library_lines_logged(tmp_path / "sound.log"):
        os.write(2, b"jack server is not running\n")
    os.write(2, b"back again\n")
    assert (tmp_path / "sound.log").read_text() == "ALSA lib: underrun occurred\njack server is not running\n"
    assert capfd.readouterr().err == "back again\n"


def test_who_speaks_is_shown_where_it_is_known() -> None:
    turn = TurnStarted(turn="1", session="s", modalities=("audio",), speaker="Anna")
    assert line_of(turn) == "speaker     Anna"
    assert line_of(replace(turn, speaker="")) == ""
