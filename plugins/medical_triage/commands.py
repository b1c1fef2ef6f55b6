"""``assistant triage`` and ``assistant evaluate triage``: the rule base to be read, and to be measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import CommandContext

from .alarm_meaning import FILE
from .alarm_meaning import fit as fit_alarms
from .archive_commands import archive_commands
from .evaluation import judge, read_cases, triage_report
from .evaluation_said import heard, heard_by_meaning, holds_sentences, read_said_cases, said_report
from .note_commands import note_commands
from .rules import LEVELS, Rule, rules

if TYPE_CHECKING:
    import click

__all__ = ["add_commands", "printed"]


def add_commands(register: Callable[[click.Command], None]) -> None:
    """Add the group ``triage``, and ``triage`` to ``evaluate``."""
    import click  # the command line is not needed to answer

    from assistant.terminal.report import Report, reported

    @click.group()
    def triage() -> None:
        """Print triage rules and notes, and keep a picture archive."""

    @triage.command("rules")
    @click.option("--level", type=click.Choice(LEVELS), help="Show only rules of this level.")
    @click.option("--source", default="", help="Show only rules whose source has this in its name, such as NICE.")
    def list_rules(level: str | None, source: str) -> None:
        """Print the rules with their conditions, reasons and sources."""
        chosen = [
            rule
            for rule in rules()
            if level in (None, rule.level) and source.lower() in f"{rule.source.name} {rule.source.url}".lower()
        ]
        click.echo(printed(chosen))

    @triage.command()
    @click.pass_obj
    def fit(context: CommandContext) -> None:
        """Fit the recognition of alarms by meaning.

        The figures are of sentences that the networks never read.
        """
        model, heard = context.run(fit_alarms)
        model.save()
        shares = ", ".join(f"{share:.1%} of {kind} ones" for kind, share in heard.items())
        click.echo(f"{FILE} is written. Sentences that raise an alarm: {shares}.")

    @click.group()
    def evaluate() -> None:
        """Measure medical triage."""

    @evaluate.command("triage")
    @click.argument("cases", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--misses", is_flag=True, help="List the cases with a wrong level, and why.")
    @click.option("--rules-only", is_flag=True, help="Use the rules alone, without the networks that read by meaning.")
    @click.pass_obj
    @reported
    def evaluate_triage(context: CommandContext, cases: Path, misses: bool, rules_only: bool) -> Report:
        """Measure where written cases are sent.

        CASES holds JSON lines with case_description and urgency_level: em (emergency), ne (non-emergency, see a
        doctor) or sc (self-care); or with said, language and expected (calm, crisis, emergency).
        """
        if holds_sentences(cases):
            said = context.run(lambda services: heard(read_said_cases(cases), None if rules_only else services))
            return said_report(said, misses=misses, data=f"of {cases.name}")
        read = read_cases(cases)
        texts = [case.description for case in read]
        meant = [] if rules_only else context.run(lambda services: heard_by_meaning(texts, services))
        return triage_report(judge(read), meant=meant, misses=misses, data=f"of {cases.name}")

    triage.add_command(archive_commands())
    triage.add_command(note_commands())
    register(triage)
    register(evaluate)


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
