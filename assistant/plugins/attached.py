"""Checks the files that an isolated plugin attaches, and keeps those that it sends as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.errors import PluginError
from assistant.folders import write_private
from assistant.settings import data_dir
from assistant.types import Reply, content_hash

__all__ = ["own_attachments"]

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
    """A result whose attachments, if it has any, are paths of the plugin's own files.

    Args:
        plugin: whose result it is.
        result: what it returned.
        places: its file or folder, and other folders of its own; files beside a single file are its own too. None for
            a plugin that may attach any file.

    Raises:
        PluginError: it attaches something else.
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
        raise PluginError(plugin, f"attached {attached!r}, which is not there") from None
    if not real.is_file() or not any(_inside(real, place.resolve()) for place in places):
        reason = f"attached {attached!r}, which is no file of its own folder; attach bytes or such a file"
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
