from pathlib import Path

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.training import data
from assistant.training.drawn import load_drawings, read_drawn_kinds

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


def test_every_kind_that_a_plugin_declares_has_a_drawing_and_its_words() -> None:
    kinds = read_drawn_kinds()
    assert [found.kind.name for found in kinds] == list(DRAWINGS)
    for found in kinds:
        assert found.drawn > 0
        assert found.sayings
        assert found.kind.phrases
        assert not found.may_be("a running dog")
        assert all(found.may_be(f"an old {word}") for word in found.clip_art)


def test_an_installed_package_without_drawings_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(data, "TESTS", tmp_path / "tests")
    data.load_from_tests.cache_clear()
    try:
        with pytest.raises(InputError, match="Pictures are drawn in a source checkout only"):
            load_drawings()
    finally:
        data.load_from_tests.cache_clear()
