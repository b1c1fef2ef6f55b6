"""The machine that figures were measured on."""

from __future__ import annotations

import os
import platform
from typing import Any

__all__ = ["machine", "machine_line"]


def machine() -> dict[str, Any]:
    """Processor, cores that this process may use, and Python's version."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
    }


def machine_line() -> str:
    """The same in one line."""
    here = machine()
    return f"{here['cores']} cores, {here['processor']}, Python {here['python']}"
