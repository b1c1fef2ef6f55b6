"""Tests that the fakes leave nothing behind."""

import gc
from pathlib import Path

from assistant.testing import FakeServices


def test_the_folder_of_fake_services_goes_with_them_and_a_folder_of_ones_own_stays(tmp_path: Path) -> None:
    services, kept = FakeServices(), FakeServices(data_dir=tmp_path)
    folder = services.data_dir
    (folder / "deeper").mkdir()
    (folder / "deeper" / "note.txt").write_text("hello")
    (kept.data_dir / "note.txt").write_text("hello")
    del services, kept
    gc.collect()
    assert not folder.exists()
    assert (tmp_path / "note.txt").exists()
