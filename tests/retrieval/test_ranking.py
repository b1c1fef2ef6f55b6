from assistant.retrieval import cut_passages, fuse_rankings, mark, snippet, terms_of


def test_what_two_rankings_agree_on_comes_first() -> None:
    fused = fuse_rankings({"words": ["a", "b", "c"], "meaning": ["d", "b", "a"]})
    assert [identity for identity, _, _ in fused][:2] == ["a", "b"]
    assert fused[0][2] == {"words": 1, "meaning": 3}


def test_a_weight_of_zero_leaves_a_ranking_without_say() -> None:
    fused = fuse_rankings({"words": ["a"], "meaning": ["b"]}, {"words": 0.0})
    assert [identity for identity, _, _ in fused] == ["b", "a"]


def test_equal_scores_are_ordered_by_identity() -> None:
    assert [i for i, _, _ in fuse_rankings({"x": ["b"], "y": ["a"]})] == ["a", "b"]


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
