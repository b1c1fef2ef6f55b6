"""The slash commands of the conversation."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from assistant.errors import InputError
from assistant.repl.attachments import dropped_paths, read_path
from assistant.repl.overview import plugin_commands, without_slots
from assistant.terminal.background import in_background
from assistant.terminal.explanation_view import show_why
from assistant.terminal.render import draw_terminal, printable, show_hits, show_turns, write_svg
from assistant.terminal.spinner import Spinner

if TYPE_CHECKING:
    import click

    from assistant.app import App
    from assistant.repl.conversation import Conversation

__all__ = ["COMMANDS", "Command", "find_command"]

T = TypeVar("T")

Run = Callable[["Conversation", str], Awaitable[None]]

MAX_RECORDING = 300.0
"""seconds one /record may take"""

SESSION_CHARS = 100
"""longest name of a session"""

SHOWN = 5
"""guesses that /wrong lists"""


@dataclass(frozen=True)
class Command:
    """One slash command."""

    name: str
    arguments: str
    summary: str
    run: Run


COMMANDS: dict[str, Command] = {}
"""name without the slash → command, in the order of ``/help``"""


def _command(name: str, arguments: str = "") -> Callable[[Run], Run]:
    def add(run: Run) -> Run:
        COMMANDS[name] = Command(name, arguments, (run.__doc__ or "").strip().partition("\n")[0], run)
        return run

    return add


async def find_command(conversation: Conversation, line: str) -> Callable[[], Awaitable[None]] | None:
    """The command of a line that begins with a slash, ready to be called; None for a path.

    Raises `InputError` for no command; it says which was perhaps meant.
    """
    name, _, rest = line[1:].partition(" ")
    if (command := COMMANDS.get(name)) is not None:
        return lambda: command.run(conversation, rest.strip())
    if "/" in name or not name:
        return None
    app = await conversation.app()
    plugins = plugin_commands(app)
    if (foreign := plugins.get(name)) is not None:
        return lambda: _run_foreign(app, *foreign, rest)
    near = difflib.get_close_matches(name, [*COMMANDS, *plugins], n=1, cutoff=0.5)
    hint = f"did you mean /{near[0]}?" if near else "/help lists them."
    raise InputError(f"There is no command /{name}; {hint}")


async def _run_foreign(app: App, plugin: str, command: click.Command, rest: str) -> None:
    import shlex

    import click

    from assistant.terminal.plugin_commands import PluginApp

    try:
        arguments = shlex.split(rest)
        context = PluginApp(plugin, (app, asyncio.get_running_loop()))
        await in_background(lambda: command.main(arguments, command.name, standalone_mode=False, obj=context))
    except ValueError as error:
        raise InputError(f"/{command.name}: a closing quotation mark is missing") from error
    except click.ClickException as error:
        raise InputError(f"/{command.name}: {error.format_message()}") from error
    except (SystemExit, click.Abort):
        return


@_command("image", "PATH")
async def _image(conversation: Conversation, rest: str) -> None:
    """Attach a picture to the next line."""
    await conversation.attach_path(rest, "image")


@_command("audio", "PATH")
async def _audio(conversation: Conversation, rest: str) -> None:
    """Attach a recording to the next line."""
    await conversation.attach_path(rest, "audio")


@_command("camera")
async def _camera(conversation: Conversation, rest: str) -> None:
    """Take a picture with the camera and attach it."""
    from assistant.inputs.image_file import take_picture

    with Spinner(conversation.console, "Taking a picture"):
        picture = await in_background(take_picture)
    await conversation.attach(picture)


@_command("record", "[SECONDS]")
async def _record(conversation: Conversation, rest: str) -> None:
    """Record from the microphone (5 seconds by default) and attach it."""
    from assistant.inputs.live_microphone import record

    try:
        seconds = float(rest or 5)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MAX_RECORDING:
        raise InputError(f"How long? Use /record SECONDS, at most {MAX_RECORDING:.0f}, such as /record 5")
    with Spinner(conversation.console, f"Recording {seconds:g} s"):
        clip = await in_background(record, seconds, conversation.settings.voice.input_device)
    await conversation.attach(clip)


@_command("speak", "on|off")
async def _speak(conversation: Conversation, rest: str) -> None:
    """Say replies aloud, or stop."""
    if rest not in ("on", "off", ""):
        raise InputError("Use /speak on or /speak off.")
    conversation.speak = not conversation.speak if not rest else rest == "on"
    conversation.say("Replies are spoken." if conversation.speak else "Replies are not spoken.")


@_command("why", "[FILE.png | FILE.svg]")
async def _why(conversation: Conversation, rest: str) -> None:
    """Explain the last decision, and draw it into a file if one is named."""
    app = await conversation.app()
    with Spinner(conversation.console, "Weighing words and pictures"):
        found = await app.explain_last(conversation.session)
    result = app.last_result(conversation.session)
    if found is None or result is None:
        raise InputError("There is nothing to explain yet: ask something first.")
    turn, explanation, _ = found
    show_why(result, explanation, conversation.console)
    if not rest:
        return
    path, note = read_path(rest), ""
    if path.suffix.lower() == ".svg":
        write_svg(draw_terminal(lambda console: show_why(result, explanation, console), title="/why"), path)
    else:
        from assistant.explanation.drawing import save

        note = await in_background(save, explanation, turn, path)
    conversation.say(note or f"Drawn: {path}")


@_command("wrong", "[INTENT | forget N]")
async def _wrong(conversation: Conversation, rest: str) -> None:
    """Say what your last line meant, or list and forget such lines."""
    app = await conversation.app()
    what, _, number = rest.partition(" ")
    if what == "forget":
        text = app.own_examples.remove(int(number) if number.strip().isdecimal() else 0)
        conversation.say(f"Forgotten: “{printable(text)}”")
        return
    result = app.last_result(conversation.session)
    said = result.turn.utterance if result else ""
    if not rest:
        _list(conversation, app, said)
        return
    if not said:
        raise InputError("This session has no line yet: write it first, then /wrong and what it means.")
    name = _intent(app, rest)
    app.own_examples.add(said, name)
    conversation.say(f"From now on “{printable(said)}” means {name}. /wrong lists such sentences.")


@_command("find", "WORDS|PICTURE")
async def _find(conversation: Conversation, rest: str) -> None:
    """Search your library by meaning, or by the path of a picture."""
    from assistant.inputs.image_file import read_picture

    if not rest:
        raise InputError("There is nothing to search for. Use /find WORDS, or /find and the path of a picture.")
    files, words = dropped_paths(rest)
    path = next((path for path, kind in files if kind == "image"), None)
    most = conversation.settings.vision.max_megapixels
    picture = await in_background(read_picture, path, most) if path else None
    with Spinner(conversation.console, "Searching the library"):
        app = await conversation.app()
        hits = await app.find(words, picture)
    show_hits(hits, words, conversation.console)


@_command("plugins")
async def _plugins(conversation: Conversation, rest: str) -> None:
    """List the plugins and what they can do."""
    app = await conversation.app()
    intents = {intent.name: intent for intent in app.plugins.intents}
    for info in app.plugins.infos:
        state = "" if info.status == "active" else f" [{info.status}]"
        called = printable(info.title) if info.status == "active" else info.name
        conversation.console.print(f"{called}{state}: {printable(info.summary)}", style="bold")
        if info.reason:
            conversation.console.print(f"  {printable(info.reason)}", style="yellow")
        for name in info.intents:
            intent = intents[name]
            example = f"  “{without_slots(intent.examples[0])}”" if intent.examples else ""
            conversation.console.print(f"  {printable(intent.summary + example)}", style="dim")


@_command("history")
async def _history(conversation: Conversation, rest: str) -> None:
    """Show the last turns of this session."""
    app = await conversation.app()
    turns = await asyncio.to_thread(app.history.turns, conversation.session, 20)
    if not turns:
        conversation.say("Nothing yet.")
    show_turns(turns, conversation.console)


@_command("session", "NAME")
async def _session(conversation: Conversation, rest: str) -> None:
    """Go on with another conversation."""
    if not rest:
        conversation.say(f"This is session {conversation.session}.")
        return
    if len(rest) > SESSION_CHARS or not rest.isprintable():
        raise InputError(f"A session's name is one line of at most {SESSION_CHARS} characters.")
    conversation.session = rest
    conversation.say(f"Now in session {rest}.")


@_command("help")
async def _help(conversation: Conversation, rest: str) -> None:
    """Show this list."""
    rows = [(f"/{c.name} {c.arguments}".strip(), c.summary) for c in COMMANDS.values()]
    foreign = plugin_commands(conversation.loader.app)
    rows += [(f"/{name}", command.get_short_help_str(60)) for name, (_, command) in foreign.items()]
    rows += [
        ("Alt-Enter, or \\ at the end", "Begin a new line."),
        ("Tab", "Complete commands, paths and what plugins understand."),
        ("Ctrl-C", "Stop the answer."),
        ("Ctrl-D", "Leave."),
    ]
    width = max(len(left) for left, _ in rows)
    for left, right in rows:
        conversation.console.print(f"  {left:<{width}}  {right}")
    conversation.console.print("  A picture or recording dropped into the line is attached to it.", style="dim")


@_command("quit")
async def _quit(conversation: Conversation, rest: str) -> None:
    """Leave."""
    conversation.leaving = True


def _list(conversation: Conversation, app: App, said: str) -> None:
    result = app.last_result(conversation.session)
    if result is not None and said:
        conversation.say(f"“{printable(said)}” was taken for {result.decision.intent}. What it may have meant:")
        summaries = {intent.name: intent.summary for intent in app.plugins.intents}
        guesses = [each.intent for each in result.decision.candidates if each.intent != result.decision.intent]
        for name in [name for name in guesses if name in summaries][:SHOWN]:
            conversation.console.print(f"  {name}: {printable(summaries[name])}", style="dim")
        conversation.say("Say /wrong and a name (/plugins lists them all).")
    for number, (text, name) in enumerate(app.own_examples.all().items(), 1):
        conversation.say(f"{number}. “{printable(text)}” means {name}; /wrong forget {number} takes it back.")


def _intent(app: App, words: str) -> str:
    names = {intent.name: intent.name for intent in app.plugins.intents}
    short: dict[str, list[str]] = {}
    for name in names:
        short.setdefault(name.partition(".")[2], []).append(name)
    names |= {last: found[0] for last, found in short.items() if len(found) == 1}
    key = words.strip().lower().replace(" ", "_")
    if key in names:
        return names[key]
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.6)
    hint = f"did you mean {names[near[0]]}?" if near else "/plugins lists them."
    raise InputError(f"There is nothing called {words!r}; {hint}")
