"""What plugin authors, and the assistant's own tests, need to do without models, microphone, camera or network.

::

    from assistant.testing import load_plugin

    def test_throws_a_big_die():
        plugin = load_plugin(Path(__file__).parent.parent)
        assert "rolled" in plugin.ask("throw a 20 sided die").text

`load_plugin` is in `assistant.testing.plugins`; a voice loop with a scripted microphone and an hour that passes in
milliseconds is in `assistant.testing.voice` and `assistant.testing.virtual_time`.
"""

from assistant.testing.plugins import FakeDialogue, FakeServices, PluginUnderTest, load_plugin
from assistant.testing.virtual_time import run_virtually

__all__ = ["FakeDialogue", "FakeServices", "PluginUnderTest", "load_plugin", "run_virtually"]
