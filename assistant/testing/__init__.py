"""Fakes for plugin authors and the assistant's tests: no models, microphone, camera or network.

::

    from assistant.testing import load_plugin

    def test_throws_a_big_die():
        plugin = load_plugin(Path(__file__).parent.parent)
        assert "rolled" in plugin.ask("throw a 20 sided die").text

`PluginUnderTest.ask` picks the intent whose examples share the most words with the text (name it with ``intent=``
where that matters), reads the slots as the assistant does, answers the plugin's questions from a list, and runs
the handler as the assistant does: in its own executor, under its deadline, in a process of its own if it says so.

Whole conversations are written down in files and played to the real assistant: see `assistant.testing.script`
for how they are written, and `ScenarioRunner` for how they are played. A voice loop with a scripted microphone and
an hour that passes in milliseconds is in `assistant.testing.voice` and `assistant.testing.virtual_time`.
"""

from assistant.testing.fakes import FakeDialogue, FakeServices
from assistant.testing.plugin import PluginUnderTest, load_plugin
from assistant.testing.scenario_runner import ScenarioRunner
from assistant.testing.script import Conversation, Step, conversations_in, read_conversation
from assistant.testing.virtual_time import run_virtually

__all__ = [
    "Conversation",
    "FakeDialogue",
    "FakeServices",
    "PluginUnderTest",
    "ScenarioRunner",
    "Step",
    "conversations_in",
    "load_plugin",
    "read_conversation",
    "run_virtually",
]
