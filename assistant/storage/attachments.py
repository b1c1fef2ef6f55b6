"""Pictures and clips of stored turns, by content."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from assistant.errors import StorageError
from assistant.folders import storage_errors, write_private
from assistant.types import AudioClip, Picture

__all__ = ["Attachments", "read_stored"]

DIGEST = re.compile(r"[0-9a-f]{64}")


class Attachments:
    """A folder, owner-only, of files named by their content hash, so that the same picture is kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put_picture(self, picture: Picture) -> str:
        """Keep a picture (PNG, lossless); returns its digest."""
        path = self._path(picture.digest, ".png")
        if not path.exists():
            # Level 1: five times faster than the default for a tenth more bytes; this runs within a turn.
            write_private(path, lambda file: picture.image.save(file, "PNG", compress_level=1))
        return picture.digest

    def get_picture(self, digest: str) -> Picture:
        """A picture that was kept; raises `StorageError` when it is not there any more."""
        path = self._path(digest, ".png")
        try:
            with Image.open(path):
                pass  # its pixels are read when they are needed
        except OSError as error:
            raise StorageError(f"The picture {path.name} of this conversation is gone or damaged.") from error
        picture = Picture(partial(read_stored, path), source=str(path))
        vars(picture)["digest"] = digest
        return picture

    def let_go(self, picture: Picture) -> None:
        """Keep the pixels of a picture in memory no longer, if it is kept here: they are read when needed again."""
        path = self._path(picture.digest, ".png")
        if path.exists():
            picture.let_go(partial(read_stored, path))

    def put_clip(self, clip: AudioClip) -> str:
        """Keep a clip (float32 samples and rate, numpy's own format without pickles); returns its digest."""
        path = self._path(clip.digest, ".npz")
        if not path.exists():
            write_private(path, lambda file: np.savez(file, samples=clip.samples, rate=np.int64(clip.sample_rate)))
        return clip.digest

    def get_clip(self, digest: str) -> AudioClip:
        """A clip that was kept; raises `StorageError` when it is not there any more."""
        path = self._path(digest, ".npz")
        try:
            with np.load(path, allow_pickle=False) as stored:
                return AudioClip(stored["samples"], int(stored["rate"]), source=str(path))
        except (OSError, ValueError, KeyError) as error:
            raise StorageError(f"The recording {path.name} of this conversation is gone or damaged.") from error

    def remove(self, digest: str) -> None:
        """Delete the attachment of a digest, if it exists."""
        for suffix in (".png", ".npz"):
            with storage_errors(f"the attachment {digest}"):
                self._path(digest, suffix).unlink(missing_ok=True)

    def picture_file(self, digest: str) -> Path | None:
        """The PNG file of a picture that is kept here; None where it is not."""
        path = self._path(digest, ".png")
        return path if path.exists() else None

    def _path(self, digest: str, suffix: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise StorageError(f"{digest!r} is not the digest of an attachment.")
        return self.folder / digest[:2] / f"{digest}{suffix}"


def read_stored(path: Path) -> Image.Image:
    """The pixels of a picture that was kept in a file; raises `StorageError` when it is not there any more."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except OSError as error:
        raise StorageError(f"The picture {path.name} of this conversation is gone or damaged.") from error
