"""Events as lines, each with its second: for people, or as JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TextIO

from assistant import events
from assistant.events import Event

__all__ = ["EventPrinter", "lasting_line_of", "line_of"]


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
    if isinstance(event, events.TranscriptReady) and not event.text:
        return f"transcript  (nothing: {event.rejected})"
    return re.sub(r"\s*\n\s*", " ", LINES.get(type(event), "").format(event))
