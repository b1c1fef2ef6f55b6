import threading

import pytest

from assistant import loading
from assistant.encoders.models import SPEECH, Models
from assistant.settings import Settings
from assistant.weights import ModelState, ModelStore


class Loads(Models):
    def __init__(self) -> None:
        super().__init__([], None, None, lambda: None)  # type: ignore[arg-type, return-value]
        self.loaded: list[str] = []

    def load(self, name: str) -> None:
        self.loaded.append(name)


def read_ahead(settings: Settings, *needs: str) -> list[str]:
    models = Loads()
    loading.read_ahead(models, settings, needs)  # type: ignore[arg-type]
    for thread in threading.enumerate():
        if thread.name == "read ahead":
            thread.join(5)
    return models.loaded


def test_speech_is_read_ahead_where_a_recording_comes_and_its_weights_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelStore, "state", lambda *_: ModelState.READY)
    assert read_ahead(Settings(), "text", "audio") == [SPEECH]
    assert read_ahead(Settings(), "text") == []
    monkeypatch.setattr(ModelStore, "state", lambda *_: ModelState.MISSING)
    assert read_ahead(Settings(), "text", "audio") == []


def test_a_model_that_does_not_exist_is_told_by_whoever_loads_it() -> None:
    settings = Settings(speech={"model": "whisper-none"})
    assert read_ahead(settings, "text", "audio") == []
