"""Lets the tests import the SDK: pytest takes this plugin's folder for a package of the same name, `mcp`."""

import sys
from contextlib import suppress
from pathlib import Path

PLUGIN = str(Path(__file__).parent.parent)

for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "mcp" and str(getattr(module, "__file__", "")).startswith(PLUGIN):
        del sys.modules[name]
with suppress(ImportError):  # then the tests are skipped
    import mcp  # noqa: F401
