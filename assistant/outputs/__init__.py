"""Spoken replies (loudspeaker or file), earcons and announcements."""
