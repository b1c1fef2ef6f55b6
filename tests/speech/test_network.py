import warnings

import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whisper.model import ModelDimensions, Whisper

from assistant.speech.decoding import Decoder, Hypothesis
from assistant.speech.network import SILENCE, Dimensions, WhisperNetwork

SIZES = {
    "n_mels": 8, "n_audio_ctx": 60, "n_audio_state": 32, "n_audio_head": 4, "n_audio_layer": 2,
    "n_vocab": 51_865, "n_text_ctx": 48, "n_text_state": 32, "n_text_head": 4, "n_text_layer": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def original() -> Whisper:
    torch.manual_seed(0)
    model = Whisper(ModelDimensions(**SIZES)).eval()
    for name, weight in model.named_parameters():
        if "ln" not in name:
            torch.nn.init.normal_(weight, std=0.2)
    return model


def network(original: Whisper, precision: str = "float32") -> WhisperNetwork:
    return WhisperNetwork(original.state_dict(), Dimensions(**SIZES), precision)  # type: ignore[arg-type]


@torch.inference_mode()
def test_the_full_window_computes_what_whisper_computes(original: Whisper) -> None:
    mel = torch.randn(8, 120)
    ours = network(original)
    assert torch.allclose(ours.encode(mel), original.encoder(mel[None])[0], atol=1e-4)
    tokens = torch.tensor([[50_258, 50_259, 50_359, 50_363, 11, 12, 13]])
    expected = original.decoder(tokens, original.encoder(mel[None]))
    cache = ours.start(ours.encode(mel))
    steps = [ours.step(tokens[:, :4], cache), *(ours.step(tokens[:, i : i + 1], cache) for i in range(4, 7))]
    assert torch.allclose(torch.cat(steps, dim=1), expected, atol=1e-3)


@torch.inference_mode()
def test_a_right_sized_window_of_silence_is_the_full_window_of_silence(original: Whisper) -> None:
    ours = network(original)
    silence = torch.full((8, 120), SILENCE)
    short, full = ours.encode(silence[:, :40]), ours.encode(silence)
    # The convolution sees zeros at the cut, so the last frame differs a little; nothing else may.
    assert torch.allclose(short[:18], full[:18], atol=0.05)
    tokens = torch.tensor([[50_258, 50_259]])
    assert torch.allclose(ours.step(tokens, ours.start(short)), ours.step(tokens, ours.start(full)), atol=0.1)


@torch.inference_mode()
@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_low_precision_stays_near_float32(original: Whisper, precision: str) -> None:
    mel = torch.randn(8, 80)
    tokens = torch.tensor([[50_258, 50_259, 50_359]])
    networks = (network(original), network(original, precision))
    outputs = [each.step(tokens, each.start(each.encode(mel)))[0, -1] for each in networks]
    assert torch.corrcoef(torch.stack(outputs))[0, 1] > 0.99


@torch.inference_mode()
def test_reordered_beams_go_on_from_their_parents(original: Whisper) -> None:
    ours = network(original)
    frames = ours.encode(torch.randn(8, 80))
    cache = ours.start(frames, batch=2)
    ours.step(torch.tensor([[1, 2], [3, 4]]), cache)
    cache.reorder([1, 1])
    both = ours.step(torch.tensor([[5], [5]]), cache)
    alone = ours.start(frames)
    expected = ours.step(torch.tensor([[3, 4, 5]]), alone)[:, -1]
    assert torch.allclose(both[0], both[1], atol=1e-5)
    assert torch.allclose(both[:1, -1], expected, atol=1e-3)


def test_decoding_stops_at_the_limit_and_says_so(original: Whisper) -> None:
    ours = network(original)
    frames = ours.encode(torch.randn(8, 80))
    for options in ({}, {"beam_size": 3}, {"temperature": 0.5}):
        reading = Decoder(ours).decode(frames, "en", limit=6, **options)
        assert len(reading.tokens) <= 6
        assert reading.finished or len(reading.tokens) == 6
        assert reading.avg_logprob < 0


def test_a_wider_beam_is_never_less_likely(original: Whisper) -> None:
    ours = network(original)
    frames = ours.encode(torch.randn(8, 80))
    greedy, wide = (Decoder(ours).decode(frames, "en", limit=5, beam_size=size) for size in (1, 8))
    assert wide.avg_logprob >= greedy.avg_logprob - 1e-3


def test_loops_compress_well() -> None:
    def ratio(text: str) -> float:
        return Hypothesis(text, (), 0.0).compression_ratio

    assert ratio("Close the door. " * 12) > 2.4
    assert ratio("Close the door, and open the window in the kitchen.") < 1.5
    assert ratio("") == 0
