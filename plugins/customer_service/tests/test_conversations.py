"""Whole conversations with the real models, as they are written down in ``conversations/``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.testing import ScenarioRunner, conversations_in, read_conversation

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]

OWN_SHOP = (  # noqa: SIM905
    "killed what_stays other_languages one_thing_and_another changes_of_mind return_of_several"
    " chinese_orders chinese_return"
).split()
"""what changes orders that other conversations ask about"""
FILES = sorted(
    conversations_in(Path(__file__).parent / "conversations"), key=lambda file: (file.stem in OWN_SHOP, file.stem)
)


@pytest.fixture(scope="module")
def stage() -> Iterator[ScenarioRunner]:
    with ScenarioRunner() as stage:
        yield stage


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_conversation_goes_as_written(file: Path, stage: ScenarioRunner) -> None:
    conversation = read_conversation(file)
    if conversation.missing:
        pytest.skip(f"ASSISTANT_DATA does not hold {conversation.missing[0]}")
    if file.stem in OWN_SHOP:
        stage.move()
    stage.play(conversation)
