"""Notes: write down, read, find, delete."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from assistant import AssistantError, Dialogue, Exchange, Reply, Services, Turn

from .keeping import Keeper, Note
from .note_reading import NoteWish, corrected, more_of_note, read_note_wish, said_to_note
from .noted import answer_noted
from .wording import Language, language_of, say

__all__ = ["adds_to_note", "delete_note", "matches_delete", "matches_read", "matches_take", "read_notes", "take_note"]

SHOWN = 20
"""notes that are read at once, the newest"""
NOTES = re.compile(
    r"\b(?:notes?|memo|write|jot|scribble|log|record|put|take|down)\b|记(?!得)|写|笔记|备忘|便签"
    r"|备注",
    re.IGNORECASE,
)
"""asks for a note, whatever it shall say"""
DELETES = re.compile(
    r"(?:(?:ok|please|can you|now|actually)[\s,]+)*(?:delete|remove|erase|drop|scrap|bin)"
    r" (?:it|that|this)(?: (?:one|now|again|please))*\W*"
    r"|(?:请|帮我)?(?:把)?(?:它|这个|那个|[这那]一?条|刚才那条)?(?:给我)?(?:删|去|抹)(?:了|掉|除)+(?:它|这条|那条)?[吧。]*",
    re.IGNORECASE,
)
NEAR = 0.45
"""cosine similarity from which a note is about a question"""


def matches_take(text: str) -> bool:
    """Returns whether a sentence surely asks to write something down."""
    wish = read_note_wish(text)
    return wish.do in ("take", "take_last") if wish is not None else bool(said_to_note(text))


def adds_to_note(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text adds to the note that was just written."""
    told = before[-1].data if before else {}
    return bool(told.get("note")) and bool(more_of_note(text) or corrected(text, str(told.get("text", ""))))


def matches_read(text: str) -> bool:
    """Returns whether a sentence surely asks for the notes."""
    wish = read_note_wish(text)
    return wish is not None and wish.do == "read"


def matches_delete(text: str) -> bool:
    """Returns whether a sentence surely asks to delete notes."""
    wish = read_note_wish(text)
    return wish is not None and wish.do == "delete"


def deletes_told(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text deletes the note just mentioned: "delete it", 把这条删了."""
    told = before[-1].data if before else {}
    spoke = bool(told.get("note")) or len(told.get("notes", ())) == 1
    return spoke and DELETES.fullmatch(text.strip()) is not None


async def take_note(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Write a note down: what you say, or what was just said."""
    language = language_of(turn.utterance)
    last = (await services.conversation(turn.session, 1))[-1:]
    if last and adds_to_note(turn.utterance, last):
        return _longer(turn, str(last[0].data["note"]), language, Keeper(services.data_dir))
    heard = turn.transcript.text.strip() if turn.transcript else ""
    wish = read_note_wish(turn.text if heard and turn.text else turn.utterance)
    text = wish.text if wish is not None and wish.do == "take" else ""
    text = text or (said_to_note(turn.utterance) if wish is None else "")
    if not text and heard and turn.text:
        text = heard  # a recording, and "write that down" typed beside it
    if not text and wish is not None and wish.do == "take_last":
        text = await _just_said(turn, services)
    if not text and not NOTES.search(turn.utterance):  # a question, or something that is told
        told = await answer_noted(turn, services)
        return told if told is not None else Reply(say("note_unsure", language)).declined()
    text = text or await dialogue.ask(say("note_what", language))
    Keeper(services.data_dir).note(Note(turn.id, text, turn.at))
    taken = Reply(say("note_taken", language, text=text), data={"note": turn.id, "text": text})
    return taken.about(say("the_note", language)).undone_by(say("undo_note", language))


def _longer(turn: Turn, last: str, language: Language, keeper: Keeper) -> Reply:
    """Extends or corrects the note that was just written."""
    old = next((note for note in keeper.notes() if note.id == last), None)
    if old is not None and (mended := corrected(turn.utterance, old.text)) and not more_of_note(turn.utterance):
        keeper.reword(last, mended)
        told = say("note_mended", language, text=mended)
        return Reply(told, data={"note": last, "text": mended}).about(say("the_note", language))
    more = more_of_note(turn.utterance)
    joint = "，" if language == "zh" else ", "
    text = f"{old.text.rstrip(' .。')}{joint}{more}" if old is not None else more
    if old is not None:
        keeper.reword(last, text)
    else:
        keeper.note(Note(turn.id, text, turn.at))
    data = {"note": last if old is not None else turn.id, "text": text}
    return Reply(say("note_taken", language, text=text), data=data).about(say("the_note", language))


async def read_notes(turn: Turn, services: Services) -> Reply:
    """Read your notes, or find one."""
    language = language_of(turn.utterance)
    notes = Keeper(services.data_dir).notes()
    if not notes:
        return Reply(say("no_notes", language))
    wish = read_note_wish(turn.utterance) or NoteWish("read")
    numbered = await _meant(wish, notes, services)
    if not numbered:
        return Reply(say("no_such_note", language, about=wish.text, count=len(notes)))
    shown = numbered[-SHOWN:]
    lines = [_line(number, note) for number, note in shown]
    if len(shown) < len(numbered):
        lines.insert(0, say("notes_more", language, shown=len(shown), count=len(numbered)))
    speech = " ".join(f"{note.text.rstrip('.。')}{'。' if language == 'zh' else '.'}" for _, note in shown)
    reply = Reply("\n".join(lines), speech=speech, data={"notes": [note.text for _, note in shown]})
    return reply.about(say("the_note", language)) if len(shown) == 1 else reply


async def delete_note(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Delete a note, or all of them, after a yes."""
    language, keeper = language_of(turn.utterance), Keeper(services.data_dir)
    notes = keeper.notes()
    if not notes:
        return Reply(say("no_notes", language))
    wish = read_note_wish(turn.utterance) or NoteWish("delete")
    bare = not wish.text and not wish.place
    told = (await services.conversation(turn.session, 1))[-1:]
    if deletes_told(turn.utterance, told):
        shown = told[0].data.get("notes", ())
        wish, bare = (NoteWish("delete", str(shown[0])), False) if shown else (wish, bare)
    meant = [(len(notes), notes[-1])] if bare else await _meant(wish, notes, services)
    if not meant:
        return Reply(say("no_such_note", language, about=wish.text or wish.place, count=len(notes)))
    shown = "\n".join(_line(number, note) for number, note in meant[-SHOWN:])
    key = "note_delete_really" if len(meant) == 1 else "notes_delete_really"
    if not await dialogue.ask(say(key, language, count=len(meant), notes=shown), kind=bool):
        return Reply(say("notes_kept", language))
    keeper.drop([note.id for _, note in meant])
    return Reply(say("notes_deleted", language, count=len(meant)), data={"deleted": [note.id for _, note in meant]})


async def _meant(wish: NoteWish, notes: list[Note], services: Services) -> list[tuple[int, Note]]:
    """The notes that are meant, each with its number, oldest first."""
    numbered = list(enumerate(notes, 1))
    if wish.place in ("last", "first"):
        return numbered[-1:] if wish.place == "last" else numbered[:1]
    if wish.place.isdigit():
        return [each for each in numbered if each[0] == int(wish.place)]
    if not wish.text:
        return numbered
    words = _words(wish.text)
    if by_words := [each for each in numbered if words and words <= _words(each[1].text)]:
        return by_words
    if not wish.text.isascii() and (held := [each for each in numbered if wish.text in each[1].text]):
        return held
    try:
        vectors = await services.encode_text([wish.text, *(note.text for note in notes)])
    except AssistantError:
        return []
    scores = vectors[1:] @ vectors[0]
    best = max(range(len(notes)), key=lambda at: float(scores[at]))
    return [numbered[best]] if float(scores[best]) >= NEAR else []


def _words(text: str) -> set[str]:
    return {re.sub(r"(?:es|s)$", "", word) for word in re.findall(r"[a-z0-9]+", text.lower())} - {
        "the",
        "a",
        "my",
        "an",
    }


def _line(number: int, note: Note) -> str:
    return f"{number}. {note.text} ({time.strftime('%Y-%m-%d', time.localtime(note.at))})"


async def _just_said(turn: Turn, services: Services) -> str:
    """Returns the user's previous turn, with its answer if there was one."""
    before = [each for each in await services.conversation(turn.session, 5) if not each.intent.endswith("take_note")]
    if not before:
        return ""
    last = before[-1]
    if last.outcome == "answer" and last.reply:
        return f"{last.text.strip()} – {last.reply}".strip(" –")
    return last.text.strip()
