import pytest

from assistant.retrieval.passages import cut_passages
from assistant.retrieval.ranking import fuse_scores
from assistant.retrieval.terms import mark, snippet, terms_of


def test_a_weight_of_zero_leaves_a_ranking_without_say() -> None:
    fused = fuse_scores({"words": {"a": 9.0}, "meaning": {"b": 0.5}}, {"words": 0.0}, 5)
    assert [identity for identity, _, _ in fused] == ["a", "b"]
    assert fused[0][1] == fused[1][1] == 0.5


def test_equal_scores_are_ordered_by_identity() -> None:
    assert [i for i, _, _ in fuse_scores({"x": {"b": 0.5}, "y": {"a": 0.5}})] == ["a", "b"]


def test_chinese_is_searched_by_pairs_of_characters() -> None:
    assert terms_of("今天天气 very Good") == "今天 天天 天气 very good"


def test_the_snippet_holds_the_words_searched_for() -> None:
    text = "nothing here " * 40 + "the dogs ran through water " + "and then nothing " * 40
    found = snippet(text, "dog water")
    assert "dogs ran through water" in found
    assert len(found) < 180
    assert [found[a:b] for a, b in mark(found, "dog water")] == ["dogs", "water"]


def test_small_words_are_not_marked() -> None:
    assert mark("the cat is in the house", "is the") == []


def test_passages_are_bounded_and_lose_nothing() -> None:
    text = "# Heading\n\nA sentence that says something. " * 50 + "x" * 2000
    passages = cut_passages(text, 300)
    assert all(0 < len(passage) <= 300 for passage in passages)
    assert "".join("".join(passages).split()) == "".join(text.split())


def test_a_heading_goes_with_what_follows_it() -> None:
    assert cut_passages("one\n\n# Two\n\ntwo", 100) == ["one", "# Two\ntwo"]


def test_scores_decide_by_how_much_one_is_better() -> None:
    rankings = {"shared": {"a": 0.9, "b": 0.3, "c": 0.29}, "meaning": {"b": 0.5, "a": 0.49}}
    fused = fuse_scores(rankings)
    assert [identity for identity, _, _ in fused] == ["a", "b", "c"]
    assert fused[0][1:] == (pytest.approx((0.9 + 0.49) / 2), {"shared": 1, "meaning": 2})


def test_what_a_ranking_does_not_have_counts_as_its_last() -> None:
    rankings = {"x": {"a": 0.8, "b": 0.2}, "y": {"c": 0.6}}
    fused = {identity: score for identity, score, _ in fuse_scores(rankings)}
    assert fused["c"] == pytest.approx((0.2 + 0.6) / 2)
    assert fused["a"] == pytest.approx((0.8 + 0.6) / 2)


def test_words_count_by_their_share_of_the_best() -> None:
    rankings = {"words": {"a": 30.0, "b": 15.0}, "shared": {"b": 0.5, "a": 0.3}}
    scores = {identity: score for identity, score, _ in fuse_scores(rankings, {"words": 0.5, "shared": 1.0})}
    assert scores == {"a": pytest.approx((0.5 * 1.0 + 0.3) / 1.5), "b": pytest.approx((0.5 * 0.5 + 0.5) / 1.5)}


def test_a_ranking_that_found_nothing_changes_nothing() -> None:
    assert fuse_scores({"words": {}, "shared": {"a": 0.4}}) == [("a", pytest.approx(0.4), {"shared": 1})]


def test_what_words_do_not_match_they_do_not_help() -> None:
    rankings = {"words": {"a": 8.0}, "shared": {"b": 0.5, "a": 0.45}}
    assert fuse_scores(rankings, {"words": 0.3}, depth=50)[0][0] == "a"
    assert fuse_scores(rankings, {"words": 0.3}, depth=1)[0][0] == "b"
