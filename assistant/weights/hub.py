"""Fetches files from the model hub; a hub out of reach is given up within seconds."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from assistant.weights.catalogue import HubSource, WeightFile
from assistant.weights.fetching import Advance, SourceFailed, adopt, offline, remember_silent, was_silent, watch_growth

__all__ = ["fetch_from_hub"]

_PROBE_SECONDS = 2.5
_SILENT = "the hub cannot be reached"


def _probe(url: str) -> str:
    """The error in the hub's answer about a file; "" for none."""
    from huggingface_hub import get_hf_file_metadata
    from huggingface_hub.errors import HfHubHTTPError

    try:
        get_hf_file_metadata(url, token=False, timeout=_PROBE_SECONDS)
    except HfHubHTTPError as error:
        return f"the hub answers {error.response.status_code}"
    except Exception as error:  # kinds of the HTTP library below, which differs with the client's version
        return "the hub's certificate is not trusted here" if "CERTIFICATE_VERIFY" in str(error) else _SILENT
    return ""


def _require_reachable(endpoint: str, url: str) -> None:
    """Asks once, quickly: the hub's client alone would retry for half a minute per file."""
    if was_silent(endpoint):
        raise SourceFailed(_SILENT)
    import huggingface_hub.errors  # noqa: F401  # its import must not count as the hub's silence

    answers: list[str] = []
    # A name server that is out of reach cannot be interrupted, hence a thread that may be left behind.
    thread = threading.Thread(target=lambda: answers.append(_probe(url)), name="hub-probe", daemon=True)
    thread.start()
    thread.join(_PROBE_SECONDS)
    problem = answers[0] if answers else _SILENT
    if problem == _SILENT:
        remember_silent(endpoint)
    if problem:
        raise SourceFailed(problem)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silences the hub client's own progress bars and warnings; ours say the same, once."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    logger, bars = logging.getLogger("huggingface_hub"), not are_progress_bars_disabled()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    if bars:
        disable_progress_bars()
    try:
        yield
    finally:
        logger.setLevel(level)
        if bars:
            enable_progress_bars()


def _fetch(source: HubSource, path: str, size: int, part: Path) -> None:
    """Downloads into `part`, going on from what an interrupted run has left there."""
    from huggingface_hub import constants, file_download, hf_hub_url

    if offline() or constants.HF_HUB_OFFLINE:
        raise SourceFailed(f"{'ASSISTANT_OFFLINE' if offline() else 'HF_HUB_OFFLINE'} is set")
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT
    url = hf_hub_url(source.hub, path, revision=source.revision, endpoint=endpoint)
    _require_reachable(endpoint, url)
    headers = {"Accept-Encoding": "identity"}  # and no token: the files are public, and a stale one would be refused
    with _quiet(), part.open("ab") as out:
        if out.tell() > size:
            out.truncate(0)
            out.seek(0)
        # `hf_hub_download` deletes its temporary file on failure and starts over; this part of it can go on.
        file_download.http_get(url, out, resume_size=out.tell(), headers=headers, expected_size=size)


def fetch_from_hub(source: HubSource, wanted: list[WeightFile], folder: Path, work: Path, advance: Advance) -> None:
    """Fetches `wanted` into `folder`; uses the hub client's own cache, and goes on with a broken download in `work`.

    Raises `SourceFailed` with the reason, for people.
    """
    from huggingface_hub import try_to_load_from_cache

    for file in wanted:
        path = source.paths.get(file.name, file.name)
        part = work / f"{file.sha256}.incomplete"
        try:
            with watch_growth(part, file.size, advance):
                known = try_to_load_from_cache(source.hub, path, revision=source.revision)
                cached = Path(known) if isinstance(known, str) else None
                if cached is None:
                    _fetch(source, path, file.size, part)
        except SourceFailed:
            raise
        except Exception as error:  # the hub's client has dozens of kinds, from three libraries
            raise SourceFailed.from_error(error) from error
        adopt(cached or part, file, folder, keep=cached is not None)
