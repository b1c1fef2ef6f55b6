"""A plugin has things said later, whether it runs in the program or in a process of its own."""

from datetime import datetime
from pathlib import Path

import pytest

from assistant.testing import FakeServices, load_plugin

PLUGIN = '''
"""Says things later."""
from datetime import datetime
from assistant import Manifest, Reply, hookimpl
from assistant.understanding.entities import Recurrence

MANIFEST = Manifest(isolation="ISOLATION")

async def later(turn, services) -> Reply:
    """Have things said."""
    once = await services.at(datetime(2030, 1, 1, 9), Reply("once", data={"n": 1}), session=turn.session, key="a")
    again = await services.every(
        Recurrence("week", 1, (4,)), Reply("again"), start=datetime(2030, 1, 1, 8), session=turn.session, key="b"
    )
    await services.at(None, Reply("paused"), session=turn.session, key="c")
    await services.announce(Reply("now"), session=turn.session)
    kept = await services.scheduled(turn.session)
    dropped = await services.unschedule(["a", "none"])
    return Reply("done", data={
        "due": [once.due.isoformat(), again.due.isoformat()], "rings": once.rings, "dropped": dropped,
        "kept": [each.reply.text for each in kept], "weekdays": list(kept[2].repeat.weekdays),
        "n": kept[1].reply.data["n"],
    })

@hookimpl
def register_intents(register):
    register(later, examples=["say it later"], acts=True)
'''


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_a_plugin_has_things_said_later(tmp_path: Path, isolation: str) -> None:
    path = tmp_path / "later.py"
    path.write_text(PLUGIN.replace("ISOLATION", isolation), encoding="utf-8")
    services = FakeServices(clock=lambda: datetime(2029, 12, 31, 12).timestamp())
    data = load_plugin(path).ask("say it later", services=services).data
    assert [datetime.fromisoformat(due).replace(tzinfo=None) for due in data["due"]] == [
        datetime(2030, 1, 1, 9),
        datetime(2030, 1, 4, 8),
    ]
    assert data["kept"] == ["now", "once", "again", "paused"]
    assert (data["weekdays"], data["n"], data["rings"], data["dropped"]) == ([4], 1, True, 1)
    assert services.ring() == ["now"]
