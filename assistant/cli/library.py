"""``assistant library``: files found by meaning."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import InputError, UserError
from assistant.settings import load_settings
from assistant.terminal.error_boundary import in_lost_folder
from assistant.terminal.render import clock, make_console, printable, show_hits

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from assistant.retrieval.items import Hit, Kind
    from assistant.retrieval.library.adding import Progress, Reading, Report
    from assistant.retrieval.library.library import Library

__all__ = ["library"]

NEAR, NEAREST = 0.05, 3
"""relevance from which something that does not fit is shown as near, and how many are"""


def _places(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Path | str, ...]:
    """Paths, but for addresses, which stay as they are; ends where a short one is in a folder that is gone."""
    if in_lost_folder() and not all("://" in value or Path(value).is_absolute() for value in values):
        context.exit(1)  # `settle` has said so
    return tuple(value if "://" in value else Path(value) for value in values)


PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(), callback=_places, metavar="PATH...")
SHOWN_FAILURES = 20
SHOWN_ROWS, MANY = 100, 60
"""rows in the table of an addition; number of files with one outcome up to which each gets its own row"""


@click.group()
def library() -> None:
    """Find files by meaning: add folders, search them."""


def _open(*ahead: str) -> Library:
    """The library, with some models loaded side by side while the rest is imported."""
    from concurrent.futures import ThreadPoolExecutor

    from assistant.loading import create_models

    settings = load_settings()
    models = create_models(settings, keep_encodings=False)

    def load(name: str) -> None:
        with suppress(UserError):  # reported when it is needed
            models.load(name)

    with ThreadPoolExecutor(2) as pool:
        for name in ahead:
            pool.submit(load, name)
        from assistant.retrieval.library.library import Library

        return Library(settings, models)


@library.command()
@PATHS
@click.option("--watch", is_flag=True, help="Keep running and add files as they change; Ctrl-C ends it.")
@click.option("--ocr/--no-ocr", default=None, help="Read text in pictures, or skip it.")
@click.option("--ray", "cluster", metavar="ADDRESS", default="", help='Read on a Ray cluster; "local" starts one here.')
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(paths: tuple[Path | str, ...], watch: bool, ocr: bool | None, cluster: str, as_json: bool) -> None:
    """Add files and folders, or bring them up to date.

    Text, code, PDF (scanned pages too), office documents, books, web pages, mail, zip archives, pictures, recordings
    and the sound of videos; also from an object store (s3://bucket/folder). Unchanged files are skipped, missing ones
    are removed, and an interrupted run continues. Unreadable and skipped files are listed with the reason.
    """
    opened = _open()
    with _bar() as bar:
        report = opened.add(
            paths,
            ocr=ocr,
            progress=_follow(bar),
            waiting=lambda: bar.console.print(WAITING),
            reading=_reading(opened, cluster),
        )
    _report(report, as_json)
    if watch:
        click.echo("Watching; Ctrl-C ends it.", err=True)
        opened.watch(paths, threading.Event(), lambda change: _report(change, as_json))


def _reading(opened: Library, cluster: str) -> Callable[[bool], Reading] | None:
    if not cluster:
        return None
    from assistant.cluster.library_reading import reading_on

    return reading_on(cluster, opened)


WAITING = "Another process is writing to the library; waiting for it."


@library.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show what the library holds, and which files could not be read."""
    now = _open().status()
    if as_json:
        failed = {source.path: source.reason for source in now.failed}
        entry = {"folder": now.uri, "files": now.sources, "items": now.items, "failed": failed}
        click.echo(json.dumps(entry, ensure_ascii=False, indent=2))
        return
    parts = ", ".join(_count(count, *NOUNS[kind]) for kind, count in now.items.items())
    click.echo(f"{_count(now.sources, 'file')}: {parts}. Kept in {now.uri}")
    for source in now.failed[:SHOWN_FAILURES]:
        click.echo(f"  {source.path}: {source.reason}", err=True)
    if (more := len(now.failed) - SHOWN_FAILURES) > 0:
        click.echo(f"  … and {more} more; `assistant library status --json` has all", err=True)


NOUNS = {"text": ("passage",), "image": ("picture",), "audio": ("moment of recordings", "moments of recordings")}


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@library.command()
@click.argument("query", required=False, default="")
@click.option("--image", metavar="FILE", help="Find items similar to this picture.")
@click.option("--audio", metavar="FILE", help="Find answers to the question in this recording.")
@click.option("--kind", type=click.Choice(["text", "image", "audio"]), help="Find only this kind.")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 1000), help="Maximum number of results.")
@click.option("--all", "loosely", is_flag=True, help="Also show poor matches.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def search(
    ctx: click.Context,
    query: str,
    image: str | None,
    audio: str | None,
    kind: Kind | None,
    top: int,
    loosely: bool,
    as_json: bool,
) -> None:
    """Find items by words, picture or voice; most relevant first.

    A query may name dates and amounts ("letter from March 2026", "bills over 100 ringgit") and kinds of files.
    """
    if not query.strip() and not image and not audio:
        raise click.UsageError("There is nothing to search for: give words, an --image or an --audio file.", ctx)
    from assistant.encoders.models import MULTILINGUAL
    from assistant.fusion.projection import ANCHOR

    opened = _open(MULTILINGUAL, ANCHOR)
    picture, clip = None, None
    if image:
        from assistant.inputs.image_file import read_picture

        picture = read_picture(image, opened.settings.vision.max_megapixels)
    if audio:
        from assistant.inputs.audio_file import read_audio

        clip = read_audio(audio, opened.settings.speech.max_minutes)
    hits = opened.search(query, picture=picture, clip=clip, kind=kind, top=top, loosely=loosely)
    if as_json:
        click.echo(json.dumps([_hit_entry(hit, query) for hit in hits], ensure_ascii=False, indent=2))
        return
    near: Sequence[Hit] = ()
    if query and not hits:
        found = opened.search(query, picture=picture, clip=clip, kind=kind, top=NEAREST, loosely=True)
        near = [hit for hit in found if hit.relevance is not None and hit.relevance >= NEAR]
    show_hits(hits or near, query, make_console(), surely=bool(hits))


@library.command()
@PATHS
def remove(paths: tuple[Path | str, ...]) -> None:
    """Remove files and folders from the library, not from the disk."""
    count = _open().remove(paths)
    if not count:
        named = ", ".join(map(str, paths))
        raise InputError(f"The library has no {named}: name files or folders as you added them.")
    click.echo(f"{_count(count, 'file')} removed from the library.")


@library.command()
@click.option("--keep", default=60, show_default=True, type=click.IntRange(0), help="Minutes to keep old versions.")
def compact(keep: int) -> None:
    """Join small files, update the indices, drop old versions."""
    _open().compact(timedelta(minutes=keep))
    click.echo("Done.")


def _hit_entry(hit: Hit, query: str) -> dict[str, Any]:
    """A hit as JSON."""
    from assistant.retrieval.items import SHOWS
    from assistant.retrieval.terms import snippet

    return {
        "source": hit.source,
        "kind": hit.kind,
        "place": hit.place or None,
        "time": clock(hit.start) or None,
        "start": hit.start,
        "end": hit.end,
        "snippet": snippet(hit.text, query),
        "text": hit.text,
        "shows": hit.metadata.get(SHOWS),
        "thumbnail": hit.source if hit.kind == "image" else None,
        "relevance": None if hit.relevance is None else round(hit.relevance, 4),
        "score": round(hit.score, 6),
        "ranks": dict(hit.ranks),
        "likeness": {name: round(value, 4) for name, value in hit.likeness.items()},
    }


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _follow(bar: Bar) -> Callable[[Progress], None]:
    task = bar.add_task("Looking", total=None, rate="")

    def follow(progress: Progress) -> None:
        elapsed = bar.tasks[0].elapsed or 0.0
        rate = f"{progress.done / elapsed:.1f} files/s" if elapsed > 1 else ""
        name = Path(progress.current).name[:32]
        bar.update(task, total=progress.files, completed=progress.done, description=name, rate=rate)

    return follow


def _report(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(vars(report), ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{_count(report.added, 'file')} added ({_count(report.items, 'item')}) in {report.seconds:.1f} s; "
        f"{report.unchanged:,} unchanged, {report.removed:,} gone, {len(report.partly):,} only partly read, "
        f"{len(report.failed):,} not readable, {len(report.passed):,} passed over."
    )
    rows = list(_rows(report))
    if not rows:
        return
    from rich.table import Table

    table = Table("file", "what came of it", box=None, pad_edge=False)
    for row in rows[:SHOWN_ROWS]:
        table.add_row(*map(printable, row))
    make_console().print(table)
    if len(rows) > SHOWN_ROWS:
        click.echo(f"… and {len(rows) - SHOWN_ROWS:,} more; --json prints all")


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    """The outcome of each file, incomplete ones first; many passed-over files share one row per kind."""
    for path, reason in report.failed.items():
        yield Path(path).name, f"not read: {reason}"
    for path, reason in report.partly.items():
        yield Path(path).name, f"read in part; {reason}"
    if len(report.passed) <= MANY:
        for path, reason in report.passed.items():
            yield Path(path).name, f"passed over: {reason}"
    else:
        kinds = Counter((Path(path).suffix.lower(), reason) for path, reason in report.passed.items())
        for (ending, reason), count in kinds.most_common():
            yield f"{count:,} × {ending or 'no ending'}", f"passed over: {reason}"
    if len(report.read) <= MANY:
        for path, items in report.read.items():
            if path not in report.partly:
                yield Path(path).name, f"read: {_count(items, 'item')}"
