"""Speech both ways: a stream of any format to words, also while it is spoken; a text, also a growing one, to sound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import takewhile
from typing import Any

import numpy as np
from wyoming.asr import Transcript as TranscriptEvent
from wyoming.asr import TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.tts import SynthesizeStopped

from assistant.errors import AssistantError, AudioError, InputError
from assistant.server.app_state import AppState
from assistant.server.sound_encoding import RATE as SPOKEN_RATE
from assistant.server.sound_encoding import SoundEncoder
from assistant.speech.activity import speech_probabilities
from assistant.speech.partials import Partial, PartialTranscripts
from assistant.speech.speakable import pieces
from assistant.types import AudioClip, FloatArray, Transcript

__all__ = ["Incoming", "Recognizing", "Speaking"]

RATE = 16_000
WIDTHS = {2: ("<i2", 32768.0), 4: ("<i4", 2147483648.0)}
"""bytes per sample → its type, and its full scale"""


class Incoming:
    """Makes chunks of one stream float samples at 16 kHz; a sample cut in two by a chunk's end is put together."""

    def __init__(self) -> None:
        self._format: tuple[int, int, int] | None = None
        self._resampler: Any = None
        self._rest = b""

    def add(self, content: bytes, rate: Any, width: Any, channels: Any) -> FloatArray:
        """The samples (n,) that a chunk completes, float32, -1 to 1; AudioError for an impossible or a new format."""
        given = (rate, width, channels)
        if self._format != given:
            self._begin(given)
        kind, full = WIDTHS[width]
        content = self._rest + content
        whole = len(content) - len(content) % (width * channels)
        self._rest = content[whole:]
        samples = np.frombuffer(content[:whole], kind).astype(np.float32).reshape(-1, channels).mean(axis=1) / full
        found: FloatArray = samples.astype(np.float32)
        return found if self._resampler is None else self._resampler.resample_chunk(found)

    def _begin(self, given: tuple[Any, Any, Any]) -> None:
        if self._format is not None:
            raise AudioError("the sound changes its rate, width or channels within a stream")
        rate, width, channels = given
        if not (isinstance(rate, int) and 4_000 <= rate <= 192_000):
            raise AudioError(f"sound has 4,000 to 192,000 samples per second, not {str(rate)[:20]}")
        if not (isinstance(width, int) and width in WIDTHS):
            raise AudioError(f"a sample has 2 or 4 bytes, not {str(width)[:20]}")
        if not (isinstance(channels, int) and 1 <= channels <= 16):
            raise AudioError(f"sound has 1 to 16 channels, not {str(channels)[:20]}")
        self._format = given
        if rate != RATE:
            import soxr

            self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32")


EVERY = 1.2
"""seconds of sound, and of time, between two partial transcripts"""
SPEECH = 0.4
"""probability of speech from which a stretch is not taken for silence"""

Send = Callable[[Event], Awaitable[None]]


class Recognizing:
    """Collects a stream and transcribes it, in this language ("" leaves it open) and with words likely to be said."""

    def __init__(self, here: AppState, language: str, prompt: str, send: Send) -> None:
        self._here, self._language, self._prompt, self._send = here, language, prompt, send
        self._parts: list[FloatArray] = []
        self._samples = 0
        self._asked, self._asked_at = 0, time.monotonic()
        self._told = ""
        self._before: list[str] = []
        self._partials = PartialTranscripts(self._transcribe, self._on_partial, time.monotonic)

    async def add(self, samples: FloatArray) -> None:
        """The next samples, at 16 kHz; AudioError when the stream is longer than the setting allows."""
        self._parts.append(samples)
        self._samples += len(samples)
        most = self._here.settings.serve.max_minutes
        if self._samples > most * 60 * RATE:
            self.close()
            raise AudioError(f"the sound is longer than {most:g} minutes (setting serve.max_minutes)", too_large=True)
        due = self._samples - self._asked > EVERY * RATE and time.monotonic() - self._asked_at > EVERY
        if due and not self._partials.busy:
            self._asked, self._asked_at = self._samples, time.monotonic()
            self._partials.offer(self._clip(), self._samples / RATE)

    async def end(self) -> None:
        """The stream is over: sends its transcript."""
        heard = await self._whole()
        if self._told:
            rest = heard.text[len(self._told) :] if heard.text.startswith(self._told) else ""
            if rest.strip():
                await self._send(TranscriptChunk(rest).event())
        await self._send(TranscriptEvent(heard.text, language=heard.language or None).event())
        if self._told:
            await self._send(TranscriptStop().event())

    def close(self) -> None:
        """Stops transcribing, and lets the sound go."""
        self._partials.close()
        self._parts.clear()

    async def _whole(self) -> Transcript:
        if not self._samples:
            return Transcript("", "")
        clip = self._clip()
        partial = await self._last_partial()
        if partial is not None:
            tail = AudioClip(clip.samples[round(partial.until * RATE) :], RATE)
            spoken = await asyncio.to_thread(speech_probabilities, tail) if len(tail.samples) else np.zeros(1)
            if float(np.max(spoken, initial=0.0)) < SPEECH:
                return partial.transcript  # nothing was said since
        return await self._transcribe(clip)

    async def _last_partial(self) -> Partial | None:
        if not self._asked:
            return None
        try:
            return await self._partials.of(self._asked / RATE)
        except AssistantError:  # try the whole at the end
            return None

    def _clip(self) -> AudioClip:
        self._parts[:] = [np.concatenate(self._parts)]
        return AudioClip(self._parts[0], RATE)

    async def _transcribe(self, clip: AudioClip) -> Transcript:
        app = self._here.app
        return await app.transcribe(clip, self._language, prompt=self._prompt, keep=False)

    async def _on_partial(self, partial: Partial) -> None:
        """Sends the words that two partial transcripts agree on; they are never withdrawn."""
        words = partial.transcript.text.split(" ")
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(words, self._before, strict=False))
        text = " ".join(word for word, _ in pairs)
        self._before = words
        if len(text) > len(self._told) and text.startswith(self._told):
            if not self._told:
                await self._send(TranscriptStart(language=partial.transcript.language or None).event())
            await self._send(TranscriptChunk(text[len(self._told) :]).event())
            self._told = text


CHUNK = SPOKEN_RATE // 5 * 2
"""bytes of a chunk: 0.2 s"""


class Speaking:
    """Says one text, in a language or as its letters look; see `say`, or `add` and `end` for one that comes in bits."""

    def __init__(self, here: AppState, language: str, send: Send) -> None:
        self._here, self._language, self._send = here, language, send
        self._encoder = SoundEncoder("pcm")
        self._begun = False
        self._text = ""
        self._characters = 0

    async def say(self, text: str) -> None:
        """Speaks a whole text: a start, chunks, and a stop; UserError if it is too long, or without a voice."""
        await self._speak(text)
        await self._stop()

    async def add(self, text: str) -> None:
        """The next part of a text: says the sentences that are complete now."""
        *whole, self._text = pieces(self._text + text) or [""]
        for sentence in whole:
            await self._speak(sentence)

    async def end(self) -> None:
        """The text is over: says the rest."""
        await self._speak(self._text)
        await self._stop()
        await self._send(SynthesizeStopped().event())

    async def _speak(self, text: str) -> None:
        most = self._here.settings.serve.max_speech_chars
        self._characters += len(text)
        if self._characters > most:
            raise InputError(
                f"The text is longer than {most} characters (setting serve.max_speech_chars).", too_large=True
            )
        if not text.strip():
            return
        async with self._here.turn_service.limiter.admitted():
            async for clip in self._here.spoken(text, self._language):
                await self._sound(await asyncio.to_thread(self._encoder.add, clip))

    async def _sound(self, content: bytes) -> None:
        await self._start()
        for at in range(0, len(content), CHUNK):
            await self._send(AudioChunk(SPOKEN_RATE, 2, 1, content[at : at + CHUNK]).event())

    async def _start(self) -> None:
        if not self._begun:
            self._begun = True
            await self._send(AudioStart(SPOKEN_RATE, 2, 1).event())

    async def _stop(self) -> None:
        await self._start()
        await self._send(AudioStop().event())
