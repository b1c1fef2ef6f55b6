"""What a bug report says about an installation, with everything personal taken out."""

from __future__ import annotations

import getpass
import platform
import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from assistant import __version__
from assistant.errors import UserError
from assistant.settings import Settings, load_settings

__all__ = ["write_report"]

PACKAGES = (
    "torch",
    "transformers",
    "openai-whisper",
    "onnxruntime",
    "pluggy",
    "prompt_toolkit",
    "sounddevice",
    "pillow",
)
PLAIN = re.compile(r"(?:true|false|-?\d+(?:\.\d+)?|[a-z0-9_.-]{0,24})", re.IGNORECASE)
"""values of settings that tell nothing about a person"""
PERSONAL = frozenset({"url", "token", "key", "name", "people", "host", "folder", "path", "allowed_hosts", "options"})
"""names of settings whose values are left out"""


def write_report(findings: Iterable[tuple[str, bool, str]]) -> str:
    """Returns Markdown: versions, what `doctor` found (what, whether it is right, detail), and settings that differ.

    Folders, names of people, computers and devices, addresses and keys are left out.
    """
    lines = [
        f"multimodal-assistant {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}",
        "",
    ]
    lines += [f"- {name} {_version(name)}" for name in PACKAGES]
    lines += ["", "| checked | | found |", "|---|---|---|"]
    for what, right, detail in findings:
        shown = "" if right and what in ("microphone", "loudspeaker", "camera") else _impersonal(detail)
        lines.append(f"| {what} | {'ok' if right else 'mend'} | {shown.replace('|', '/')} |")
    return "\n".join([*lines, "", *_settings()])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _settings() -> list[str]:
    try:
        given = load_settings()
    except UserError:
        return ["Settings: cannot be read."]
    usual = {name: value for name, value, _ in Settings.model_construct().each()}
    changed = [(name, value) for name, value, _ in given.each() if value != usual.get(name)]
    if not changed:
        return ["Settings: the defaults."]
    return [
        "Settings that differ from the defaults:",
        *(f"- {name} = {_value(name, value)}" for name, value in changed),
    ]


def _value(name: str, value: object) -> str:
    personal = not PERSONAL.isdisjoint(re.split(r"[._]", name))
    return str(value) if not personal and PLAIN.fullmatch(str(value)) else "(changed)"


def _impersonal(text: str) -> str:
    """A text without folders, addresses, and the names of user and computer."""
    text = re.sub(r"[a-z][a-z0-9+.-]*://\S+", "(address)", text, flags=re.IGNORECASE)
    text = re.sub(r"(?:~|[A-Z]:\\|(?<![\w<])/)[^\s,;:)`]+", "(path)", text)
    for name in _names():
        text = re.sub(rf"\b{re.escape(name)}\b", "(name)", text, flags=re.IGNORECASE)
    return text


def _names() -> set[str]:
    names = {Path.home().name, socket.gethostname()}
    with suppress(OSError, KeyError, ImportError):
        names.add(getpass.getuser())
    return {name for name in names if len(name) > 2}
