"""Stretches of history, fetched by workers for an indexer elsewhere."""
