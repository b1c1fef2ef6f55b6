"""The example of the voice loop's page runs as it is printed."""

from pathlib import Path

import assistant.voice


def test_the_pages_example_runs() -> None:
    page = (Path(assistant.voice.__file__).parent / "README.md").read_text("utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    assert "assert stage.said" in code
    exec(compile(code, "README.md", "exec"), {"__name__": "page"})
