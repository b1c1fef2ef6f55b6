"""Measures what the voice assistant costs while it waits for its wake word: a real process, fed in real time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from assistant.errors import UserError
from assistant.evaluation.turn import resident_mb
from assistant.evaluation.voice_recordings import background_talk
from assistant.settings import Settings
from assistant.speech import write_audio
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import AudioClip

__all__ = ["cpu_seconds", "measure_idle"]

SAMPLE_RATE = 16_000
SETTLING = 10.0
"""seconds after the start that do not count"""


def measure_idle(settings: Settings, progress: StepProgress, seconds: float) -> Report:
    """Starts ``assistant listen`` on a recording without a wake word and watches the process from outside.

    Somebody talks as long as it takes; `seconds` are measured after it has settled.
    """
    background = background_talk()
    length = int((seconds + SETTLING + 20) * SAMPLE_RATE)
    sound = np.resize(background.samples, length).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "background.wav"
        write_audio(path, AudioClip(sound, SAMPLE_RATE))
        command = [sys.executable, "-m", "assistant", "listen", "--realtime", "--json", "--audio-file", str(path)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                time.sleep(SETTLING)
                before, began = cpu_seconds(process.pid), time.monotonic()
                time.sleep(seconds)
                share = (cpu_seconds(process.pid) - before) / (time.monotonic() - began)
                rows = [Row("of one core", 100 * share, "%"), Row("resident memory", resident_mb(process.pid), "MB")]
            finally:
                process.terminate()
    return Report("bench idle", f"{seconds:.0f} s of a voice in the background", rows)


def cpu_seconds(pid: int) -> float:
    """Seconds of processors that a process has used.

    Raises:
        UserError: it has ended, or the system does not tell.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise UserError("The assistant has ended, or this system does not tell what a process costs.") from error
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
