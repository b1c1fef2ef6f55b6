"""The system's sound devices through PortAudio, which may be missing: microphone and loudspeaker both begin here."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, Literal

from assistant.errors import DeviceError
from assistant.inputs.sound_log import sound_library_lines_logged

__all__ = [
    "Direction",
    "close_stream",
    "device_choice",
    "device_names",
    "open_stream",
    "reason_of",
    "rescan",
    "sounddevice",
]

Direction = Literal["input", "output"]

MISSING: dict[Direction, str] = {
    "input": "there is no microphone or loudspeaker",
    "output": "nothing can be said aloud",
}

NAMES: dict[Direction, str] = {"input": "microphone", "output": "loudspeaker"}

_opening = threading.RLock()
_open_streams: set[int] = set()


def sounddevice(direction: Direction) -> Any:
    """The sounddevice module.

    Raises:
        DeviceError: the package or the system's PortAudio is missing.
    """
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
    """The devices that record ("input") or play ("output"), in the system's order, as "INDEX: NAME".

    Raises:
        DeviceError: PortAudio is missing, or the sound system does not answer.
    """
    module = sounddevice(direction)
    try:
        devices = module.query_devices()
    except module.PortAudioError as error:
        raise DeviceError(f"The sound system does not answer: {error}; try `assistant doctor`") from error
    return [f"{i}: {device['name']}" for i, device in enumerate(devices) if device[f"max_{direction}_channels"] > 0]


def device_choice(device: str) -> str | int | None:
    """A setting's device as sounddevice takes it: an index, part of a name, or None for the default."""
    return int(device) if device.isdigit() else device or None


def reason_of(error: Exception, direction: Direction) -> str:
    """What went wrong, in PortAudio's own words where they say something."""
    words = str(error.args[0] if error.args else error).rstrip(".")
    if "querying device -1" in words:
        return f"there is no {NAMES[direction]}"
    if "Unanticipated host error" in words:
        return "the sound system does not give it"
    return words


def open_stream(make: Callable[[], Any]) -> Any:
    """Make a stream and start it, one at a time: PortAudio's list of devices is one for the whole process.

    Raises:
        DeviceError: never by itself; what PortAudio raises passes.
    """
    with _opening, sound_library_lines_logged():
        stream = make()
        _open_streams.add(id(stream))
        try:
            stream.start()
        except BaseException:
            _open_streams.discard(id(stream))
            stream.close(ignore_errors=True)
            raise
        return stream


def close_stream(stream: Any) -> None:
    """Close a stream from `open_stream` at once, whatever has become of its device."""
    with _opening:
        _open_streams.discard(id(stream))
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)


def rescan() -> bool:
    """Let PortAudio look for devices anew: it lists them once, when it starts, and sees none that come later.

    Returns:
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
