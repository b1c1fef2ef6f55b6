import numpy as np

from assistant.fusion.gathering import gather
from assistant.fusion.projection import SharedSpace
from assistant.fusion.sound_space import HEARD, SoundSpace, pool
from assistant.types import Encoding


def _heard(width: int = 512, seed: int = 0, encoder: str = HEARD) -> Encoding:
    tokens = np.random.default_rng(seed).normal(size=(7, width)).astype(np.float32)
    mask = np.array([True] * 6 + [False])
    return Encoding("audio", encoder, tokens, mask, tokens[mask].mean(axis=0))


def test_a_clip_is_its_mean_and_its_spread() -> None:
    rows = np.array([[1, 5], [3, 5]], np.float32)
    assert pool(rows).tolist() == [2, 5, 1, 0]


def test_a_spoken_clip_is_placed_as_a_whole_and_without_its_padding() -> None:
    space, clip = SharedSpace(), _heard()
    placed = space.place(clip)
    assert placed is not None
    assert placed.shape == (384,)
    assert placed.dtype == np.float32
    assert abs(np.linalg.norm(placed) - 1) < 1e-5
    bare = space.place(Encoding("audio", HEARD, clip.tokens[:6], clip.mask[:6], clip.pooled))
    assert bare is not None
    np.testing.assert_array_equal(bare, placed)


def test_what_cannot_be_placed_is_none() -> None:
    space = SharedSpace()
    assert space.place(_heard(width=768)) is None  # another size of Whisper
    assert space.place(_heard(encoder="a plugin's own")) is None
    nothing = Encoding("audio", HEARD, np.zeros((2, 512), np.float32), np.zeros(2, np.bool_), np.zeros(512, np.float32))
    assert space.place(nothing) is None


def test_sentences_are_placed_as_before() -> None:
    space, rng = SharedSpace(), np.random.default_rng(1)
    pooled = rng.normal(size=384).astype(np.float32)
    said = Encoding("text", "bert", np.zeros((0, 384), np.float32), np.zeros(0, np.bool_), pooled)
    placed = space.place(said)
    assert placed is not None
    np.testing.assert_allclose(placed, pooled / np.linalg.norm(pooled), atol=1e-6)


def test_sound_is_known_but_brings_no_tokens_to_the_fusion() -> None:
    space = SharedSpace()
    assert HEARD in space.encoders
    assert HEARD not in space.token_encoders
    assert len(gather([_heard()], space).tokens) == 0


def test_a_map_of_our_own_is_used() -> None:
    weights = {
        "middle": np.zeros(2, np.float32),
        "spread": np.ones(2, np.float32),
        "map": np.eye(384, 4, dtype=np.float32),
        "offset": np.zeros(384, np.float32),
    }
    space = SharedSpace(maps={}, sound=SoundSpace(weights))
    tokens = np.array([[3, 4], [3, 4]], np.float32)
    placed = space.place(Encoding("audio", HEARD, tokens, np.ones(2, np.bool_), tokens[0]))
    assert placed is not None
    np.testing.assert_allclose(placed[:3], [0.6, 0.8, 0], atol=1e-6)
