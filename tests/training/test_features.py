from collections.abc import Iterator
from pathlib import Path

from assistant.training.features import FeatureStore


def test_lines_are_found_once_and_remembered_with_their_empty_ones(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def progress(step: str, done: int, total: int) -> None:
        seen.append((done, total))

    def find() -> Iterator[str]:
        yield from ("12 €", "", "出口")

    def never() -> Iterator[str]:
        raise AssertionError("it was looked for twice")

    for source in (find, never):
        store = FeatureStore(tmp_path, {}, progress)
        assert store.lines("print", 3, source) == ["12 €", "", "出口"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
