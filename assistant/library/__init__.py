"""A person's files, found by meaning: scanning, reading, adding and searching."""

from __future__ import annotations

from assistant.library.adding import Adding, Progress, Report
from assistant.library.library import Library, Status
from assistant.library.perceiving import Perception
from assistant.library.scanning import File, Scan, scan

__all__ = ["Adding", "File", "Library", "Perception", "Progress", "Report", "Scan", "Status", "scan"]
