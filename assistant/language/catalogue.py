"""Sentences by key and language, out of files that anyone can read and correct."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Catalogue"]

FIRST = ("en", "zh")
"""the languages that stand side by side in ``phrases.toml``"""


class Catalogue:
    """The sentences in the files of a folder.

    ``phrases.toml`` holds a table per sentence, with the keys ``en`` and ``zh``. Each further language is one file,
    named by its ISO 639-1 code, with a line per sentence: ``phrases.de.toml`` holds ``key = "…"``.

    Args:
        folder: where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._of = cache(self._read)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages that the folder has, English first."""
        further = sorted(path.name.split(".")[1] for path in self._folder.glob("phrases.*.toml"))
        return (*FIRST, *further)

    def sentences(self, language: str) -> Mapping[str, str]:
        """The sentences that are written in a language, by key; empty for a language without a file."""
        return self._of(language)

    def say(self, key: str, language: str, **values: object) -> str:
        """A sentence with its values filled in; the English one where it is not written in the language.

        Raises:
            KeyError: no such sentence, or a value is missing.
        """
        written = self._of(language)
        return (written[key] if key in written else self._of("en")[key]).format(**values)

    def _read(self, language: str) -> dict[str, str]:
        if language in FIRST:
            return {key: each[language] for key, each in self._loaded("phrases.toml").items() if language in each}
        return self._loaded(f"phrases.{language}.toml") if language in self.languages else {}

    def _loaded(self, name: str) -> dict[str, Any]:
        import tomllib

        return tomllib.loads((self._folder / name).read_text(encoding="utf-8"))
