"""The assistant as an MCP server: its intents, `ask`, `look`, `transcribe` and the library as tools."""
