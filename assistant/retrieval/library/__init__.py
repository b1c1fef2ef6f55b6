"""A person's files, found by meaning: scanning, reading, adding and searching."""
