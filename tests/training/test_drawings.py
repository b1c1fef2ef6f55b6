import numpy as np
import pytest

from assistant.training.drawn import load_drawings

DRAWINGS = load_drawings().DRAWINGS
DRAWERS = {**DRAWINGS, **load_drawings().EVERYDAY_DRAWINGS}


@pytest.mark.parametrize("kind", DRAWERS)
def test_same_seed_same_picture_other_seed_another(kind: str) -> None:
    pictures = [np.asarray(DRAWERS[kind](np.random.default_rng(seed))) for seed in (1, 1, 2)]
    assert pictures[0].dtype == np.uint8
    assert pictures[0].shape[2] == 3
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0].shape != pictures[2].shape or not np.array_equal(pictures[0], pictures[2])


@pytest.mark.parametrize("kind", DRAWERS)
def test_drawings_are_neither_empty_nor_tiny(kind: str) -> None:
    for seed in range(4):
        picture = np.asarray(DRAWERS[kind](np.random.default_rng(seed)), dtype=np.float32)
        assert min(picture.shape[:2]) >= 120
        assert picture.std() > 1


def test_x_rays_are_nearly_grey_and_skin_is_reddish() -> None:
    skin = np.asarray(DRAWINGS["skin"](np.random.default_rng(0)), dtype=np.float32).mean(axis=(0, 1))
    assert skin[0] > skin[1]
    spread = [
        np.ptp(np.asarray(DRAWINGS["xray"](np.random.default_rng(s)), np.float32).mean(axis=(0, 1))) for s in range(8)
    ]
    assert np.median(spread) < 3
