import numpy as np
import pytest

from assistant.fusion import PictureScorer, SharedSpace, gather
from assistant.fusion.kinds import GOODS, KINDS
from assistant.fusion.projection import unit
from assistant.types import Encoding


def _phrases(scorer: PictureScorer, kind: str) -> np.ndarray:
    rows = scorer.weights["phrase.kind"] == list(KINDS).index(kind)
    return unit(scorer.weights["phrase.vectors"][rows])


def _picture(pooled: np.ndarray, encoder: str = "efficientnet-lite0") -> Encoding:
    return Encoding("image", encoder, np.zeros((0, len(pooled)), np.float32), np.zeros(0, np.bool_), pooled)


def _typical(scorer: PictureScorer, kind: str) -> np.ndarray:
    """A vector that a detector's own weights point at."""
    return np.maximum(scorer.weights["kind.weight"][list(KINDS).index(kind)], 0).astype(np.float32) ** 2


def test_a_kind_reaches_the_intent_whose_phrases_mean_it() -> None:
    scorer = PictureScorer()
    nothing = np.zeros((0, 384), np.float32)
    looks_like = [nothing, _phrases(scorer, "receipt"), _phrases(scorer, "xray")]
    opinion = scorer.score([_picture(_typical(scorer, "xray"))], looks_like)
    assert opinion is not None
    assert opinion.log_probs.argmax() == 2
    assert opinion.reliability > 0.9
    assert max(opinion.kinds, key=lambda kind: opinion.kinds[kind]) == "xray"
    assert sum(opinion.kinds.values()) == pytest.approx(1, abs=1e-4)
    assert np.exp(opinion.log_probs).sum() == pytest.approx(1, abs=1e-4)


def test_a_kind_that_no_intent_means_is_unreliable() -> None:
    scorer = PictureScorer()
    opinion = scorer.score([_picture(_typical(scorer, "skin"))], [_phrases(scorer, "receipt")])
    assert opinion is not None
    assert opinion.reliability < 0.5


def test_of_several_pictures_the_telling_one_counts() -> None:
    scorer = PictureScorer()
    dull = _picture(np.full(1280, 0.2, np.float32))
    looks_like = [_phrases(scorer, "receipt"), _phrases(scorer, "skin")]
    alone = scorer.score([_picture(_typical(scorer, "skin"))], looks_like)
    beside = scorer.score([dull, _picture(_typical(scorer, "skin"))], looks_like)
    assert alone is not None
    assert beside is not None
    assert beside.log_probs.argmax() == 1
    assert beside.reliability >= alone.reliability - 1e-6


def test_no_picture_or_no_intent_gives_no_opinion() -> None:
    scorer = PictureScorer()
    assert scorer.score([], [_phrases(scorer, "skin")]) is None
    assert scorer.score([_picture(np.ones(1280, np.float32))], []) is None
    assert scorer.score([_picture(np.ones(8, np.float32), "another")], [_phrases(scorer, "skin")]) is None


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


def test_only_goods_can_be_damaged() -> None:
    scorer = PictureScorer()
    trusting = PictureScorer(weights={key: value for key, value in scorer.weights.items() if key != "goods"})
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, 1, (40, 1280)).astype(np.float32) + np.repeat([[0], [1]], 20, axis=0) * _typical(
        scorer, "damage"
    )
    assert scorer.space.classes is not None
    goods = scorer.space.classes.share_of(rows, GOODS)
    before, after = trusting.kinds(rows), scorer.kinds(rows)
    damage = list(KINDS).index("damage")
    others = [index for index in range(len(KINDS)) if index != damage]
    np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-4)
    np.testing.assert_array_equal(after[:, others], before[:, others])
    sure = goods >= scorer.weights["goods"][0]
    np.testing.assert_array_equal(after[sure], before[sure])
    assert (after[~sure, damage] < before[~sure, damage]).all()
    assert 0 < sure.sum() < len(rows)
