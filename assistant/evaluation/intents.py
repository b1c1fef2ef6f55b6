"""How well turns are decided: accuracy, calibration and knowing one's limits, with every control beside it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.encoders.cache import EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.errors import SettingsError
from assistant.evaluation.evidence import Condition, EncodedTurn, conditions, encode_turns
from assistant.evaluation.figures import Figures, figures_of
from assistant.evaluation.labelled import NOBODY, Row, draw_shots, intents_of, read_rows, require_known
from assistant.evaluation.outcomes import Outcome, decide_turns
from assistant.fusion import STRATEGIES, create_fusion
from assistant.fusion.strategy import FusionStrategy
from assistant.intents import FitReport, IntentModel
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.training.features import Progress
from assistant.types import MODALITIES, Encoding, Modality

__all__ = [
    "NOBODY",
    "Figures",
    "Fitted",
    "Row",
    "Stopwatch",
    "Trial",
    "draw_shots",
    "evaluate_intents",
    "intents_of",
    "read_rows",
]

TIMED_TURNS = 50
"""turns from which the time of a whole turn is taken"""


class Stopwatch:
    """An encoder whose work is timed.

    Args:
        inner: the encoder that does the work.
    """

    def __init__(self, inner: Encoder) -> None:
        self.inner = inner
        self.name = inner.name
        self.modality: Modality = inner.modality
        self.seconds = 0.0
        """spent in `encode` so far"""

    @property
    def dimension(self) -> int:
        """d of the pooled vectors."""
        return self.inner.dimension

    def load(self) -> None:
        """Load the weights; not counted."""
        self.inner.load()

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        """As the inner encoder does."""
        began = time.perf_counter()
        try:
            return self.inner.encode(inputs)
        finally:
            self.seconds += time.perf_counter() - began


@dataclass(frozen=True)
class Fitted:
    """How a fit went."""

    report: FitReport
    encoding_seconds: float
    """of `report.seconds`: spent on encoding sentences that were not known yet; weights were loaded before"""


class Trial:
    """One way of deciding, measured on labelled turns. Nothing of it is kept in the user's cache.

    Args:
        settings: as the assistant runs.
        fusion: a strategy, or the one modality that is looked at.
        progress: told how far encoding is.

    Raises:
        SettingsError: there is no such fusion.
    """

    def __init__(self, settings: Settings, fusion: str = "attention", progress: Progress | None = None) -> None:
        self.name = f"{fusion} only" if fusion in MODALITIES else fusion
        self._only = fusion if fusion in MODALITIES else None
        self._settings = settings
        self._progress = progress or _silent
        self._encoders = {e.name: Stopwatch(e) for e in create_encoders(settings, EncodingCache(0))}
        self._recognizer = SpeechRecognizer.from_settings(settings)
        self._model = IntentModel(self._encoders, _strategy(fusion), settings, keep=False)

    def encode(self, rows: Sequence[Row]) -> list[EncodedTurn]:
        """Encode labelled turns; pictures and recordings are read here.

        Raises:
            InputError: one cannot be read; names the row.
            ModelUnavailable: weights are missing.
        """
        return encode_turns(rows, self._encoders, self._recognizer, self._settings, self._progress)

    def fit(self, intents: Sequence[Intent]) -> Fitted:
        """Learn the intents.

        Raises:
            ModelUnavailable: weights are missing.
        """
        texts = [encoder for encoder in self._encoders.values() if encoder.modality == "text"]
        for encoder in texts:
            encoder.load()
        before = sum(encoder.seconds for encoder in texts)
        report = self._model.fit(intents)
        return Fitted(report, sum(encoder.seconds for encoder in texts) - before)

    def decide(self, turns: Sequence[EncodedTurn], seed: int = 0) -> Iterator[tuple[str, list[Outcome]]]:
        """Decide turns as they are and under every control; name and outcomes of each."""
        for condition in self._conditions(turns, seed):
            yield condition.name, decide_turns(self._model, condition.turns)

    def turn_ms(self, rows: Sequence[Row]) -> float:
        """Median milliseconds from a turn to its decision, encoding included; over the first `TIMED_TURNS`."""
        times = []
        for row in rows[:TIMED_TURNS]:
            began = time.perf_counter()
            decide_turns(self._model, encode_turns([row], self._encoders, self._recognizer, self._settings, _silent))
            times.append(1000.0 * (time.perf_counter() - began))
        return statistics.median(times)

    def _conditions(self, turns: Sequence[EncodedTurn], seed: int) -> Iterator[Condition]:
        if self._only is not None:
            yield Condition(self.name, tuple(turn.only(self._only) for turn in turns))
        else:
            yield from conditions(turns, self.name, seed)


def evaluate_intents(
    intents: Sequence[Intent], test: Sequence[Row], settings: Settings, fusion: str = "attention"
) -> tuple[FitReport, list[Figures]]:
    """Fit to the intents and decide every row; controls follow when rows have pictures or recordings.

    Args:
        intents: what may be meant.
        test: labelled turns, those of `NOBODY` included.
        settings: as the assistant runs.
        fusion: a strategy, or the one modality that is looked at.

    Raises:
        SettingsError: there is no such fusion.
        InputError: a label of the test rows is no intent, or a file cannot be read.
        ModelUnavailable: weights are missing.
    """
    require_known(test, {intent.name for intent in intents})
    trial = Trial(settings, fusion)
    turns = trial.encode(test)
    fitted = trial.fit(intents)
    return fitted.report, [figures_of(name, outcomes) for name, outcomes in trial.decide(turns)]


def _strategy(fusion: str) -> FusionStrategy:
    strategy = create_fusion("attention" if fusion in MODALITIES else fusion)
    if strategy is None:
        raise SettingsError(f"There is no fusion {fusion!r}; choose {', '.join((*STRATEGIES, *MODALITIES))}")
    return strategy


def _silent(step: str, done: int, total: int) -> None:
    """Nobody looks on."""
