"""Runs library reading and the server on a Ray cluster, joined or started here; the only room that imports Ray."""

from __future__ import annotations

import importlib
import logging
import os
from typing import Any, Literal

from assistant.errors import SettingsError

__all__ = ["join_cluster"]


def join_cluster(address: str, part: Literal["data", "serve"], extras: str) -> Any:
    """The module `ray`, once this process is part of a cluster; its loggers say nothing but errors.

    The address "local" starts one on this machine; "auto" is the one that runs here, "ray://head:10001" another. A
    process that is in a cluster already stays in it.

    Raises:
        SettingsError: Ray or the part is not installed, or no cluster answers there.
    """
    try:
        import ray

        importlib.import_module(f"ray.{part}")
    except ImportError as error:
        raise SettingsError(
            f"A cluster needs Ray, which is not installed: pip install 'multimodal-assistant[{extras}]'"
        ) from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if not ray.is_initialized():
            ray.init(include_dashboard=False, **quiet) if address == "local" else ray.init(address, **quiet)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SettingsError(f"No Ray cluster answers at {address}: {reason}") from error
    for name in ("ray", f"ray.{part}"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return ray
