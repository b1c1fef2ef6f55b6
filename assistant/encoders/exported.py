"""Networks in ONNX Runtime, exported from their checkpoints once and kept in the user's cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.settings import cache_dir
from assistant.types import content_hash

__all__ = ["create_session", "keep_made", "load_exported"]

logger = logging.getLogger(__name__)

VERSION = 1
"""of what the exporting functions write; another one makes all exports anew"""


def load_exported(source: Path, kind: str, export: Callable[[], bytes], threads: int) -> Any:
    """A network as an ONNX Runtime session, from what `keep_made` keeps.

    Args:
        source: the checkpoint it is made from.
        kind: what is made of it; several kinds may come from one source.
        export: makes the content of the ONNX file.
        threads: processor threads of one call.

    Returns:
        An `onnxruntime.InferenceSession`.
    """
    return create_session(keep_made(source, kind, ".onnx", export), threads)


def keep_made(source: Path, kind: str, suffix: str, make: Callable[[], bytes]) -> Path | bytes:
    """A file that is made from a checkpoint once.

    It lies in the cache beside a note of its sha256 and of the size and time of its source. One that is
    missing, damaged or of another version or source is made anew.

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


def create_session(model: Path | bytes | str, threads: int) -> Any:
    """An `onnxruntime.InferenceSession` for a model file's content or path, on the processor.

    Its threads sleep while they wait: on a busy machine, threads that spin take the processor from those they wait for.
    """
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # its warnings are not for users
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    given = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])


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
