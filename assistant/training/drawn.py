"""Pictures that we draw, and the kinds of them that the shipped plugins declare; both are in a source checkout only."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import assistant
from assistant.errors import InputError
from assistant.fusion.picture_kinds import PictureKind

__all__ = ["DrawnKind", "load_drawings", "read_drawn_kinds"]

SOURCE = Path(assistant.__file__).parent.parent
DRAWINGS = SOURCE / "tests" / "drawings"
MODULE = "assistant_drawings"
"""the private name under which the drawings are imported"""
TABLE = "picture_kinds.toml"


@dataclass(frozen=True)
class DrawnKind:
    """A picture kind of a shipped plugin, and what its training needs."""

    plugin: str
    kind: PictureKind
    drawn: int
    """number of pictures to draw"""
    sayings: tuple[str, ...]
    """sentences about such a picture"""
    clip_art: tuple[str, ...]
    """parts of words in the captions of clip art that may be of this kind"""

    def may_be(self, caption: str) -> bool:
        """Whether clip art of this caption may be of this kind, and so is not everyday."""
        return bool(self.clip_art) and re.search("|".join(map(re.escape, self.clip_art)), caption.lower()) is not None


@cache
def load_drawings() -> ModuleType:
    """The package of drawing functions, ``tests/drawings``; its `DRAWINGS` maps kinds to functions.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    spec = importlib.util.spec_from_file_location(
        MODULE, DRAWINGS / "__init__.py", submodule_search_locations=[str(DRAWINGS)]
    )
    if not DRAWINGS.is_dir() or spec is None or spec.loader is None:
        raise InputError("Pictures are drawn in a source checkout only; name a picture file instead")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return module


def read_drawn_kinds() -> list[DrawnKind]:
    """The kinds in the shipped plugins' ``picture_kinds.toml``, in the order of the drawings.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    found: dict[str, DrawnKind] = {}
    for path in sorted((SOURCE / "plugins").glob(f"*/{TABLE}")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        found |= {name: _kind(path.parent.name, name, entry) for name, entry in table.items()}
    return [found[name] for name in load_drawings().DRAWINGS if name in found]


def _kind(plugin: str, name: str, entry: dict[str, Any]) -> DrawnKind:
    objects = tuple(entry.get("objects", ()))
    kind = PictureKind(name, tuple(entry["phrases"]), objects, float(entry.get("least_objects", 0.0)))
    return DrawnKind(plugin, kind, int(entry["drawn"]), tuple(entry["sayings"]), tuple(entry.get("clip_art", ())))
