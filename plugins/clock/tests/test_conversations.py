"""Whole conversations with the real models, under a clock that is set by hand."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.testing import ScenarioRunner, conversations_in

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]

FILES = conversations_in(Path(__file__).parent / "conversations")


@pytest.fixture(scope="module")
def stage() -> Iterator[ScenarioRunner]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        with ScenarioRunner() as stage:
            yield stage
    time.tzset()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_conversation_goes_as_written(file: Path, stage: ScenarioRunner) -> None:
    stage.move()  # what rings in one conversation is unknown in the others
    stage.play(file)
