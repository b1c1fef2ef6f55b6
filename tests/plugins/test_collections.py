"""Collections as plugins use them, also from a process of their own; the example of the guide among them."""

import asyncio
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import assistant.retrieval
from assistant import AudioClip, Entry, Match, Picture, Transcript, Turn
from assistant.plugins.serialization import deserialize, serialize
from assistant.storage import Attachments
from assistant.testing import FakeServices, load_plugin

GUIDE = Path(assistant.retrieval.__file__).parent / "collections.md"
BUSY = '''
"""Uses all of a collection."""
from assistant import Entry, Reply, hookimpl

async def use(turn, services, name: str = "album") -> Reply:
    """Use it."""
    album = services.collection(name)
    picture = turn.images[0] if turn.images else None
    entries = [Entry("red", picture, source="a", metadata={"n": 1}), Entry(audio=turn.audio, source="b"), Entry("sea")]
    added = await album.add(entries)
    seen = await album.search(picture=picture, kind="image", where={"n": 1})
    heard = await album.search(audio=turn.audio, kind="audio", top=1)
    sources = await album.sources()
    await album.remove(["b"])
    await album.add([Entry("green", source="c")], only=True)
    return Reply("done", data={
        "added": added, "seen": [each.source for each in seen], "ranks": dict(seen[0].ranks),
        "metadata": dict(seen[0].metadata), "heard": heard[0].text,
        "sources": len(sources), "left": len(await album.sources()),
    })

async def wrong(turn, services) -> str:
    """Add nothing."""
    await services.collection("album").add([Entry("")])
    return "never"

@hookimpl
def register_intents(register):
    register(use, examples=["use it"])
    register(wrong, examples=["add nothing"])
'''


def example() -> str:
    found = re.search(r"<!-- collection -->\n```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("isolated", [False, True])
def test_the_guides_example_remembers_and_finds(tmp_path: Path, isolated: bool) -> None:
    code = example()
    assert len(code.splitlines()) < 25
    place = tmp_path / "finder.py"
    place.write_text(code, "utf-8")
    kept = tmp_path / "kept"
    for _ in range(2):  # saying it twice is no two things
        load_plugin(place, isolated=isolated).ask(
            "the passport is in the desk", intent="put_away", services=FakeServices(data_dir=kept)
        )
    load_plugin(place, isolated=isolated).ask(
        "I put the key into the blue pot", intent="put_away", services=FakeServices(data_dir=kept)
    )
    later = FakeServices(data_dir=kept)
    assert (
        "blue pot"
        in load_plugin(place, isolated=isolated).ask("where is the key", intent="find_thing", services=later).text
    )
    nothing = FakeServices(data_dir=tmp_path / "fresh")
    assert (
        "don't know"
        in load_plugin(place, isolated=isolated).ask("where is the key", intent="find_thing", services=nothing).text
    )


@pytest.mark.parametrize("isolated", [False, True])
def test_a_handler_may_do_everything_with_a_collection(tmp_path: Path, isolated: bool) -> None:
    (tmp_path / "busy.py").write_text(BUSY)
    plugin = load_plugin(tmp_path / "busy.py", isolated=isolated)
    services = FakeServices(data_dir=tmp_path, transcript=Transcript("we met at the harbour", "en"))
    red = Picture(Image.new("RGB", (32, 24), (200, 20, 20)))
    clip = AudioClip(np.zeros(1600, np.float32))
    turn = Turn(text="use it", audio=clip, images=(red,))
    assert plugin.ask(turn=turn, intent="use", services=services).data == {
        "added": 3,
        "seen": ["a"],
        "ranks": {"shared": 1},
        "metadata": {"n": 1},
        "heard": "we met at the harbour",
        "sources": 3,
        "left": 1,
    }


@pytest.mark.parametrize("isolated", [False, True])
def test_what_a_collection_refuses_is_said_to_the_handler(tmp_path: Path, isolated: bool) -> None:
    (tmp_path / "busy.py").write_text(BUSY)
    services = FakeServices(data_dir=tmp_path)
    with pytest.raises(Exception, match="Entry 1 holds no text"):
        load_plugin(tmp_path / "busy.py", isolated=isolated).ask("add nothing", intent="wrong", services=services)
    for name in ("../other", "a/b"):
        with pytest.raises(Exception, match="cannot be called"):
            load_plugin(tmp_path / "busy.py", isolated=isolated).ask(
                "use it", intent="use", services=services, name=name
            )
    assert not list(tmp_path.glob("**/other*"))


def test_entries_and_matches_travel_between_processes(tmp_path: Path) -> None:
    store = Attachments(tmp_path)
    match = Match("words", "a", "text", 0.5, "words", {"n": 1}, {"words": 1}, {"words": 2.5})
    assert deserialize(serialize([match], store), store) == [match]
    picture = Picture(Image.new("RGB", (8, 6), (1, 2, 3)))
    entry = deserialize(serialize(Entry("x", picture, source="s", metadata={"a": True}), store), store)
    assert entry.digest == Entry("x", picture, metadata={"a": True}).digest
    assert entry.source == "s"


@pytest.mark.models
def test_collections_of_two_plugins_are_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.app import App
    from assistant.settings import cache_dir

    (tmp_path / "cache").symlink_to(cache_dir())
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))

    async def opened() -> None:
        app = await App.open()
        try:
            one, other = (app.services_for(name).collection("notes") for name in ("education", "medical_triage"))
            await one.add([Entry("mine")])
            assert (await one.sources(), await other.sources()) == ([Entry("mine").origin], [])
        finally:
            await app.close()

    asyncio.run(opened())
