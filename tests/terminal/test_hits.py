import io

import pytest
from rich.console import Console

from assistant.retrieval.items import Hit
from assistant.terminal.render import show_hits

HIT = Hit("/home/ada/beach.jpg", "image", "", "", 0.1)


@pytest.mark.parametrize(
    ("hits", "surely", "said"),
    [
        ([], True, "Nothing in the library fits."),
        ([], False, "Nothing in the library fits."),
        ([HIT], True, "1. /home/ada/beach.jpg"),
        ([HIT], False, "Nothing surely fits. The nearest:"),
    ],
)
def test_what_is_only_near_is_called_so(hits: list[Hit], surely: bool, said: str) -> None:
    out = io.StringIO()
    show_hits(hits, "children", Console(file=out, width=100), surely=surely)
    lines = out.getvalue().splitlines()
    assert lines[0].strip().startswith(said)
    assert any("beach.jpg" in line for line in lines) is bool(hits)
