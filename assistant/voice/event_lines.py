"""Events as lines, each with its second: for people, or as JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TextIO

from assistant.events import (
    Announced,
    Event,
    FirstSound,
    IntentRecognized,
    ItemsDropped,
    ListeningStarted,
    ModelLoaded,
    Notice,
    PartialTranscript,
    PluginFailed,
    ReplyReady,
    SoundLevel,
    SpeakingFinished,
    SpeakingInterrupted,
    SpeakingStarted,
    SpeechEnded,
    TranscriptReady,
    UtteranceIgnored,
    VoiceStateChanged,
    WakeWordHeard,
)

__all__ = ["EventPrinter", "lasting_line_of", "line_of"]


class EventPrinter:
    """Prints each event with its second; give it to `Bus.listen`.

    Args:
        second: the second of the sound now, for events without one.
        as_json: print one JSON object per line, as `Event.to_json` makes it, always with "second".
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
    return "" if isinstance(event, PartialTranscript | SoundLevel) else line_of(event)


LINES: dict[type[Event], str] = {
    SoundLevel: "level       {0.decibels:6.1f} dB",
    WakeWordHeard: "wake        {0.word} ({0.probability:.2f})",
    ListeningStarted: "listening   after {0.why} from {0.start:.2f} s",
    PartialTranscript: "partial     {0.text}",
    SpeechEnded: "endpoint    {0.reason}; speech ended at {0.speech_end:.2f} s",
    TranscriptReady: "transcript  {0.text}",
    IntentRecognized: "intent      {0.intent} ({0.confidence:.0%}, {0.outcome})",
    Announced: "unasked     {0.text}",
    ReplyReady: "reply       {0.text}",
    SpeakingStarted: "speaking    {0.text}",
    SpeakingInterrupted: "interrupted by {0.by}",
    SpeakingFinished: "spoken      to the end",
    UtteranceIgnored: "ignored     {0.reason}",
    VoiceStateChanged: "state       {0.state}",
    Notice: "notice      {0.text}",
    ItemsDropped: "dropped     {0.count} in {0.queue}",
    ModelLoaded: "loaded      {0.model} in {0.seconds:.1f} s",
    PluginFailed: "plugin      {0.plugin} failed in {0.where}: {0.reason}",
}
"""event → its line"""


def line_of(event: Event) -> str:
    """Describes an event in one line; "" for one that is not worth a line."""
    if isinstance(event, FirstSound):
        return "first sound " + ", ".join(f"{step} {ms:.0f} ms" for step, ms in event.latency_ms.items())
    if isinstance(event, TranscriptReady) and not event.text:
        return f"transcript  (nothing: {event.rejected})"
    return re.sub(r"\s*\n\s*", " ", LINES.get(type(event), "").format(event))
