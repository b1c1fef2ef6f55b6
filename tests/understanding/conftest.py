import pytest

from assistant.encoders.multilingual import MultilingualEncoder
from assistant.encoders.text import BertEncoder
from assistant.evaluation.understanding import Read, reading
from assistant.understanding.model import ClauseReader


@pytest.fixture(scope="session")
def reader() -> ClauseReader:
    return ClauseReader()


@pytest.fixture(scope="session")
def read() -> Read:
    """Reads turns with what the text encoders make of them, as the pipeline does."""
    return reading(ClauseReader(), [BertEncoder(), MultilingualEncoder()])
