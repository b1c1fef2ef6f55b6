"""Events as lines: for people, as JSON, in the owner's log, and with their sound, for replay."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from assistant import events
from assistant.errors import StorageError
from assistant.events import Event
from assistant.folders import private_folder
from assistant.settings import data_dir
from assistant.types import FloatArray

__all__ = [
    "EventPrinter",
    "SessionRecorder",
    "VoiceLog",
    "lasting_line_of",
    "line_of",
    "newest_lines",
    "sound_of",
    "voice_log",
]


class EventPrinter:
    """Prints each event with its second, as a line or as JSON; give it to `Bus.listen`.

    `second` tells the second of the sound now, for events without one.
    """

    def __init__(self, out: TextIO, second: Callable[[], float], *, as_json: bool = False) -> None:
        self._out, self._second, self._as_json = out, second, as_json

    def __call__(self, event: Event) -> None:
        """Prints an event."""
        line = line_of(event)
        if not line:
            return
        second = round(getattr(event, "second", self._second()), 3)
        if self._as_json:
            line = json.dumps({**event.to_json(), "second": second}, ensure_ascii=False)
        else:
            line = f"{second:9.2f}  {line}"
        self._out.write(line + "\n")
        self._out.flush()


def lasting_line_of(event: Event) -> str:
    """Describes an event for a log; "" also for levels and partial transcripts."""
    return "" if isinstance(event, events.PartialTranscript | events.SoundLevel) else line_of(event)


LINES: dict[type[Event], str] = {
    events.SoundLevel: "level       {0.decibels:6.1f} dB",
    events.WakeWordHeard: "wake        {0.word} ({0.probability:.2f})",
    events.ListeningStarted: "listening   after {0.why} from {0.start:.2f} s",
    events.PartialTranscript: "partial     {0.text}",
    events.SpeechEnded: "endpoint    {0.reason}; speech ended at {0.speech_end:.2f} s",
    events.TranscriptReady: "transcript  {0.text}",
    events.IntentRecognized: "intent      {0.intent} ({0.confidence:.0%}, {0.outcome})",
    events.Announced: "unasked     {0.text}",
    events.ReplyReady: "reply       {0.text}",
    events.SpeakingStarted: "speaking    {0.text}",
    events.SpeakingInterrupted: "interrupted by {0.by}",
    events.SpeakingFinished: "spoken      to the end",
    events.UtteranceIgnored: "ignored     {0.reason}",
    events.VoiceStateChanged: "state       {0.state}",
    events.Notice: "notice      {0.text}",
    events.ItemsDropped: "dropped     {0.count} in {0.queue}",
    events.ModelLoaded: "loaded      {0.model} in {0.seconds:.1f} s",
    events.PluginFailed: "plugin      {0.plugin} failed in {0.where}: {0.reason}",
}
"""event → its line"""


def line_of(event: Event) -> str:
    """Describes an event in one line; "" for one that is not worth a line."""
    if isinstance(event, events.FirstSound):
        return "first sound " + ", ".join(f"{step} {ms:.0f} ms" for step, ms in event.latency_ms.items())
    if isinstance(event, events.TurnStarted):
        return f"speaker     {event.speaker}" if event.speaker else ""
    if isinstance(event, events.TranscriptReady) and not event.text:
        return f"transcript  (nothing: {event.rejected})"
    return re.sub(r"\s*\n\s*", " ", LINES.get(type(event), "").format(event))


BYTES = 1_000_000
"""size at which the log is turned over; one older file is kept"""


def voice_log() -> Path:
    """The log's file; it need not exist."""
    return data_dir() / "voice.log"


class _OwnerOnly(RotatingFileHandler):
    def _open(self) -> object:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A full disk costs the lines, never the assistant."""


class VoiceLog:
    """Writes each event worth a line; give it to `Bus.listen`. A file that cannot be made is left out."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or voice_log()
        self._handler: logging.Handler = logging.NullHandler()
        with contextlib.suppress(OSError, StorageError):
            private_folder(path.parent)
            self._handler = _OwnerOnly(path, maxBytes=BYTES, backupCount=1)
        self._handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s"))

    def __call__(self, event: Event) -> None:
        """Write an event."""
        if line := lasting_line_of(event):
            self._handler.handle(logging.LogRecord("voice", logging.INFO, "", 0, line, None, None))

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # what could not be written before cannot now
            self._handler.close()


def newest_lines(count: int, path: Path | None = None) -> list[str]:
    """The log's newest lines, oldest first; none without a log."""
    path = path or voice_log()
    lines: list[str] = []
    for file in (path, path.with_name(path.name + ".1")):
        if len(lines) < count and file.is_file():
            lines = file.read_text("utf-8", "replace").splitlines() + lines
    return lines[-count:] if count > 0 else []


SAMPLE_RATE = 16_000


def sound_of(path: Path) -> Path:
    """Path of the sound of a recorded session."""
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
