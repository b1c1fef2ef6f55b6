"""A CLIP or SigLIP named in the settings is used in its own space at once: tiny random ones, made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.encoders.hub_vision import HubVisionEncoder
from assistant.encoders.vision import imagenet_names
from assistant.evaluation.space import _own_spaces
from assistant.fusion.late import LateFusion
from assistant.fusion.own_space import EVERY, OwnSpace
from assistant.intents import IntentModel
from assistant.settings import load_settings
from assistant.types import Picture

SEEN = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
READ = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
PHRASES = (("a cracked tile", "a broken floor"), ("a withered leaf",), ())


@pytest.fixture(params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(7)
    words = sorted({word for group in PHRASES for phrase in group for word in phrase.split()} | {"photo", "of"})
    vocabulary = {word: index for index, word in enumerate(["<pad>", "<unk>", "</s>", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", eos_token="</s>"
    ).save_pretrained(tmp_path)
    clip = request.param == "clip"
    text = READ | {"vocab_size": len(vocabulary), "max_position_embeddings": 12, "eos_token_id": 2, "pad_token_id": 0}
    text |= {"bos_token_id": 1} | ({"projection_dim": 12} if clip else {"projection_size": 24})
    extra: dict[str, Any] = {"projection_dim": 12} if clip else {}
    name = "CLIP" if clip else "Siglip"
    config = getattr(transformers, f"{name}Config")(
        text_config=text, vision_config=SEEN | {"image_size": 48, "patch_size": 16} | extra, **extra
    )
    getattr(transformers, f"{name}Model")(config).eval().save_pretrained(tmp_path)
    kind = {"image_processor_type": f"{name}ImageProcessor", "size": {"height": 48, "width": 48}}
    if clip:
        kind |= {"size": {"shortest_edge": 48}, "crop_size": 48}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(kind))
    return tmp_path


def test_the_decision_is_that_of_the_whole_model(folder: Path, encoders: Any, make_intent: Any) -> None:
    import torch
    import transformers

    encoder = HubVisionEncoder(f"dir:{folder}", threads=1)
    reader = encoder.reader()
    assert reader is not None
    model: Any = transformers.AutoModel.from_pretrained(folder)
    assert reader.scale == pytest.approx(float(model.logit_scale.detach().exp()), rel=1e-4)
    picture = Picture(Image.new("RGB", (60, 60), "darkred"))
    seen = encoder.encode([picture])
    phrases = [phrase for group in PHRASES for phrase in group]
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
    everyday = [f"a photo of a {name}" for name in imagenet_names()[::EVERY]]
    how = {"padding": "max_length", "max_length": 12} if "siglip" in model.config.model_type else {"padding": True}
    given = tokenizer([*phrases, *everyday], return_tensors="pt", truncation=True, **how)
    kept = {"input_ids": given["input_ids"]}
    if "siglip" not in model.config.model_type:
        kept["attention_mask"] = given["attention_mask"]
    with torch.inference_mode():
        found = model.get_text_features(**kept)
        text = getattr(found, "pooler_output", found)
    cosines = torch.nn.functional.normalize(text, dim=1).numpy() @ (seen[0].pooled / np.linalg.norm(seen[0].pooled))
    shares = np.exp(reader.scale * (cosines - cosines.max()))
    shares /= shares.sum()
    scored = OwnSpace(encoder.name, reader, PHRASES).score(seen)
    assert scored is not None
    assert scored.reliability == pytest.approx(float(shares[:3].sum()), abs=1e-3)
    assert scored.log_probs.argmax() == np.argmax([shares[0] + shares[1], shares[2], 0])

    intents = [
        make_intent("floor.mend", "mend my floor", looks_like=PHRASES[0]),
        make_intent("garden.water", "water the garden", looks_like=PHRASES[1]),
        make_intent("home.tea", "brew some tea"),
    ]
    deciding = IntentModel({**encoders, encoder.name: encoder}, LateFusion(), load_settings())
    deciding.fit(intents)
    decision = deciding.decide(seen)
    assert decision.candidates[0].intent == intents[int(scored.log_probs.argmax())].name
    assert 1 - decision.out_of_scope == pytest.approx(scored.reliability, abs=1e-3)
    assert decision.contributions == {"image": 1.0}


def test_the_measure_prints_its_line(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = tmp_path / "img_flickr8k"
    pictures.mkdir()
    for name, colour in (("a.jpg", "red"), ("b.jpg", "blue")):
        Image.new("RGB", (60, 60), colour).save(pictures / name)
    (pictures / "manifest.csv").write_text("file,caption\na.jpg,a cracked tile\nb.jpg,a withered leaf\n")
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    encoder = HubVisionEncoder(f"dir:{folder}", threads=1)
    rows = list(_own_spaces({encoder.name: encoder}, [["a cracked tile"], ["a withered leaf"]]))
    assert [row.metric for row in rows] == [f"caption → photograph, {folder}'s own space, R@{rank}" for rank in (1, 10)]


def test_a_vision_transformer_that_only_sees_has_no_reader(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "vit"}')
    assert HubVisionEncoder(f"dir:{tmp_path}").reader() is None
