"""Postgres: the tables, the connections, and how rows get in."""
