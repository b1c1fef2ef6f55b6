"""``/wrong``: the user says what a sentence was meant for, sees what was said so far, and takes it back."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.terminal.render import printable

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.repl.conversation import Conversation

__all__ = ["correct"]

SHOWN = 5
"""guesses that are listed"""


async def correct(conversation: Conversation, rest: str) -> None:
    """List what the last sentence may mean, remember what it does mean, or forget what was remembered.

    Raises `InputError` where nothing was said yet, or the words name no intent and no sentence.
    """
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
        raise InputError("Nothing was said yet in this session: say it first, then /wrong and what it means.")
    name = _intent(app, rest)
    app.own_examples.add(said, name)
    conversation.say(f"From now on “{printable(said)}” means {name}. /wrong lists such sentences.")


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
