"""Tests that unseen sentences and pictures, typed and spoken, open the intents, with the real models."""

from pathlib import Path

import pytest

from assistant.testing.opening import check_sentences, check_spoken

pytestmark = [pytest.mark.models, pytest.mark.timeout(900)]

HELD_OUT = Path(__file__).parent / "heldout.toml"


def test_intents_open_from_sentences_that_are_no_examples() -> None:
    check_sentences(HELD_OUT, "pictures", least=0.85)


@pytest.mark.bench
def test_intents_open_from_the_same_sentences_spoken() -> None:
    check_spoken(HELD_OUT, "pictures", least=0.7)
