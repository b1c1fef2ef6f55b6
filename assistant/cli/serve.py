"""``assistant serve``: the assistant for other programs, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.doors import TOKEN_FILE, fetch, known_clients, need_packages, run, say
from assistant.server.tokens import add_client, default_token_file, read_tokens
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from assistant.server.app_state import AppState

    Beside = Callable[[AppState], AbstractAsyncContextManager[object]]

__all__: list[str] = []


@click.command()
@click.option(
    "--host", metavar="ADDRESS", help="Address to listen on; 127.0.0.1 by default, which only this machine reaches."
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 8420 by default, 0 takes a free one.")
@TOKEN_FILE
@click.option("--new-token", metavar="NAME", help="Create a token for a client of this name, print it and exit.")
@click.option(
    "--origin", "origins", multiple=True, metavar="URL", help="Allow web pages of this origin (CORS); repeatable."
)
@click.option("--wyoming", is_flag=True, help="Also answer Home Assistant, as `assistant wyoming` does.")
@click.option("--ray", "cluster", metavar="ADDRESS", help='Serve on a Ray cluster; "local" starts one here.')
@click.option("--replicas", type=click.IntRange(1, 1000), help="With --ray: fixed number of replicas.")
@click.option("--min", "least", type=click.IntRange(1, 1000), help="With --ray: minimum number of replicas.")
@click.option("--max", "most", type=click.IntRange(1, 1000), help="With --ray: maximum number of replicas.")
@click.option(
    "--cpus", type=click.FloatRange(0, 256, min_open=True), default=1.0, help="With --ray: processors per replica."
)
@click.pass_context
def serve(
    ctx: click.Context,
    host: str | None,
    port: int | None,
    token_file: Path | None,
    new_token: str | None,
    origins: tuple[str, ...],
    wyoming: bool,
    cluster: str | None,
    replicas: int | None,
    least: int | None,
    most: int | None,
    cpus: float,
) -> None:
    """Answer other programs over HTTP: text, pictures, recordings.

    It listens on this machine only, and every request needs a token: one is made at the first start. GET /docs shows
    the addresses.
    """
    if not cluster and (replicas or least or most):
        raise click.UsageError("--replicas, --min and --max need --ray ADDRESS.", ctx)
    if replicas and (least or most):
        raise click.UsageError("Give either --replicas, or --min and --max.", ctx)
    if (most or least or 1) < (least or 1):
        raise click.UsageError("--max is less than --min.", ctx)
    if wyoming and cluster:
        raise click.UsageError("--wyoming cannot be used with --ray.", ctx)
    need_packages(*(("wyoming",) if wyoming else ()))
    if new_token:
        click.echo(add_client(token_file or default_token_file(), new_token))
        return
    settings = load_settings()
    if settings.serve.json_log:
        from assistant.terminal.error_boundary import show_log
        from assistant.terminal.json_log import JsonLines

        show_log(JsonLines())
    from assistant.server.server import Address, serve_here

    chosen = settings.serve
    address = Address(host or chosen.host, chosen.port if port is None else port, bool(chosen.tls_certificate))
    clients = known_clients(token_file, address)
    fetch(settings)
    if not cluster:
        beside = _wyoming(settings) if wyoming else None
        run(lambda: serve_here(settings, clients, address, origins, say, beside))
        return
    from assistant.cluster.serving import Scale, serve_on_cluster

    scale = Scale(least or replicas or 1, most or replicas or least or 1, cpus)
    serve_on_cluster(cluster, settings, read_tokens(token_file or default_token_file()), address, scale, origins, say)


def _wyoming(settings: Settings) -> Beside:
    from assistant.server.server import Address
    from assistant.server.wyoming.server import serving_wyoming

    chosen = settings.wyoming
    return lambda here: serving_wyoming(here, Address(chosen.host, chosen.port), chosen.clients, say)
