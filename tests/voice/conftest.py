"""The voice assistant in a room of a sound server without hardware."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from assistant.evaluation.sound_room import PROGRAMS, SoundRoom

WEIGHTS = platformdirs.user_cache_path("multimodal-assistant", appauthor=False)
PLUGIN = '''
from assistant import hookimpl

def tell_name():
    """Say who I am."""
    return (
        "Most people call me by my name, hey Jarvis. Some say Alexa, hey Mycroft, or okay Nabu. "
        "Whenever you say hey Jarvis, I listen to what you have to say. "
        "When you say nothing, then I say nothing either, and I keep waiting until you say hey Jarvis once more."
    )

@hookimpl
def register_intents(register):
    register(tell_name, examples=["what is your name", "tell me your name", "who are you", "how are you called"])
'''


@pytest.fixture
def room(tmp_path: Path) -> Iterator[SoundRoom]:
    """A room with the voice assistant listening in it."""
    if not all(map(shutil.which, PROGRAMS)):
        pytest.skip("PulseAudio is not installed")
    if not WEIGHTS.is_dir():
        pytest.skip("the models are not here: `assistant models pull`")
    room = SoundRoom(tmp_path, PLUGIN, WEIGHTS)
    try:
        room.listen()
        yield room
    finally:
        room.close()
