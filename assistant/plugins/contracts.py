"""The services that a plugin gets, and its dialogue with the user.

These are the only declarations: the capability proxy and both ends of the pipe to a plugin's process are made from the
marked methods (`assistant.plugins.capability_proxy`).
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from assistant.plugins.collection import Collection
from assistant.plugins.remote import method
from assistant.plugins.tools import Tools
from assistant.retrieval.entries import LibraryAnswer
from assistant.types import AudioClip, FloatArray, Picture, Reply, TextLine, Transcript

if TYPE_CHECKING:
    from assistant.outputs.schedule import Scheduled
    from assistant.understanding.entities import Recurrence

__all__ = ["CommandContext", "Dialogue", "Exchange", "Services"]

T = TypeVar("T")


@dataclass(frozen=True)
class Exchange:
    """A past turn as plugins see it: the user's words and the answer."""

    text: str
    """the user's words, typed or heard"""
    reply: str
    intent: str = ""
    """which intent answered, or `OUT_OF_SCOPE`"""
    outcome: str = ""
    """"answer", "clarify" or "out_of_scope" """
    data: Mapping[str, Any] = field(default_factory=dict)
    """`Reply.data` of the answer: what it was about, such as {"order": "A1002"}"""


class Dialogue(Protocol):
    """The conversation of one handler with the user. A handler that names a parameter ``dialogue`` gets it."""

    session: str
    id: str
    """unique, and the same after a restart: ``f"{dialogue.id}:{key}"`` is an idempotency key for other systems"""

    @method(pauses=True)
    async def ask(
        self,
        question: str,
        *,
        kind: type[T] | None = None,
        choices: Sequence[str] = (),
        mentions: Sequence[str] = (),
        speech: str = "",
    ) -> Any:
        """Ask the user, and return the answer.

        The question is stored before it is shown. After a crash the handler runs again, the answers already given are
        returned at once, and the user is asked the same question again.

        Args:
            question: shown word for word, and said aloud unless `speech` is given.
            kind: `str` (default), `int`, `float`, `bool`, `date`, `time`, `datetime`, `timedelta`, `Money`, `DateRange`
                or `Picture`; an answer that does not fit is asked for again.
            choices: when given, the answer is one of these.
            mentions: beginnings of words: an answer that holds one is returned as it was said, as `str`, whatever
                `kind`: "no, I meant the laptop". Without one, a request leaves a `str` question.
        """

    @method()
    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """Run a side effect once per dialogue and key, and return its (JSON) result, now and later.

        The result is recorded after the effect; killed between the two, the effect runs again when the dialogue is
        taken up. So what must never happen twice (money, an order, a ticket) gives the system that it changes an
        idempotency key that a restart does not change, such as ``f"{dialogue.id}:{key}"``, or sets a state. An effect
        that raises records nothing.
        """


class Services(Protocol):
    """Services for plugins. A handler that names a parameter ``services`` gets it."""

    @property
    @method(needs="files")
    def data_dir(self) -> Path:
        """A folder of the plugin's own, owner-only. Needs the capability "files"."""

    @property
    @method()
    def options(self) -> Mapping[str, Any]:
        """The values of the plugin's own options (`Manifest.options`), those not set with their defaults."""

    @method()
    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """The last answered turns of a session, oldest first; the turn being answered is not among them."""

    @method()
    async def remembered(self) -> dict[str, str]:
        """The facts that users stated about themselves, by key, oldest first; empty when memory is off.

        Keys are "name", "home" (where they live), "birthday", "job" and the like, or "sister.home" of a person of
        theirs. A value is in the user's words and language.
        """

    @method(needs="memory")
    async def remember(self, key: str, value: str) -> None:
        """Store a fact, replacing the one under its key. Needs the capability "memory".

        Keep only facts that the user asks to remember, and none about health without asking first.

        Raises:
            InputError: memory is off (the setting ``memory.enabled``) or full.
            TextError: the key or the value is empty or too long.
        """

    @method(needs="memory")
    async def forget(self, keys: Sequence[str]) -> int:
        """Forget facts for good; returns how many there were. Needs the capability "memory"."""

    @method(needs="files")
    async def open_picture(self, path: str | os.PathLike[str]) -> Picture:
        """Open a picture file, upright and in RGB; raises `ImageError`. Needs the capability "files"."""

    @method(needs="files")
    async def open_audio(self, path: str | os.PathLike[str]) -> AudioClip:
        """Open a sound file, mono at 16 kHz; raises `AudioError`. Needs the capability "files"."""

    @method()
    async def read_text(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture, top to bottom."""

    @method()
    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """Sentence vectors (n, d), float32, unit length, comparable across languages."""

    @method()
    async def relevance(self, question: str, texts: Sequence[str]) -> list[float]:
        """Probability (0 to 1) that each text answers a question, in order; languages may differ.

        Raises:
            ModelUnavailable: they cannot be encoded now.
        """
        ...

    @method()
    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """Everyday objects (ImageNet names) in a picture with probabilities 0 to 1, best first."""

    @method()
    async def locate(self, picture: Picture, names: Sequence[str]) -> FloatArray:
        """Returns the heat map of the given names of `classify`: (rows, columns), each cell's probability, 0 to 1.

        The cells part the middle of the picture, a square of seven eighths of its shorter side.
        """

    @method()
    async def picture_kinds(self, picture: Picture) -> dict[str, float]:
        """Probability (0 to 1) of each kind of picture that plugins register; the rest to 1 is none of them."""

    @method()
    async def pictures(self, session: str, last: int = 1) -> list[Picture]:
        """The last pictures shown in a session, newest first; those of the turn being answered are among them."""

    @method()
    async def transcribe(self, clip: AudioClip) -> Transcript:
        """Transcribe a clip."""

    @method(returns=Collection)
    def collection(self, name: str, encoded: str | os.PathLike[str] | None = None) -> Collection:
        """A collection of the plugin's own, made at the first adding.

        Args:
            name: up to 40 lower-case letters, digits, "-" and "_"; a `TextError` for others.
            encoded: a file that `Collection.export` wrote: texts it holds are not encoded again, so that what comes
                with the plugin can be found at once. Of no effect when the encoders are others by now.
        """

    @method(needs="files")
    async def library_answers(self, question: str, top: int = 3, least: float | None = None) -> list[LibraryAnswer]:
        """Returns passages of the user's library that answer a question, most relevant first; [] without any or without
        a library.

        Needs the capability "files". Raises `StorageError` and `ModelUnavailable`.

        Args:
            question: in the user's words, in any language; it may name the kind of file, dates and amounts.
            least: relevance, 0 to 1, below which nothing is an answer; None for the one that was measured to be right.
        """

    @method(needs="files")
    async def library_files(self) -> list[str]:
        """The paths of the files in the user's library, in alphabetical order. Needs the capability "files"."""

    @method(needs="files")
    async def library_unread(self) -> dict[str, str]:
        """File of the library → its parts that could not be read. Needs the capability "files"."""

    @method(needs="files")
    async def library_texts(self, path: str) -> list[str]:
        """The words taken from a file of the library, passage by passage; [] for none. Needs the capability "files"."""

    @method(needs="tools", returns=Tools)
    def tools(self, session: str) -> Tools:
        """The tools that may be called during a turn of this session. Needs the capability "tools"."""

    @method()
    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Every intent now known: name, summary, examples."""

    @method()
    async def at(
        self, when: datetime | None, reply: Reply, *, session: str, key: str = "", insistent: bool = False
    ) -> Scheduled:
        """Announce something at a given time, wherever the user is then; it survives the end of this program.

        Returns it with its key; `Scheduled.rings` tells whether a program is running now that will say it. Raises
        `UserError` when the text is too long, the plugin has too many, or it cannot be kept.

        Args:
            when: without a zone a time on the wall clock here; a time in the past is said at once. None keeps it
                without saying it, as a timer that is paused.
            reply: what is shown and said; its data come back from `scheduled`.
            key: names it among those of the plugin; a second one takes the place of the first. "" makes one up.
            insistent: it rings on until it is stopped.
        """

    @method()
    async def every(
        self,
        repeat: Recurrence,
        reply: Reply,
        *,
        start: datetime,
        session: str,
        key: str = "",
        insistent: bool = False,
    ) -> Scheduled:
        """Say something again and again, on the wall clock, first at `start` (without a zone) or after it; see `at`."""

    @method()
    async def announce(self, reply: Reply, *, session: str) -> None:
        """Announce something now, wherever the user is; see `at`."""

    @method()
    async def scheduled(self, session: str, prefix: str = "", most: int = 1_000) -> list[Scheduled]:
        """Returns the plugin's entries for the user of a session whose keys begin with `prefix`: coming ones first,
        soonest first, then those that rang in the last week, latest first.
        """

    @method()
    async def unschedule(self, keys: Sequence[str]) -> int:
        """Cancel scheduled replies; returns their number."""


class CommandContext(Protocol):
    """Services for a plugin's own command. A command marked ``@click.pass_obj`` gets it as its first argument."""

    def run(self, work: Callable[[Services], Coroutine[Any, Any, T]]) -> T:
        """Open the assistant, let `work` use the plugin's services, and return its result; raises the `UserError` it
        raises.

        What `work` prints goes to the standard error stream; print the result after it.
        """
