import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import AudioError
from assistant.outputs.earcons import Earcon, earcon
from assistant.outputs.wav_writer import WavWriter
from assistant.types import AudioClip, FloatArray


async def clips(*seconds: float) -> AsyncIterator[AudioClip]:
    for length in seconds:
        yield AudioClip(np.full(round(16_000 * length), 0.25, np.float32), 16_000)


def test_replies_are_written_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "replies.wav"

    async def run() -> None:
        writer = WavWriter(path, sleep=None)
        assert await writer.play(clips(0.5, 0.25))
        assert await writer.play(clips(0.25))
        writer.close()

    asyncio.run(run())
    samples, rate = soundfile.read(path)
    assert len(samples) / rate == pytest.approx(1.0, abs=0.001)
    assert np.median(samples) == pytest.approx(0.25, abs=0.001)


def test_a_reply_lasts_as_long_as_it_would_sound_by_the_given_clock() -> None:
    now, firsts, played = [100.0], list[float](), list[tuple[FloatArray, float]]()

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    writer = WavWriter(
        on_first_sound=firsts.append,
        on_played=lambda samples, at: played.append((samples, at)),
        clock=lambda: now[0],
        sleep=sleep,
    )
    assert asyncio.run(writer.play(clips(0.5, 0.5)))
    assert now[0] == pytest.approx(101.0)
    assert firsts == [100.0]
    assert np.allclose(np.diff([at for _, at in played]), 0.02)
    assert sum(len(samples) for samples, _ in played) == 16_000


def test_a_stopped_reply_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "reply.wav"

    async def run() -> bool:
        writer = WavWriter(path)
        saying = asyncio.ensure_future(writer.play(clips(10.0)))
        await asyncio.sleep(0.2)
        assert writer.speaking
        writer.stop()
        finished = await saying
        writer.close()
        return finished

    assert not asyncio.run(run())
    assert soundfile.info(path).duration < 1.0


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="in a folder that exists"):
        asyncio.run(WavWriter(tmp_path / "none" / "reply.wav").play(clips(0.1)))


@pytest.mark.parametrize(("kind", "longest"), [("wake", 0.5), ("done", 0.5), ("error", 0.5), ("ring", 1.5)])
def test_earcons_are_short_quiet_and_without_clicks(kind: Earcon, longest: float) -> None:
    clip = earcon(kind)
    assert 0.1 < clip.duration < longest
    assert np.abs(clip.samples).max() == pytest.approx(0.12, abs=0.001)
    assert abs(clip.samples[0]) < 0.001
    assert abs(clip.samples[-1]) < 0.001


def test_earcons_can_be_told_apart() -> None:
    assert not np.array_equal(earcon("wake").samples[:2000], earcon("done").samples[:2000])
