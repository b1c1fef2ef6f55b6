"""Recordings in the microphone's place."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from assistant.inputs.recordings import CHUNK, Recordings
from assistant.testing import run_virtually
from assistant.types import AudioClip, FloatArray


def clip(seconds: float, loudness: float = 0.5) -> AudioClip:
    return AudioClip(np.full(int(seconds * 16_000), loudness, np.float32))


def test_all_of_every_recording_is_heard_in_whole_chunks() -> None:
    async def run() -> list[FloatArray]:
        return [chunk async for chunk in Recordings([clip(0.7), clip(0.31, 0.25)], gap=0.5)]

    chunks = run_virtually(run())
    assert {len(chunk) for chunk in chunks} == {CHUNK}
    samples = np.concatenate(chunks)
    assert int((samples == 0.5).sum()) == 11_200
    assert int((samples == 0.25).sum()) == 4_960


def test_in_real_time_a_second_lasts_a_second_and_who_is_slow_loses_nothing() -> None:
    async def run(pause: float) -> tuple[int, float]:
        count = 0
        async for _ in Recordings([clip(3.0)], realtime=True, gap=0.0):
            count += 1
            await asyncio.sleep(pause)
        return count, asyncio.get_running_loop().time()

    quick, slow = run_virtually(run(0.0)), run_virtually(run(0.1))
    assert quick[1] == pytest.approx(4.0, abs=0.1)
    assert slow[0] == quick[0]


def test_silence_follows_until_enough_has_come() -> None:
    async def run() -> float:
        source = Recordings([clip(0.5)], gap=0.0, patience=10.0)
        count, answers = 0, iter([False] * 100 + [True] * 999)
        source.over = lambda: next(answers)
        async for _ in source:
            count += 1
        return count * CHUNK / 16_000

    assert run_virtually(run()) == pytest.approx(0.5 + 1.0 + 100 * 0.032, abs=0.1)


def test_silence_does_not_follow_for_ever() -> None:
    async def run() -> int:
        source = Recordings([clip(0.5)], patience=5.0)
        source.over = lambda: False
        return len([chunk async for chunk in source])

    assert run_virtually(run()) * CHUNK / 16_000 < 7


def test_recordings_are_taken_one_by_one() -> None:
    taken: list[int] = []

    def clips() -> Iterator[AudioClip]:
        for number in range(3):
            taken.append(number)
            yield clip(0.5)

    async def run() -> None:
        async for _ in Recordings(clips()):
            break

    run_virtually(run())
    assert taken == [0]
