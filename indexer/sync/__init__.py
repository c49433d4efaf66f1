"""The engine: steps towards the head, each of them one transaction."""
