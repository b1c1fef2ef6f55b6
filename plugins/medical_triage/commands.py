"""``assistant triage rules``: the rule base, for everyone to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .rules import LEVELS, Rule, rules

if TYPE_CHECKING:
    import click

__all__ = ["add_commands", "printed"]


def add_commands(register: Callable[[click.Command], None]) -> None:
    """Add the command ``triage``."""
    import click  # the command line is not needed to answer

    @click.group()
    def triage() -> None:
        """Medical triage: its rules and where they come from."""

    @triage.command("rules")
    @click.option("--level", type=click.Choice(LEVELS), help="Only rules of this level.")
    @click.option("--source", default="", help="Only rules whose source names this, such as NICE.")
    def list_rules(level: str | None, source: str) -> None:
        """Print the rules with their conditions, reasons and sources."""
        chosen = [
            rule
            for rule in rules()
            if level in (None, rule.level) and source.lower() in f"{rule.source.name} {rule.source.url}".lower()
        ]
        click.echo(printed(chosen))

    register(triage)


def printed(chosen: Sequence[Rule]) -> str:
    """Rules as text, gravest first."""
    parts = []
    for level in reversed(LEVELS):
        group = [rule for rule in chosen if rule.level == level]
        if group:
            parts.append(f"{level.upper().replace('_', '-')} ({len(group)})")
        for rule in group:
            flag = " [red flag]" if rule.red_flag else ""
            parts.append(f"  {rule.id}{flag}\n    when: {rule.conditions}\n    why:  {rule.en}")
            parts.append(f"    from: {rule.source.name} <{rule.source.url}>")
    return "\n".join(parts) or "No rule matches."
