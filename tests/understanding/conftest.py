import pytest

from assistant.understanding import ClauseReader


@pytest.fixture(scope="session")
def reader() -> ClauseReader:
    return ClauseReader()
