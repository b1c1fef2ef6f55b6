"""Reads clauses, consent, corrections and entities off a text, before anything is decided."""
