from pathlib import Path

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.fusion.picture_kinds import KindDetector, read_detector, write_detector
from assistant.settings import shipped_dir
from assistant.training.drawn import read_drawn_kinds

SHIPPED = sorted(shipped_dir("plugins").glob("*/picture_kinds.safetensors"))


@pytest.fixture
def detector() -> KindDetector:
    """The shipped file with the most kinds."""
    return max(map(read_detector, SHIPPED), key=lambda detector: len(detector.kinds))


def _pictures(count: int = 6) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 2, (count, 1280)).astype(np.float32)


def test_a_detector_is_the_same_after_writing_and_reading(detector: KindDetector, tmp_path: Path) -> None:
    write_detector(tmp_path / "kinds.safetensors", detector)
    again = read_detector(tmp_path / "kinds.safetensors")
    assert again.kinds == detector.kinds
    np.testing.assert_array_equal(again.log_odds(_pictures()), detector.log_odds(_pictures()))


def test_some_kinds_of_a_detector_have_the_same_log_odds(detector: KindDetector) -> None:
    last = detector.only([detector.kinds[-1].name])
    numbers = np.random.default_rng(1).uniform(0, 1, (6, 30)).astype(np.float32)
    assert last.kinds == detector.kinds[-1:]
    np.testing.assert_array_equal(last.log_odds(_pictures())[:, 0], detector.log_odds(_pictures())[:, -1])
    np.testing.assert_array_equal(last.second_log_odds(numbers)[:, 0], detector.second_log_odds(numbers)[:, -1])
    np.testing.assert_array_equal(last.phrases_of(0), detector.phrases_of(len(detector.kinds) - 1))


def test_without_a_second_view_plain_numbers_decide_nothing(detector: KindDetector) -> None:
    arrays = {key: value for key, value in detector.arrays.items() if not key.startswith("statistics.")}
    numbers = np.ones((3, 30), np.float32)
    assert detector.second_log_odds(numbers).any()
    assert not KindDetector(detector.kinds, arrays).second_log_odds(numbers).any()


def test_what_holds_no_picture_kinds_is_refused_in_one_line(detector: KindDetector, tmp_path: Path) -> None:
    from safetensors.numpy import save

    path = tmp_path / "kinds.safetensors"
    with pytest.raises(InputError, match="There is no file"):
        read_detector(path)
    key = "assistant_picture_kinds"
    for data in (
        b"",
        b"not this",
        save({"a": np.ones(2)}),
        *(save({"a": np.ones(2)}, {key: x}) for x in ("{}", "[", "1")),
    ):
        path.write_bytes(data)
        with pytest.raises(InputError, match="assistant train pictures"):
            read_detector(path)
    path.write_bytes(save(dict(detector.arrays), {key: '{"encoder": "another", "kinds": []}'}))
    with pytest.raises(InputError, match="made for the picture encoder 'another'"):
        read_detector(path)


def test_every_shipped_file_has_kinds_with_phrases() -> None:
    assert len(SHIPPED) == 3
    for path in SHIPPED:
        detector = read_detector(path)
        assert detector.kinds
        for index, kind in enumerate(detector.kinds):
            assert kind.phrases
            assert len(detector.phrases_of(index)) == len(kind.phrases)


def test_shipped_files_say_what_their_tables_say() -> None:
    written = {each.kind.name: each.kind for each in read_drawn_kinds()}
    assert {kind.name: kind for path in SHIPPED for kind in read_detector(path).kinds} == written


@pytest.mark.parametrize(
    "change",
    [
        {"kind.weight": np.ones((3, 700))},
        {"kind.bias": np.ones(2)},
        {"phrase.vectors": np.ones((4, 384))},
        {"phrase.vectors": np.ones((1, 12)), "phrase.kind": np.zeros(1)},
        {"statistics.weight": np.ones((1, 1))},
    ],
)
def test_arrays_that_do_not_fit_are_refused_before_a_turn_meets_them(
    change: dict[str, np.ndarray], detector: KindDetector, tmp_path: Path
) -> None:
    write_detector(tmp_path / "kinds.safetensors", KindDetector(detector.kinds, {**detector.arrays, **change}))
    with pytest.raises(InputError, match="holds no picture kinds"):
        read_detector(tmp_path / "kinds.safetensors")
