"""The tasks, one noun a file."""
