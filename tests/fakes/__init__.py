"""A chain that can fork and lie, and a node that serves it over HTTP."""
