"""Partial transcripts: the newest clip counts, and none is waited for in vain."""

import asyncio

import numpy as np
import pytest

from assistant.speech.partials import Partial, PartialTranscripts
from assistant.testing import run_virtually
from assistant.types import AudioClip, Transcript


def clip(seconds: float) -> AudioClip:
    return AudioClip(np.zeros(int(seconds * 16_000), np.float32))


async def listen(given: AudioClip) -> Transcript:
    await asyncio.sleep(1.0)
    return Transcript(f"{given.duration:.0f} s", "en")


async def ignore(heard: Partial) -> None:
    return None


def test_only_the_newest_waiting_clip_is_listened_to() -> None:
    told: list[str] = []

    async def tell(heard: Partial) -> None:
        told.append(heard.transcript.text)

    async def run() -> int:
        partials = PartialTranscripts(listen, tell, asyncio.get_running_loop().time)
        for seconds in (1, 2, 3, 4):
            partials.offer(clip(seconds), seconds)
            await asyncio.sleep(0.1)
        await partials.of(4)
        await asyncio.sleep(0)
        return partials.skipped

    assert run_virtually(run()) == 2
    assert told == ["1 s", "4 s"]


def test_what_was_heard_already_is_there_at_once() -> None:
    async def run() -> float:
        time = asyncio.get_running_loop().time
        partials = PartialTranscripts(listen, ignore, time)
        partials.offer(clip(2), 2.0)
        await asyncio.sleep(5)
        began = time()
        heard = await partials.of(1.8)
        assert heard is not None
        assert heard.took == 1.0
        return time() - began

    assert run_virtually(run()) == 0


def test_what_was_never_offered_is_not_waited_for() -> None:
    async def run() -> Partial | None:
        return await PartialTranscripts(listen, ignore, asyncio.get_running_loop().time).of(1.0)

    assert run_virtually(run()) is None


def test_recognition_that_fails_are_told_to_who_waits() -> None:
    async def fail(given: AudioClip) -> Transcript:
        await asyncio.sleep(1.0)
        raise ValueError("deaf")

    async def run() -> None:
        partials = PartialTranscripts(fail, ignore, asyncio.get_running_loop().time)
        partials.offer(clip(1), 1.0)
        await partials.of(1.0)

    with pytest.raises(ValueError, match="deaf"):
        run_virtually(run())
