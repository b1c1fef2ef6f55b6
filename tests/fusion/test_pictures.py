from dataclasses import replace

import numpy as np
import pytest

from assistant.fusion.gathering import gather
from assistant.fusion.picture_kinds import ENCODER, STATISTICS, KindDetector, read_detector
from assistant.fusion.pictures import EVERYDAY, PictureScorer
from assistant.fusion.projection import SharedSpace, unit
from assistant.settings import shipped_dir
from assistant.types import Encoding

DETECTORS = [read_detector(path) for path in sorted(shipped_dir("plugins").glob("*/picture_kinds.safetensors"))]
KINDS = [kind.name for detector in DETECTORS for kind in detector.kinds]
ONE, ANOTHER, THIRD = KINDS[0], KINDS[2], KINDS[-1]


def _phrases(kind: str) -> np.ndarray:
    for detector in DETECTORS:
        for index, known in enumerate(detector.kinds):
            if known.name == kind:
                return unit(detector.phrases_of(index))
    raise KeyError(kind)


def _picture(pooled: np.ndarray, encoder: str = ENCODER) -> Encoding:
    return Encoding("image", encoder, np.zeros((0, len(pooled)), np.float32), np.zeros(0, np.bool_), pooled)


def _typical(kind: str) -> np.ndarray:
    """A vector that a detector's own weights point at."""
    for detector in DETECTORS:
        names = [known.name for known in detector.kinds]
        if kind in names:
            return np.maximum(detector.arrays["kind.weight"][names.index(kind)], 0).astype(np.float32) ** 2
    raise KeyError(kind)


def test_a_kind_reaches_the_intent_whose_phrases_mean_it() -> None:
    nothing = np.zeros((0, 384), np.float32)
    looks_like = [nothing, _phrases(ONE), _phrases(ANOTHER)]
    scored = PictureScorer(DETECTORS).score([_picture(_typical(ANOTHER))], looks_like)
    assert scored is not None
    assert scored.log_probs.argmax() == 2
    assert scored.reliability > 0.9
    assert max(scored.kinds, key=lambda kind: scored.kinds[kind]) == ANOTHER
    assert scored.kinds.keys() == {*KINDS, EVERYDAY}
    assert sum(scored.kinds.values()) == pytest.approx(1, abs=1e-4)
    assert np.exp(scored.log_probs).sum() == pytest.approx(1, abs=1e-4)


def test_a_kind_that_no_intent_means_is_unreliable() -> None:
    scored = PictureScorer(DETECTORS).score([_picture(_typical(THIRD))], [_phrases(ONE)])
    assert scored is not None
    assert scored.reliability < 0.5


def test_without_detectors_pictures_are_everyday_and_phrases_still_count() -> None:
    scorer = PictureScorer()
    scored = scorer.score([_picture(_typical(ONE))], [_phrases(ONE), _phrases(ANOTHER)])
    assert scored is not None
    assert scored.kinds == {EVERYDAY: pytest.approx(1)}
    alike = [scorer.similarities(_typical(ONE), _phrases(kind)).max() for kind in (ONE, ANOTHER)]
    assert scored.log_probs.argmax() == np.argmax(alike)


def test_the_order_of_detectors_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    pictures = [
        _picture(rng.uniform(0, 2, 1280).astype(np.float32)),
        _picture(rng.uniform(0, 1, 30).astype(np.float32), STATISTICS),
    ]
    looks_like = [_phrases(kind) for kind in KINDS]
    one, other = (PictureScorer(found).score(pictures, looks_like) for found in (DETECTORS, DETECTORS[::-1]))
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-5)
    assert one.kinds == {name: pytest.approx(share, abs=1e-6) for name, share in other.kinds.items()}


def test_of_several_pictures_the_telling_one_counts() -> None:
    scorer = PictureScorer(DETECTORS)
    dull = _picture(np.full(1280, 0.2, np.float32))
    looks_like = [_phrases(ONE), _phrases(THIRD)]
    alone = scorer.score([_picture(_typical(THIRD))], looks_like)
    beside = scorer.score([dull, _picture(_typical(THIRD))], looks_like)
    assert alone is not None
    assert beside is not None
    assert beside.log_probs.argmax() == 1
    assert beside.reliability >= alone.reliability - 1e-6


def test_no_picture_or_no_intent_gives_no_logits() -> None:
    scorer = PictureScorer(DETECTORS)
    assert scorer.score([], [_phrases(ONE)]) is None
    assert scorer.score([_picture(np.ones(1280, np.float32))], []) is None
    assert scorer.score([_picture(np.ones(8, np.float32), "another")], [_phrases(ONE)]) is None


def test_shared_space_keeps_the_anchor_and_refuses_strangers() -> None:
    space, rng = SharedSpace(), np.random.default_rng(0)
    rows = unit(rng.normal(size=(3, 384)).astype(np.float32))
    np.testing.assert_allclose(space.project("bert", rows), rows, atol=1e-6)
    for name, width in (("use", 512), ("efficientnet-lite0", 1280)):
        projected = space.project(name, rng.uniform(size=(4, width)).astype(np.float32))
        np.testing.assert_allclose(np.linalg.norm(projected, axis=1), 1, atol=1e-5)
    with pytest.raises(KeyError):
        space.project("stranger", rows)


def test_gathering_lays_known_encodings_side_by_side() -> None:
    space, ones = SharedSpace(), np.ones(2, np.bool_)
    rng = np.random.default_rng(0)
    words = Encoding(
        "audio", "bert", rng.normal(size=(2, 384)).astype(np.float32), ones, np.ones(384, np.float32), "a b", ("a", "b")
    )
    picture = _picture(np.ones(1280, np.float32))
    unknown = _picture(np.ones(5, np.float32), "stranger")
    table = gather([words, unknown, picture], space)
    assert table.modalities.tolist() == [2, 2, 1]
    assert table.labels == ("a", "b", "")
    assert table.mask.all()
    assert gather([unknown], space).tokens.shape == (0, 384)


@pytest.mark.models
def test_chinese_and_english_meet_in_the_shared_space() -> None:
    from assistant.encoders.multilingual import MultilingualEncoder
    from assistant.encoders.text import BertEncoder

    space = SharedSpace()
    english = ["my parcel arrived damaged", "explain photosynthesis", "I have a headache", "how much is on the receipt"]
    chinese = ["我的包裹到的时候坏了", "解释一下光合作用", "我头疼", "收据上是多少钱"]
    anchor = space.project("bert", np.stack([e.pooled for e in BertEncoder().encode(english)]))
    other = space.project("use", np.stack([e.pooled for e in MultilingualEncoder().encode(chinese)]))
    assert (other @ anchor.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_kind_counts_less_where_none_of_its_objects_is_shown() -> None:
    scorer = PictureScorer([_kinds_with(detector, odds=0.0, whole=()) for detector in DETECTORS])
    trusting = PictureScorer([detector.whatever_is_shown() for detector in DETECTORS])
    index, kind = next((index, kind) for index, kind in enumerate(scorer.kinds) if kind.objects)
    rng = np.random.default_rng(0)
    halves = np.repeat([[0], [1]], 20, axis=0)
    rows = rng.uniform(0, 1, (40, 1280)).astype(np.float32) + halves * _typical(kind.name)
    assert scorer.space.classes is not None
    shown = scorer.space.classes.probabilities(rows)[:, list(kind.objects)].sum(axis=1)
    before, after = trusting.kind_probabilities(rows), scorer.kind_probabilities(rows)
    others = [other for other in range(len(KINDS)) if other != index]
    np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-4)
    np.testing.assert_array_equal(after[:, others], before[:, others])
    sure = shown >= kind.least_objects
    np.testing.assert_array_equal(after[sure], before[sure])
    assert (after[~sure, index] < before[~sure, index]).all()
    assert 0 < sure.sum() < len(rows)


def test_a_kind_counts_less_where_a_whole_thing_is_surely_shown() -> None:
    scorer = PictureScorer([_kinds_with(detector, objects=()) for detector in DETECTORS])
    trusting = PictureScorer([_kinds_with(detector, objects=(), whole=()) for detector in DETECTORS])
    index, kind = next((index, kind) for index, kind in enumerate(scorer.kinds) if kind.whole)
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, 1, (200, 1280)).astype(np.float32)
    assert scorer.space.classes is not None
    surest = scorer.space.classes.probabilities(rows)[:, list(kind.whole)].max(axis=1)
    rows = rows[np.argsort(surest)[[0, 1, -2, -1]]]
    kept = scorer.kind_probabilities(rows)[:, index] / trusting.kind_probabilities(rows)[:, index]
    shown = scorer.space.classes.probabilities(rows)[:, list(kind.whole)].max(axis=1)
    np.testing.assert_allclose(kept, np.minimum((1 - shown) / (1 - kind.most_whole), 1) ** 2, rtol=1e-3)
    assert kept[0] == pytest.approx(1)


def test_odds_make_a_kind_likelier() -> None:
    rows = np.random.default_rng(1).uniform(0, 1, (5, 1280)).astype(np.float32)
    plain, likelier = (
        PictureScorer([_kinds_with(detector, objects=(), whole=(), odds=odds) for detector in DETECTORS])
        for odds in (0.0, 1.0)
    )
    before, after = plain.kind_probabilities(rows), likelier.kind_probabilities(rows)
    np.testing.assert_allclose(after[:, :-1] / after[:, -1:], np.e * before[:, :-1] / before[:, -1:], rtol=1e-3)


def _kinds_with(detector: KindDetector, **changed: object) -> KindDetector:
    return replace(detector, kinds=tuple(replace(kind, **changed) for kind in detector.kinds))  # type: ignore[arg-type]
