"""Tests the services of plugins beyond the turn: options, the conversation so far, files, commands, data."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from assistant.errors import PluginError
from assistant.plugins.api import Exchange, Option
from assistant.plugins.manifest import read_options
from assistant.plugins.serialization import deserialize, serialize
from assistant.storage import Attachments
from assistant.testing import FakeServices, load_plugin
from assistant.types import Decision, Turn, TurnResult

KNOWN = (Option("folder", "", "where"), Option("seconds", 2.5, "s"), Option("loud", False, "whether"))

PLUGIN = '''
"""Looks around."""
import click
from assistant import CommandContext, Manifest, Option, Reply, hookimpl
from assistant.errors import ImageError

OPTIONS = (Option("greeting", "hello", "what it says"),)
MANIFEST = Manifest(capabilities=("files",), options=OPTIONS)

async def look(turn, services, folder: str = "") -> Reply:
    """Look."""
    said = await services.conversation(turn.session, 2)
    try:
        await services.open_picture(services.data_dir / "s.wav")
    except ImageError:  # keeps its class on the way from a process
        picture = await services.open_picture(services.data_dir / "p.png")
    clip = await services.open_audio(services.data_dir / "s.wav")
    return Reply("seen", data={
        "greeting": services.options["greeting"], "said": [each.text for each in said],
        "size": list(picture.image.size), "seconds": round(clip.duration, 2),
    })

@hookimpl
def register_intents(register):
    register(look, examples=["look around"])

@hookimpl
def register_commands(register):
    @click.group()
    def evaluate():
        """Joins."""

    @evaluate.command()
    @click.pass_obj
    def greeting(context: CommandContext):
        """Print the greeting."""
        async def work(services):
            return services.options["greeting"]
        click.echo(context.run(work))

    register(evaluate)
'''


@pytest.mark.parametrize("isolated", [False, True])
def test_a_handler_reads_options_files_and_the_conversation(tmp_path: Path, isolated: bool) -> None:
    (tmp_path / "looker.py").write_text(PLUGIN)
    Image.new("RGB", (8, 6)).save(tmp_path / "p.png")
    soundfile.write(tmp_path / "s.wav", np.zeros(8000, np.float32), 16_000)
    services = FakeServices(
        data_dir=tmp_path, options={"greeting": "ahoy"}, said=[Exchange(str(n), "yes") for n in range(3)]
    )
    reply = load_plugin(tmp_path / "looker.py", isolated=isolated).ask("look around", services=services)
    assert reply.data == {"greeting": "ahoy", "said": ["1", "2"], "size": [8, 6], "seconds": 0.5}
    result = TurnResult(Turn(), Decision("looker.look", 1.0, "answer"), reply, {})
    assert json.loads(json.dumps(result.to_json()))["reply"]["data"]["greeting"] == "ahoy"


def test_options_not_written_have_their_defaults_and_texts_are_read() -> None:
    read = read_options("p", KNOWN, {"seconds": "4", "loud": "yes"})
    assert read == {"folder": "", "seconds": 4.0, "loud": True}
    assert type(read_options("p", KNOWN, {"seconds": 3})["seconds"]) is float


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"folders": "x"}, "did you mean folder"),
        ({"seconds": "soon"}, "takes float"),
        ({"folder": 3}, "takes str"),
        ({"loud": 1}, "takes bool"),
    ],
)
def test_a_wrong_option_is_explained(written: dict[str, Any], said: str) -> None:
    with pytest.raises(PluginError, match=said):
        read_options("p", KNOWN, written)


def test_exchanges_travel_between_processes(tmp_path: Path) -> None:
    said = Exchange("where is it", "here", "shop.track", "answer")
    store = Attachments(tmp_path)
    assert deserialize(json.loads(json.dumps(serialize([said], store))), store) == [said]


@pytest.mark.parametrize("data", [{"x": {1, 2}}, ["x"], {"x": float("nan")}, {"x": "y" * 200_000}])
def test_data_that_is_no_plain_json_is_refused(data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.py").write_text(
        "from assistant import Reply, hookimpl\nDATA = None\ndef odd() -> Reply:\n    '''Odd.'''\n"
        "    return Reply('x', data=DATA)\n@hookimpl\ndef register_intents(register):\n"
        "    register(odd, examples=['odd'])\n"
    )
    plugin = load_plugin(tmp_path / "odd.py")
    monkeypatch.setitem(plugin.intents[0].handler.__globals__, "DATA", data)
    with pytest.raises(PluginError, match="data"):
        plugin.ask("odd")


def test_a_plugins_command_joins_a_group_and_uses_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config" / "plugins").mkdir(parents=True)
    (tmp_path / "config" / "plugins" / "looker.py").write_text(PLUGIN)
    (tmp_path / "config" / "assistant.toml").write_text(
        '[plugins]\ntrusted = ["looker"]\n[plugins.options.looker]\ngreeting = "ahoy"\n'
    )
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "evaluate", "greeting"], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "ahoy\n", done.stderr
    listed = subprocess.run(
        [sys.executable, "-m", "assistant", "plugins", "options"], capture_output=True, text=True, timeout=120
    )
    assert "looker.greeting" in listed.stdout
    assert '"ahoy"' in listed.stdout
