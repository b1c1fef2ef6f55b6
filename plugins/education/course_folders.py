"""Lists the course folders: the example, the one in the settings, and those that were added."""

from __future__ import annotations

import json
from pathlib import Path

from assistant import PluginError, Services, UserError

__all__ = ["EXAMPLE", "add_folder", "folders", "remove_folder"]

EXAMPLE = Path(__file__).parent / "lessons"
"""a small course of our own: fourteen lessons, a slide, a handout and a lecture"""


def folders(services: Services) -> list[Path]:
    """The course folders that are there now, the user's own first."""
    named = str(services.options["course"])
    own = [Path(named).expanduser()] if named else []
    own += [folder for folder in _added(services) if folder not in own]
    example = [EXAMPLE] if services.options["example"] or not own else []
    return [folder for folder in (*own, *example) if folder.is_dir()]


def add_folder(services: Services, folder: Path) -> None:
    """Remember a course folder; adding it twice changes nothing.

    Raises:
        UserError: it is not a folder that can be read.
    """
    try:
        next(folder.iterdir(), None)
    except NotADirectoryError as error:
        raise UserError(f"{folder} is a file; name the folder that holds the course") from error
    except OSError as error:
        raise UserError(f"{folder} cannot be opened: {error.strerror}") from error
    known = _added(services)
    if folder not in known:
        _keep(services, [*known, folder])


def remove_folder(services: Services, folder: Path) -> None:
    """Forget a course folder; its files stay as they are.

    Raises:
        PluginError: it was never added.
    """
    known = _added(services)
    if folder not in known:
        listed = ", ".join(map(str, known)) or "none"
        raise PluginError("education", f"{folder} is not among the added courses ({listed})")
    _keep(services, [each for each in known if each != folder])


def _file(services: Services) -> Path:
    return services.data_dir / "courses.json"


def _added(services: Services) -> list[Path]:
    try:
        return [Path(each) for each in json.loads(_file(services).read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        return []


def _keep(services: Services, known: list[Path]) -> None:
    target = _file(services)
    temporary = target.with_suffix(".part")
    temporary.write_text(json.dumps([str(each) for each in known]), encoding="utf-8")
    temporary.replace(target)
