"""``assistant explain``: explains a decision in shaded words and one picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.terminal.opening import Screen, read_turn, run_with_app
from assistant.terminal.render import make_console

if TYPE_CHECKING:
    from assistant.app import App

__all__: list[str] = []


@click.command()
@click.argument("text", required=False)
@click.option("--image", "-i", "images", multiple=True, metavar="FILE", help="Show a picture; may be repeated.")
@click.option("--audio", "-a", metavar="FILE", help="Play a recording.")
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a drawing to this PNG file."
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole explanation as JSON.")
@click.pass_context
def explain(
    ctx: click.Context, text: str | None, images: tuple[str, ...], audio: str | None, out: Path | None, as_json: bool
) -> None:
    """Show which words, parts of a picture and moments of sound decided.

    TEXT is the question; "-", or no TEXT, reads it from a pipe. It neither answers nor stores anything.
    """
    from assistant.cli.ask import read_question
    from assistant.settings import load_settings

    turn = read_turn(load_settings(), *read_question(ctx, text, images, audio), "explain")

    async def work(app: App, screen: Screen) -> None:
        from assistant.explanation.drawing import save
        from assistant.terminal.explanation_view import show_explanation

        heard, explanation, notices = await app.considering.explain(turn)
        note = save(explanation, heard, out) if out is not None else ""

        def show() -> None:
            if as_json:
                click.echo(json.dumps(explanation.to_json(), ensure_ascii=False, indent=2))
            else:
                show_explanation(explanation, make_console())
            for line in (*notices, note):
                if line:
                    click.echo(f"Note: {line}", err=True)
            if out is not None:
                click.echo(f"Drawn: {out}", err=True)

        screen.show(show)

    run_with_app(work, {"text", *turn.present})
