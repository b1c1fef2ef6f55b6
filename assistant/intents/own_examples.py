"""The user's own sentences with their intents, so that a misunderstood sentence is understood next time."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

from assistant.errors import InputError
from assistant.folders import write_private
from assistant.intents.exact import plain_words

__all__ = ["OwnExamples"]

MOST = 1_000
"""sentences kept"""
LONGEST = 300
"""characters of a sentence"""
_HEAD = "# Sentences, and what each is meant for. `/wrong` writes here; a line that is deleted is forgotten.\n"


class OwnExamples:
    """A file of sentences, by hand or by ``/wrong``; read again whenever it has changed.

    Args:
        path: where the file is; it need not exist.
        complain: called once for a file that cannot be read; it then counts as empty.
    """

    def __init__(self, path: Path, complain: Callable[[str], None] = lambda problem: None) -> None:
        self._path, self._complain = path, complain
        self._stamp: tuple[int, int] | None = None
        self._examples: dict[str, str] = {}
        self._plain: dict[str, str] = {}

    def all(self) -> dict[str, str]:
        """Sentence → the intent's name, in the order in which they were added."""
        self._refresh()
        return dict(self._examples)

    def find(self, text: str) -> str:
        """Returns the intent that the user chose for a text; "" if there is none."""
        self._refresh()
        return self._plain.get(plain_words(text), "") if self._plain else ""

    def add(self, text: str, intent: str) -> None:
        """Store the intent of a sentence.

        Raises:
            InputError: it is too long, or there are too many.
            StorageError: the file cannot be written.
        """
        text = " ".join(text.split())
        if not plain_words(text) or len(text) > LONGEST:
            raise InputError(f"Only a sentence of at most {LONGEST} characters can be remembered.")
        kept = {each: name for each, name in self.all().items() if plain_words(each) != plain_words(text)}
        if len(kept) >= MOST:
            raise InputError(f"{MOST} sentences are remembered already; forget one first.")
        self._write({**kept, text: intent})

    def remove(self, number: int) -> str:
        """Forget the sentence of that number, counted from 1; returns it.

        Raises:
            InputError: there is none.
            StorageError: the file cannot be written.
        """
        examples = self.all()
        if not 1 <= number <= len(examples):
            raise InputError("There is no sentence with that number; /wrong lists them.")
        text = list(examples)[number - 1]
        self._write({each: name for each, name in examples.items() if each != text})
        return text

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamp = None
        if stamp != self._stamp:
            self._stamp, self._examples = stamp, self._read() if stamp else {}
            self._plain = {plain_words(text): name for text, name in self._examples.items() if plain_words(text)}

    def _read(self) -> dict[str, str]:
        try:
            found = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self._complain(f"{self._path} is left out: {error}")
            return {}
        return {text: name for text, name in found.items() if isinstance(name, str)}

    def _write(self, examples: dict[str, str]) -> None:
        lines = (f"{json.dumps(text, ensure_ascii=False)} = {json.dumps(name)}\n" for text, name in examples.items())
        content = (_HEAD + "".join(lines)).encode("utf-8", "replace")
        write_private(self._path, lambda file: file.write(content))
