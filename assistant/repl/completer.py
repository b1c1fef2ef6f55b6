"""Tab: slash commands, paths after /image and /audio, and what plugins understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from assistant.repl.attachments import SUFFIXES, FileKind
from assistant.repl.commands import COMMANDS
from assistant.repl.overview import without_slots

__all__ = ["LineCompleter"]

MOST_PHRASES = 12
"""example phrases offered at once"""


def _wanted(kind: FileKind) -> Callable[[str], bool]:
    import os

    return lambda name: os.path.isdir(name) or os.path.splitext(name)[1].lower() in SUFFIXES[kind]


class LineCompleter(Completer):
    """Completes one line by slash commands (name without slash → summary) and example phrases now known."""

    def __init__(self, commands: Callable[[], dict[str, str]], phrases: Callable[[], list[str]]) -> None:
        self._commands = commands
        self._phrases = phrases
        self._paths = {f"/{kind} ": PathCompleter(expanduser=True, file_filter=_wanted(kind)) for kind in SUFFIXES}

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The completions at the cursor; phrases only when they are asked for, as they would be in the way."""
        line = document.text_before_cursor
        if line.startswith("/"):
            yield from self._of_command(line, complete_event)
        elif complete_event.completion_requested:
            yield from self._of_phrase(line)

    def _of_command(self, line: str, event: CompleteEvent) -> Iterable[Completion]:
        for start, paths in self._paths.items():
            if line.startswith(start):
                rest = line[len(start) :].lstrip()
                for found in paths.get_completions(Document(rest, len(rest)), event):
                    slash = "/" if found.display_text.endswith("/") else ""
                    yield Completion(found.text + slash, found.start_position, found.display)
                return
        if line.startswith("/speak "):
            yield from (Completion(word, -len(line) + 7) for word in ("on", "off") if word.startswith(line[7:]))
        elif " " not in line:
            for name, summary in self._commands().items():
                if name.startswith(line[1:]):
                    own = COMMANDS.get(name)
                    space = " " if own and own.arguments and own.arguments[0] != "[" else ""
                    yield Completion(f"/{name}{space}", -len(line), display=f"/{name}", display_meta=summary)

    def _of_phrase(self, line: str) -> Iterable[Completion]:
        typed = line.lstrip().casefold()
        phrases = self._phrases()
        begin = [phrase for phrase in phrases if phrase.casefold().startswith(typed)]
        within = [phrase for phrase in phrases if typed in phrase.casefold() and phrase not in begin]
        for phrase in (begin + within)[:MOST_PHRASES]:
            # A slot is the user's to fill in: complete up to it.
            yield Completion(phrase.partition("{")[0], -len(line), display=without_slots(phrase))
