"""A spoken conversation of twelve turns, with two interruptions and a stop, as a sound file.

``python tests/voice/twelve_turns.py talk.wav`` writes it; ``assistant listen --audio-file talk.wav --out replies``
answers it.
"""

import sys
from collections.abc import Sequence

import numpy as np

from assistant.speech import Synthesizer, write_audio
from assistant.types import AudioClip

TURNS: Sequence[tuple[float, str]] = (
    (1.0, "Hey Jarvis, what is seven times eight?"),
    (8.0, "Hey Jarvis, explain what photosynthesis is."),
    (4.0, "Wait a moment. What time is it in Tokyo?"),  # interrupts
    (11.0, "Hey Jarvis, put milk and eggs on my shopping list."),
    (10.0, "Hey Jarvis, what is on my shopping list?"),
    (10.0, "Hey Jarvis, where is my order?"),
    (8.5, "The garden hose, please."),  # answers the question, without a wake word
    (20.0, "Hey Jarvis, set a timer for ten minutes."),
    (14.0, "Hey Jarvis, what can you do?"),
    (4.0, "Roll a twenty sided die."),  # interrupts
    (8.0, "Hey Jarvis, explain what gravity is."),
    (4.0, "Stop."),
    (8.0, "Hey Jarvis, how long is left on my timer?"),
)
"""seconds of silence, and what is said after it"""


def conversation(turns: Sequence[tuple[float, str]] = TURNS) -> tuple[AudioClip, list[tuple[float, float]]]:
    """The sound at 16 kHz, and from and to which second each of the turns is said."""
    voice, parts, spans, second = Synthesizer("hibari"), list[np.ndarray](), list[tuple[float, float]](), 0.0
    for pause, words in turns:
        said = voice.recording(words, "en")
        parts += [np.zeros(round(pause * 16_000), np.float32), said.samples]
        spans.append((second + pause, second + pause + said.duration))
        second = spans[-1][1]
    return AudioClip(np.concatenate([*parts, np.zeros(10 * 16_000, np.float32)])), spans


if __name__ == "__main__":
    write_audio(sys.argv[1], conversation()[0])
