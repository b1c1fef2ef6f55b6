"""Tests that unseen sentences, typed and spoken, open the intents, with the real models."""

from pathlib import Path

import pytest

from assistant.testing.opening import check_sentences

pytestmark = [pytest.mark.models, pytest.mark.timeout(900)]

HELD_OUT = Path(__file__).parent / "heldout.toml"


def test_intents_open_from_sentences_that_are_no_examples() -> None:
    check_sentences(HELD_OUT, "everyday", least=0.85)
