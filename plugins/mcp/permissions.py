"""Stores the user's permissions for each tool in a file."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Literal

from assistant.folders import write_private

from .tools import Tool

__all__ = ["Permission", "Permissions"]

Permission = Literal["always", "never"]


class Permissions:
    """Answers by tool. A tool that has changed since is asked for again, unless it is forbidden.

    Args:
        path: a JSON file; it need not exist. One that cannot be read allows nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def of(self, tool: Tool) -> Permission | None:
        """The permission of a tool in its present form; None if the user must be asked."""
        kept = self._read().get(tool.key, {})
        if kept.get("answer") == "never":
            return "never"
        return "always" if kept == {"answer": "always", "tool": tool.fingerprint} else None

    def changed(self, tool: Tool) -> bool:
        """Returns whether a tool has changed since it was allowed."""
        kept = self._read().get(tool.key, {})
        return kept.get("answer") == "always" and kept.get("tool") != tool.fingerprint

    def set(self, tool: Tool, permission: Permission | None) -> None:
        """Decide about a tool; None: ask again.

        Raises:
            StorageError: it cannot be kept.
        """
        with self._lock:
            kept = self._read()
            kept.pop(tool.key, None)
            if permission is not None:
                kept[tool.key] = {"answer": permission, "tool": tool.fingerprint}
            text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
            write_private(self._path, lambda file: file.write(text.encode()))

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): v for k, v in kept.items() if isinstance(v, dict)} if isinstance(kept, dict) else {}
