"""Other indexers on the same chain, each in its own idiom, filling the same tables."""
