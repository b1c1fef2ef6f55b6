"""The web page: its login, its files, and what it asks of the server besides the own API. See README.md beside this."""
