"""Fetches files from the model hub; a hub out of reach answers within seconds."""

from __future__ import annotations

import contextlib
import logging
import os
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

from assistant.weights.catalogue import HubSource, WeightFile
from assistant.weights.fetching import SourceFailed, adopt, offline, remember_silent, was_silent
from assistant.weights.progress import Progress, Watch

__all__ = ["fetch_from_hub"]

_PROBE_SECONDS = 2.5
_SILENT = "the hub cannot be reached"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """A redirect to the file's storage is answer enough."""


def _ask(url: str) -> str:
    """What is wrong with the hub's answer to one question, or nothing."""
    try:
        opener = urllib.request.build_opener(_NoRedirect)
        opener.open(urllib.request.Request(url, method="HEAD"), timeout=_PROBE_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()
        return f"the hub answers {error.code}" if error.code >= 400 else ""
    except (OSError, HTTPException) as error:
        untrusted = isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError)
        return "the hub's certificate is not trusted here" if untrusted else _SILENT
    return ""


def _require_reachable(endpoint: str, url: str) -> None:
    """The hub's own client would retry for half a minute; ask once, quickly, before it is used."""
    if was_silent(endpoint):
        raise SourceFailed(_SILENT)
    answers: list[str] = []
    # A name server that is out of reach cannot be interrupted, hence a thread that may be left behind.
    thread = threading.Thread(target=lambda: answers.append(_ask(url)), name="hub-probe", daemon=True)
    thread.start()
    thread.join(_PROBE_SECONDS)
    problem = answers[0] if answers else _SILENT
    if problem == _SILENT:
        remember_silent(endpoint)
    if problem:
        raise SourceFailed(problem)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the hub client's own progress bars and warnings: ours say the same, once."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    talker = logging.getLogger("huggingface_hub")
    level, bars = talker.level, not are_progress_bars_disabled()
    talker.setLevel(logging.CRITICAL)
    if bars:
        disable_progress_bars()
    try:
        yield
    finally:
        talker.setLevel(level)
        if bars:
            enable_progress_bars()


def _fetch(source: HubSource, path: str, size: int, part: Path) -> None:
    """Download into `part`, going on from what an interrupted run has left there."""
    import huggingface_hub
    from huggingface_hub import constants, file_download

    if offline():
        raise SourceFailed("ASSISTANT_OFFLINE is set")
    if constants.HF_HUB_OFFLINE:
        raise SourceFailed("HF_HUB_OFFLINE is set")
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT
    url = huggingface_hub.hf_hub_url(source.hub, path, revision=source.revision, endpoint=endpoint)
    _require_reachable(endpoint, url)
    headers = {"Accept-Encoding": "identity"}  # and no token: the files are public, and a stale one would be refused
    with _quiet(), part.open("ab") as out:
        if out.tell() > size:
            out.seek(0)
            out.truncate()
        # `hf_hub_download` begins anew after a kill; this is the part of it that can go on.
        file_download.http_get(url, out, resume_size=out.tell(), headers=headers, expected_size=size)


def _cached(source: HubSource, path: str) -> Path | None:
    """The file in the hub client's own cache: what another program has fetched costs no network."""
    import huggingface_hub

    known = huggingface_hub.try_to_load_from_cache(source.hub, path, revision=source.revision)
    return Path(known) if isinstance(known, str) else None


def fetch_from_hub(
    source: HubSource, wanted: list[WeightFile], folder: Path, work: Path, progress: Progress | None
) -> None:
    """Fetch `wanted` into `folder`; a broken download in `work` is taken up again.

    Raises:
        SourceFailed: with the reason, for people.
    """
    for file in wanted:
        path = source.paths.get(file.name, file.name)
        part = work / f"{file.sha256}.incomplete"
        try:
            with Watch(part, file.size, progress):
                if (cached := _cached(source, path)) is None:
                    _fetch(source, path, file.size, part)
        except SourceFailed:
            raise
        except Exception as error:  # the hub's client has dozens of kinds, from three libraries
            raise SourceFailed.from_error(error) from error
        adopt(cached or part, file, folder, keep=cached is not None)
