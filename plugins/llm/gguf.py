"""A model in a GGUF file, run by llama.cpp (`xllamacpp`) in a process of its own, which ends with the assistant."""

from __future__ import annotations

import importlib.util
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import UserError

if TYPE_CHECKING:
    from .endpoint import Endpoint

__all__ = ["LocalModel", "check_package"]

LOADING = 120.0
"""seconds that a model may take to load"""
TOKENS = 8192
"""of the conversation, the passages and the answer together"""


def check_package() -> None:
    """Raise a `UserError` where llama.cpp is not installed."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise UserError("A GGUF file needs the package xllamacpp: pip install 'multimodal-assistant[llm]'.")


class LocalModel:
    """Runs one model at a time; started at the first question, and again when it ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._path = Path()
        self._address, self._key = "", ""
        self._lock = threading.Lock()

    def endpoint(self, path: Path, seconds: float) -> Endpoint:
        """Loads the model and returns its endpoint; blocks until it is loaded.

        Raises:
            UserError: it cannot be loaded; one line.
        """
        from .endpoint import Endpoint

        with self._lock:
            running = self._process is not None and self._process.poll() is None
            if not (running and self._path == path):
                self._stop()
                self._start(path)
        return Endpoint(f"{self._address}/v1", path.stem, self._key, "", seconds)

    def stop(self) -> None:
        """End it."""
        with self._lock:
            self._stop()

    def _start(self, path: Path) -> None:
        check_package()
        self._path, self._key = path, secrets.token_hex(16)
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        read, write = os.pipe()
        program = [sys.executable, str(Path(__file__).with_name("gguf_server.py"))]
        arguments = [str(path), str(TOKENS), str(threads), self._key, str(write)]
        try:
            self._process = subprocess.Popen(
                [*program, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(write,),
            )
        finally:
            os.close(write)
        self._address = self._told(read)
        if not self._address:
            self._stop()
            raise UserError(
                f"The model {path.name} cannot be loaded: it is not a GGUF file that llama.cpp knows, or too big."
            )

    def _told(self, pipe: int) -> str:
        """The address that the process writes; "" when it ends or takes too long instead."""
        assert self._process is not None
        late = threading.Timer(LOADING, self._process.kill)
        late.start()
        try:
            with os.fdopen(pipe, "rb") as lines:
                return lines.readline().decode().strip()
        finally:
            late.cancel()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(OSError, subprocess.TimeoutExpired):
                process.wait(5)
            if process.stdin is not None:
                process.stdin.close()
