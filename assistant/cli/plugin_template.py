"""What ``assistant plugins new`` writes: a small plugin that works, with a test that passes."""

from __future__ import annotations

from pathlib import Path
from string import Template

from assistant.errors import PluginError
from assistant.plugins.discovery import name_problem

__all__ = ["write_plugin"]

CODE = '''"""$title: says hello. Change this line: it is what `assistant plugins list` shows."""

from assistant import Manifest, Register, hookimpl

MANIFEST = Manifest(title="$title", capabilities=(), api=2)  # add "network" or "files" as needed


def say_hello(name: str = "world") -> str:
    """Say hello to someone."""
    return f"Hello, {name}!"


@hookimpl
def register_intents(register: Register) -> None:
    register(
        say_hello,
        examples=[
            "say hello from $spoken",
            "say hello to {name} from $spoken",
            "let $spoken greet {name}",
            "$spoken hello",
        ],
        acts=False,  # True for what changes something
    )
'''

TEST = """from pathlib import Path

from assistant.testing import load_plugin

PLUGIN = Path(__file__).parent.parent


def test_greets_by_name():
    plugin = load_plugin(PLUGIN)
    assert plugin.ask("say hello to Ada from $spoken").text == "Hello, Ada!"


def test_greets_the_world_when_no_one_is_named():
    plugin = load_plugin(PLUGIN)
    assert plugin.ask("say hello from $spoken").text == "Hello, world!"
"""

README = """# $title

Says hello. Try it:

    assistant ask "say hello to Ada from $spoken"

`__init__.py` holds all of it: a function is an intent, its docstring the help line, its annotations the slots,
and `examples` what people say to mean it. No training command is needed.

    assistant plugins check $folder
    pytest $folder
"""


def write_plugin(folder: Path, name: str) -> Path:
    """Write a new plugin's folder into a folder of plugins, and return it; raises `PluginError`."""
    if problem := name_problem(name):
        raise PluginError(name, problem)
    target = folder / name
    for taken in (target, target.with_suffix(".py")):
        if taken.exists():
            raise PluginError(name, f"there is a {taken} already; choose another name")
    spoken = name.replace("_", " ")
    words = {"title": spoken.capitalize(), "spoken": spoken, "folder": str(target)}
    try:
        (target / "tests").mkdir(parents=True)
        for path, text in {"__init__.py": CODE, f"tests/test_{name}.py": TEST, "README.md": README}.items():
            (target / path).write_text(Template(text).substitute(words), encoding="utf-8")
    except OSError as error:
        raise PluginError(name, f"cannot write {target}: {error.strerror}") from error
    return target
