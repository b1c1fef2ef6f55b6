"""The user's library: scanning, reading, adding and searching files."""
