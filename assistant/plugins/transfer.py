"""Pictures and clips between the assistant and a plugin's process.

The assistant leaves them in a folder that the process can read. The process names those it was given, and sends others
as bytes.
"""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from assistant.folders import private_folder
from assistant.settings import data_dir
from assistant.storage.attachments import Attachments, read_stored
from assistant.types import AudioClip, Picture

__all__ = ["ChildStore", "ParentStore"]

INLINE = "data:"
MAX_PIXELS = 40_000_000
"""most pixels of a picture that a process sends"""


class ChildStore(Attachments):
    """The process's end."""

    def get_picture(self, digest: str) -> Picture:
        """A picture that the assistant left; it is read when it is looked at."""
        path = self._path(digest, ".png")
        picture = Picture(partial(read_stored, path), source=str(path))
        vars(picture)["digest"] = digest
        return picture

    def put_picture(self, picture: Picture) -> str:
        """The name of a picture that came from the assistant, or the whole picture."""
        if self._path(picture.digest, ".png").exists():
            return picture.digest
        file = io.BytesIO()
        picture.image.save(file, "PNG", compress_level=1)
        return INLINE + base64.b64encode(file.getvalue()).decode()

    def put_clip(self, clip: AudioClip) -> str:
        """The name of a clip that came from the assistant, or the whole clip."""
        if self._path(clip.digest, ".npz").exists():
            return clip.digest
        samples = np.ascontiguousarray(clip.samples, dtype=np.float32).tobytes()
        return f"{INLINE}{clip.sample_rate}:{base64.b64encode(samples).decode()}"


class ParentStore(Attachments):
    """The assistant's end; a folder of its own until `close`."""

    def __init__(self) -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="assistant-")))
        self._history = Attachments(data_dir() / "attachments")

    def put_picture(self, picture: Picture) -> str:
        """Leave a picture for the process; one that the history keeps is not encoded again."""
        kept = self._history.picture_file(picture.digest)
        path = self._path(picture.digest, ".png")
        if kept is None or path.exists():
            return super().put_picture(picture)
        private_folder(path.parent)
        shutil.copyfile(kept, path)
        return picture.digest

    def get_picture(self, digest: str) -> Picture:
        """A picture that a process names or sends."""
        if not digest.startswith(INLINE):
            return super().get_picture(digest)
        sent = io.BytesIO(base64.b64decode(digest[len(INLINE) :], validate=True))
        with Image.open(sent, formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"a picture of more than {MAX_PIXELS:,} pixels")
            return Picture(image.convert("RGB"))

    def get_clip(self, digest: str) -> AudioClip:
        """A clip that a process names or sends."""
        if not digest.startswith(INLINE):
            return super().get_clip(digest)
        rate, _, samples = digest[len(INLINE) :].partition(":")
        return AudioClip(np.frombuffer(base64.b64decode(samples, validate=True), dtype=np.float32), int(rate))

    def clear(self) -> None:
        """Delete what no call needs any more."""
        for folder in self.folder.iterdir():
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
