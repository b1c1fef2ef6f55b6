"""Reads the settings and reports wrong ones; `sections` holds each with its range.

Values come from, first wins: environment variables (``ASSISTANT_SPEECH__MODEL``), the user's
``assistant.toml``, and the defaults. ``config/assistant.toml`` shows them all; a test keeps
the two the same. ``ASSISTANT_HOME`` moves settings, data and cache into one folder.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from assistant.errors import SettingsError
from assistant.folders import cache_dir, config_dir, data_dir, settings_file, shipped_dir
from assistant.settings import sections
from assistant.settings.sections import Serve, Vision, Voice

__all__ = [
    "Serve",
    "Settings",
    "Vision",
    "Voice",
    "cache_dir",
    "config_dir",
    "data_dir",
    "load_settings",
    "settings_file",
    "shipped_dir",
]

RETIRED = {
    "turns.answer_deadline": "each plugin says in its manifest how long an answer may take",
    "vision.ocr_languages": "Chinese and English are always read",
}
"""settings that did nothing and were removed, with the reason; a file that still names them can be read"""


class _TomlFile(TomlConfigSettingsSource):
    """The user's file, also with the byte order mark that Windows' editors write."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        return tomllib.loads(file_path.read_text("utf-8-sig"))


class Settings(BaseSettings):
    """All settings; see the sections."""

    model_config = SettingsConfigDict(
        env_prefix="ASSISTANT_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    inference: sections.Inference = sections.Inference()
    text: sections.Text = sections.Text()
    speech: sections.Speech = sections.Speech()
    vision: Vision = Vision()
    fusion: sections.Fusion = sections.Fusion()
    intents: sections.Intents = sections.Intents()
    turns: sections.Turns = sections.Turns()
    plugins: sections.Plugins = sections.Plugins()
    storage: sections.Storage = sections.Storage()
    memory: sections.Memory = sections.Memory()
    terminal: sections.Terminal = sections.Terminal()
    voice: Voice = Voice()
    library: sections.Library = sections.Library()
    serve: Serve = Serve()
    wyoming: sections.Wyoming = sections.Wyoming()
    _retired: tuple[str, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the user's file."""
        return (init_settings, env_settings, _TomlFile(settings_cls, settings_file()))

    @model_validator(mode="wrap")
    @classmethod
    def _leave_out_retired(cls, values: Any, validate: ModelWrapValidatorHandler[Settings]) -> Settings:
        if not isinstance(values, dict):
            return validate(values)
        kept, found = dict(values), []
        for key in RETIRED:
            section, _, name = key.partition(".")
            given = kept.get(section)
            if isinstance(given, dict) and name in given:
                kept[section] = {other: value for other, value in given.items() if other != name}
                found.append(key)
        settings = validate(kept)
        settings._retired = tuple(found)
        return settings

    @property
    def retired(self) -> tuple[str, ...]:
        """A line for each setting that the user has written and that does nothing any more."""
        return tuple(f"Setting {key} does nothing any more, so take it out: {RETIRED[key]}." for key in self._retired)

    @property
    def plugin_folder(self) -> Path:
        """The folder of the user's own plugins; it need not exist."""
        return Path(self.plugins.folder).expanduser() if self.plugins.folder else config_dir() / "plugins"

    @property
    def storage_url(self) -> str:
        """The SQLAlchemy URL of history and dialogues."""
        return self.storage.url or f"sqlite:///{data_dir() / 'assistant.sqlite3'}"

    def each(self) -> Iterator[tuple[str, Any, str]]:
        """Every setting as (section.name, value, description)."""
        for section_name in type(self).model_fields:
            section = getattr(self, section_name)
            for name, info in type(section).model_fields.items():
                yield f"{section_name}.{name}", getattr(section, name), info.description or ""


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    where = f" (in {settings_file()} or the environment)"
    if first["type"] == "extra_forbidden":
        return f"{_unknown(key)}{where}"
    return f"Setting {key} cannot be {first.get('input')!r}: {first['msg']}{where}"


def _unknown(key: str) -> str:
    known = [name for name, _, _ in Settings.model_construct().each()]
    near = difflib.get_close_matches(key, [*known, *Settings.model_fields], n=1, cutoff=0.4)
    return f"Unknown setting {key}" + (
        f"; did you mean {near[0]}?" if near else "; `assistant config show` lists them all"
    )


def _check_environment() -> None:
    """Raise `SettingsError` for a variable of a section that there is none of, which would be ignored in silence."""
    for variable in os.environ:
        section, of_section, name = variable.upper().removeprefix("ASSISTANT_").partition("__")
        if variable.upper().startswith("ASSISTANT_") and of_section and section.lower() not in Settings.model_fields:
            raise SettingsError(f"{_unknown(f'{section}.{name}'.lower())} (the environment variable {variable})")


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Reads the settings from the environment and the user's file; `overrides` (section → name → value) win over both.

    Raises:
        SettingsError: a key is unknown (with a "did you mean"), a value cannot work, or the file is not TOML.
    """
    _check_environment()
    try:
        return Settings(**(overrides or {}))
    except ValidationError as error:
        raise SettingsError(_explain(error)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{settings_file()} is not valid TOML: {error}") from error
    except OSError as error:
        raise SettingsError(f"Cannot read {settings_file()}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{settings_file()} is not UTF-8 text; save it as UTF-8") from error
