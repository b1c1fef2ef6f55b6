"""Sound to the loudspeaker."""

from __future__ import annotations

import threading
from typing import Any

from assistant.errors import DeviceError
from assistant.messages import AudioClip

__all__ = ["loudspeakers", "play"]

NO_PORTAUDIO = (
    "The system's PortAudio library is missing, so nothing can be said aloud: "
    "`sudo apt install libportaudio2` (macOS: `brew install portaudio`), then `assistant doctor`"
)


def _sounddevice() -> Any:
    try:
        import sounddevice
    except (OSError, ImportError) as error:  # the package is there, the system's library is not
        raise DeviceError(NO_PORTAUDIO) from error
    return sounddevice


def loudspeakers() -> list[str]:
    """The names of the loudspeakers found, in the system's order ("INDEX: NAME").

    Raises:
        DeviceError: PortAudio is missing.
    """
    sounddevice = _sounddevice()
    try:
        devices = sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"The sound system does not answer: {error}; try `assistant doctor`") from error
    return [f"{i}: {device['name']}" for i, device in enumerate(devices) if device["max_output_channels"] > 0]


def play(clip: AudioClip, device: str = "", stop: threading.Event | None = None) -> bool:
    """Play a clip to its end.

    Args:
        clip: what to play.
        device: a name, part of one, or an index; "" is the system's default.
        stop: set it from another thread to fall silent within about 50 ms (barge-in).

    Returns:
        False when `stop` cut it short.

    Raises:
        DeviceError: PortAudio or the device is missing or busy.
    """
    sounddevice = _sounddevice()
    chunk = max(1, clip.sample_rate // 20)
    try:
        with sounddevice.OutputStream(
            clip.sample_rate, device=int(device) if device.isdigit() else device or None, channels=1, dtype="float32"
        ) as stream:
            for at in range(0, len(clip.samples), chunk):
                if stop is not None and stop.is_set():
                    stream.abort()
                    return False
                stream.write(clip.samples[at : at + chunk, None])
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(
            f"The loudspeaker {device or '(default)'} cannot be opened: {error.args[0] if error.args else error}; "
            "is it plugged in, and not in use? `assistant doctor` lists the loudspeakers"
        ) from error
    return True
