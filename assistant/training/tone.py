"""Training the tone head: on acted emotional speech, with read speech of other voices as what calm people sound like.

The emotional recordings are one studio's and one language's. Alone, they teach that any other microphone sounds
angry; so plain read speech, where there is some in the data folder, is added as speech without emotion.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.inputs.audio_file import read_audio
from assistant.intents.logistic import fit_logistic
from assistant.messages import FloatArray
from assistant.settings import Settings, cache_dir
from assistant.speech import SpeechRecognizer
from assistant.speech.tone import DIMENSIONS, Tone, frame_features
from assistant.training.features import Progress

__all__ = ["ACTED", "READ", "Recording", "Voices", "fit_tone", "read_voices", "tone_folder"]
