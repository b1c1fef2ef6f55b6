"""Files that lie on an object store or another machine: s3://bucket/folder, gs://…, and what else pyarrow opens.

Who may read is said where the store's own tools say it: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or a profile, or
the machine's role), AWS_REGION, AWS_ENDPOINT_URL for stores of other makers.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlencode, urlsplit

from assistant.errors import InputError, SettingsError
from assistant.retrieval.library.scanning import SKIPPED_FOLDERS, File, Scan

__all__ = ["credentials", "is_remote", "local_copy", "scan_remote"]

CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_ALLOW_HTTP",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCOUNT_NAME",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)
"""variables by which stores are opened; profiles, files and roles are each machine's own"""

CHUNK = 4 * 2**20
"""bytes fetched at a time"""


def is_remote(root: str | Path) -> bool:
    """Returns whether it is an address, not a path."""
    return isinstance(root, str) and "://" in root


def credentials() -> dict[str, str]:
    """By which variables this process opens stores; set in another, it opens them too."""
    return {name: os.environ[name] for name in CREDENTIALS if name in os.environ}


def scan_remote(root: str, found: Scan) -> None:
    """Find all files below an address, see `scanning.scan`; `InputError` says why the store does not let us."""
    from pyarrow import fs

    try:
        files, below = _open(root)
        info = files.get_file_info(below)
        infos = [info] if info.is_file else files.get_file_info(fs.FileSelector(below, recursive=True))
    except FileNotFoundError:
        found.refused[root] = "there is no such folder or file"
        return
    except (OSError, ValueError) as error:
        raise InputError(_reason(root, error)) from error
    prefix = root[: len(root) - len(below)] if root.endswith(below) else root.split("://")[0] + "://"
    for info in sorted(infos, key=lambda each: str(each.path)):
        inner = PurePosixPath(info.path).relative_to(below).parts if info.path != below else ()
        if info.is_file and not any(part.startswith(".") or part in SKIPPED_FOLDERS for part in inner):
            modified = info.mtime.timestamp() if info.mtime else 0.0
            found.take(Path(PurePosixPath(info.path).name), prefix + info.path, info.size, modified)


@contextmanager
def local_copy(file: File) -> Iterator[File]:
    """The file where it can be opened: itself, or a copy of what lies elsewhere, deleted afterwards."""
    if not is_remote(file.name):
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="assistant-") as folder:
        copy = Path(folder) / file.path
        try:
            files, below = _open(file.name)
            with files.open_input_stream(below) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK)
        except (OSError, ValueError) as error:
            raise InputError(_reason(file.name, error)) from error
        yield replace(file, path=copy)


def _open(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    files, below = _filesystem(urlsplit(address).scheme, urlsplit(address).netloc)
    return files, below + urlsplit(address).path.rstrip("/") if below else urlsplit(address).path.rstrip("/")


@lru_cache(maxsize=16)
def _filesystem(scheme: str, place: str) -> tuple[Any, str]:
    """Opened once per bucket: finding credentials takes a second."""
    try:
        from pyarrow import fs
    except ImportError as error:
        raise SettingsError(
            "The library needs packages that are not installed: pip install 'multimodal-assistant[library]'"
        ) from error
    options = {}
    if scheme == "s3" and (endpoint := os.environ.get("AWS_ENDPOINT_URL")):
        options = {"endpoint_override": urlsplit(endpoint).netloc, "scheme": urlsplit(endpoint).scheme}
    if scheme == "s3" and (region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")):
        options["region"] = region  # asking the store would need the right to list all buckets
    query = f"?{urlencode(options)}" if options else ""
    files, below = fs.FileSystem.from_uri(f"{scheme}://{place}/{query}")
    return files, str(below).rstrip("/")


def _reason(address: str, error: Exception) -> str:
    told = " ".join(str(error).split())
    if "ACCESS_DENIED" in told or "Forbidden" in told or "403" in told:
        return f"{address} may not be read with these credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, a profile)"
    if "NO_SUCH_BUCKET" in told or "does not exist" in told:
        return f"{address} does not exist"
    if "Unrecognized filesystem" in told:
        return f"{address} lies on a kind of store that cannot be read; s3://, gs://, abfs:// and hdfs:// can"
    return f"{address} cannot be read: {told[:200]}"
