"""Collections of several processes: what a search imports, two that add at once, one that is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant import Entry
from assistant.retrieval.collection import StoredCollection
from assistant.testing.fakes import FakeEmbedder

Make = Callable[..., StoredCollection]
run = asyncio.run


ASKING = """
import asyncio, sys
from pathlib import Path
from assistant import Entry
from assistant.retrieval.collection import StoredCollection
from assistant.testing.fakes import FakeEmbedder

async def main():
    notes = StoredCollection(Path(sys.argv[1]), "notes", FakeEmbedder())
    await notes.add([Entry("the key is under the blue pot"), Entry("milk and bread")])
    print((await notes.search("where is the key"))[0].text)

asyncio.run(main())
print("imported:", *sorted({"lancedb", "lance", "pyarrow"} & sys.modules.keys()))
"""


def test_a_search_in_a_collection_imports_no_lance(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ASKING, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["the key is under the blue pot", "imported:"]


TYPED = """
import sys
from assistant.cli import main
try:
    main(["ask", "What is your return policy?"])
finally:
    print("imported:", *sorted({"lancedb", "lance", "pyarrow"} & sys.modules.keys()))
"""


@pytest.mark.models
def test_a_typed_turn_that_searches_a_collection_imports_no_lance() -> None:
    done = subprocess.run([sys.executable, "-c", TYPED], capture_output=True, text=True, check=True)
    answer, _, imported = done.stdout.rstrip("\n").rpartition("\n")
    assert "30 days" in answer, "the policies are a collection"
    assert imported == "imported:"


ADDING = """
import asyncio, sys
from pathlib import Path
from assistant import Entry
from assistant.retrieval.collection import StoredCollection
from assistant.testing.fakes import FakeEmbedder

async def main():
    notes = StoredCollection(Path(sys.argv[1]), "notes", FakeEmbedder(), int(sys.argv[3]))
    for n in range(int(sys.argv[4])):
        entries = [Entry(f"{sys.argv[2]} {n} {part}", source=f"{sys.argv[2]}{n}") for part in range(3)]
        await notes.add(entries)
        print(n, flush=True)

asyncio.run(main())
"""


def adding(folder: Path, who: str, large: int, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ADDING, str(folder), who, str(large), str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "large", [10**6, pytest.param(30, marks=pytest.mark.skipif(not find_spec("lancedb"), reason="[library]"))]
)
def test_two_processes_that_add_at_once_lose_nothing(tmp_path: Path, large: int) -> None:
    both = [adding(tmp_path, who, large, 12) for who in ("one", "two")]
    assert [process.wait(120) for process in both] == [0, 0]
    for process in both:
        assert process.stdout is not None
        process.stdout.close()
    notes = StoredCollection(tmp_path, "notes", FakeEmbedder(), large)
    assert run(notes.count()) == 2 * 12 * 3
    assert len(run(notes.sources())) == 24


@pytest.mark.faults
@pytest.mark.parametrize(
    "large", [10**6, pytest.param(30, marks=pytest.mark.skipif(not find_spec("lancedb"), reason="[library]"))]
)
def test_a_process_killed_while_adding_leaves_whole_sources(tmp_path: Path, large: int) -> None:
    process = adding(tmp_path, "one", large, 10_000)
    assert process.stdout is not None
    for _ in range(12):
        done = int(process.stdout.readline())
    time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    notes = StoredCollection(tmp_path, "notes", FakeEmbedder(), large)
    there = run(notes.sources())
    assert len(there) >= done + 1
    assert run(notes.count()) - 3 * len(there) in (0, 3)  # Lance has the items a moment before their source
    run(notes.add([Entry("afterwards")]))
    assert run(notes.search("afterwards"))[0].text == "afterwards"
