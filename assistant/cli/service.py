"""``assistant service``: the voice assistant in the background, under systemd."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from assistant.errors import DeviceError, UserError
from assistant.voice import launchd, systemd
from assistant.voice.control_socket import COMMANDS, send

__all__ = ["service"]

ON_MAC = sys.platform == "darwin"


@click.group()
def service() -> None:
    """Run the voice assistant in the background, from login on.

    A systemd user service, on macOS an agent of launchd: it starts when you log in, and is restarted when it fails.
    """


@service.command()
@click.option("--print", "only_print", is_flag=True, help="Only print the systemd unit or launchd agent.")
def install(only_print: bool) -> None:
    """Start the voice assistant at each login."""
    if only_print:
        click.echo(launchd.agent_text() if ON_MAC else systemd.unit_text(), nl=False)
        return
    path = launchd.install() if ON_MAC else systemd.install()
    click.echo(f"Installed {path}. Start it now with: assistant service start")


@service.command()
def start() -> None:
    """Start the voice assistant now."""
    if ON_MAC:
        launchd.start()
    elif systemd.runs_here() and not systemd.unit_path().exists():
        raise UserError("The service is not installed yet: `assistant service install`")
    else:
        systemd.systemctl("restart", systemd.NAME, what="start")
    click.echo("Started. `assistant service status` shows what it does.")


@service.command()
def stop() -> None:
    """Stop the voice assistant until the next login."""
    launchd.stop() if ON_MAC else systemd.systemctl("stop", systemd.NAME, what="stop")
    click.echo("Stopped.")


@service.command()
def uninstall() -> None:
    """Stop and remove the service; conversations and settings stay."""
    click.echo("Removed." if (launchd if ON_MAC else systemd).uninstall() else "There was nothing to remove.")


@service.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show whether the voice assistant runs, and what it is doing."""
    try:
        now = send("status")
    except DeviceError as error:
        now = {"running": False, "reason": str(error)}
    else:
        now = {"running": True, **now}
    installed = (launchd.agent_path() if ON_MAC else systemd.unit_path()).exists()
    managed = ON_MAC or systemd.runs_here()
    if as_json:
        click.echo(json.dumps({**now, "installed": installed, "systemd": managed}, indent=2, ensure_ascii=False))
    else:
        _show(now)
        note = "" if managed else " (no systemd runs for this user here)"
        click.echo(f"{'service':<14} {'installed' if installed else 'not installed'}{note}")
    if not now["running"]:
        raise SystemExit(3)  # as systemctl does


@service.command()
@click.option("-n", "--lines", default=40, show_default=True, type=click.IntRange(1, 10_000), help="Number of lines.")
def logs(lines: int) -> None:
    """Show the newest lines of the log."""
    from assistant.voice.event_lines import newest_lines, voice_log

    found = newest_lines(lines)
    for line in found:
        click.echo(line)
    if not found:
        click.echo(f"Nothing is logged yet in {voice_log()}.")
    if kept := systemd.journal(min(lines, 10)).strip():
        click.echo(f"\nFrom systemd's journal:\n{kept}")


@service.command()
@click.argument("command", metavar="COMMAND")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tell(command: str, as_json: bool) -> None:
    """Send a COMMAND to the running assistant.

    COMMAND is stop, mute, unmute, push, release, wake or status.
    """
    if command not in COMMANDS:
        raise click.UsageError(f"There is no command {command!r}; there are {', '.join(COMMANDS)}.")
    answer = send(command)
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False)) if as_json else _show({"running": True, **answer})


def _show(now: dict[str, Any]) -> None:
    if not now["running"]:
        click.echo(now["reason"])
        return
    muted = ", muted" if now.get("muted") else ""
    minutes = float(now.get("seconds_up", 0)) / 60
    click.echo(f"{'assistant':<14} {now.get('state')}{muted} (process {now.get('process')}, {minutes:.0f} minutes)")
    click.echo(f"{'waits for':<14} {now.get('waiting_for')}")
    click.echo(f"{'microphone':<14} {now.get('microphone')}")
    if dropped := now.get("dropped_chunks"):
        click.echo(f"{'lost':<14} {dropped} chunks of sound: the computer was too busy")
