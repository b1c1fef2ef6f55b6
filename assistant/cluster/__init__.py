"""Runs library reading and the server on a Ray cluster; the only room that imports Ray."""
