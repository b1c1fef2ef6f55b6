"""Random but plausible turns."""

from collections.abc import Callable

import numpy as np
import pytest

from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.projection import unit
from assistant.fusion.strategy import FusionInput


def _evidence(seed: int = 0, present: tuple[bool, bool, bool] = (True, True, False), k: int = 5) -> FusionInput:
    rng = np.random.default_rng(seed)
    sizes = [int(rng.integers(3, 8)) for _ in range(3)]
    modalities = np.concatenate([np.full(size, m) for m, size in enumerate(sizes) if present[m]]).astype(np.int64)
    here = np.array(present)
    logits = log_softmax(rng.normal(0, 2, (3, k)).astype(np.float32)) * here[:, None]
    return FusionInput(
        unit(rng.normal(size=(len(modalities), 384)).astype(np.float32)),
        modalities,
        np.ones(len(modalities), np.bool_),
        unit(rng.normal(size=(k, 384)).astype(np.float32)),
        logits.astype(np.float32),
        here,
        (rng.uniform(0.1, 1, 3) * here).astype(np.float32),
    )


@pytest.fixture
def evidence() -> Callable[..., FusionInput]:
    return _evidence
