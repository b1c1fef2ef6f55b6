"""Runs the safety checks that plugins bring, before everything else of a turn. It holds no rule itself.

A safety check is a plain function from the words of a turn to a complete reply, or None. What a shipped plugin's folder
has in its file ``safety.py`` is loaded from there alone (`loading`), so that it is there when the plugin is turned off,
replaced by one of the same name, or broken elsewhere. `checks` runs it: no deadline, no breaker, no other plugin.
"""

from assistant.safety.checks import Alarm, SafetyChecks

__all__ = ["Alarm", "SafetyChecks"]
