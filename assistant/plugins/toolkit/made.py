"""Keeps what takes long to make of files beside a plugin's code, such as a vocabulary read into patterns."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from assistant.errors import StorageError
from assistant.folders import cache_dir, write_private
from assistant.types import content_hash

__all__ = ["made_of"]


def made_of(sources: Sequence[Path], name: str, make: Callable[[], Any]) -> Any:
    """The JSON value of `make`, from the cache until one of its sources changes.

    A damaged value is made again. Another than a JSON value, or a cache that cannot be written, costs only time.

    Args:
        sources: every file it depends on, those with the code that makes it too.
        name: of the value, different for each that has the same first source.
        make: called where the cache does not hold it.
    """
    origin = content_hash(*(path.read_bytes() for path in sources))
    path = cache_dir() / "made" / f"{name}-{content_hash(str(sources[0]))[:16]}.json"
    try:
        head, _, kept = path.read_bytes().partition(b"\n")
        if head.decode() == f"{origin} {content_hash(kept)}":
            return json.loads(kept)
    except (OSError, ValueError):
        pass
    value = make()
    try:
        made = json.dumps(value).encode()
    except TypeError:
        return value
    with suppress(StorageError):
        write_private(path, lambda file: file.write(f"{origin} {content_hash(made)}\n".encode() + made))
    return json.loads(made)
