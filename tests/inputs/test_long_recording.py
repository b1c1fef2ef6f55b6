import numpy as np
import pytest

from assistant.inputs.audio_file import cut_pieces
from assistant.types import FloatArray

RATE = 16_000


def blocks(samples: FloatArray) -> list[FloatArray]:
    return [samples[at : at + 50_000, None] for at in range(0, len(samples), 50_000)]


def test_pieces_are_bounded_and_lose_nothing() -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, 55 * RATE).astype(np.float32)
    pieces = list(cut_pieces(blocks(samples), 10.0))
    assert all(clip.duration <= 10.0 for _, clip in pieces)
    assert np.array_equal(np.concatenate([clip.samples for _, clip in pieces]), samples)
    at = 0.0
    for begins, clip in pieces:
        assert begins == pytest.approx(at)
        at += clip.duration


def test_a_piece_ends_in_the_pause() -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, 30 * RATE).astype(np.float32)
    samples[int(17.0 * RATE) : int(17.8 * RATE)] = 0.0
    (_, first), *_ = cut_pieces(blocks(samples), 20.0)
    assert 17.0 < first.duration < 17.8


def test_a_short_recording_is_one_piece() -> None:
    samples = np.zeros(RATE, np.float32)
    ((begins, clip),) = cut_pieces([samples[:, None]], 10.0)
    assert (begins, clip.duration) == (0.0, 1.0)


def test_loud_samples_are_brought_within_one() -> None:
    ((_, clip),) = cut_pieces([np.full((RATE, 1), 3.0, np.float32)])
    assert clip.samples.max() == 1.0
