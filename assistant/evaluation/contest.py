"""Ours and its peers on the same files in the same run, one after the other, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assistant.errors import AssistantError
from assistant.evaluation.contenders import CONTENDERS, absent
from assistant.evaluation.figures import rounded
from assistant.evaluation.labelled import NOBODY, Row
from assistant.evaluation.metrics import area_under_roc
from assistant.settings import Settings

__all__ = ["Standing", "compete", "line_up"]

QUIET = {
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
"""environment of contenders: the weights are here, and nobody needs the network"""


@dataclass(frozen=True)
class Standing:
    """How a contender did."""

    name: str
    title: str
    accuracy: float
    """of turns that belong to an intent, 0 to 1"""
    oos_auroc: float
    """0 to 1; nan without out-of-scope turns"""
    load_seconds: float
    """imports and weights"""
    train_seconds: float
    """encoding of the examples included"""
    turn_ms: float
    """median of one turn, encoding included"""
    megabytes: float
    """most memory at once"""

    def to_json(self) -> dict[str, Any]:
        """Rounded, nan as null."""
        return {key: rounded(value) for key, value in asdict(self).items()}


def line_up(peers: bool) -> tuple[list[str], list[str]]:
    """Who takes part, and a line about everybody who cannot.

    Args:
        peers: whether others than ours are wanted.
    """
    missing = {name: absent(entry) for name, entry in CONTENDERS.items()}
    names, told = [], []
    for name, entry in CONTENDERS.items():
        if entry.peer and not peers:
            continue
        if entry.stands_in_for and not missing[entry.stands_in_for]:
            continue
        if missing[name]:
            told.append(f"{entry.title} is not installed; pip install {' '.join(missing[name])}")
        else:
            names.append(name)
            if entry.stands_in_for:
                told.append(f"{entry.title}: {CONTENDERS[entry.stands_in_for].title}'s rule, computed here")
    if peers:
        told.append("Rasa's DIET does not take part: Rasa is made for Python 3.10 and older, this is newer")
    return names, told


def compete(
    names: Sequence[str],
    examples: Sequence[Row],
    test: Sequence[Row],
    settings: Settings,
    *,
    steps: int = 0,
    minutes: float = 60.0,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[list[Standing], list[str]]:
    """Let contenders learn and answer, one after the other.

    Args:
        names: of `CONTENDERS`.
        examples: what they learn from.
        test: what they are asked; labels stay here.
        settings: threads; the text model whose weights are used.
        steps: SetFit's most steps; 0 for all.
        minutes: after which a contender is stopped.
        say: told who is at it.

    Returns:
        The standings, and a line about each that failed.
    """
    asked = [row for row in test if row.text]
    job = {
        "texts": [row.text for row in examples],
        "labels": [row.label for row in examples],
        "test": [row.text for row in asked],
        "steps": steps,
    }
    standings, failures = [], []
    for name in names:
        say(CONTENDERS[name].title)
        try:
            result = _run(job | {"contender": name}, settings.inference.threads, minutes)
        except AssistantError as failure:
            failures.append(f"{CONTENDERS[name].title} failed: {failure}")
        else:
            standings.append(_standing(name, result, asked))
    return standings, failures


def _run(job: dict[str, Any], threads: int, minutes: float) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "assistant.evaluation.contestant"]
    environment = os.environ | QUIET | {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            timeout=60.0 * minutes,
        )
    except subprocess.TimeoutExpired as error:
        raise AssistantError(f"it took longer than {minutes:g} minutes") from error
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        last = done.stderr.strip().rpartition("\n")[2][:300]
        raise AssistantError(f"it ended with code {done.returncode}: {last}") from error
    if "error" in result:
        raise AssistantError(result["error"])
    return result


def _standing(name: str, result: dict[str, Any], asked: Sequence[Row]) -> Standing:
    ours = np.array([row.label not in NOBODY for row in asked])
    right = np.array([row.label == best for row, (best, _) in zip(asked, result["answers"], strict=True)])
    sure = np.array([score for _, score in result["answers"]])
    return Standing(
        name=name,
        title=CONTENDERS[name].title,
        accuracy=float(right[ours].mean()) if ours.any() else float("nan"),
        oos_auroc=area_under_roc(sure[ours], sure[~ours]),
        load_seconds=result["load_seconds"],
        train_seconds=result["train_seconds"],
        turn_ms=result["turn_ms"],
        megabytes=result["megabytes"],
    )
