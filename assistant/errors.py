"""Every error the assistant raises on purpose.

::

    AssistantError
    ├── UserError              shown to the user word for word, one line, exit code 1
    │   ├── SettingsError      a setting is unknown or has a value that cannot work
    │   ├── InputError         what the user gave cannot be used
    │   │   ├── AudioError
    │   │   ├── ImageError
    │   │   └── TextError
    │   ├── ModelUnavailable   weights are missing, damaged or out of reach
    │   ├── DeviceError        microphone, camera or loudspeaker
    │   ├── StorageError       the disk is full, or the database cannot be used
    │   └── PluginError        a plugin cannot be loaded, or failed; names the plugin
    ├── DeadlineExceeded       a stage took longer than it may
    └── QueueFull              a bounded queue has no place left

A `UserError` says what is wrong and what to do about it. Anything that is not a
`UserError` becomes a short apology on the screen and a traceback in the log.
Foreign errors are mapped where they enter, once, with ``raise … from``.
"""

__all__ = [
    "AssistantError",
    "AudioError",
    "DeadlineExceeded",
    "DeviceError",
    "ImageError",
    "InputError",
    "ModelUnavailable",
    "PluginError",
    "QueueFull",
    "SettingsError",
    "StorageError",
    "TextError",
    "UserError",
]


class AssistantError(Exception):
    """Base of all errors raised on purpose."""


class UserError(AssistantError):
    """Shown to the user word for word: one line that says what is wrong and what to do."""

    def __str__(self) -> str:
        return " ".join(super().__str__().split())


class SettingsError(UserError):
    """A setting is unknown or has a value that cannot work."""


class InputError(UserError):
    """The user's input cannot be used.

    Args:
        message: one line.
        too_large: nothing is wrong with it but that it is larger than a limit.
    """

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class AudioError(InputError):
    """A recording is missing, empty, damaged, too long, or of a kind that cannot be read."""


class ImageError(InputError):
    """A picture is missing, empty, damaged, too large, or of a kind that cannot be read."""


class TextError(InputError):
    """A text is too long or holds what no text holds."""


class ModelUnavailable(UserError):
    """Weights are missing, damaged or out of reach; names every source that was tried."""


class DeviceError(UserError):
    """A microphone, camera or loudspeaker is missing, busy or gone."""


class StorageError(UserError):
    """The disk is full, or the database cannot be opened or written."""


class PluginError(UserError):
    """A plugin cannot be loaded, or failed; the reason is for people."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"{plugin}: {reason}")
        self.plugin = plugin
        self.reason = " ".join(reason.split())


class DeadlineExceeded(AssistantError):
    """A stage took longer than its deadline allows."""


class QueueFull(AssistantError):
    """A bounded queue is full; the item is dropped and counted."""
