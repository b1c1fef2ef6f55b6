"""Speech made in the test itself: the English voice speaks, at 16 kHz."""

from collections.abc import Callable

import numpy as np
import pytest
import soxr

from assistant.messages import AudioClip
from assistant.speech import SpeechRecognizer, Synthesizer


@pytest.fixture(scope="session")
def say() -> Callable[[str], AudioClip]:
    """Sentence → clip at 16 kHz."""
    voice = Synthesizer("hibari")

    def speak(words: str) -> AudioClip:
        clip = voice.say(words)
        samples = soxr.resample(clip.samples, clip.sample_rate, 16_000)
        return AudioClip(np.clip(samples, -1, 1).astype(np.float32))

    return speak


@pytest.fixture(scope="session")
def recognizer() -> SpeechRecognizer:
    """Whisper base as the settings' defaults have it."""
    recognizer = SpeechRecognizer()
    recognizer.load()
    return recognizer
