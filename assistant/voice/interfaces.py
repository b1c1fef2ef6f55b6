"""The interfaces between the voice loop and its parts; real ones and those of `assistant.testing` fit both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant.speech.activity import VoiceActivity
from assistant.speech.echo import EchoGuard
from assistant.speech.stop_words import StopWords
from assistant.speech.wake import WakeHit, WakeWords
from assistant.types import AudioClip, FloatArray, Reply, Transcript, Turn, TurnResult

__all__ = [
    "FrontEndParts",
    "Outlook",
    "Player",
    "Source",
    "Voice",
    "VoiceBackend",
]


class Source(Protocol):
    """A microphone, or a recording that stands in for one."""

    @property
    def dropped(self) -> int:
        """Chunks that were lost because the loop was too slow."""

    @property
    def came(self) -> float | None:
        """When the newest chunk arrived, monotonic clock; None if only its order is known."""

    def __aiter__(self) -> AsyncIterator[FloatArray]:
        """Yields chunks of 512 samples, float32 at 16 kHz; a device that vanishes comes back without raising."""


@dataclass(frozen=True, eq=False)
class FrontEndParts:
    """Parts of the audio front end."""

    activity: VoiceActivity
    wake: WakeWords | None = None
    """None where a key or any speech begins a turn"""
    stop_words: StopWords | None = None
    """spots "stop" while the assistant thinks or speaks; None leaves that to speech recognition"""
    echo: EchoGuard | None = None
    """removes the assistant's voice from the microphone's sound; None where both cannot meet"""


class Player(Protocol):
    """A loudspeaker, or a file."""

    on_first_sound: Callable[[float], object] | None
    on_played: Callable[[FloatArray, float], object] | None

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Plays clips one after another; False when `stop` cut them short."""

    def stop(self) -> None:
        """Falls silent within 50 ms."""


class Voice(Protocol):
    """Synthesizes speech."""

    def load(self) -> None:
        """Loads the voice ahead of its first sentence."""

    def stream(self, text: str, language: str = "") -> Iterator[AudioClip]:
        """Yields one clip per sentence, as soon as it is made; "" looks at the letters for the language."""


@dataclass(frozen=True)
class Outlook:
    """The decision on a text, if it were complete."""

    intent: str
    confidence: float
    """0 to 1"""
    outcome: str
    """"answer", "clarify" or "out_of_scope" """
    complete: bool
    """whether every slot that the intent needs is filled"""


class VoiceBackend(Protocol):
    """The assistant behind the loop."""

    def warm_up(self) -> None:
        """Starts loading the models; returns at once."""

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """Transcribes a clip."""

    async def verify_wake_word(self, clip: AudioClip, hit: WakeHit) -> str | None:
        """Why the hit at the end of a clip is rejected; "" to accept it, None when that is not known now."""

    async def preview(self, session: str, text: str) -> Outlook:
        """Decides on words without acting on them."""

    async def respond(self, turn: Turn) -> TurnResult:
        """Answers a turn."""

    async def open_question(self, session: str) -> Reply | None:
        """The question that still waits for an answer, perhaps from before a restart."""

    def rest(self) -> None:
        """Frees what an idle loop does not need; returns at once."""

    async def keep_latency(self, turn: str, latency_ms: Mapping[str, float]) -> None:
        """Stores how long the steps of an answered turn took."""
