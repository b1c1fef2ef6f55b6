"""Everything that is wrong with one plugin, without models: for ``assistant plugins check``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import DeadlineExceeded
from assistant.plugins.api import Intent
from assistant.plugins.discovery import source_at
from assistant.plugins.executor import call_in_thread
from assistant.plugins.importing import explain, import_plugin
from assistant.plugins.registration import collect, hook_problems, manifest_problem

__all__ = ["check_plugin"]


def check_plugin(path: Path, timeout: float) -> tuple[list[Intent], list[str]]:
    """Load a plugin's file or folder, and list what is wrong with it.

    Args:
        timeout: seconds it may take to be imported, and to register.

    Returns:
        The intents that are sound, and the problems, one line each.
    """
    source = source_at(path)
    if source.problem:
        return [], [source.problem]
    try:
        module = call_in_thread(lambda: import_plugin(source), timeout)
        given, problems = call_in_thread(lambda: collect(source.name, module), timeout)
    except DeadlineExceeded as error:
        return [], [f"loading {error}"]
    except Exception as error:
        return [], [explain(error, source.place)]
    found = [*hook_problems(source.name, module), *manifest_problem(source.name, module), *problems]
    return given.intents, [*(explain(each, source.place) for each in found), *_shared_examples(given.intents)]


def _shared_examples(intents: list[Intent]) -> Iterator[str]:
    """An example of two intents teaches that both are right."""
    owners: dict[str, list[str]] = defaultdict(list)
    for intent in intents:
        for example in intent.examples:
            owners[example.casefold()].append(intent.name)
    for example, names in owners.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} share the example {example!r}"
