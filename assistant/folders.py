"""The assistant's folders, and files that only their owner may read."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

import platformdirs

from assistant.errors import StorageError

__all__ = [
    "cache_dir",
    "config_dir",
    "data_dir",
    "private_folder",
    "runtime_dir",
    "settings_file",
    "shipped_dir",
    "storage_errors",
    "write_private",
]

APP = "multimodal-assistant"


def _folder(kind: Literal["config", "data", "cache"]) -> Path:
    if home := os.environ.get("ASSISTANT_HOME"):
        return Path(home).expanduser() / kind
    known = platformdirs.PlatformDirs(APP, appauthor=False)
    return {"config": known.user_config_path, "data": known.user_data_path, "cache": known.user_cache_path}[kind]


def config_dir() -> Path:
    """The folder of the user's ``assistant.toml`` and own plugins."""
    return _folder("config")


def data_dir() -> Path:
    """The folder of history, dialogues and what plugins keep."""
    return _folder("data")


def cache_dir() -> Path:
    """The folder of model weights and encodings; safe to delete."""
    return _folder("cache")


def settings_file() -> Path:
    """The user's ``assistant.toml``; it need not exist."""
    return config_dir() / "assistant.toml"


def shipped_dir(name: Literal["config", "plugins"]) -> Path:
    """``config/`` or ``plugins/`` as shipped: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    installed = package / f"_{name}"
    return installed if installed.is_dir() else package.parent / name


def runtime_dir() -> Path:
    """The folder of sockets and locks: in the user's runtime folder, if there is one."""
    home, runtime = os.environ.get("ASSISTANT_HOME"), os.environ.get("XDG_RUNTIME_DIR")
    if runtime and not home and Path(runtime).is_dir():
        return Path(runtime) / APP
    return data_dir() / "run"


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turn an operating-system error into one clear `StorageError` line about `what`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"The disk is full: cannot write {what}. Free some space and try again.") from error
        reason = error.strerror or type(error).__name__
        raise StorageError(
            f"Cannot write {what}: {reason}. Check the folder's rights, or set ASSISTANT_HOME."
        ) from error


def private_folder(path: Path) -> Path:
    """Make a folder (and its parents) that only the owner may enter; an existing one keeps its rights."""
    with storage_errors(str(path)):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that only the owner may read, whole or not at all; raises `StorageError`."""
    private_folder(path.parent)
    with storage_errors(str(path)):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
