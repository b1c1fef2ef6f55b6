"""Tests that unseen sentences open the intents, with the real models."""

from pathlib import Path

import pytest

from assistant.testing.opening import check_sentences

pytestmark = [pytest.mark.models, pytest.mark.timeout(900)]


def test_intents_open_from_sentences_that_are_no_examples() -> None:
    check_sentences(Path(__file__).parent / "heldout.toml", "clock", least=0.85)
