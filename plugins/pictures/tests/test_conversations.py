"""Whole conversations with the real models, as they are written down in ``conversations/``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.testing import ScenarioRunner, conversations_in

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]

FILES = conversations_in(Path(__file__).parent / "conversations")


@pytest.fixture(scope="module")
def stage() -> Iterator[ScenarioRunner]:
    with ScenarioRunner() as stage:
        yield stage


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_conversation_goes_as_written(file: Path, stage: ScenarioRunner) -> None:
    stage.move()
    stage.play(file)
