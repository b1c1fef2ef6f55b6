import itertools

import numpy as np
import pytest

from assistant.speech.windows import cut_windows, split_window


def probabilities(*spans: tuple[float, float], seconds: float) -> np.ndarray:
    times = (np.arange(int(seconds / 0.032)) + 0.5) * 0.032
    return np.array([any(a <= t < b for a, b in spans) for t in times], np.float32)


def test_silence_is_not_listened_to() -> None:
    assert cut_windows(probabilities(seconds=60), 60) == []


def test_a_command_keeps_a_little_silence_around_it() -> None:
    [window] = cut_windows(probabilities((2.0, 4.0), seconds=8), 8)
    assert window.start == pytest.approx(1.0, abs=0.05)
    assert window.end == pytest.approx(4.6, abs=0.05)
    assert window.spoken == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("seed", range(20))
def test_windows_fit_whisper_and_lose_no_word(seed: int) -> None:
    random = np.random.default_rng(seed)
    edges = np.cumsum(random.uniform(0.4, 9.0, 40))
    spans = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    seconds = float(edges[-1]) + 1
    windows = cut_windows(probabilities(*spans, seconds=seconds), seconds)
    assert all(0 < window.seconds <= 28.01 for window in windows)
    assert all(a.end <= b.start + 1e-6 for a, b in itertools.pairwise(windows))
    for begin, end in spans:  # no cut runs through speech
        assert any(window.start <= begin + 0.04 and end - 0.04 <= window.end for window in windows)


def test_a_speaker_who_never_pauses_is_cut_in_equal_parts() -> None:
    windows = cut_windows(probabilities((0.0, 100.0), seconds=100), 100)
    assert len(windows) == 4
    assert windows[0].start == 0
    assert windows[-1].end == pytest.approx(100, abs=0.1)
    assert all(window.seconds <= 28.01 for window in windows)


def test_a_window_is_cut_in_two_in_the_pause_nearest_its_middle() -> None:
    [window] = cut_windows(probabilities((1.0, 4.0), (4.5, 6.0), (6.4, 9.0), seconds=10), 10)
    first, second = split_window(window)
    assert (first.start, second.end) == (window.start, window.end)
    assert first.end == second.start == pytest.approx(4.25, abs=0.05)
    assert first.spoken + second.spoken == pytest.approx(window.spoken)
    assert [part.end for part in split_window(second)] == [pytest.approx(6.2, abs=0.05), second.end]
    assert split_window(first) == []  # nobody pauses in it


def test_a_window_says_how_sure_the_voice_in_it_is() -> None:
    sure, unsure = probabilities((1.0, 1.3), seconds=8), probabilities((5.0, 5.3), seconds=8)
    first, second = cut_windows(sure + 0.8 * unsure, 8)
    assert (first.voice, second.voice) == (1.0, pytest.approx(0.8))
