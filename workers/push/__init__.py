"""Web push: messages that only the browser can read (RFC 8291), from whom it knows (RFC 8292)."""
