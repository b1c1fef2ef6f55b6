"""The values that every room of the assistant shares, all frozen; each field states its unit, range or shape."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "MODALITIES",
    "OUT_OF_SCOPE",
    "AudioClip",
    "Candidate",
    "Decision",
    "Encoding",
    "FloatArray",
    "Modality",
    "Outcome",
    "Picture",
    "Reply",
    "TextLine",
    "Transcript",
    "Turn",
    "TurnResult",
    "content_hash",
    "new_id",
]

FloatArray = NDArray[np.float32]
Modality = Literal["text", "image", "audio"]
MODALITIES: tuple[Modality, ...] = ("text", "image", "audio")
OUT_OF_SCOPE = "out_of_scope"
"""The intent name of a turn that belongs to no plugin."""

Outcome = Literal["answer", "clarify", "out_of_scope"]


def new_id() -> str:
    """A fresh random identifier: 12 lowercase hexadecimal characters."""
    return uuid.uuid4().hex[:12]


def content_hash(*parts: bytes | str) -> str:
    """SHA-256 over the parts, each preceded by its length; 64 hexadecimal characters."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class AudioClip:
    """A stretch of mono sound."""

    samples: FloatArray
    """(n,), float32, range [-1, 1]"""
    sample_rate: int = 16_000
    """Hertz"""
    source: str = ""
    """the file or device it came from, for people"""
    text: str = ""
    """its transcript, if known"""
    sides: tuple[FloatArray, ...] = ()
    """each channel, (n,), where they hold different sounds, as the two ends of a call; `samples` is their sum"""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    @cached_property
    def digest(self) -> str:
        """Content hash of samples and rate (not of the source)."""
        return content_hash(
            np.ascontiguousarray(self.samples).tobytes(),
            str(self.sample_rate),
            *(np.ascontiguousarray(side).tobytes() for side in self.sides),
        )


class Picture:
    """A picture, upright and in RGB.

    Args:
        image: mode RGB, EXIF orientation already applied; or a function that reads it when it is first needed.
        source: the file or device it came from, for people.
    """

    def __init__(self, image: Image.Image | Callable[[], Image.Image], source: str = "") -> None:
        self.source = source
        self._read: Callable[[], Image.Image] | None = None
        self._image: Image.Image | None = None
        self._reading = Lock()
        if isinstance(image, Image.Image):
            self._image = image
        else:
            self._read = image

    @property
    def image(self) -> Image.Image:
        """Mode RGB, upright; read where it is not in memory."""
        with self._reading:  # decoded once, whatever the number of threads
            if self._image is None:
                assert self._read is not None
                self._image = self._read()
            return self._image

    @cached_property
    def digest(self) -> str:
        """Content hash of the pixels and size (not of the source)."""
        return content_hash(self.image.tobytes(), repr(self.image.size))

    @property
    def decoded(self) -> bool:
        """Whether its pixels are in memory."""
        return self._image is not None

    def let_go(self, read: Callable[[], Image.Image]) -> None:
        """Keep the pixels in memory no longer, which are three bytes each; `read` reads them when they are needed
        again.
        """
        self._read, self._image = read, None

    def __repr__(self) -> str:
        return f"Picture({self.source!r})"


@dataclass(frozen=True)
class TextLine:
    """A line of text found in a picture."""

    text: str
    confidence: float
    """0 to 1"""
    box: tuple[float, float, float, float]
    """left, top, right, bottom in pixels of the upright picture"""


@dataclass(frozen=True)
class Transcript:
    """Transcript of a clip. Empty `text` means no speech."""

    text: str
    language: str
    """ISO 639-1 code, such as "en" or "zh"; "" without speech"""
    avg_logprob: float = 0.0
    """mean log-probability of the decoded tokens, nats, at most 0"""
    no_speech: float = 0.0
    """probability that the clip holds no speech, 0 to 1"""
    rejected: str = ""
    """why a decoded text was thrown away ("no speech", "repetition", …); "" when it was kept"""
    segments: tuple[tuple[float, float, str], ...] = ()
    """start and end in seconds, and the words between them"""
    words: tuple[tuple[float, float, str], ...] = ()
    """start and end in seconds, and the word; empty unless they were asked for"""
    doubtful: str = ""
    """words that may have been said, and are not in `text`: shown as doubtful, and used if they are alarming"""

    @property
    def with_doubtful(self) -> Transcript:
        """Returns the transcript with its doubtful words taken as spoken."""
        said = " ".join(filter(None, (self.text, self.doubtful)))
        return replace(self, text=said, doubtful="", rejected="" if said else self.rejected)


@dataclass(frozen=True, eq=False)
class Encoding:
    """Encoding of one input."""

    modality: Modality
    """where the evidence came from: a transcript's text encoding has modality "audio" """
    encoder: str
    """the name of the encoder, which is also the name of its embedding space"""
    tokens: FloatArray
    """(n, d), float32: one row per word piece, picture patch or stretch of sound"""
    mask: NDArray[np.bool_]
    """(n,): False where a row is padding"""
    pooled: FloatArray
    """(d,), float32: the whole input in one vector"""
    text: str = ""
    """the text that was encoded, transcribed or read; "" for none"""
    labels: tuple[str, ...] = ()
    """a name per token (the word piece, the patch "row,column", the second) or empty"""


@dataclass(frozen=True)
class Turn:
    """One turn of the user: text, sound and pictures together."""

    session: str = "default"
    """the conversation this belongs to"""
    text: str = ""
    """the typed text; `transcript` holds the spoken words"""
    audio: AudioClip | None = None
    images: tuple[Picture, ...] = ()
    id: str = field(default_factory=new_id)
    at: float = field(default_factory=time.time)
    """seconds since the epoch, when the turn was complete"""
    transcript: Transcript | None = None
    """transcript of `audio`, once it exists"""
    tone: Mapping[str, float] = field(default_factory=dict)
    """urgency and emotion heard in `audio`: name → 0 to 1; empty when unknown"""
    speaker: str = ""
    """the name under which the voice in `audio` has enrolled; "" when it is not known"""

    @property
    def utterance(self) -> str:
        """The user's words, spoken ones first, then typed ones."""
        spoken = self.transcript.text if self.transcript else ""
        return " ".join(part for part in (spoken, self.text) if part)

    @property
    def present(self) -> tuple[Modality, ...]:
        """The modalities this turn holds."""
        has = {"text": bool(self.text.strip()), "image": bool(self.images), "audio": self.audio is not None}
        return tuple(modality for modality in MODALITIES if has[modality])


@dataclass(frozen=True)
class Reply:
    """An answer of the assistant."""

    text: str
    """what is shown"""
    speech: str = ""
    """what is said aloud, shorter; "" means the text itself"""
    attachments: tuple[str, ...] = ()
    """paths of files that belong to the answer; a plugin may give the content of one as bytes, too"""
    data: Mapping[str, Any] = field(default_factory=dict)
    """the answer for programs, as plain JSON values: what ``assistant ask --json`` prints besides the text"""
    intent: str = ""
    """the intent that was answered; filled in by the pipeline"""
    confidence: float = 0.0
    """0 to 1, calibrated; filled in by the pipeline"""
    contributions: Mapping[Modality, float] = field(default_factory=dict)
    """share of each modality in the decision, 0 to 1, sums to 1; filled in by the pipeline"""
    follow_up: bool = False
    """True when the assistant waits for an answer to this"""

    @property
    def spoken(self) -> str:
        """The text to speak."""
        return self.speech or self.text

    def declined(self) -> Reply:
        """Returns a copy that says that there was nothing to do: another plugin is asked instead."""
        return replace(self, data={**self.data, "declined": True})

    def about(self, *things: str) -> Reply:
        """Returns a copy that says what "it" may mean in the next turns, such as "my list", likeliest first."""
        return replace(self, data={**self.data, "about": list(things)})

    def undone_by(self, words: str) -> Reply:
        """Returns a copy that says which request takes back what was done: "take milk off my list"."""
        return replace(self, data={**self.data, "undo": words})


@dataclass(frozen=True)
class Candidate:
    """An intent and how sure the model is of it."""

    intent: str
    confidence: float
    """0 to 1, calibrated"""


@dataclass(frozen=True)
class Decision:
    """The decision on a turn."""

    intent: str
    """the name of the best intent, or `OUT_OF_SCOPE`"""
    confidence: float
    """0 to 1, calibrated: how often such a decision is right"""
    outcome: Outcome
    """answer it, ask which of `options` is meant, or fall back"""
    candidates: tuple[Candidate, ...] = ()
    """best first; confidences sum to at most 1"""
    options: tuple[str, ...] = ()
    """for "clarify": the intents to choose from, best first"""
    contributions: Mapping[Modality, float] = field(default_factory=dict)
    """share of each present modality in the decision, 0 to 1, sums to 1"""
    attended: tuple[tuple[Modality, str, float], ...] = ()
    """modality, word or patch, and its share of the attention (0 to 1), largest first"""
    out_of_scope: float = 0.0
    """probability that the turn belongs to no intent, 0 to 1"""
    source: str = "model"
    """who decided: "model", "dialogue" (an answer to a question), "statement" (the words ask for nothing), the plugin
    that recognised it, or "declined" where the plugin of the intent had nothing for the turn"""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """slot values that the recogniser already knows"""

    @property
    def plugin(self) -> str:
        """The plugin the intent belongs to: the part before the dot; "" when out of scope."""
        return self.intent.partition(".")[0] if "." in self.intent else ""


@dataclass(frozen=True)
class TurnResult:
    """A turn with its results."""

    turn: Turn
    decision: Decision
    reply: Reply
    latency_ms: Mapping[str, float]
    """milliseconds per stage, and "total" """
    notices: tuple[str, ...] = ()
    """problems of the turn, for people, one line each"""
    clauses: tuple[Mapping[str, Any], ...] = ()
    """what the turn says, clause by clause, as plain values; see `assistant.understanding.types.Clause`"""
    requests: tuple[Mapping[str, Any], ...] = ()
    """what each request of the turn was decided as: text, intent, outcome, and why it was not done ("" when it was)"""

    def to_json(self) -> dict[str, Any]:
        """The result as `assistant ask --json` prints it."""
        decision = self.decision
        return {
            "turn": self.turn.id,
            "session": self.turn.session,
            "text": self.turn.text,
            "transcript": self.turn.transcript.text if self.turn.transcript else None,
            "intent": decision.intent,
            "plugin": decision.plugin or None,
            "confidence": round(decision.confidence, 4),
            "alternatives": [
                {"intent": candidate.intent, "confidence": round(candidate.confidence, 4)}
                for candidate in decision.candidates
                if candidate.intent != decision.intent
            ][:5],
            "contributions": {m: round(float(decision.contributions.get(m, 0.0)), 4) for m in MODALITIES},
            "out_of_scope": decision.outcome == "out_of_scope",
            "outcome": decision.outcome,
            "reply": {
                "text": self.reply.text,
                "speech": self.reply.spoken,
                "follow_up": self.reply.follow_up,
                "attachments": list(self.reply.attachments),
                "data": dict(self.reply.data),
            },
            "latency_ms": {stage: round(ms, 2) for stage, ms in self.latency_ms.items()},
            "notices": list(self.notices),
            "clauses": [dict(clause) for clause in self.clauses],
            "requests": [dict(request) for request in self.requests],
        }
