"""Events as lines, each with its second: for people, or as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

from assistant.events import (
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
    """Prints what the voice loop does; give it to `Bus.listen`.

    Args:
        out: where.
        second: the second of the sound now, for events that do not know it.
        as_json: one JSON object per line, as `Event.to_json` makes it, with "second" always there.
    """

    def __init__(self, out: TextIO, second: Callable[[], float], *, as_json: bool = False) -> None:
        self._out, self._second, self._as_json = out, second, as_json

    def __call__(self, event: Event) -> None:
        """Print an event."""
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
    """An event in words where lines stay; "" also for what the next moment says anew."""
    return "" if isinstance(event, PartialTranscript | SoundLevel) else line_of(event)


def line_of(event: Event) -> str:
    """An event in words, one line; "" for one that is not worth it."""
    match event:
        case SoundLevel():
            return f"level       {event.decibels:6.1f} dB"
        case WakeWordHeard():
            return f"wake        {event.word} ({event.probability:.2f})"
        case ListeningStarted():
            return f"listening   after {event.why} from {event.start:.2f} s"
        case PartialTranscript():
            return f"partial     {event.text}"
        case SpeechEnded():
            return f"endpoint    {event.reason}; speech ended at {event.speech_end:.2f} s"
        case TranscriptReady():
            return f"transcript  {event.text or f'(nothing: {event.rejected})'}"
        case IntentRecognized():
            return f"intent      {event.intent} ({event.confidence:.0%}, {event.outcome})"
        case ReplyReady():
            return f"reply       {_one_line(event.text)}"
        case SpeakingStarted():
            return f"speaking    {_one_line(event.text)}"
        case FirstSound():
            steps = ", ".join(f"{step} {ms:.0f} ms" for step, ms in event.latency_ms.items())
            return f"first sound {steps}"
        case SpeakingInterrupted():
            return f"interrupted by {event.by}"
        case SpeakingFinished():
            return "spoken      to the end"
        case UtteranceIgnored():
            return f"ignored     {event.reason}"
        case VoiceStateChanged():
            return f"state       {event.state}"
        case Notice():
            return f"notice      {_one_line(event.text)}"
        case ItemsDropped():
            return f"dropped     {event.count} in {event.queue}"
        case ModelLoaded():
            return f"loaded      {event.model} in {event.seconds:.1f} s"
        case PluginFailed():
            return f"plugin      {event.plugin} failed in {event.where}: {event.reason}"
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
