"""What the voice assistant costs while nobody speaks to it: a real process, fed in real time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import UserError
from assistant.evaluation.stream import resident_mb
from assistant.speech import write_audio
from assistant.types import AudioClip

__all__ = ["IdleBench", "measure_idle"]

SAMPLE_RATE = 16_000
SETTLING = 10.0
"""seconds after the start that do not count"""


@dataclass(frozen=True)
class IdleBench:
    """Processor time and memory of an idle assistant."""

    seconds: float
    """measured"""
    core_percent: float
    """of one processor core"""
    resident_mb: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"idle for {self.seconds:.0f} s, somebody talking in the background: "
            f"{self.core_percent:.1f} % of one core, {self.resident_mb:.0f} MB resident"
        )


def measure_idle(seconds: float, background: AudioClip) -> IdleBench:
    """Start ``assistant listen`` on a recording without a wake word, and look at the process from outside.

    Args:
        seconds: to measure, after it has settled.
        background: what is heard, again and again, 16 kHz.

    Raises:
        UserError: the process ended early, or the system does not tell what processes cost (Linux does).
    """
    length = int((seconds + SETTLING + 20) * SAMPLE_RATE)
    sound = np.resize(background.samples, length).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "background.wav"
        write_audio(path, AudioClip(sound, SAMPLE_RATE))
        command = [sys.executable, "-m", "assistant", "listen", "--realtime", "--json", "--audio-file", str(path)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                time.sleep(SETTLING)
                before, began = _cpu_seconds(process.pid), time.monotonic()
                time.sleep(seconds)
                used, took = _cpu_seconds(process.pid) - before, time.monotonic() - began
                return IdleBench(took, 100 * used / took, resident_mb(process.pid))
            finally:
                process.terminate()


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise UserError("The assistant has ended, or this system does not tell what a process costs.") from error
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
