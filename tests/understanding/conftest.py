import pytest

from assistant.understanding.model import ClauseReader


@pytest.fixture(scope="session")
def reader() -> ClauseReader:
    return ClauseReader()
