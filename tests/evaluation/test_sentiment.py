import os

import numpy as np
import pytest

from assistant.evaluation.sentiment import clean_tweet, evaluate_sentiment, near_duplicates
from assistant.settings import load_settings


@pytest.mark.parametrize(
    ("tweet", "words"),
    [
        ("RT @someone: A #HappyDay in town http://t.co/x1 htt", "A Happy Day in town"),
        ("@a @b so &lt;3 this https://t.co/abc", "so <3 this"),
        ("http://t.co/only", ""),
        ("cut off\ufffd\ufffd ht", "cut off"),
    ],
)
def test_a_tweet_is_cleaned_to_its_words(tweet: str, words: str) -> None:
    assert clean_tweet(tweet) == words


def test_retweets_and_copied_pictures_are_one_group() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.uniform(size=(5, 40)).astype(np.float32)
    pictures[4] = pictures[1] * 1.01
    texts = ["Why so gloomy? Take the quiz: http://t.co/a", "a fine day", "RT @x: why so gloomy? take the quiz", "", ""]
    groups = near_duplicates(texts, pictures)
    assert groups[0] == groups[2]
    assert groups[1] == groups[4]
    assert len(set(groups.tolist())) == 3


@pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1800)
def test_fusion_beats_either_modality_alone_on_tweets() -> None:
    report = evaluate_sentiment(load_settings(), lambda step, done, total: None, seed=0)
    print(report.to_json())
    found = {row.metric: row.value for row in report.rows}
    assert found["words only"] > 69
    assert found["picture only"] > 62
    assert max(found["late"], found["early"]) > found["words only"] + 0.5
    assert found["late"] > found["late, shuffled pictures"] + 1
    assert found["early"] > found["early, shuffled pictures"] + 1
    assert found["attention"] > found["attention, shuffled pictures"] + 1
    assert found["attention"] > max(found["late"], found["words only"]) - 1
    assert found["attention, without picture"] == found["words only"]
