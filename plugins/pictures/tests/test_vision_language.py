"""A vision-language model of the user's own: a tiny random one, made here, saved, and loaded as any other is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant import Picture
from assistant.errors import ModelUnavailable
from assistant.testing import FakeServices, load_plugin
from plugins.pictures.vision_language import VisionLanguageModel

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore")]

WORDS = ["<pad>", "<s>", "</s>", "<unk>", "<image>", "USER:", "ASSISTANT:", "what", "is", "this", "a", "dog", "cat"]
PICTURE = Picture(Image.new("RGB", (40, 30), "red"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LLaVA of two narrow layers with random weights."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers

    transformers: Any = __import__("transformers")
    folder = tmp_path_factory.mktemp("tiny-llava")
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"},
    )
    size = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = transformers.CLIPVisionConfig(**size, image_size=28, patch_size=14, projection_dim=32)
    text = transformers.LlamaConfig(**size, vocab_size=len(WORDS), pad_token_id=0, bos_token_id=1, eos_token_id=2)
    config = transformers.LlavaConfig(vision_config=vision, text_config=text, image_token_index=4)
    torch.manual_seed(3)
    transformers.LlavaForConditionalGeneration(config).save_pretrained(folder)
    side = {"height": 28, "width": 28}
    images = transformers.CLIPImageProcessor(size={"shortest_edge": 28}, crop_size=side)
    processor = transformers.LlavaProcessor(
        images,
        tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        image_token="<image>",
        chat_template="USER: {% for part in messages[0]['content'] %}{% if part['type'] == 'image' %}<image> "
        "{% else %}{{ part['text'] }} {% endif %}{% endfor %}ASSISTANT:",
    )
    processor.save_pretrained(folder)
    return folder


def test_the_model_answers_and_is_named(folder: Path) -> None:
    plugin = load_plugin(Path(__file__).parent.parent)
    services = FakeServices(options={"model": f"dir:{folder}", "words": 4}, labels=[("beagle", 0.9)])
    reply = plugin.ask("what is this", intent="describe_picture", pictures=[PICTURE], services=services)
    assert f"[Answered by the vision-language model {folder}" in reply.text
    assert reply.data["vision_language_model"] == str(folder)
    again = plugin.ask("what is this", intent="describe_picture", pictures=[PICTURE], services=services)
    assert again.text == reply.text  # nothing is drawn by chance
    said = VisionLanguageModel(f"dir:{folder}").ask("what is this", [PICTURE], 6)
    assert said
    assert set(said.split()) <= set(WORDS)
    assert "USER:" not in said  # the question is not repeated


def test_without_the_model_the_picture_is_described_and_the_reason_told(tmp_path: Path) -> None:
    plugin = load_plugin(Path(__file__).parent.parent)
    services = FakeServices(options={"model": f"dir:{tmp_path}"}, labels=[("beagle", 0.9)])
    reply = plugin.ask("what is this", intent="describe_picture", pictures=[PICTURE], services=services)
    assert "holds no safetensors" in reply.text
    assert "vision-language model could not be used" in reply.text


def test_pickles_and_other_kinds_of_models_are_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelUnavailable, match="no safetensors"):
        VisionLanguageModel(f"dir:{tmp_path}").load()
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelUnavailable, match="no vision-language model"):
        VisionLanguageModel(f"dir:{tmp_path}").load()
