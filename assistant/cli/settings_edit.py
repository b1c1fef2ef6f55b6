"""Changes one list in the user's ``assistant.toml`` and leaves everything else in it as it is, comments included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.errors import SettingsError
from assistant.folders import write_private

__all__ = ["set_list"]


def set_list(path: Path, section: str, name: str, values: Sequence[str]) -> None:
    """Set ``name = [values]`` in ``[section]``; the file is made when there is none. Raises `SettingsError`."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = path.resolve()  # a link to a file elsewhere stays a link
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        document = tomlkit.parse(text)
        table = document.setdefault(section, tomlkit.table())
        table[name] = list(values)
        changed = tomlkit.dumps(document)
    except (TOMLKitError, TypeError) as error:  # a TypeError: the section is no table
        raise SettingsError(f"{path} cannot be changed: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror}") from error
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    write_private(path, lambda file: file.write(changed.encode("utf-8")))
    path.chmod(mode)
