"""Whole conversations with the real models, as they are written down in ``conversations/``."""

from pathlib import Path

import pytest

from assistant.testing import ScenarioRunner, conversations_in

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]

FILES = conversations_in(Path(__file__).parent / "conversations")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_conversation_goes_as_written(file: Path) -> None:
    with ScenarioRunner() as stage:
        stage.play(file)
