"""Plugins: found, imported, checked, called and, when they fail, kept from harming anybody.

::

    discovery ─▶ importing ─▶ registration ─▶ record ─▶ manager ─▶ lane ─▶ answers
    where are     one, under    its hooks,     one       all of     its own  what it
    they?         its own name  its intents    plugin    them       thread   returned
"""
