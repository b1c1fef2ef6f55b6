"""Finds, loads and calls plugins, and contains their failures.

::

    loading   discovery ─▶ registration ─▶ plugin ─▶ manager ◀─ reloading
              where they   its hooks and   one       all of     those whose
              are, one by  its intents     plugin    them       files change
              one imported

    a call    manager ─▶ caller ─┬─▶ executor ───────────────────────────────────┬─▶ answers
              which      its      │   its own threads and event loop              │   what it
              plugin     deadline └─▶ process ─▶ parent_process ◀pipe▶ child_process┘   returned, checked

    a process process ─▶ starting ─▶ fork_server ─▶ child_process ─▶ confine, description
              one for    until it    forks of a     loads the        its limits, and what
              a plugin   is loaded   clean process  plugin           it declares

    what a    api ─▶ remote ─▶ capability_proxy ─▶ services
    plugin    the    objects   what its            the running
    is given  contract made of it manifest declares  assistant's

`hookspecs` lists the hooks, `schema` and `manifest` read what an author declares, `check` finds what is wrong with it.
"""
