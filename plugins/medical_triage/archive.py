"""A person's or a clinic's own pictures with confirmed findings, to compare others with. None are shipped."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Literal

import numpy as np

from assistant import AssistantError, Collection, Entry, Match, Picture, Services, UserError

from .wording import Language, say

__all__ = [
    "Added",
    "Agreement",
    "PictureKind",
    "add_folder",
    "forget",
    "held",
    "is_grey",
    "measure_agreement",
    "similar_cases",
    "told",
]

PictureKind = Literal["skin", "xray"]

GREY = 12.0
"""mean difference between colour channels (0 to 255) below which a picture counts as black and white"""
SIMILAR = 0.85
"""cosine from which a case is named: of 170 everyday photographs none was as like any skin or X-ray picture (0.82 at
most); of skin and X-ray pictures nine of ten have one of another patient that is"""
TOLD = 3
"""cases"""
LOOKED_AT = 20
"""pictures, of which several may be of one case"""
LONGEST_NOTE = 160
"""characters in a reply"""
SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
AT_ONCE = 16
"""pictures held in memory"""
COLUMNS = {
    "file": ("file", "image", "picture"),
    "finding": ("finding", "diagnosis", "label"),
    "notes": ("notes", "clinical_notes"),
    "case": ("case", "patient", "lesion_id"),
}
"""what a table of labels says, and what its column may be called"""


@dataclass(frozen=True)
class Added:
    """Result of adding a folder."""

    pictures: int
    """now in the archive"""
    changed: int
    """of them new or changed"""
    unread: tuple[tuple[str, str], ...] = ()
    """file, and why it was left out"""


@dataclass
class Agreement:
    """Counts pictures whose nearest case of another patient has the same finding."""

    pictures: int = 0
    same: int = 0
    """whose nearest case has their finding"""
    near: int = 0
    """whose nearest case is similar enough to be named"""
    near_same: int = 0
    chance: float = 0.0
    """that a case of another patient, drawn blindly, has the same finding"""
    findings: dict[str, int] = field(default_factory=dict)


def is_grey(picture: Picture) -> bool:
    """Returns whether a picture is black and white, like an X-ray."""
    pixels = np.asarray(picture.image.resize((64, 64)), dtype=np.float64)
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean()) < GREY


async def add_folder(
    services: Services,
    folder: Path,
    labels: Path | None = None,
    kind: PictureKind | None = None,
    heard: Callable[[int, int], None] = lambda done, of: None,
) -> Added:
    """Add the pictures in and below a folder; those that are no longer there leave.

    Args:
        folder: its pictures' findings are in `labels`, else the names of the folders they are in.
        labels: a CSV table with the columns file and finding, and perhaps notes and case (or patient).
        kind: of all of them; by default grey ones are X-rays.
        heard: called with the number of pictures done, and of all.

    Raises:
        UserError: the folder or the table cannot be used.
    """
    known = None if labels is None else _labels(labels)
    paths = _pictures(folder)
    unread: list[tuple[str, str]] = []
    batch: list[Entry] = []
    there: set[str] = set()
    changed = 0
    for number, path in enumerate(paths, 1):
        try:
            entry = _entry(await services.open_picture(path), path, folder, known, kind)
            there.add(entry.source)
            batch.append(entry)
        except (AssistantError, LookupError) as error:
            unread.append((path.relative_to(folder).as_posix(), str(error).strip("'\"").replace(str(path), path.name)))
        if len(batch) >= AT_ONCE or number == len(paths):
            changed += await _archive(services).add(batch)
            batch = []
            heard(number, len(paths))
    await _archive(services).remove([each for each in await _below(services, folder) if each not in there])
    return Added(len(there), changed, tuple(unread))


async def forget(services: Services, folder: Path | None) -> int:
    """Take the pictures of a folder, or all, out of the archive; returns how many. The files stay as they are."""
    gone = await _archive(services).sources() if folder is None else await _below(services, folder)
    await _archive(services).remove(gone)
    return len(gone)


async def held(services: Services) -> dict[str, int]:
    """Counts the pictures of each folder."""
    folders: dict[str, int] = {}
    for source in await _archive(services).sources():
        folders[str(Path(source).parent)] = folders.get(str(Path(source).parent), 0) + 1
    return folders


async def similar_cases(picture: Picture, kind: PictureKind, services: Services) -> list[Match] | None:
    """The nearest archived cases of the same kind, at most three; None when there is no archive to compare with."""
    archive = _archive(services)
    try:
        nearest = await archive.search(picture=picture, kind="image", where={"kind": kind}, top=LOOKED_AT)
    except AssistantError:
        return None
    if not nearest:
        return None
    similar = [match for match in nearest if match.likeness.get("shared", 0.0) >= SIMILAR]
    by_case = {str(match.metadata["case"]): match for match in reversed(similar)}  # the nearest picture of each
    return sorted(by_case.values(), key=lambda match: -match.likeness["shared"])[:TOLD]


async def told(picture: Picture, kind: PictureKind, services: Services, language: Language) -> list[str]:
    """Returns reply lines about similar cases; none without an archive."""
    cases = await similar_cases(picture, kind, services)
    if cases is None:
        return []
    if not cases:
        return [say("archive_nothing", language)]
    lines = [
        say(
            "archive_case",
            language,
            finding=case.metadata["finding"],
            notes=f" – {shorten(str(case.metadata['notes']), LONGEST_NOTE)}" if case.metadata["notes"] else "",
            file=Path(case.source).name,
            similarity=f"{case.likeness['shared']:.2f}",
        )
        for case in cases
    ]
    return [say("archive_similar", language), *lines, say("archive_caution", language)]


async def measure_agreement(services: Services, kind: PictureKind) -> Agreement:
    """Compare every archived picture with those of other patients: how far similar pictures share a finding."""
    archive, measured = _archive(services), Agreement()
    found: list[tuple[str, str]] = []
    for source in await archive.sources():
        try:
            picture = await services.open_picture(source)
        except AssistantError:
            continue  # moved or deleted since: there is nothing to compare
        matches = await archive.search(picture=picture, kind="image", where={"kind": kind}, top=50)
        own = next((match for match in matches if match.source == source), None)
        if own is None:
            continue
        found.append((str(own.metadata["case"]), str(own.metadata["finding"])))
        nearest = next((match for match in matches if match.metadata["case"] != own.metadata["case"]), None)
        if nearest is not None:
            same = nearest.metadata["finding"] == own.metadata["finding"]
            near = nearest.likeness.get("shared", 0.0) >= SIMILAR
            measured.same += same
            measured.near += near
            measured.near_same += same and near
    measured.pictures = len(found)
    measured.chance = _chance(found)
    for _, finding in found:
        measured.findings[finding] = measured.findings.get(finding, 0) + 1
    return measured


def _chance(found: list[tuple[str, str]]) -> float:
    shares = []
    for case, finding in found:
        others = [other for their_case, other in found if their_case != case]
        if others:
            shares.append(others.count(finding) / len(others))
    return float(np.mean(shares)) if shares else 0.0


def _archive(services: Services) -> Collection:
    return services.collection("archive")


async def _below(services: Services, folder: Path) -> list[str]:
    return [each for each in await _archive(services).sources() if Path(each).is_relative_to(folder)]


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; name the folder of the pictures")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise UserError(f"There are no pictures in {folder} ({', '.join(sorted(SUFFIXES))})")
    return paths


def _entry(
    picture: Picture,
    path: Path,
    folder: Path,
    labels: Mapping[str, Mapping[str, str]] | None,
    kind: PictureKind | None,
) -> Entry:
    name = path.relative_to(folder)
    row: Mapping[str, str] = {"finding": path.parent.name}
    if labels is not None:
        row = labels.get(name.as_posix()) or labels.get(path.name) or {}
        if not row:
            raise LookupError("the table of labels does not name it")
    finding, notes = row.get("finding", ""), row.get("notes", "")[:1000]
    if not finding:
        raise LookupError("the table of labels gives no finding for it")
    kind = kind or ("xray" if is_grey(picture) else "skin")
    case = row.get("case") or name.as_posix()
    metadata = {"kind": kind, "finding": finding[:200], "notes": notes, "case": f"{folder.name} {case}"}
    return Entry(f"{finding}. {notes}".strip(), picture, source=str(path), metadata=metadata)


def _labels(table: Path) -> dict[str, dict[str, str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{table} cannot be read as a CSV table in UTF-8: {error}") from error
    columns = set(rows[0]) if rows else set()
    named = {key: next((name for name in names if name in columns), "") for key, names in COLUMNS.items()}
    if not named["file"] or not named["finding"]:
        there = ", ".join(sorted(map(str, columns))) or "nothing"
        raise UserError(f"{table} needs a first line with the columns file and finding; it has {there}")
    return dict(_read_rows(rows, named))


def _read_rows(rows: list[dict[str, str]], named: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for row in rows:
        values = {key: " ".join((row.get(column) or "").split()) for key, column in named.items() if column}
        yield values["file"], values
