import numpy as np
import pytest

from assistant.fusion.class_space import ClassSpace
from assistant.fusion.projection import ANCHOR, CLASSIFIED, SharedSpace


def _three_classes() -> ClassSpace:
    """Three classes, each told by one of three features, lying along the first three axes."""
    return ClassSpace(
        {
            "classes.reduce": np.eye(3, dtype=np.float32),
            "classes.expand": 50 * np.eye(3, dtype=np.float32),
            "classes.bias": np.zeros(3, np.float32),
            "classes.vectors": np.eye(3, 384, dtype=np.float32),
            "classes.temperature": np.ones(1, np.float32),
        }
    )


def test_a_picture_of_one_class_lies_at_its_name() -> None:
    placed = _three_classes()(np.eye(3, dtype=np.float32))
    np.testing.assert_allclose(placed, np.eye(3, 384), atol=1e-6)


def test_a_picture_between_two_classes_lies_between_their_names() -> None:
    placed = _three_classes()(np.array([[1, 1, 0]], np.float32))[0]
    np.testing.assert_allclose(placed[:3], [0.5, 0.5, 0], atol=1e-6)


def test_whole_pictures_go_by_class_and_patches_by_the_linear_map() -> None:
    space = SharedSpace()
    rows = np.random.default_rng(0).uniform(0, 2, (4, 1280)).astype(np.float32)
    whole, patches = space.project_pooled(CLASSIFIED, rows), space.project(CLASSIFIED, rows)
    assert whole.shape == patches.shape == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    assert not np.allclose(whole, patches, atol=0.1)


def test_sentences_stay_where_they_are() -> None:
    rows = np.random.default_rng(0).normal(size=(2, 384)).astype(np.float32)
    np.testing.assert_array_equal(SharedSpace().project_pooled(ANCHOR, rows), SharedSpace().project(ANCHOR, rows))


def test_given_maps_place_whole_pictures_too() -> None:
    flat = (np.eye(384, 1280, dtype=np.float32), np.zeros(384, np.float32))
    space = SharedSpace({CLASSIFIED: flat})
    rows = np.random.default_rng(0).uniform(0, 2, (2, 1280)).astype(np.float32)
    np.testing.assert_array_equal(space.project_pooled(CLASSIFIED, rows), space.project(CLASSIFIED, rows))
    with pytest.raises(KeyError):
        space.project_pooled("stranger", rows)
