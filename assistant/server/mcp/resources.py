"""Past conversations and the files of the library, to be read by other programs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from urllib.parse import quote, unquote

from mcp.types import Resource, TextResourceContents

from assistant.app import App
from assistant.errors import InputError, UserError

__all__ = ["Resources"]

HISTORY, LIBRARY = "assistant://history/", "assistant://library/"
MOST_LISTED = 100
"""of each kind; all can be read by their names"""
LONGEST = 400_000
"""characters of one"""


class Resources:
    """Lists and reads what is offered: past conversations with `history`, the library's files with `library`."""

    def __init__(self, app: App, *, history: bool, library: bool) -> None:
        self._app, self._offers_history, self._offers_library = app, history, library

    async def listed(self, prefix: str) -> list[Resource]:
        """The latest conversations whose names begin with `prefix`, and the files of the library."""
        sessions = await asyncio.to_thread(self._app.history.sessions, prefix) if self._offers_history else []
        found = [
            Resource(
                uri=HISTORY + quote(each.session[len(prefix) :], safe=""),
                name=f"{_when(each.last_at)} {each.last_text[:60]}".strip(),
                description=f"A conversation of {each.turns} turns",
                mime_type="text/markdown",
            )
            for each in sessions[:MOST_LISTED]
        ]
        sources = await asyncio.to_thread(self._sources) if self._offers_library else []
        return found + [
            Resource(uri=LIBRARY + quote(path, safe="/"), name=path.rpartition("/")[2], mime_type="text/plain")
            for path in sources[:MOST_LISTED]
        ]

    async def read(self, uri: str, prefix: str) -> TextResourceContents:
        """One of them as text; InputError when there is none of that name."""
        if uri.startswith(HISTORY) and self._offers_history:
            text = await asyncio.to_thread(self._conversation, prefix + unquote(uri[len(HISTORY) :]))
            return TextResourceContents(uri=uri, mime_type="text/markdown", text=text[:LONGEST])
        if uri.startswith(LIBRARY) and self._offers_library:
            text = await asyncio.to_thread(self._file, unquote(uri[len(LIBRARY) :]))
            return TextResourceContents(uri=uri, mime_type="text/plain", text=text[:LONGEST])
        raise InputError(f"There is no resource {uri[:200]}.")

    def _conversation(self, session: str) -> str:
        turns = self._app.history.turns(session)
        if not turns:
            raise InputError("There is no such conversation.")
        return "\n\n".join(
            f"**{_when(turn.at)}** {turn.transcript or ''} {turn.text}\n\n{turn.reply}" for turn in turns
        )

    def _sources(self) -> list[str]:
        try:
            library = self._app.library()
            known = library.table.sources() if library is not None else {}
        except UserError:  # its packages are not installed
            return []
        return sorted(path for path, source in known.items() if not source.reason)

    def _file(self, path: str) -> str:
        """What the library read of a file: of a file that it does not hold nothing can be read."""
        library = self._app.library()
        if library is None or path not in self._sources():
            raise InputError("The library holds no such file.")
        rows = (row for row in library.table.rows() if row["source"] == path)
        parts = sorted(rows, key=lambda row: int(row["part"]))
        return "\n\n".join(f"[{row['place']}]\n{row['text']}" if row["place"] else str(row["text"]) for row in parts)


def _when(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"
