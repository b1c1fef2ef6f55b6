"""Stores conversations: history, dialogues and attachments. SQLite, or PostgreSQL by URL.

SQLAlchemy is imported when the first row is read or written, not before.
"""

from assistant.storage.attachments import Attachments
from assistant.storage.database import Database
from assistant.storage.dialogues import DialogueLog, DialogueRecord, DialogueStory
from assistant.storage.history import History, SessionSummary, StoredTurn
from assistant.storage.locks import SessionLocks
from assistant.storage.memory import Memory
from assistant.storage.requests import RequestLog, StoredRequest

__all__ = [
    "Attachments",
    "Database",
    "DialogueLog",
    "DialogueRecord",
    "DialogueStory",
    "History",
    "Memory",
    "RequestLog",
    "SessionLocks",
    "SessionSummary",
    "StoredRequest",
    "StoredTurn",
]
