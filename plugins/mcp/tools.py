"""A server's description of a tool, checked and bounded; it is data only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.types import content_hash

__all__ = ["MOST_TOOLS", "Tool", "one_line", "read_tools"]

MOST_TOOLS = 128
"""of a server; the rest is left out"""
LONGEST_NAME = 128
LONGEST_SCHEMA = 60_000
"""characters of JSON"""
LONGEST_DESCRIPTION = 2_000
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\x1b\[[0-9;]*[A-Za-z]"
)


@dataclass(frozen=True)
class Tool:
    """A tool of a server."""

    server: str
    name: str
    """as the server knows it"""
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """the JSON schema of its arguments"""
    reads_only: bool = False
    """it says that it changes nothing"""
    title: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """arguments that the user has set for good"""

    @property
    def key(self) -> str:
        """Names it among the tools of all servers."""
        return f"{self.server}/{self.name}"

    @property
    def fingerprint(self) -> str:
        """Changes when the tool does: a permission is for what was allowed, and for nothing else."""
        told = [self.name, self.title, self.description, self.schema, self.reads_only]
        return content_hash(json.dumps(told, sort_keys=True, ensure_ascii=False))[:16]

    @property
    def shown(self) -> str:
        """Its name, for people."""
        return self.title or self.name

    @property
    def summary(self) -> str:
        """The first sentence of its description; its name where it has none."""
        first = re.split(r"(?<=[.!?])\s|\n|(?<=[。！？])", self.description.strip())[0]
        return one_line(first, 160).rstrip(".。") or self.name

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `read_tools`."""
        annotations = {"title": self.title, "readOnlyHint": self.reads_only}
        told = {"name": self.name, "description": self.description, "inputSchema": dict(self.schema)}
        return {**told, "annotations": annotations}


def one_line(text: str, most: int) -> str:
    """A text on one line, without control characters, cut to so many characters."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def read_tools(
    server: str,
    listed: Iterable[Any],
    only: Iterable[str] = (),
    reads: Iterable[str] = (),
    fixed: Mapping[str, Any] | None = None,
) -> tuple[list[Tool], list[str]]:
    """The tools of a listing as the protocol has it, and a line for each that cannot be used.

    Args:
        server: whose tools they are.
        listed: plain JSON values.
        only: names of those that are wanted; none for all.
        reads: names of those that change nothing, whatever they say.
        fixed: arguments that have a value for good.
    """
    harmless = frozenset(reads)
    wanted, found, problems = frozenset(only), dict[str, Tool](), list[str]()
    for each in listed:
        if len(found) >= MOST_TOOLS:
            problems.append(f"it has more than {MOST_TOOLS} tools; the rest is left out")
            break
        read = _read(server, each)
        if isinstance(read, str):
            problems.append(read)
        elif read.name in found:
            problems.append(f"it has two tools called {read.name}; the first is used")
        elif not wanted or read.name in wanted:
            taken = {name: value for name, value in (fixed or {}).items() if name in read.schema.get("properties", {})}
            found[read.name] = replace(read, reads_only=read.reads_only or read.name in harmless, fixed=taken)
    return list(found.values()), problems


def _read(server: str, listed: Any) -> Tool | str:
    if not isinstance(listed, Mapping) or not isinstance(name := listed.get("name"), str):
        return "a tool without a name is left out"
    if not re.fullmatch(r"[\w./:-]+", name) or len(name) > LONGEST_NAME:
        return f"the tool {one_line(name, 40)!r} is left out: its name cannot be used"
    schema = listed.get("inputSchema")
    if not isinstance(schema, Mapping) or schema.get("type", "object") != "object":
        return f"the tool {name} is left out: its arguments are no JSON schema of an object"
    if not isinstance(schema.get("properties", {}), Mapping) or not isinstance(schema.get("required", []), list):
        return f"the tool {name} is left out: its schema makes no sense"
    if len(json.dumps(schema)) > LONGEST_SCHEMA:
        return f"the tool {name} is left out: its schema is too large"
    annotations = listed.get("annotations")
    hints: Mapping[str, Any] = annotations if isinstance(annotations, Mapping) else {}
    title = listed.get("title") or hints.get("title") or ""
    description = listed.get("description") or ""
    return Tool(
        server,
        name,
        _CONTROL.sub(" ", str(description))[:LONGEST_DESCRIPTION],
        dict(schema),
        hints.get("readOnlyHint") is True,
        one_line(str(title), 60),
    )
