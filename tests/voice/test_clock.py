"""Two clocks, and who waits for whom."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

import assistant
from assistant.outputs.reply_files import ReplyFiles
from assistant.testing import run_virtually
from assistant.types import AudioClip
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import SoundBuffer, decibels


def test_the_clocks_map_to_each_other_although_chunks_come_late() -> None:
    wall = [100.0]
    clock = SourceClock(lambda: wall[0])
    for late in (0.0, 0.2, 0.05, 0.4):
        wall[0] = 100.0 + clock.now + 0.032 + late
        clock.advance(512)
    assert clock.second_of(100.0) == pytest.approx(0.0)
    assert clock.wall_of(clock.now) == pytest.approx(100.128)
    assert clock.lag == pytest.approx(0.4)


def test_a_gap_makes_the_clocks_meet_anew() -> None:
    wall = [0.0]
    clock = SourceClock(lambda: wall[0])
    clock.advance(512)
    clock.skip()
    wall[0] = 60.0
    clock.advance(512)
    assert clock.lag == 0.0


def test_sound_that_never_came_is_told_from_sound_that_waited() -> None:
    wall = [0.0]
    clock = SourceClock(lambda: wall[0])

    def hear(seconds: float, *, gap: float = 0.0, waits: float = 0.0) -> float:
        missing = 0.0
        for _ in range(round(seconds / 0.032)):
            came = clock.now + 0.032 + gap
            wall[0] = came + waits
            clock.advance(512, came)
            missing += clock.missing
        return missing

    assert hear(5.0) == 0.0
    assert hear(3.0, waits=1.5) == 0.0
    assert clock.lag == pytest.approx(1.5)
    assert hear(2.5, gap=1.5) == pytest.approx(1.5)
    assert clock.lag == 0.0
    assert clock.second_of(clock.now + 1.5) == pytest.approx(clock.now)
    assert hear(5.0, gap=1.5) == 0.0, "once"


def test_sleeping_is_by_the_sound() -> None:
    async def run() -> list[str]:
        clock, woken = SourceClock(), list[str]()

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append(name)

        tasks = [asyncio.create_task(sleeper("late", 0.1)), asyncio.create_task(sleeper("early", 0.05))]
        await asyncio.sleep(0)
        for _ in range(4):
            clock.advance(512)
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return woken

    assert run_virtually(run()) == ["early", "late"]


def test_a_held_source_waits_for_all_who_hold_it() -> None:
    async def run() -> float:
        hold, loop = FlowControl(), asyncio.get_running_loop()

        async def compute(seconds: float) -> None:
            with hold():
                await asyncio.sleep(seconds)

        tasks = [asyncio.create_task(compute(1.0)), asyncio.create_task(compute(3.0))]
        await hold.free()
        await asyncio.gather(*tasks)
        return loop.time()

    assert run_virtually(run()) == pytest.approx(3.0)


def test_the_buffer_keeps_what_is_needed_and_no_more() -> None:
    sound = SoundBuffer(kept=1.0, most=4.0)
    for number in range(320):  # 10 s
        if number == 160:
            sound.keep_from = 4.5
        sound.add(np.full(512, number, np.float32))
    assert len(sound.between(0.0, 10.24)) == 4 * 16_000
    piece = sound.between(9.0, 9.032)
    assert set(piece) <= {281.0, 282.0}
    sound.keep_from = None
    sound.add(np.zeros(512, np.float32))
    assert len(sound.between(0.0, 99.0)) <= 1.04 * 16_000


def test_loudness_in_decibels() -> None:
    assert decibels(np.zeros(512, np.float32)) == -100
    assert decibels(np.full(512, 0.1, np.float32)) == pytest.approx(-20, abs=0.1)


def test_a_reply_lasts_as_long_on_a_recordings_clock_as_it_would_sound() -> None:
    async def clips() -> AsyncIterator[AudioClip]:
        yield AudioClip(np.zeros(round(2.15 * 24_000), np.float32), 24_000)

    async def seconds() -> float:
        clock, flow = SourceClock(live=False), FlowControl()
        playing = asyncio.create_task(ReplyFiles(None, lambda: clock.now, clock.sleep).play(clips()))
        await asyncio.sleep(0)
        while not playing.done():
            clock.advance(512)
            await flow.free()
        return clock.now

    assert asyncio.run(seconds()) == pytest.approx(2.15, abs=0.07)


def test_nothing_that_hears_or_speaks_reads_a_clock_that_may_jump() -> None:
    root = Path(assistant.__file__).parent
    heard = [*root.glob("voice/*.py"), *root.glob("speech/*.py"), root / "inputs/live_microphone.py"]
    sources = {path: path.read_text("utf-8") for path in (*heard, *root.glob("outputs/loudspeaker*.py"))}
    assert [
        path.name for path, text in sources.items() if re.search(r"time\.time\(|datetime\.now|CLOCK_REALTIME", text)
    ] == []
