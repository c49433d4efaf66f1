"""Content that groups and people refer to: fetched, verified, pinned, and let go one day."""
