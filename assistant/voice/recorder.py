"""A session recorded for replay: every event as a line of JSON, and beside it the sound that led to them.

``session.jsonl`` and ``session.wav``: `assistant listen --replay session.jsonl` feeds the sound through today's loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from assistant.errors import StorageError
from assistant.events import Event
from assistant.types import FloatArray

__all__ = ["SessionRecorder", "sound_of"]

SAMPLE_RATE = 16_000


def sound_of(path: Path) -> Path:
    """Where the sound of a recorded session lies."""
    return path.with_suffix(".wav")


class SessionRecorder:
    """Writes events to a file and the sound beside it; a full disk ends the recording, not the session.

    `second` tells the second of the sound now; `failed` gets one message when no more can be written.

    Raises:
        StorageError: the files cannot be begun.
    """

    def __init__(self, path: Path, second: Callable[[], float], failed: Callable[[str], object]) -> None:
        import soundfile

        self._second, self._failed = second, failed
        try:
            self._events: TextIO | None = path.open("w", encoding="utf-8")
            self._sound: Any = soundfile.SoundFile(str(sound_of(path)), "w", SAMPLE_RATE, 1)
        except (OSError, soundfile.LibsndfileError) as error:
            raise StorageError(f"The session cannot be recorded to {path}: {error}") from error

    def __call__(self, event: Event) -> None:
        """Writes an event; give the recorder to `Bus.listen`."""
        values = event.to_json()
        values.setdefault("second", round(self._second(), 3))
        line = json.dumps(values, ensure_ascii=False) + "\n"
        self._try(lambda: self._events and (self._events.write(line), self._events.flush()))

    def write_sound(self, chunk: FloatArray) -> None:
        """Writes sound at 16 kHz."""
        self._try(lambda: self._sound and self._sound.write(chunk))

    def close(self) -> None:
        """Closes both files."""
        events, sound, self._events, self._sound = self._events, self._sound, None, None
        if events is not None:
            events.close()
        if sound is not None:
            sound.close()

    def _try(self, write: Callable[[], object]) -> None:
        try:
            write()
        except (OSError, RuntimeError) as error:
            self._events = self._sound = None
            self._failed(f"The session is recorded no further: {error}")
