"""A reply on the screen, also while it comes: each piece is written at once, and words are kept whole at the edge."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from assistant.events import Event, ReplyPart, TurnHeard
from assistant.terminal.render import details, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from assistant.bus import Bus
    from assistant.types import Turn, TurnResult

__all__ = ["LiveText", "show_reply", "show_result"]

WORDS = re.compile(r"\n|[^\S\n]+|[^\s\u2e80-\u9fff\uff00-\uffef]+|.")
"""line breaks, spaces, words, and single characters of scripts that break anywhere"""


class LiveText:
    """Writes the pieces of one turn's reply to a console, inside a ``with``; nothing for a reply that comes whole.

    Args:
        before: called before the first piece, to clear the line.
        after: called after each piece.
    """

    def __init__(
        self,
        bus: Bus,
        turn: Turn,
        console: Console,
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self._turn, self._console, self._before, self._after = turn.id, console, before, after
        self._heard = ""
        self._column = 0
        self._word = ""
        """the end of what was written, where a word may go on"""
        self.text = ""
        """what was shown of the reply"""
        self._stop_listening = bus.listen(self._take, (ReplyPart, TurnHeard))

    def __enter__(self) -> LiveText:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_listening()
        if self._column:
            self._write("\n")

    def finish(self, whole: str) -> None:
        """Write what the whole reply holds beyond its pieces, and end the line."""
        rest = whole[len(self.text) :] if whole.startswith(self.text) else f"\n{whole}"
        self._put(rest)
        self._write("\n")

    def _take(self, event: Event) -> None:
        if getattr(event, "turn", None) != self._turn:
            return
        if isinstance(event, TurnHeard):
            self._heard = event.text
        elif isinstance(event, ReplyPart) and event.text:
            if not self.text:
                self._before()
                if self._heard:
                    self._console.print(f"You said: {printable(self._heard)}", style="dim")
            self.text += event.text
            self._put(event.text)

    def _put(self, text: str) -> None:
        with suppress(ValueError):  # a pipe that was closed
            for word in WORDS.findall(printable(text)):
                self._put_word(word)
            self._console.file.flush()
            self._after()

    def _put_word(self, word: str) -> None:
        from rich.cells import cell_len

        width = cell_len(word)
        fits = not self._console.is_terminal or self._column + width < self._console.width
        if word == "\n" or (word.isspace() and not fits):
            self._write("\n")
            return
        if not fits:
            begun = self._word if cell_len(self._word) < self._column else ""
            self._write("\b \b" * cell_len(begun) + "\n")
            self._console.file.write(begun)  # a word that began before moves to the next line
            self._column, self._word = cell_len(begun), begun
        self._console.file.write(word)
        self._column += width
        self._word = "" if word.isspace() else self._word + word

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()
        self._column, self._word = 0, ""


def show_reply(result: TurnResult, console: Console, notices: Console, live: LiveText | None = None) -> None:
    """Print a reply and its attachments, without the part that `live` has shown; problems go to `notices`."""
    if live is not None and live.text:
        live.finish(result.reply.text)
    else:
        console.print(printable(result.reply.text))
    for path in result.reply.attachments:
        console.print(f"→ {printable(path)}", style="cyan")
    for notice in result.notices:
        reason = notice.partition(": ")[2]
        if reason and reason in result.reply.text:
            continue  # the reply says so already
        notices.print(f"Note: {printable(notice)}", style="yellow")


def show_result(
    result: TurnResult,
    console: Console,
    *,
    notices: Console | None = None,
    detailed: bool = False,
    live: LiveText | None = None,
) -> None:
    """Prints a reply and what belongs to it; with `detailed` also what decided, how surely, and how long it took.

    Notices go to the same console by default. What `live` has shown is not printed again.
    """
    begun = live is not None and live.text
    if result.turn.transcript is not None and result.turn.transcript.text and not begun:
        console.print(f"You said: {printable(result.turn.transcript.text)}", style="dim")
    show_reply(result, console, notices or console, live)
    if detailed:
        console.print(details(result), style="dim")
