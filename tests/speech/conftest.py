"""Whisper as the settings' defaults have it."""

import pytest

from assistant.speech import SpeechRecognizer


@pytest.fixture(scope="session")
def recognizer() -> SpeechRecognizer:
    """Whisper base as the settings' defaults have it."""
    recognizer = SpeechRecognizer()
    recognizer.load()
    return recognizer
