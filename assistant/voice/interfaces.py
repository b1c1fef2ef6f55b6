"""What the voice loop needs from others, so that real parts and those of `assistant.testing` both fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.types import AudioClip, FloatArray, Reply, Transcript, Turn, TurnResult

__all__ = ["EchoGuard", "Outlook", "Player", "Source", "Voice", "VoiceActivity", "VoiceBackend", "WakeHit", "WakeWords"]


class Source(Protocol):
    """A microphone, or a recording that stands in for one."""

    @property
    def dropped(self) -> int:
        """Chunks that were lost because nobody took them in time."""
        ...

    def __aiter__(self) -> AsyncIterator[FloatArray]:
        """Chunks of 512 samples, float32 at 16 kHz; a device that vanishes comes back without raising."""
        ...


class WakeHit(Protocol):
    """A wake word was said."""

    @property
    def word(self) -> str:
        """The word."""
        ...

    @property
    def probability(self) -> float:
        """0 to 1."""
        ...


class WakeWords(Protocol):
    """Listens for wake words."""

    def hear(self, chunk: FloatArray, at: float | None = None) -> Sequence[WakeHit]:
        """Take the next chunk, which ends at second `at`."""
        ...

    def reset(self) -> None:
        """Forget the sound heard so far."""
        ...


class VoiceActivity(Protocol):
    """Tells speech from everything else."""

    def probability(self, chunk: FloatArray) -> float:
        """The probability of speech in a chunk of 512 samples, 0 to 1."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


class EchoGuard(Protocol):
    """Knows what the loudspeaker plays, and takes it out of what the microphone hears."""

    def played(self, samples: FloatArray, at: float) -> None:
        """Samples at 16 kHz whose first is heard at second `at`."""
        ...

    def clean(self, chunk: FloatArray, at: float) -> FloatArray:
        """The chunk that ends at second `at` without our own voice."""
        ...

    def echoing(self, at: float) -> bool:
        """Whether what was heard at second `at` is mostly our own voice."""
        ...

    def reset(self) -> None:
        """Sound was lost, or comes from another device now."""
        ...

    def said(self, word: str, at: float) -> bool:
        """Whether the wake word heard at second `at` is one that we have just said ourselves."""
        ...


class Player(Protocol):
    """A loudspeaker, or a file."""

    on_first_sound: Callable[[float], object] | None
    on_played: Callable[[FloatArray, float], object] | None

    async def say(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Play clips one after another; False when `stop` cut them short."""
        ...

    def stop(self) -> None:
        """Fall silent within 50 ms."""
        ...


class Voice(Protocol):
    """Makes sound of words."""

    def load(self) -> None:
        """Load the voice ahead of its first sentence."""
        ...

    def stream(self, text: str) -> Iterator[AudioClip]:
        """One clip per sentence, as soon as it is made."""
        ...


@dataclass(frozen=True)
class Outlook:
    """What would become of words, were they all."""

    intent: str
    confidence: float
    """0 to 1"""
    outcome: str
    """"answer", "clarify" or "out_of_scope" """
    complete: bool
    """whether nothing is missing that the intent needs"""


class VoiceBackend(Protocol):
    """The assistant behind the loop."""

    def warm_up(self) -> None:
        """Begin to load the models; returns at once."""
        ...

    async def hear(self, clip: AudioClip) -> Transcript:
        """What is said in a clip."""
        ...

    async def doubt(self, clip: AudioClip, word: str) -> str | None:
        """Why the wake word at the end of a clip does not count; "" when it does, None when nobody can tell now."""
        ...

    async def preview(self, session: str, text: str) -> Outlook:
        """What would become of these words, were they all; nothing is done about them."""
        ...

    async def respond(self, turn: Turn) -> TurnResult:
        """Answer a turn."""
        ...

    async def open_question(self, session: str) -> Reply | None:
        """The question that still waits for an answer, from before a restart perhaps."""
        ...

    def rest(self) -> None:
        """Nothing is under way for now; returns at once."""
        ...

    async def keep_latency(self, turn: str, latency_ms: Mapping[str, float]) -> None:
        """Store how long the steps around an answered turn took."""
        ...
