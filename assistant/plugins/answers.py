"""Checks the answers of plugins and their attachments, makes them safe to show, announces them piece by piece."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.bus import Bus
from assistant.errors import PluginError
from assistant.events import ReplyPart
from assistant.folders import write_private
from assistant.language import language_of, say
from assistant.settings import data_dir
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn, content_hash

__all__ = [
    "CUT",
    "MAX_DATA",
    "MAX_REPLY",
    "LiveReplies",
    "LiveReply",
    "StreamedAnswer",
    "as_decision",
    "as_optional_reply",
    "as_reply",
    "cut_off",
    "own_attachments",
    "shortened",
]

KEEP_EVERY = 0.5
"""seconds between two looks whether more of a reply came that is to be stored"""
MAX_REPLY = 20_000
"""Characters of an answer that are shown; the rest is cut, and the answer says so."""


MAX_DATA = 100_000
"""Characters of JSON that `Reply.data` may come to."""


def _clean(text: str) -> str:
    # NUL bytes and lone surrogates break databases and terminals further down.
    text = text[: MAX_REPLY + 1] if len(text) > MAX_REPLY else text
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _cut(text: str) -> str:
    if len(text) <= MAX_REPLY:
        return _clean(text)
    end = f"… (cut: the answer had {len(text):,} characters)"
    return _clean(text)[: MAX_REPLY - len(end)] + end


def shortened(result: Any) -> Any:
    """A result whose text, if it has one, is cut to `MAX_REPLY` characters, so that it can be passed on."""
    if isinstance(result, str):
        return _cut(result)
    if isinstance(result, Reply) and isinstance(result.text, str) and isinstance(result.speech, str):
        return replace(result, text=_cut(result.text), speech=_cut(result.speech))
    return result


def as_reply(plugin: str, what: str, result: Any) -> Reply:
    """A handler's answer as a `Reply`, cut to `MAX_REPLY` characters; raises `PluginError` for an empty answer."""
    reply = Reply(result) if isinstance(result, str) else result
    if not isinstance(reply, Reply):
        raise PluginError(plugin, f"{what} returned {type(result).__name__}; return str or Reply")
    if not isinstance(reply.text, str) or not isinstance(reply.speech, str):
        raise PluginError(plugin, f"{what} returned a Reply whose text is {type(reply.text).__name__}; it must be str")
    if not reply.text.strip() and not reply.attachments:
        raise PluginError(plugin, f"{what} returned an empty answer")
    attachments: Any = reply.attachments
    if isinstance(attachments, str) or not all(isinstance(path, str) for path in attachments):
        raise PluginError(plugin, f"{what} returned attachments that are not a tuple of paths")
    _check_data(plugin, what, reply.data)
    return replace(reply, text=_cut(reply.text), speech=_cut(reply.speech), attachments=tuple(attachments))


def _check_data(plugin: str, what: str, data: Any) -> None:
    try:
        written = json.dumps(data, allow_nan=False) if isinstance(data, dict) else ""
    except (TypeError, ValueError) as error:
        raise PluginError(plugin, f"{what} returned data that is not JSON: {error}") from error
    if not written:
        raise PluginError(plugin, f"{what} returned data that is {type(data).__name__}; it must be a dict")
    if len(written) > MAX_DATA:
        raise PluginError(plugin, f"{what} returned data of {len(written):,} characters; the limit is {MAX_DATA:,}")


def as_optional_reply(plugin: str, what: str, result: Any) -> Reply | None:
    """Like `as_reply`, but None is an answer too."""
    return None if result is None else as_reply(plugin, what, result)


def as_decision(plugin: str, known: Collection[str], result: Any) -> Decision | None:
    """Check the result of `recognize_intent`: a decision on an existing intent, or None; else raises `PluginError`."""
    if result is None:
        return None
    if not isinstance(result, Decision):
        raise PluginError(plugin, f"recognize_intent returned {type(result).__name__}; return a Decision or None")
    if result.intent != OUT_OF_SCOPE and result.intent not in known:
        raise PluginError(plugin, f"recognize_intent decided for {result.intent!r}, which it cannot")
    return replace(result, source=plugin) if result.source == "model" else result


BEGINNINGS = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"%PDF": ".pdf",
    b"PK\x03\x04": ".zip",
    b"OggS": ".ogg",
    b"fLaC": ".flac",
    b"ID3": ".mp3",
}
"""first bytes of a file and its suffix"""


def own_attachments(plugin: str, result: Any, places: Sequence[Path] | None) -> Any:
    """A result whose attachments are paths of the plugin's own files; raises `PluginError` where they are not.

    Args:
        places: its file or folder, and other folders of its own; files beside a single file are its own too. None for
            a plugin that may attach any file.
    """
    if not isinstance(result, Reply) or not result.attachments:
        return result
    given: Any = result.attachments
    if not isinstance(given, (tuple, list)):
        raise PluginError(plugin, "returned attachments that are not a tuple of paths or bytes")
    return replace(result, attachments=tuple(_own(plugin, each, places) for each in given))


def _own(plugin: str, attached: Any, places: Sequence[Path] | None) -> Any:
    if isinstance(attached, bytes):
        path = data_dir() / "plugins" / plugin / ".attached" / f"{content_hash(attached)[:32]}{_suffix(attached)}"
        if not path.exists():
            write_private(path, lambda file: file.write(attached))
        return str(path)
    if places is None:
        return attached
    if not isinstance(attached, str):
        raise PluginError(plugin, f"attached {type(attached).__name__}; attach paths or bytes")
    path = Path(places[0] if places[0].is_dir() else places[0].parent, attached)
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise PluginError(plugin, f"attached {attached!r}, which does not exist") from None
    if not real.is_file() or not any(_inside(real, place.resolve()) for place in places):
        reason = f"attached {attached!r}, which is not a file of its own folder; attach bytes or such a file"
        raise PluginError(plugin, reason)
    return str(real)


def _inside(path: Path, place: Path) -> bool:
    return path.parent == place.parent if place.is_file() else path.is_relative_to(place)


def _suffix(data: bytes) -> str:
    if data[:4] == b"RIFF":
        return {b"WAVE": ".wav", b"WEBP": ".webp"}.get(data[8:12], ".bin")
    known = next((suffix for beginning, suffix in BEGINNINGS.items() if data.startswith(beginning)), "")
    if known:
        return known
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return ".bin"
    return ".txt"


CUT = "cut"
"""key of `Reply.data` under which a reply that broke off says why"""
TOO_LONG = f"… (cut: the answer had more than {MAX_REPLY:,} characters)"

Tell = Callable[[Reply], None]


def cut_off(text: str, reason: str = "") -> str:
    """The line that marks a reply which broke off, in the language of the text so far; "" if the user stopped it."""
    language = language_of(text)
    return say("cut_off", language, reason=reason.rstrip(".。") or say("stopped", language))


class StreamedAnswer:
    """One answer so far.

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
        """Mark the answer as broken off."""
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
        # Empty speech means: speak the text. A space means: speak nothing.
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

    async def keep(self, said: Callable[[Turn, str], None]) -> None:
        """Store what was shown at intervals until cancelled, in case this process is killed."""
        kept = ""
        while True:
            await asyncio.sleep(KEEP_EVERY)
            if self.text != kept:
                kept = self.text
                await asyncio.to_thread(said, self._turn, kept)

    def close(self) -> None:
        """Stop announcing: further pieces follow a part that is not shown yet."""
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
        """The announced part of the turn's reply, marked as stopped; "" for nothing."""
        live = self._live.get(session)
        return f"{live.text}\n{cut_off(live.text)}" if live is not None and live.text.strip() else ""
