"""The shipped catalogue is complete, and a wrong entry is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.encoders.factory import create_encoders
from assistant.errors import SettingsError
from assistant.settings import load_settings
from assistant.weights import load_catalogue, models_in_use
from assistant.weights.catalogue import HubSource, WheelSource

OWN = """
[mine]
title = "Mine"
licence = "MIT"
job = "tests"
files = [{ name = "model.safetensors", size = 3, sha256 = "%s" }]
[[mine.sources]]
hub = "me/mine"
revision = "1"
""" % ("0" * 64)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    return tmp_path


def test_every_default_of_the_settings_is_in_the_catalogue(home: Path) -> None:
    names = models_in_use(load_settings())
    assert len(names) == 3
    assert set(names) <= load_catalogue().models.keys()


@pytest.mark.parametrize("elsewhere", ["hub:google/vit-base-patch16-224", "dir:/path/to/a/checkpoint"])
def test_models_on_the_hub_or_in_a_folder_are_not_ours(home: Path, elsewhere: str) -> None:
    settings = load_settings({"vision": {"model": elsewhere}})
    assert models_in_use(settings) == ("minilm-l6", "whisper-base")


def test_the_finer_text_model_reads_beside_the_usual_one(home: Path) -> None:
    settings = load_settings({"text": {"model": "mpnet-base"}})
    assert models_in_use(settings)[0] == "mpnet-base"
    assert "minilm-l6" in models_in_use(settings)
    readers = [encoder.name for encoder in create_encoders(settings) if encoder.modality == "text"]
    assert readers == ["mpnet-base", "bert", "use"]


def test_every_file_of_every_model_can_be_had_from_wheels_alone(home: Path) -> None:
    for model in load_catalogue().models.values():
        wheels = [source for source in model.sources if isinstance(source, WheelSource)]
        assert wheels, model.name
        for source in wheels:
            given = {name for wheel in source.wheels for name in wheel.paths}
            assert given == {file.name for file in model.downloads}
        assert all(isinstance(source, HubSource | WheelSource) for source in model.sources)
        assert bool(model.convert) == bool(model.originals)


def test_the_users_own_models_are_added(home: Path) -> None:
    (home / "config" / "models.toml").write_text(OWN)
    models = load_catalogue().models
    assert {"mine", "whisper-base"} <= models.keys()
    assert models["mine"].size == 3


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (OWN.replace("0" * 64, "abc"), "wrong entry"),
        (OWN.replace('"model.safetensors"', '"../escape"'), "wrong entry"),
        (OWN.replace("licence", "license"), "wrong entry"),
        (OWN.replace("[[mine", 'convert = "torch-checkpoint"\n[[mine'), "one original goes with convert"),
        ("[mine", "cannot be read"),
    ],
)
def test_a_wrong_entry_is_one_clear_line(home: Path, broken: str, complaint: str) -> None:
    (home / "config" / "models.toml").write_text(broken)
    with pytest.raises(SettingsError, match=complaint) as caught:
        load_catalogue()
    assert str(home) in str(caught.value)
    assert "\n" not in str(caught.value)
