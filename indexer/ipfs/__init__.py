"""Content by its hash: CIDs, the trees of blocks that files are, and a store of them on disk."""
