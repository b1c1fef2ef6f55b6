from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelUnavailable
from assistant.fusion.shipped import WEIGHTS, load_weights, read_sums, save_weights

NAMES = ("attention", "early", "late", "pictures", "projection", "sound")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_weights_have_their_hash_and_are_finite(name: str) -> None:
    assert all(np.isfinite(array).all() for array in load_weights(name).values())


def test_shipped_weights_are_few_and_small() -> None:
    files = sorted(path.name for path in WEIGHTS.glob("*.safetensors"))
    assert files == sorted(read_sums()) == [f"{name}.safetensors" for name in NAMES]
    assert sum((WEIGHTS / file).stat().st_size for file in files) < 5_000_000


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    save_weights("late", {"trust": np.ones(3)}, tmp_path)
    assert load_weights("late", tmp_path)["trust"].tolist() == [1, 1, 1]
    load_weights.cache_clear()
    data = bytearray((tmp_path / "late.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "late.safetensors").write_bytes(data)
    with pytest.raises(ModelUnavailable, match="damaged"):
        load_weights("late", tmp_path)


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="assistant train"):
        load_weights("late", tmp_path)
