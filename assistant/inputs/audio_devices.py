"""The system's sound devices through PortAudio, which may be missing: microphone and loudspeaker both begin here."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from assistant.errors import DeviceError
from assistant.folders import data_dir

__all__ = [
    "NAMES",
    "Direction",
    "close_stream",
    "device_names",
    "open_stream",
    "rescan",
    "sound_library_lines_logged",
    "sound_library_log",
    "sounddevice",
]

MOST = 1_000_000
"""bytes after which the file starts again"""


def sound_library_log() -> Path:
    """The file; it need not exist."""
    return data_dir() / "sound.log"


@contextlib.contextmanager
def sound_library_lines_logged(path: Path | None = None, *, all_lines: bool = False) -> Iterator[None]:
    """Sends what is written to standard error beneath Python to `sound_library_log`, or to `path`.

    What Python itself writes there is shown as before, unless `all_lines`.
    """
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, AttributeError, ValueError):  # there is no standard error
        yield
        return
    before, shown = sys.stderr, None
    try:
        file = _opened(path or sound_library_log())
        os.dup2(file, 2)
        os.close(file)
        if not all_lines and getattr(before, "fileno", None) is not None and _is_standard_error(before):
            shown = sys.stderr = os.fdopen(os.dup(kept), "w", buffering=1, errors="replace")
        yield
    finally:
        if shown is not None:
            sys.stderr = before
            shown.close()
        with contextlib.suppress(OSError, ValueError):
            before.flush()
        os.dup2(kept, 2)
        os.close(kept)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = os.O_TRUNC if path.is_file() and path.stat().st_size > MOST else 0
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | fresh, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _is_standard_error(stream: object) -> bool:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return stream.fileno() == 2  # type: ignore[attr-defined, no-any-return]
    return False


Direction = Literal["input", "output"]

MISSING: dict[Direction, str] = {
    "input": "there is no microphone or loudspeaker",
    "output": "nothing can be said aloud",
}

NAMES: dict[Direction, str] = {"input": "microphone", "output": "loudspeaker"}

_opening = threading.RLock()
_open_streams: set[int] = set()


def sounddevice(direction: Direction) -> Any:
    """The sounddevice module; DeviceError when the package or the system's PortAudio is missing."""
    try:
        if (loaded := sys.modules.get("sounddevice")) is not None:
            return loaded
        with _opening, sound_library_lines_logged():  # PortAudio asks every sound system for its devices
            import sounddevice as module
    except (OSError, ImportError) as error:  # the package is there, the system's library is not
        raise DeviceError(
            f"The system's PortAudio library is missing, so {MISSING[direction]}: "
            "`sudo apt install libportaudio2` (macOS: `brew install portaudio`), then `assistant doctor`"
        ) from error
    return module


def device_names(direction: Direction) -> list[str]:
    """The devices that record ("input") or play ("output"), in the system's order, as "INDEX: NAME"."""
    module = sounddevice(direction)
    try:
        devices = module.query_devices()
    except module.PortAudioError as error:
        raise DeviceError(f"The sound system does not answer: {error}; try `assistant doctor`") from error
    return [f"{i}: {device['name']}" for i, device in enumerate(devices) if device[f"max_{direction}_channels"] > 0]


def _reason(error: Exception, direction: Direction) -> str:
    """The error, in PortAudio's own words if they are clear."""
    words = str(error.args[0] if error.args else error).rstrip(".")
    if "querying device -1" in words:
        return f"there is no {NAMES[direction]}"
    if "Unanticipated host error" in words:
        return "the sound system does not give it"
    return words


def open_stream(
    direction: Direction, device: str, make: Callable[[Any, str | int | None, Mapping[str, Any]], Any], advice: str
) -> Any:
    """Makes a stream and starts it, one at a time: PortAudio's list of devices is one for the whole process.

    `device` is a name, part of one, or an index; "" is the system's default. `make` gets `sounddevice`, the device as
    that takes it, and what is known of it. DeviceError, with the advice, when it is missing or busy.
    """
    system = sounddevice(direction)
    chosen = int(device) if device.isdigit() else device or None
    try:
        with _opening, sound_library_lines_logged():
            stream = make(system, chosen, system.query_devices(chosen, direction))
            _open_streams.add(id(stream))
            try:
                stream.start()
            except BaseException:
                _open_streams.discard(id(stream))
                stream.close(ignore_errors=True)
                raise
            return stream
    except (system.PortAudioError, ValueError) as error:
        reason = f"cannot be opened: {_reason(error, direction)}; {advice}"
        raise DeviceError(f"The {NAMES[direction]} {device or '(default)'} {reason}") from error


def close_stream(stream: Any) -> None:
    """Close a stream from `open_stream` at once, whatever has become of its device."""
    with _opening:
        _open_streams.discard(id(stream))
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)


def rescan() -> bool:
    """Let PortAudio list the devices again: it lists them once, when it starts, and sees none that come later.

    False when that must wait: it would close the streams that are open in this process.
    """
    module = sounddevice("input")
    with _opening, sound_library_lines_logged():
        if _open_streams:
            return False
        try:
            module._terminate()
            module._initialize()
        except module.PortAudioError:  # no sound system at all for the moment
            return False
        return True
