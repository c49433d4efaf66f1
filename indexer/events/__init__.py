"""Bytes → meaning, pure: what a log or a call of the three contracts says."""
