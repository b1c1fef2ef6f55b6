"""Vision transformers of the hub: tiny random checkpoints, made here, read through the public path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assistant.encoders.factory import create_encoders
from assistant.encoders.hub_vision import HubVisionEncoder
from assistant.encoders.vision import VisionEncoder
from assistant.errors import ModelUnavailable
from assistant.settings import Settings, Vision
from assistant.types import Picture

SIZES = {
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 48,
    "patch_size": 16,
}
PROCESSORS = {"vit": "ViTImageProcessor", "clip": "CLIPImageProcessor", "siglip": "SiglipImageProcessor"}


def _model(kind: str) -> Any:
    import transformers

    if kind == "vit":
        return transformers.ViTModel(transformers.ViTConfig(**SIZES), add_pooling_layer=False)
    text = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "vocab_size": 99,
    }
    name = {"clip": "CLIP", "siglip": "Siglip"}[kind]
    extra = {"projection_dim": 12} if kind == "clip" else {}
    config = getattr(transformers, f"{name}Config")(text_config=text, vision_config={**SIZES, **extra}, **extra)
    return getattr(transformers, f"{name}Model")(config)


@pytest.fixture(scope="module", params=["vit", "clip", "siglip"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    import torch

    torch.manual_seed(7)
    folder = tmp_path_factory.mktemp(request.param)
    model = _model(request.param).eval()
    model.save_pretrained(folder)
    processor = {"image_processor_type": PROCESSORS[request.param], "size": {"height": 48, "width": 48}}
    if request.param == "clip":
        processor = {"image_processor_type": PROCESSORS["clip"], "size": {"shortest_edge": 48}, "crop_size": 48}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder, model


def _pictures() -> list[Picture]:
    plain = Image.new("RGB", (70, 50), "white")
    drawn = plain.copy()
    ImageDraw.Draw(drawn).ellipse((5, 5, 40, 45), fill="darkred")
    return [Picture(plain), Picture(drawn)]


def test_same_vectors_as_the_whole_model(checkpoint: tuple[Path, Any]) -> None:
    import torch
    import transformers

    folder, model = checkpoint
    encoder = HubVisionEncoder(f"dir:{folder}", threads=1)
    encodings = encoder.encode(_pictures())
    processor: Any = transformers.AutoImageProcessor.from_pretrained(folder)  # type: ignore[no-untyped-call]
    pixels = processor([picture.image for picture in _pictures()], return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        if hasattr(model, "get_image_features"):
            found = model.get_image_features(pixel_values=pixels)
            expected = getattr(found, "pooler_output", found)
        else:
            expected = model(pixel_values=pixels).last_hidden_state[:, 0]
    for encoding, row in zip(encodings, expected, strict=True):
        np.testing.assert_allclose(encoding.pooled, row.numpy(), atol=1e-5)
        assert encoding.tokens.shape == (9, encoder.dimension)
        assert encoding.labels[3:5] == ("1,0", "1,1")
    assert not np.allclose(encodings[0].pooled, encodings[1].pooled)


def test_settings_choose_the_folder(checkpoint: tuple[Path, Any]) -> None:
    folder, _ = checkpoint
    encoders = create_encoders(Settings(vision=Vision(model=f"dir:{folder}")))
    looking = next(encoder for encoder in encoders if encoder.name == str(folder))
    assert looking.encode(_pictures()[:1])[0].encoder == str(folder)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "vit"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelUnavailable, match="pickled weights are not opened"):
        HubVisionEncoder(f"dir:{tmp_path}").load()


def test_text_model_is_refused_in_one_line(tmp_path: Path) -> None:
    import transformers

    sizes = {
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "vocab_size": 9,
    }
    transformers.BertModel(transformers.BertConfig(**sizes)).save_pretrained(tmp_path)
    with pytest.raises(ModelUnavailable, match="does not hold a ViT, CLIP or SigLIP") as caught:
        HubVisionEncoder(f"dir:{tmp_path}").load()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoder", [HubVisionEncoder, VisionEncoder])
def test_missing_folder_is_named(encoder: type[HubVisionEncoder | VisionEncoder], tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="nowhere"):
        encoder(f"dir:{tmp_path / 'nowhere'}").load()


def test_hub_out_of_reach_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match=r'someone/no-such-model.*"dir:"'):
        HubVisionEncoder("hub:someone/no-such-model").load()
