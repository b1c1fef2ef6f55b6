"""Answers that come piece by piece: checked, bounded, announced as they come, and kept where they break off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from assistant.bus import Bus
from assistant.errors import PluginError
from assistant.events import ReplyPart
from assistant.language import language_of, say
from assistant.plugins.answers import MAX_REPLY, shortened
from assistant.types import Reply, Turn

__all__ = ["CUT", "LiveReplies", "LiveReply", "StreamedAnswer", "cut_off"]

CUT = "cut"
"""key of `Reply.data` under which a reply that broke off says why"""
TOO_LONG = f"… (cut: the answer had more than {MAX_REPLY:,} characters)"

Tell = Callable[[Reply], None]


def cut_off(text: str, reason: str = "") -> str:
    """The line that marks a reply which broke off, in the language of what came; "" where the user stopped it."""
    language = language_of(text)
    return say("cut_off", language, reason=reason.rstrip(".。") or say("stopped", language))


class StreamedAnswer:
    """What has come of one answer so far.

    Args:
        where: the intent or hook, for errors.
        tell: gets every piece, as a `Reply` that holds no more than it.
        check: makes a piece what may be passed on; raises `PluginError`.
    """

    def __init__(self, plugin: str, where: str, tell: Tell, check: Callable[[Any], Any]) -> None:
        self._plugin, self._where, self._tell, self._check = plugin, where, tell, check
        self._reply = Reply("")
        self._speech = ""

    @property
    def begun(self) -> bool:
        """Whether there is something to show or to say."""
        return bool(self._reply.text.strip() or self._speech.strip() or self._reply.attachments)

    def add(self, piece: Any) -> bool:
        """Take the next piece, a text or a `Reply`; returns whether no more is taken. Raises `PluginError` for anything
        else.
        """
        piece = self._check(Reply(piece) if isinstance(piece, str) else piece)
        if not isinstance(piece, Reply):
            raise PluginError(self._plugin, f"{self._where} streamed {type(piece).__name__}; yield str or Reply")
        piece = shortened(piece)
        room = MAX_REPLY - len(TOO_LONG) - max(len(self._reply.text), len(self._speech))
        full = max(len(piece.text), len(piece.spoken)) > room
        if full:
            piece = replace(piece, text=piece.text[:room] + TOO_LONG, speech=piece.speech[:room])
        self._append(piece)
        return full

    def cut(self, reason: str) -> None:
        """Mark that it broke off here."""
        text = self._reply.text
        mark = f"{'' if text.endswith(chr(10)) or not text else chr(10)}{cut_off(text or self._speech, reason)}"
        aloud = f"\n{say('cut_off_speech', language_of(text or self._speech))}"
        self._append(Reply(mark, speech=aloud, data={CUT: reason}))

    def reply(self) -> Reply | None:
        """The whole answer; None when nothing came."""
        return self._reply if self.begun else None

    def _append(self, piece: Reply) -> None:
        whole, self._speech = self._reply, self._speech + piece.spoken
        text = whole.text + piece.text
        attachments = (*whole.attachments, *piece.attachments)
        # A reply whose speech is empty says its text; one of which nothing is to be said holds a space.
        speech = "" if self._speech == text else self._speech or " "
        self._reply = Reply(text, speech, attachments, {**whole.data, **piece.data})
        if piece.text or piece.spoken.strip():
            self._tell(piece)


class LiveReply:
    """The reply of a turn as far as it was announced."""

    def __init__(self, bus: Bus, turn: Turn) -> None:
        self._bus, self._turn = bus, turn
        self._first: object = None
        self._closed = False
        self.text = ""
        """what was shown"""

    def tell(self, piece: Reply, answer: object) -> None:
        """Announce a piece of an answer; of several answers, only those of the first that has one."""
        if self._first is None:
            self._first = answer
        if self._first is answer and not self._closed:
            start, self.text = len(self.text), self.text + piece.text
            part = ReplyPart(
                turn=self._turn.id, session=self._turn.session, text=piece.text, speech=piece.spoken, start=start
            )
            self._bus.publish(part)

    def close(self) -> None:
        """Announce nothing more: what comes now stands behind something that is not shown yet."""
        self._closed = True


class LiveReplies:
    """The replies of the turns that are answered now, at most one in each session."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._live: dict[str, LiveReply] = {}

    @contextmanager
    def answering(self, turn: Turn) -> Iterator[LiveReply]:
        """Announce what streams in a session as the reply to this turn."""
        live = self._live[turn.session] = LiveReply(self._bus, turn)
        try:
            yield live
        finally:
            live.close()
            self._live.pop(turn.session, None)

    def teller(self, session: str) -> Tell:
        """Announces the pieces of one answer in a session, to whichever turn is being answered when each comes."""
        answer = object()

        def tell(piece: Reply) -> None:
            if live := self._live.get(session):
                live.tell(piece, answer)

        return tell

    def close(self, session: str) -> None:
        """Announce no further answer of the turn."""
        if live := self._live.get(session):
            live.close()

    def said(self, session: str) -> str:
        """What was announced of the turn's reply so far, with the mark that it was stopped; "" for nothing."""
        live = self._live.get(session)
        return f"{live.text}\n{cut_off(live.text)}" if live is not None and live.text.strip() else ""
