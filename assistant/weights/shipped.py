"""Weights that come with the package: trained by its own commands, listed with their hashes and their origin.

Each folder ``assistant/ROOM/weights`` holds safetensors files, ``SHA256SUMS``, and ``ORIGIN.toml``, which says
under what licence they are, which command makes them, and what they learned from.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ModelUnavailable
from assistant.weights.fetching import sha256_of

__all__ = ["PACKAGE", "ShippedWeights", "shipped_weights"]

PACKAGE = Path(__file__).parents[1]
"""the folder ``assistant``"""
SUMS, ORIGIN = "SHA256SUMS", "ORIGIN.toml"


@dataclass(frozen=True)
class ShippedWeights:
    """One file of trained weights."""

    name: str
    """room and file, such as "fusion/attention" """
    path: Path
    sha256: str
    """as written when they were trained"""
    job: str
    licence: str
    made_by: str
    """the command"""
    learned_from: str

    @property
    def size(self) -> int:
        """Bytes; 0 when the file is missing."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def problem(self) -> str:
        """The problem of the file; "" for none. Reads and hashes it."""
        if not self.path.is_file():
            return f"{self.path} is missing"
        return "" if sha256_of(self.path) == self.sha256 else f"{self.path} is not the file that was trained"


def shipped_weights(package: Path = PACKAGE) -> list[ShippedWeights]:
    """All weights that come with the package, by name; raises `ModelUnavailable` where their origin is not said."""
    folders = sorted(path.parent for path in package.glob(f"*/weights/{SUMS}"))
    return [weights for folder in folders for weights in _in_folder(folder)]


def _in_folder(folder: Path) -> list[ShippedWeights]:
    try:
        origin = tomllib.loads((folder / ORIGIN).read_text("utf-8"))
        sums = (folder / SUMS).read_text("utf-8").splitlines()
        hashes = {file: digest for digest, _, file in (line.partition("  ") for line in sums)}
        return [
            ShippedWeights(
                name=f"{folder.parent.name}/{file.removesuffix('.safetensors')}",
                path=folder / file,
                sha256=digest,
                job=origin["files"][file],
                licence=origin["licence"],
                made_by=origin["made_by"],
                learned_from=origin["learned_from"],
            )
            for file, digest in sorted(hashes.items())
        ]
    except (OSError, KeyError, ValueError) as error:
        raise ModelUnavailable(f"{folder} does not say where its weights came from: {error!r}; reinstall") from error
