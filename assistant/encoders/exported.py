"""Networks in ONNX Runtime, exported from their checkpoints once and kept in the user's cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.encoders.device import providers
from assistant.encoders.memory import lacks_memory
from assistant.encoders.threads import limited
from assistant.errors import ModelUnavailable
from assistant.settings import cache_dir
from assistant.types import content_hash

__all__ = ["ExportedNetwork", "keep_made", "load_exported", "release_idle"]

logger = logging.getLogger(__name__)

VERSION = 2
"""version of the export format; a change rebuilds all exports"""


class ExportedNetwork:
    """A network in ONNX Runtime that may leave the memory and comes back at the next call.

    Safe to call from several threads.

    Args:
        open_session: makes its `onnxruntime.InferenceSession`.
        kind: its name, for people.
    """

    def __init__(self, open_session: Callable[[], Any], kind: str) -> None:
        self._open = open_session
        self._kind = kind
        self._lock = threading.Lock()
        self._used = time.monotonic()
        self._session: Any = open_session()
        _networks.add(self)

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, Any]) -> list[Any]:
        """The outputs asked for, by name; None for all.

        Raises:
            ModelUnavailable: it had left the memory and cannot be read again; or there is too little memory.
        """
        with self._lock:
            self._used = time.monotonic()
            if self._session is None:
                self._session = self._open()
            session = self._session  # one that leaves now lives on until this call ends
        try:
            found: list[Any] = session.run(outputs, inputs)
        except Exception as error:
            if lacks_memory(error):
                raise ModelUnavailable(f"There is too little memory for {self._kind}") from error
            raise
        self._used = time.monotonic()
        return found

    def release(self, idle: float) -> bool:
        """Leave the memory after so many seconds without a call; whether it left."""
        with self._lock:
            leaves = self._session is not None and time.monotonic() - self._used >= idle
            if leaves:
                self._session = None
        return leaves


_networks: weakref.WeakSet[ExportedNetwork] = weakref.WeakSet()


def release_idle(seconds: float) -> int:
    """Let every network leave the memory that had no call for so many seconds; returns how many left."""
    return sum(network.release(seconds) for network in tuple(_networks))


def load_exported(source: Path, kind: str, export: Callable[[], bytes], threads: int) -> ExportedNetwork:
    """A network from what `keep_made` keeps.

    Args:
        source: the checkpoint it is made from.
        kind: what is made of it; several kinds may come from one source.
        export: makes the content of the ONNX file.
        threads: processor threads of one call; never more than there are processors.

    Raises:
        ModelUnavailable: the checkpoint is gone, or there is too little memory.
    """

    def open_session() -> Any:
        try:
            return _create_session(keep_made(source, kind, ".onnx", export), limited(threads))
        except Exception as error:  # ONNX Runtime raises errors of its own
            if lacks_memory(error):
                raise ModelUnavailable(f"There is too little memory for {kind}") from error
            if isinstance(error, OSError):
                raise ModelUnavailable(f"Cannot read {source}: {error}; fetch the model again") from error
            raise

    return ExportedNetwork(open_session, kind)


def keep_made(source: Path, kind: str, suffix: str, make: Callable[[], bytes]) -> Path | bytes:
    """A file that is made from a checkpoint once.

    It lies in the cache beside a note of its sha256 and of the size and time of its source. One that is
    missing, damaged or of another version or source is rebuilt.

    Returns:
        Where it is; or its content where the cache cannot be written, which costs only time.
    """
    path = cache_dir() / "exported" / f"{kind}-{content_hash(str(source.resolve()))[:16]}{suffix}"
    status = source.stat()
    origin = f"{VERSION} {status.st_size} {status.st_mtime_ns}"
    if _is_kept(path, origin):
        return path
    made = make()
    return path if _keep(path, origin, made) else made


def _create_session(model: Path | bytes, threads: int) -> Any:
    """An `onnxruntime.InferenceSession`.

    Its threads sleep while they wait: on a busy machine, threads that spin take the processor from those they wait for.
    """
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # its warnings are not for users
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    given = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(given, options, providers=providers())


def _note(path: Path) -> Path:
    return path.with_suffix(".json")


def _is_kept(path: Path, origin: str) -> bool:
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        if note["origin"] != origin:
            return False
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == note["sha256"]:
                return True
        logger.warning("%s is damaged and is made anew", path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("%s cannot be read and is made anew: %s", path, error)
    return False


def _keep(path: Path, origin: str, model: bytes) -> bool:
    note = json.dumps({"origin": origin, "sha256": hashlib.sha256(model).hexdigest()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for target, content in ((path, model), (_note(path), note.encode())):
            part = target.with_suffix(f"{target.suffix}.{os.getpid()}.part")
            part.write_bytes(content)
            os.replace(part, target)
        return True
    except OSError as error:
        logger.warning("cannot keep %s: %s", path, error)
        return False
