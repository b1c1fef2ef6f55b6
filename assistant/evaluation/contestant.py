"""One contender in a process of its own, so that its memory and time are its own.

``python -m assistant.evaluation.contestant`` reads a job as JSON from stdin and writes what came of it to stdout.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.errors import UserError
from assistant.evaluation.contenders import CONTENDERS
from assistant.settings import load_settings

__all__ = ["main", "run"]

TIMED_TURNS = 50
BATCH = 64


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Train and answer; the right labels of the test are not known here.

    Args:
        job: ``contender`` (a name), ``texts`` and ``labels`` of the examples, ``test`` (texts), ``steps``.

    Returns:
        ``load_seconds``, ``train_seconds``, ``turn_ms`` (median, one by one), ``megabytes`` (most memory at
        once) and ``answers``.
    """
    contender = CONTENDERS[job["contender"]].make(load_settings(), job["steps"])
    began = time.perf_counter()
    contender.prepare()
    prepared = time.perf_counter()
    contender.train(job["texts"], job["labels"])
    trained = time.perf_counter()
    test: Sequence[str] = job["test"]
    times = []
    for text in test[:TIMED_TURNS]:
        started = time.perf_counter()
        contender.answer([text])
        times.append(1000.0 * (time.perf_counter() - started))
    answers = [
        answer for start in range(0, len(test), BATCH) for answer in contender.answer(test[start : start + BATCH])
    ]
    return {
        "load_seconds": prepared - began,
        "train_seconds": trained - prepared,
        "turn_ms": statistics.median(times),
        "megabytes": _most_memory(),
        "answers": answers,
    }


def _most_memory() -> float:
    """The most memory this process held at once, 10^6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says includes the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def main() -> None:
    """Answer one job; libraries that print do so on stderr."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        result = run(json.load(sys.stdin))
    except UserError as error:
        result = {"error": str(error)}
    except Exception as error:  # a peer may fail in any way; the others go on
        print(repr(error), file=sys.stderr)
        result = {"error": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
    with out:
        json.dump(result, out)


if __name__ == "__main__":
    main()
