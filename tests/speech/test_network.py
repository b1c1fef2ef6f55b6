import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.speech.alignment import _median_filtered
from assistant.speech.decoding import Decoder, Hypothesis
from assistant.speech.network import WhisperNetwork, best_precision
from assistant.speech.spectrogram import SILENCE, log_mel
from assistant.types import FloatArray

SIZES = {
    "n_mels": 8, "n_audio_ctx": 60, "n_audio_state": 32, "n_audio_head": 4, "n_audio_layer": 2,
    "n_vocab": 51_865, "n_text_ctx": 48, "n_text_state": 32, "n_text_head": 4, "n_text_layer": 2,
}  # fmt: skip
OPENING = [50_258, 50_259, 50_359, 50_363]


@pytest.fixture(scope="module")
def torch() -> Any:
    """Imported here, since it takes seconds, and every process collects every test."""
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def whisper(torch: Any) -> Any:
    """The original's package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import whisper.audio
        import whisper.model
        import whisper.timing
    return whisper


@pytest.fixture(scope="module")
def original(torch: Any, whisper: Any) -> Any:
    torch.manual_seed(0)
    model = whisper.model.Whisper(whisper.model.ModelDimensions(**SIZES)).eval()
    for name, weight in model.named_parameters():
        if "ln" not in name:
            torch.nn.init.normal_(weight, std=0.2)
    return model


@pytest.fixture(scope="module")
def folder(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from safetensors.torch import save_file

    path = tmp_path_factory.mktemp("whisper")
    (path / "config.json").write_text(json.dumps(SIZES))
    save_file({name: weight.contiguous() for name, weight in original.state_dict().items()}, path / "model.safetensors")
    return path


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path_factory.getbasetemp() / "exports"))


def spectrogram(steps: int) -> FloatArray:
    return np.random.default_rng(0).normal(size=(steps, 8)).astype(np.float32)


def random_frames(network: WhisperNetwork) -> FloatArray:
    return network.encode(spectrogram(80))


def test_the_full_window_computes_what_whisper_computes(original: Any, torch: Any, folder: Path) -> None:
    mel, ours = spectrogram(120), WhisperNetwork(folder)
    tokens = [*OPENING, 11, 12, 13]
    with torch.inference_mode():
        heard = original.encoder(torch.from_numpy(mel.T.copy())[None])
        expected = original.decoder(torch.tensor([tokens]), heard)[0].numpy()
    np.testing.assert_allclose(ours.encode(mel), heard[0].numpy(), atol=1e-4)
    cache = ours.start(ours.encode(mel))
    steps = [ours.step([tokens[:4]], cache, each=True), *(ours.step([[token]], cache) for token in tokens[4:])]
    np.testing.assert_allclose(np.concatenate(steps, axis=1)[0], expected, atol=1e-3)


def test_a_right_sized_window_of_silence_is_nearly_the_full_window_of_silence(folder: Path) -> None:
    ours, silence = WhisperNetwork(folder), np.full((120, 8), SILENCE, np.float32)
    short, full = ours.encode(silence[:40]), ours.encode(silence)
    # The convolution sees zeros at the cut, and silence is kept in clusters.
    assert correlation(short[:18], full[:18]) > 0.99
    logits = [ours.step([OPENING[:2]], ours.start(frames)) for frames in (short, full)]
    assert correlation(*logits) > 0.99


@pytest.mark.parametrize("frames", [1, 7, 20, 59, 60])
def test_a_clip_of_any_length_is_heard(folder: Path, frames: int) -> None:
    ours = WhisperNetwork(folder, "int8")
    heard = ours.encode(spectrogram(2 * frames))
    assert heard.shape == (frames, 32)
    logits = ours.step([OPENING], ours.start(heard))
    assert logits.shape == (1, 1, 51_865)
    assert np.isfinite(logits).all()


def test_eight_bits_stay_near_float32(folder: Path) -> None:
    outputs = []
    for precision in ("float32", "int8"):
        network = WhisperNetwork(folder, precision)
        outputs.append(network.step([OPENING], network.start(random_frames(network))))
    # Without units for 8-bit products sums overflow, so the program chooses float32 there.
    assert correlation(*outputs) > (0.99 if best_precision() == "int8" else 0.95)


def test_reordered_beams_go_on_from_their_parents(folder: Path) -> None:
    ours = WhisperNetwork(folder)
    frames = random_frames(ours)
    cache = ours.start(frames, batch=2)
    ours.step([[1, 2], [3, 4]], cache)
    cache.reorder([1, 1])
    both = ours.step([[5], [5]], cache)
    alone = ours.step([[3, 4, 5]], ours.start(frames))
    np.testing.assert_allclose(both[0], both[1], atol=1e-5)
    np.testing.assert_allclose(both[:1], alone, atol=1e-3)


def test_decoding_stops_at_the_limit_and_says_so(folder: Path) -> None:
    ours = WhisperNetwork(folder)
    for options in ({}, {"beam_size": 3}, {"temperature": 0.5}):
        reading = Decoder(ours).decode(random_frames(ours), "en", limit=6, **options)
        assert len(reading.tokens) <= 6
        assert reading.finished or len(reading.tokens) == 6
        assert reading.avg_logprob < 0


def test_a_wider_beam_is_never_less_likely(folder: Path) -> None:
    ours = WhisperNetwork(folder)
    frames = random_frames(ours)
    greedy, wide = (Decoder(ours).decode(frames, "en", limit=5, beam_size=size) for size in (1, 8))
    assert wide.avg_logprob >= greedy.avg_logprob - 1e-3


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_reading_that_was_begun_goes_on_where_the_language_was_guessed(folder: Path, language: str) -> None:
    ours = WhisperNetwork(folder)
    decoder, frames = Decoder(ours), random_frames(ours)
    cache = ours.start(frames)
    begun = decoder.open(cache, "en")
    assert sum(begun.languages.values()) == pytest.approx(1.0, abs=1e-4)
    reading = decoder.decode(frames, language, limit=6, cache=cache, begun=begun)
    alone = decoder.decode(frames, language, limit=6)
    assert reading.tokens == alone.tokens
    assert reading.avg_logprob == pytest.approx(alone.avg_logprob, abs=1e-4)


def test_an_export_that_is_damaged_or_half_written_is_made_anew(folder: Path) -> None:
    first = random_frames(WhisperNetwork(folder))
    exports = sorted((Path(os.environ["ASSISTANT_HOME"]) / "cache" / "exported").glob("whisper-*-float32-*"))
    assert {path.suffix for path in exports} == {".json", ".npz", ".onnx"}
    for path in exports:
        path.write_bytes(path.read_bytes()[:-100])
    np.testing.assert_array_equal(random_frames(WhisperNetwork(folder)), first)


def test_the_spectrogram_is_whispers_with_silence_where_it_belongs(torch: Any, whisper: Any) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 31_000).astype(np.float32) * np.hanning(31_000).astype(np.float32)
    ours = log_mel(samples, 2.0)
    padded = torch.from_numpy(np.pad(samples, (0, 1_000)))
    theirs = whisper.audio.log_mel_spectrogram(padded, 80).numpy().T
    assert ours.shape == (200, 80)
    np.testing.assert_allclose(ours, theirs + SILENCE - theirs.min(), atol=1e-4)
    assert log_mel(np.zeros(10, np.float32), 0.4) == pytest.approx(SILENCE)


@pytest.mark.parametrize("frames", [2, 4, 50])
def test_the_median_filter_is_whispers(torch: Any, whisper: Any, frames: int) -> None:
    scores = np.random.default_rng(0).normal(size=(2, 3, frames)).astype(np.float32)
    np.testing.assert_array_equal(
        _median_filtered(scores), whisper.timing.median_filter(torch.from_numpy(scores)[None], 7)[0].numpy()
    )


def test_loops_compress_well() -> None:
    def ratio(text: str) -> float:
        return Hypothesis(text, (), 0.0).compression_ratio

    assert ratio("Close the door. " * 12) > 2.4
    assert ratio("Close the door, and open the window in the kitchen.") < 1.5
    assert ratio("") == 0


def correlation(first: FloatArray, second: FloatArray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
