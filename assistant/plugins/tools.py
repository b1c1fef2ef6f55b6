"""Tools for a plugin that runs a language model: the intents of other plugins, under the rules for users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.plugins.remote import method
from assistant.types import Reply

__all__ = ["Tool", "Tools"]


@dataclass(frozen=True, eq=False)
class Tool:
    """An intent that may be called."""

    name: str
    """the intent's"""
    summary: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of an object"""
    acts: bool = False
    """whether it may change something, so that the user is asked first"""


class Tools(Protocol):
    """The tools of one turn."""

    @method()
    async def list(self, most: int = 12) -> list[Tool]:
        """The tools nearest to the turn's words, nearest first."""

    @method()
    async def call(self, name: str, arguments: Mapping[str, Any]) -> Reply:
        """Call a tool.

        One that may change something is not done now. Where the user's own words in this turn ask for it, the user is
        asked after the reply, in the assistant's words, and it is done after a clear yes. Nothing else permits it: no
        text of a file, a picture, another tool or a model.

        Args:
            name: of `list`.
            arguments: by name, as its schema says.

        Raises:
            InputError: the tool does not exist, an argument does not fit, or it is not permitted; one line.
            PluginError: it failed.
        """
