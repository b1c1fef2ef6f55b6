"""``assistant train tone``: a head for arousal, anger and distress, for this user's own assistant."""

from __future__ import annotations

from pathlib import Path

import click

__all__: list[str] = []


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder of acted emotional speech.")
@click.option(
    "--calm",
    type=click.Path(file_okay=False, path_type=Path),
    multiple=True,
    help="Folder of read speech, as what calm people sound like; may be repeated.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; your own by default.")
def tone(data: Path | None, calm: tuple[Path, ...], out: Path | None) -> None:
    """Teach the assistant to hear arousal, anger and distress.

    Each folder has a manifest.csv with the columns file, speaker and emotion. Without --data, emotion_emodb in
    ASSISTANT_DATA is taken, and the read speech beside it. The recordings' licence holds for what is learned.
    """
    from assistant.cli.evaluate_tone import listen, show
    from assistant.evaluation.tone import evaluate_tone
    from assistant.speech.tone import save_tone, tone_file
    from assistant.training.tone import fit_tone

    acted, quiet, strange = listen(data, calm)
    show(evaluate_tone(acted, quiet, strange))
    path = out or tone_file()
    save_tone(fit_tone(acted, quiet), path)
    click.echo(f"Installed: {path}" if out is None else f"Written: {path}")
