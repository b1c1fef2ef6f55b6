import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import AudioError
from assistant.outputs.earcons import Earcon, earcon
from assistant.outputs.reply_files import ReplyFiles
from assistant.types import AudioClip, FloatArray


async def clips(*seconds: float) -> AsyncIterator[AudioClip]:
    for length in seconds:
        yield AudioClip(np.full(round(16_000 * length), 0.25, np.float32), 16_000)


def test_each_reply_has_a_file_of_its_own(tmp_path: Path) -> None:
    async def run() -> list[Path]:
        player = ReplyFiles(tmp_path / "replies", sleep=None)
        assert await player.play(clips(0.5, 0.25))
        assert await player.play(clips(0.25))
        return player.written

    lengths = []
    for path in asyncio.run(run()):
        samples, rate = soundfile.read(path)
        lengths.append(round(len(samples) / rate, 3))
        assert np.median(samples) == pytest.approx(0.25, abs=0.001)
    assert lengths == [0.75, 0.25]


def test_a_reply_lasts_as_long_as_it_would_sound_by_the_given_clock() -> None:
    now, firsts, played = [100.0], list[float](), list[tuple[FloatArray, float]]()

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    player = ReplyFiles(None, lambda: now[0], sleep)
    player.on_first_sound = firsts.append
    player.on_played = lambda samples, at: played.append((samples, at))
    assert asyncio.run(player.play(clips(0.5, 0.5)))
    assert now[0] == pytest.approx(101.0)
    assert firsts == [100.0]
    assert np.allclose(np.diff([at for _, at in played]), 0.02)
    assert sum(len(samples) for samples, _ in played) == 16_000


def test_a_stopped_reply_ends_there(tmp_path: Path) -> None:
    player = ReplyFiles(tmp_path)

    async def run() -> bool:
        saying = asyncio.ensure_future(player.play(clips(10.0)))
        await asyncio.sleep(0.2)
        player.stop()
        return await saying

    assert not asyncio.run(run())
    assert soundfile.info(player.written[0]).duration < 1.0


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(AudioError, match="Replies cannot be written to"):
        ReplyFiles(tmp_path / "file")
    (tmp_path / "replies" / "reply-001.wav").mkdir(parents=True)
    with pytest.raises(AudioError, match=r"reply-001\.wav cannot be written"):
        asyncio.run(ReplyFiles(tmp_path / "replies").play(clips(0.1)))


@pytest.mark.parametrize(("kind", "longest"), [("wake", 0.5), ("done", 0.5), ("error", 0.5), ("ring", 1.5)])
def test_earcons_are_short_quiet_and_without_clicks(kind: Earcon, longest: float) -> None:
    clip = earcon(kind)
    assert 0.1 < clip.duration < longest
    assert np.abs(clip.samples).max() == pytest.approx(0.12, abs=0.001)
    assert abs(clip.samples[0]) < 0.001
    assert abs(clip.samples[-1]) < 0.001


def test_earcons_can_be_told_apart() -> None:
    assert not np.array_equal(earcon("wake").samples[:2000], earcon("done").samples[:2000])
